# SPDX-License-Identifier: Apache-2.0
"""Layers of lstm. Images are (1, 1, N * H * W, C), channels last, in DRAM.

Made by `bringup init example:lstm`.
"""

import ttnn


def lstm(x, parameters, hidden=None, cell=None):
    """An LSTM unrolled over its steps: its output, and the last hidden and cell states."""
    first = (hidden, cell) if hidden is not None else (parameters.hidden, parameters.cell)
    return _unrolled(x, parameters, first, _lstm_step)


def _lstm_step(step, states, weights):
    """The hidden and cell state after one more step."""
    hidden, cell = states
    weight_ih, weight_hh, bias_ih, bias_hh = weights
    gates = ttnn.linear(step, weight_ih, bias=bias_ih)
    gates = ttnn.add(gates, ttnn.linear(hidden, weight_hh, bias=bias_hh))
    i, f, g, o = ttnn.split(gates, hidden.shape[-1], dim=-1)
    cell = ttnn.add(ttnn.multiply(ttnn.sigmoid(f), cell), ttnn.multiply(ttnn.sigmoid(i), ttnn.tanh(g)))
    return ttnn.multiply(ttnn.sigmoid(o), ttnn.tanh(cell)), cell


def _unrolled(x, parameters, first, take_step):
    """What a recurrent network gives, and its last states; `take_step` makes the states of one step."""
    arguments = parameters.arguments
    batch, width = arguments["batch_size"], arguments["hidden_size"]
    steps = [ttnn.reshape(step, (1, batch, -1)) for step in ttnn.split(x, 1, dim=arguments["step_dim"])]
    last: list = []
    for layer in range(arguments["num_layers"]):
        outputs: list = []
        for suffix in (f"l{layer}", f"l{layer}_reverse")[: arguments["num_directions"]]:
            names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            weights = [getattr(parameters, f"{name}_{suffix}", None) for name in names]
            index = len(last)
            states = tuple(ttnn.slice(state, [index, 0, 0], [index + 1, batch, width]) for state in first)
            made = []
            for step in steps[::-1] if outputs else steps:
                states = take_step(step, states, weights)
                made.append(states[0])
            last.append(states)
            outputs.append(made[::-1] if outputs else made)
        steps = [_joined(parts, -1) for parts in zip(*outputs, strict=True)]
    output = _joined([ttnn.reshape(step, arguments["step_shape"]) for step in steps], arguments["step_dim"])
    return output, *(_joined(states, 0) for states in zip(*last, strict=True))


def _joined(tensors, dim):
    return ttnn.concat(list(tensors), dim=dim) if len(tensors) > 1 else tensors[0]
