# SPDX-License-Identifier: Apache-2.0
"""aten.flip.default in hostile: 1 input variation, 1 call.

Each case is named after the module of its first call and the number of its calls.
Made by `bringup init tests/models/awkward.py:Hostile --input 2x4`.
"""

import pytest
import torch
import ttnn


@pytest.mark.parametrize(
    "input_shape",
    [
        pytest.param((2, 4), id="hostile-x1"),
    ],
)
def test_flip__2_0(device, assert_equal, input_shape):
    """1 variation, 1 call of aten.flip.default."""
    torch.manual_seed(0)
    torch_input = torch.randn(input_shape)
    reference = torch.flip(torch_input, (0,))

    input = ttnn.from_torch(torch_input, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    reverse = torch.arange(2 - 1, -1, -1).reshape(1, -1)
    reverse = ttnn.from_torch(reverse, dtype=ttnn.uint32, layout=ttnn.ROW_MAJOR_LAYOUT, device=device)
    table = ttnn.to_layout(input, ttnn.ROW_MAJOR_LAYOUT)
    output = ttnn.embedding(reverse, ttnn.reshape(table, (2, 4)))
    output = ttnn.reshape(output, (2, 4))
    output = ttnn.to_torch(output)

    assert_equal(reference, output)
