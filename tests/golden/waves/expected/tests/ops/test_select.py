# SPDX-License-Identifier: Apache-2.0
"""aten.select.int in waves: 2 input variations, 2 calls.

Each case is named after the module of its first call and the number of its calls.
Made by `bringup init tests/models/waves.py:Waves --input 2x4x32`.
"""

import pytest
import torch
import ttnn


@pytest.mark.parametrize(
    ["input_shape", "index", "starts", "ends"],
    [
        pytest.param((2, 1, 8, 4, 2), 0, [0, 0, 0, 0, 0], [2, 1, 8, 4, 1], id="waves-x1"),
        pytest.param((2, 1, 8, 4, 2), 1, [0, 0, 0, 0, 1], [2, 1, 8, 4, 2], id="waves-x1-2"),
    ],
)
def test_select(device, assert_equal, input_shape, index, starts, ends):
    """2 variations, 2 calls of aten.select.int."""
    torch.manual_seed(0)
    torch_input = torch.randn(input_shape)
    reference = torch.select(torch_input, 4, index)

    input = ttnn.from_torch(torch_input, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    output = ttnn.slice(input, starts, ends)
    output = ttnn.squeeze(output, 4)
    output = ttnn.to_torch(output)

    assert_equal(reference, output)
