# SPDX-License-Identifier: Apache-2.0
"""aten.gelu.default in bert: 1 input variation, 2 calls.

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
        pytest.param((1, 128, 128), id="encoder.layer.0.intermediate.intermediate_act_fn-x2"),
    ],
)
def test_gelu(device, assert_close, input_shape):
    """1 variation, 2 calls of aten.gelu.default."""
    torch.manual_seed(0)
    torch_input = torch.randn(input_shape)
    reference = torch.nn.functional.gelu(torch_input, approximate="none")

    input = ttnn.from_torch(torch_input, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    output = ttnn.gelu(input)
    output = ttnn.to_torch(output)

    assert_close(reference, output, pcc=0.999, relative_error=0.02)
