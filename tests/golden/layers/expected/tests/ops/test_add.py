# SPDX-License-Identifier: Apache-2.0
"""aten.add.Tensor in layers: 3 input variations, 5 calls.

Each case is named after the module of its first call and the number of its calls.
Made by `bringup init tests/models/layers.py:Layers --input 1x3x32x32`.
"""

import pytest
import torch
import ttnn


@pytest.mark.parametrize(
    ["input_shape", "other_shape"],
    [
        pytest.param((1, 32, 16, 16), (1, 32, 16, 16), id="blocks.0-x1"),
        pytest.param((1, 64, 8, 8), (1, 64, 8, 8), id="blocks.1-x2"),
        pytest.param((1, 160, 8, 8), (1, 160, 8, 8), id="dense-x2"),
    ],
)
def test_add(device, assert_close, input_shape, other_shape):
    """3 variations, 5 calls of aten.add.Tensor."""
    torch.manual_seed(0)
    torch_input = torch.randn(input_shape)
    torch_other = torch.randn(other_shape)
    reference = torch.add(torch_input, torch_other)

    input = ttnn.from_torch(torch_input, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    other = ttnn.from_torch(torch_other, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    output = ttnn.add(input, other)
    output = ttnn.to_torch(output)

    assert_close(reference, output, pcc=0.999, relative_error=0.02)
