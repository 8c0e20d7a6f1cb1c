# SPDX-License-Identifier: Apache-2.0
"""aten.layer_norm.default in mixed: 1 input variation, 1 call.

Each case is named after the module of its first call and the number of its calls.
Made by `bringup init tests/models/reduced.py:Mixed --input 4x16`.
"""

import pytest
import torch
import ttnn


@pytest.mark.parametrize(
    ["input_shape", "weight_shape", "bias_shape"],
    [
        pytest.param((4, 32), (32,), (32,), id="norm-x1"),
    ],
)
def test_layer_norm(device, assert_close, input_shape, weight_shape, bias_shape):
    """1 variation, 1 call of aten.layer_norm.default."""
    torch.manual_seed(0)
    torch_input = torch.randn(input_shape, dtype=torch.bfloat16).float()
    torch_weight = torch.randn(weight_shape)
    torch_bias = torch.randn(bias_shape)
    reference = torch.nn.functional.layer_norm(torch_input, (32,), torch_weight, torch_bias, 1e-05)

    input = ttnn.from_torch(torch_input, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    weight = ttnn.from_torch(torch_weight.reshape(1, -1), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    bias = ttnn.from_torch(torch_bias.reshape(1, -1), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    output = ttnn.layer_norm(input, weight=weight, bias=bias, epsilon=1e-05)
    output = ttnn.to_torch(output)

    assert_close(reference, output, pcc=0.999, relative_error=0.02)
