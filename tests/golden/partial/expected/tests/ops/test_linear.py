# SPDX-License-Identifier: Apache-2.0
"""aten.linear.default in branchy: 1 input variation, 1 call.

Each case is named after the module of its first call and the number of its calls.
Made by `bringup init tests/models/awkward.py:Branchy --input 1x3x8x8`.
"""

import pytest
import torch
import ttnn


@pytest.mark.parametrize(
    ["input_shape", "weight_shape", "bias_shape"],
    [
        pytest.param((1, 8), (2, 8), (2,), id="head-x1"),
    ],
)
def test_linear(device, assert_close, input_shape, weight_shape, bias_shape):
    """1 variation, 1 call of aten.linear.default."""
    torch.manual_seed(0)
    torch_input = torch.rand(input_shape)
    torch_weight = torch.rand(weight_shape)
    torch_bias = torch.rand(bias_shape)
    reference = torch.nn.functional.linear(torch_input, torch_weight, torch_bias)

    input = ttnn.from_torch(torch_input, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    weight = ttnn.from_torch(torch_weight.T, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    bias = ttnn.from_torch(torch_bias.reshape(1, -1), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    output = ttnn.linear(input, weight, bias=bias)
    output = ttnn.to_torch(output)

    assert_close(reference, output, pcc=0.999, relative_error=0.02)
