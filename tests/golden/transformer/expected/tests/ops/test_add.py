# SPDX-License-Identifier: Apache-2.0
"""aten.add.Tensor in bert: 2 input variations, 6 calls.

Each case is named after the module of its first call and the number of its calls.
Made by `bringup init hf-config:bert --set num_hidden_layers=2 --set hidden_size=64 --set
num_attention_heads=2 --set intermediate_size=128`.
"""

import pytest
import torch
import ttnn


@pytest.mark.parametrize(
    ["input_shape", "other_shape"],
    [
        pytest.param((1, 128, 64), (1, 128, 64), id="embeddings-x2"),
        pytest.param((1, 128, 64), (1, 128, 64), id="encoder.layer.0.attention.output-x4"),
    ],
)
def test_add(device, assert_close, input_shape, other_shape):
    """2 variations, 6 calls of aten.add.Tensor."""
    torch.manual_seed(0)
    torch_input = torch.randn(input_shape)
    torch_other = torch.randn(other_shape)
    reference = torch.add(torch_input, torch_other)

    input = ttnn.from_torch(torch_input, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    other = ttnn.from_torch(torch_other, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    output = ttnn.add(input, other)
    output = ttnn.to_torch(output)

    assert_close(reference, output, pcc=0.999, relative_error=0.02)
