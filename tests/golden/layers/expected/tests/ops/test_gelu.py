# SPDX-License-Identifier: Apache-2.0
"""aten.gelu.default in layers: 1 input variation, 1 call.

Each case is named after the module of its first call and the number of its calls.
Made by `bringup init tests/models/layers.py:Layers --input 1x3x32x32`.
"""

import pytest
import torch
import ttnn


@pytest.mark.parametrize(
    "input_shape",
    [
        pytest.param((1, 16, 32), id="head-x1"),
    ],
)
def test_gelu(device, assert_close, input_shape):
    """1 variation, 1 call of aten.gelu.default."""
    torch.manual_seed(0)
    torch_input = torch.randn(input_shape)
    reference = torch.nn.functional.gelu(torch_input, approximate="none")

    input = ttnn.from_torch(torch_input, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    output = ttnn.gelu(input)
    output = ttnn.to_torch(output)

    assert_close(reference, output, pcc=0.999, relative_error=0.02)
