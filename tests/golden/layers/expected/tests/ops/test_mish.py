# SPDX-License-Identifier: Apache-2.0
"""aten.mish.default in layers: 1 input variation, 2 calls.

Each case is named after the module of its first call and the number of its calls.
Made by `bringup init tests/models/layers.py:Layers --input 1x3x32x32`.
"""

import pytest
import torch
import ttnn


@pytest.mark.parametrize(
    "input_shape",
    [
        pytest.param((1, 160, 8, 8), id="dense.units.0.1-x2"),
    ],
)
def test_mish(device, assert_close, input_shape):
    """1 variation, 2 calls of aten.mish.default."""
    torch.manual_seed(0)
    torch_input = torch.randn(input_shape)
    reference = torch.nn.functional.mish(torch_input)

    input = ttnn.from_torch(torch_input, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    output = ttnn.mish(input)
    output = ttnn.to_torch(output)

    assert_close(reference, output, pcc=0.999, relative_error=0.02)
