# SPDX-License-Identifier: Apache-2.0
"""Layers of decoder. Images are (1, 1, N * H * W, C), channels last, in DRAM.

Made by `bringup init tests/models/recurrent.py:Decoder --input x=3x2x8 --input y=4x2x6 --input start=2x2x5`.
"""

import ttnn


def gru(x, parameters, hidden=None):
    """A GRU unrolled over its steps: its output, and the last hidden state."""
    return _unrolled(x, parameters, (parameters.hidden if hidden is None else hidden,), _gru_step)


def _gru_step(step, states, weights):
    """The hidden state after one more step."""
    (hidden,) = states
    weight_ih, weight_hh, bias_ih, bias_hh = weights
    width = hidden.shape[-1]
    reset, update, new = ttnn.split(ttnn.linear(step, weight_ih, bias=bias_ih), width, dim=-1)
    reset_h, update_h, new_h = ttnn.split(ttnn.linear(hidden, weight_hh, bias=bias_hh), width, dim=-1)
    reset, update = ttnn.sigmoid(ttnn.add(reset, reset_h)), ttnn.sigmoid(ttnn.add(update, update_h))
    new = ttnn.tanh(ttnn.add(new, ttnn.multiply(reset, new_h)))
    return (ttnn.add(new, ttnn.multiply(update, ttnn.subtract(hidden, new))),)


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


def rnn_relu(x, parameters, hidden=None):
    """An RNN unrolled over its steps: its output, and the last hidden state."""
    return _unrolled(x, parameters, (parameters.hidden if hidden is None else hidden,), _rnn_relu_step)


def _rnn_relu_step(step, states, weights):
    """The hidden state after one more step."""
    (hidden,) = states
    weight_ih, weight_hh, bias_ih, bias_hh = weights
    gates = ttnn.linear(step, weight_ih, bias=bias_ih)
    return (ttnn.relu(ttnn.add(gates, ttnn.linear(hidden, weight_hh, bias=bias_hh))),)


def rnn_tanh(x, parameters, hidden=None):
    """An RNN unrolled over its steps: its output, and the last hidden state."""
    return _unrolled(x, parameters, (parameters.hidden if hidden is None else hidden,), _rnn_tanh_step)


def _rnn_tanh_step(step, states, weights):
    """The hidden state after one more step."""
    (hidden,) = states
    weight_ih, weight_hh, bias_ih, bias_hh = weights
    gates = ttnn.linear(step, weight_ih, bias=bias_ih)
    return (ttnn.tanh(ttnn.add(gates, ttnn.linear(hidden, weight_hh, bias=bias_hh))),)


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
