# SPDX-License-Identifier: Apache-2.0
"""aten.linear.default in bert: 4 input variations, 13 calls.

Each case is named after the module of its first call and the number of its calls.
Made by `bringup init hf-config:bert --set num_hidden_layers=2 --set hidden_size=64 --set
num_attention_heads=2 --set intermediate_size=128`.
"""

import pytest
import torch
import ttnn


@pytest.mark.parametrize(
    ["input_shape", "weight_shape", "bias_shape"],
    [
        pytest.param((1, 128, 64), (64, 64), (64,), id="encoder.layer.0.attention.self.query-x8"),
        pytest.param((1, 128, 64), (128, 64), (128,), id="encoder.layer.0.intermediate.dense-x2"),
        pytest.param((1, 128, 128), (64, 128), (64,), id="encoder.layer.0.output.dense-x2"),
        pytest.param((1, 64), (64, 64), (64,), id="pooler.dense-x1"),
    ],
)
def test_linear(device, assert_close, input_shape, weight_shape, bias_shape):
    """4 variations, 13 calls of aten.linear.default."""
    torch.manual_seed(0)
    torch_input = torch.randn(input_shape)
    torch_weight = torch.randn(weight_shape)
    torch_bias = torch.randn(bias_shape)
    reference = torch.nn.functional.linear(torch_input, torch_weight, torch_bias)

    input = ttnn.from_torch(torch_input, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    weight = ttnn.from_torch(torch_weight.T, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    bias = ttnn.from_torch(torch_bias.reshape(1, -1), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    output = ttnn.linear(input, weight, bias=bias)
    output = ttnn.to_torch(output)

    assert_close(reference, output, pcc=0.999, relative_error=0.02)
