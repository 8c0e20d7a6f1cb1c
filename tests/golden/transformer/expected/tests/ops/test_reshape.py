# SPDX-License-Identifier: Apache-2.0
"""aten.reshape.default in bert: 1 input variation, 2 calls.

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
        pytest.param((1, 128, 2, 32), id="encoder.layer.0.attention.self-x2"),
    ],
)
def test_reshape(device, assert_equal, input_shape):
    """1 variation, 2 calls of aten.reshape.default."""
    torch.manual_seed(0)
    torch_input = torch.randn(input_shape)
    reference = torch.reshape(torch_input, (1, 128, 64))

    input = ttnn.from_torch(torch_input, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    output = ttnn.reshape(input, (1, 128, 64))
    output = ttnn.to_torch(output)

    assert_equal(reference, output)
