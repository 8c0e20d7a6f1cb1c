# SPDX-License-Identifier: Apache-2.0
"""aten.select.int in bert: 1 input variation, 1 call.

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
        pytest.param((1, 128, 64), id="pooler-x1"),
    ],
)
def test_select(device, assert_equal, input_shape):
    """1 variation, 1 call of aten.select.int."""
    torch.manual_seed(0)
    torch_input = torch.randn(input_shape)
    reference = torch.select(torch_input, 1, 0)

    input = ttnn.from_torch(torch_input, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    output = ttnn.slice(input, [0, 0, 0], [1, 1, 64])
    output = ttnn.squeeze(output, 1)
    output = ttnn.to_torch(output)

    assert_equal(reference, output)
