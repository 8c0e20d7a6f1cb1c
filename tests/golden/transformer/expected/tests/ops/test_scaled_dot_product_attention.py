# SPDX-License-Identifier: Apache-2.0
"""aten.scaled_dot_product_attention.default in bert: 1 input variation, 2 calls.

Each case is named after the module of its first call and the number of its calls.
Made by `bringup init hf-config:bert --set num_hidden_layers=2 --set hidden_size=64 --set
num_attention_heads=2 --set intermediate_size=128`.
"""

import pytest
import torch
import ttnn


@pytest.mark.parametrize(
    ["query_shape", "key_shape", "value_shape", "attn_mask_shape"],
    [
        pytest.param(
            (1, 2, 128, 32), (1, 2, 128, 32), (1, 2, 128, 32), (1, 1, 128, 128), id="encoder.layer.0.attention.self-x2"
        ),
    ],
)
def test_scaled_dot_product_attention_mask(device, assert_close, query_shape, key_shape, value_shape, attn_mask_shape):
    """1 variation, 2 calls of aten.scaled_dot_product_attention.default."""
    torch.manual_seed(0)
    torch_query = torch.randn(query_shape)
    torch_key = torch.randn(key_shape)
    torch_value = torch.randn(value_shape)
    torch_attn_mask = torch.randint(0, 2, attn_mask_shape).bool().index_fill(-1, torch.tensor([0]), True)
    reference = torch.nn.functional.scaled_dot_product_attention(
        torch_query, torch_key, torch_value, attn_mask=torch_attn_mask, is_causal=False, scale=0.1767766952966369
    )

    query = ttnn.from_torch(torch_query, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    key = ttnn.from_torch(torch_key, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    value = ttnn.from_torch(torch_value, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    attn_mask = ttnn.from_torch(
        torch.zeros(torch_attn_mask.shape).masked_fill(~torch_attn_mask, float("-inf")),
        dtype=ttnn.bfloat16,
        layout=ttnn.TILE_LAYOUT,
        device=device,
    )
    output = ttnn.transformer.scaled_dot_product_attention(
        query, key, value, attn_mask=attn_mask, is_causal=False, scale=0.1767766952966369
    )
    output = ttnn.to_torch(output)

    assert_close(reference, output, pcc=0.99, relative_error=0.1)
