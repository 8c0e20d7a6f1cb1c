# SPDX-License-Identifier: Apache-2.0
"""aten.chunk.default in waves: 1 input variation, 1 call.

Each case is named after the module of its first call and the number of its calls.
Made by `bringup init tests/models/waves.py:Waves --input 2x4x32`.
"""

import pytest
import torch
import ttnn


@pytest.mark.parametrize(
    "input_shape",
    [
        pytest.param((2, 4, 32), id="waves-x1"),
    ],
)
def test_chunk(device, assert_equal, input_shape):
    """1 variation, 1 call of aten.chunk.default."""
    torch.manual_seed(0)
    torch_input = torch.randn(input_shape)
    reference = torch.split(torch_input, [16, 16], dim=2)

    input = ttnn.from_torch(torch_input, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    output = ttnn.split(input, [16, 16], dim=2)
    output = [ttnn.to_torch(tensor) for tensor in output]

    assert_equal(reference, output)
