# SPDX-License-Identifier: Apache-2.0
"""aten.relu.default in layers: 4 input variations, 9 calls.

Each case is named after the module of its first call and the number of its calls.
Made by `bringup init tests/models/layers.py:Layers --input 1x3x32x32`.
"""

import pytest
import torch
import ttnn


@pytest.mark.parametrize(
    "input_shape",
    [
        pytest.param((1, 32, 16, 16), id="blocks.0-x2"),
        pytest.param((1, 64, 8, 8), id="blocks.1-x5"),
        pytest.param((1, 96, 8, 8), id="dense.growth2-x1"),
        pytest.param((1, 128, 8, 8), id="dense.growth3-x1"),
    ],
)
def test_relu(device, assert_close, input_shape):
    """4 variations, 9 calls of aten.relu.default."""
    torch.manual_seed(0)
    torch_input = torch.randn(input_shape)
    reference = torch.relu(torch_input)

    input = ttnn.from_torch(torch_input, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    output = ttnn.relu(input)
    output = ttnn.to_torch(output)

    assert_close(reference, output, pcc=0.999, relative_error=0.02)
