# SPDX-License-Identifier: Apache-2.0
"""aten.embedding.default in bert: 1 input variation, 1 call.

Each case is named after the module of its first call and the number of its calls.
Made by `bringup init hf-config:bert --set num_hidden_layers=2 --set hidden_size=64 --set
num_attention_heads=2 --set intermediate_size=128`.
"""

import pytest
import torch
import ttnn


@pytest.mark.parametrize(
    ["weight_shape", "indices_shape"],
    [
        pytest.param((30522, 64), (1, 128), id="embeddings.word_embeddings-x1"),
    ],
)
def test_embedding(device, assert_equal, weight_shape, indices_shape):
    """1 variation, 1 call of aten.embedding.default."""
    torch.manual_seed(0)
    torch_weight = torch.randn(weight_shape)
    torch_indices = torch.randint(0, 30522, indices_shape)
    reference = torch.nn.functional.embedding(torch_indices, torch_weight)

    weight = ttnn.from_torch(torch_weight, dtype=ttnn.bfloat16, layout=ttnn.ROW_MAJOR_LAYOUT, device=device)
    indices = ttnn.from_torch(torch_indices, dtype=ttnn.uint32, layout=ttnn.ROW_MAJOR_LAYOUT, device=device)
    output = ttnn.embedding(indices, weight)
    output = ttnn.to_torch(output)

    assert_equal(reference, output)
