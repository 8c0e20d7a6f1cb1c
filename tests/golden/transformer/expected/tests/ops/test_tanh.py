# SPDX-License-Identifier: Apache-2.0
"""aten.tanh.default in bert: 1 input variation, 1 call.

Each case is named after the module of its first call and the number of its calls.
Made by `bringup init hf-config:bert --set num_hidden_layers=2 --set hidden_size=64 --set
num_attention_heads=2 --set intermediate_size=128`.
"""

import pytest
import torch
import ttnn


@pytest.mark.parametrize(
    "input_shape",
    [
        pytest.param((1, 64), id="pooler.activation-x1"),
    ],
)
def test_tanh(device, assert_close, input_shape):
    """1 variation, 1 call of aten.tanh.default."""
    torch.manual_seed(0)
    torch_input = torch.randn(input_shape)
    reference = torch.tanh(torch_input)

    input = ttnn.from_torch(torch_input, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    output = ttnn.tanh(input)
    output = ttnn.to_torch(output)

    assert_close(reference, output, pcc=0.999, relative_error=0.02)
