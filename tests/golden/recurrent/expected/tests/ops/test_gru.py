# SPDX-License-Identifier: Apache-2.0
"""aten.gru.input in decoder: 2 input variations, 2 calls.

Each case is named after the module of its first call and the number of its calls.
Made by `bringup init tests/models/recurrent.py:Decoder --input x=3x2x8 --input y=4x2x6 --input start=2x2x5`.
"""

import pytest
import torch
import ttnn


@pytest.mark.parametrize(
    ["input_shape", "hx_shape", "params_shapes"],
    [
        pytest.param(
            (3, 2, 8), (2, 2, 12), ((36, 8), (36, 12), (36,), (36,), (36, 8), (36, 12), (36,), (36,)), id="encoder-x1"
        ),
    ],
)
def test_gru_hidden(device, assert_close, input_shape, hx_shape, params_shapes):
    """1 variation, 1 call of aten.gru.input."""
    torch.manual_seed(0)
    torch_input = torch.randn(input_shape)
    torch_hx = torch.randn(hx_shape)
    torch_params = [torch.randn(shape) * 0.2887 for shape in params_shapes]
    reference = torch.gru(torch_input, torch_hx, torch_params, True, 1, 0.0, False, True, False)[1]

    input = ttnn.from_torch(torch_input, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    hx = ttnn.from_torch(torch_hx, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    params = [
        ttnn.from_torch(tensor, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device) for tensor in torch_params
    ]
    layers, directions = 1, 2
    weights = [tuple(params[i : i + 4]) for i in range(0, len(params), 4)]
    steps = ttnn.split(input, 1, dim=0)
    hiddens = []
    for layer in range(layers):
        outputs = []
        for direction in range(directions):
            index = layer * directions + direction
            hidden = ttnn.slice(hx, [index, 0, 0], [index + 1, 2, 12])
            made = []
            for step in steps[::-1] if direction else steps:
                weight_ih, weight_hh, *biases = weights[index]
                gates = ttnn.linear(ttnn.reshape(step, (1, 2, -1)), weight_ih, transpose_b=True)
                recurrent = ttnn.linear(hidden, weight_hh, transpose_b=True)
                if biases:
                    gates, recurrent = ttnn.add(gates, biases[0]), ttnn.add(recurrent, biases[1])
                reset, update, new = ttnn.split(gates, 12, dim=-1)
                reset_h, update_h, new_h = ttnn.split(recurrent, 12, dim=-1)
                reset, update = ttnn.sigmoid(ttnn.add(reset, reset_h)), ttnn.sigmoid(ttnn.add(update, update_h))
                new = ttnn.tanh(ttnn.add(new, ttnn.multiply(reset, new_h)))
                hidden = ttnn.add(new, ttnn.multiply(update, ttnn.subtract(hidden, new)))
                made.append(hidden)
            outputs.append(made[::-1] if direction else made)
            hiddens.append(hidden)
        steps = [
            ttnn.concat(list(parts), dim=-1) if directions > 1 else parts[0] for parts in zip(*outputs, strict=True)
        ]
    output = ttnn.concat(hiddens, dim=0) if len(hiddens) > 1 else hiddens[0]
    output = ttnn.to_torch(output)

    assert_close(reference, output, pcc=0.99, relative_error=0.05)


@pytest.mark.parametrize(
    ["input_shape", "hx_shape", "params_shapes"],
    [
        pytest.param((4, 2, 6), (1, 2, 12), ((36, 6), (36, 12)), id="decoder-x1"),
    ],
)
def test_gru_sequence_and_hidden(device, assert_close, input_shape, hx_shape, params_shapes):
    """1 variation, 1 call of aten.gru.input."""
    torch.manual_seed(0)
    torch_input = torch.randn(input_shape)
    torch_hx = torch.randn(hx_shape)
    torch_params = [torch.randn(shape) * 0.2887 for shape in params_shapes]
    reference = torch.gru(torch_input, torch_hx, torch_params, False, 1, 0.0, False, False, False)

    input = ttnn.from_torch(torch_input, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    hx = ttnn.from_torch(torch_hx, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    params = [
        ttnn.from_torch(tensor, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device) for tensor in torch_params
    ]
    layers, directions = 1, 1
    weights = [tuple(params[i : i + 2]) for i in range(0, len(params), 2)]
    steps = ttnn.split(input, 1, dim=0)
    hiddens = []
    for layer in range(layers):
        outputs = []
        for direction in range(directions):
            index = layer * directions + direction
            hidden = ttnn.slice(hx, [index, 0, 0], [index + 1, 2, 12])
            made = []
            for step in steps[::-1] if direction else steps:
                weight_ih, weight_hh, *biases = weights[index]
                gates = ttnn.linear(ttnn.reshape(step, (1, 2, -1)), weight_ih, transpose_b=True)
                recurrent = ttnn.linear(hidden, weight_hh, transpose_b=True)
                if biases:
                    gates, recurrent = ttnn.add(gates, biases[0]), ttnn.add(recurrent, biases[1])
                reset, update, new = ttnn.split(gates, 12, dim=-1)
                reset_h, update_h, new_h = ttnn.split(recurrent, 12, dim=-1)
                reset, update = ttnn.sigmoid(ttnn.add(reset, reset_h)), ttnn.sigmoid(ttnn.add(update, update_h))
                new = ttnn.tanh(ttnn.add(new, ttnn.multiply(reset, new_h)))
                hidden = ttnn.add(new, ttnn.multiply(update, ttnn.subtract(hidden, new)))
                made.append(hidden)
            outputs.append(made[::-1] if direction else made)
            hiddens.append(hidden)
        steps = [
            ttnn.concat(list(parts), dim=-1) if directions > 1 else parts[0] for parts in zip(*outputs, strict=True)
        ]
    steps = [ttnn.reshape(step, (1, 2, 12)) for step in steps]
    sequence = ttnn.concat(steps, dim=0)
    hidden = ttnn.concat(hiddens, dim=0) if len(hiddens) > 1 else hiddens[0]
    output = [sequence, hidden]
    output = [ttnn.to_torch(tensor) for tensor in output]

    assert_close(reference, output, pcc=0.99, relative_error=0.05)
