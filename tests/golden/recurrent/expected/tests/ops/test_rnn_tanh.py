# SPDX-License-Identifier: Apache-2.0
"""aten.rnn_tanh.input in decoder: 1 input variation, 1 call.

Each case is named after the module of its first call and the number of its calls.
Made by `bringup init tests/models/recurrent.py:Decoder --input x=3x2x8 --input y=4x2x6 --input start=2x2x5`.
"""

import pytest
import torch
import ttnn


@pytest.mark.parametrize(
    ["input_shape", "hx_shape", "params_shapes"],
    [
        pytest.param((4, 2, 12), (2, 2, 5), ((5, 12), (5, 5), (5,), (5,), (5, 5), (5, 5), (5,), (5,)), id="tanh-x1"),
    ],
)
def test_rnn_tanh_hidden(device, assert_close, input_shape, hx_shape, params_shapes):
    """1 variation, 1 call of aten.rnn_tanh.input."""
    torch.manual_seed(0)
    torch_input = torch.randn(input_shape)
    torch_hx = torch.randn(hx_shape)
    torch_params = [torch.randn(shape) * 0.4472 for shape in params_shapes]
    reference = torch.rnn_tanh(torch_input, torch_hx, torch_params, True, 2, 0.0, False, False, False)[1]

    input = ttnn.from_torch(torch_input, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    hx = ttnn.from_torch(torch_hx, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    params = [
        ttnn.from_torch(tensor, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device) for tensor in torch_params
    ]
    layers, directions = 2, 1
    weights = [tuple(params[i : i + 4]) for i in range(0, len(params), 4)]
    steps = ttnn.split(input, 1, dim=0)
    hiddens = []
    for layer in range(layers):
        outputs = []
        for direction in range(directions):
            index = layer * directions + direction
            hidden = ttnn.slice(hx, [index, 0, 0], [index + 1, 2, 5])
            made = []
            for step in steps[::-1] if direction else steps:
                weight_ih, weight_hh, *biases = weights[index]
                gates = ttnn.linear(ttnn.reshape(step, (1, 2, -1)), weight_ih, transpose_b=True)
                gates = ttnn.add(gates, ttnn.linear(hidden, weight_hh, transpose_b=True))
                for bias in biases:
                    gates = ttnn.add(gates, bias)
                hidden = ttnn.tanh(gates)
                made.append(hidden)
            outputs.append(made[::-1] if direction else made)
            hiddens.append(hidden)
        steps = [
            ttnn.concat(list(parts), dim=-1) if directions > 1 else parts[0] for parts in zip(*outputs, strict=True)
        ]
    output = ttnn.concat(hiddens, dim=0) if len(hiddens) > 1 else hiddens[0]
    output = ttnn.to_torch(output)

    assert_close(reference, output, pcc=0.99, relative_error=0.05)
