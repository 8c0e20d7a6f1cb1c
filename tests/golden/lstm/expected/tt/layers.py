# SPDX-License-Identifier: Apache-2.0
"""Layers of lstm. Images are (1, 1, N * H * W, C), channels last, in DRAM.

Made by `bringup init example:lstm`.
"""

import ttnn


def lstm(x, parameters):
    """An LSTM unrolled over its steps."""
    arguments = parameters.arguments
    steps = ttnn.split(x, 1, dim=arguments["step_dim"])
    for layer in range(arguments["num_layers"]):
        outputs = []
        for direction in range(arguments["num_directions"]):
            suffix = f"l{layer}_reverse" if direction else f"l{layer}"
            index = layer * arguments["num_directions"] + direction
            made = _lstm_direction(steps[::-1] if direction else steps, parameters, suffix, index)
            outputs.append(made[::-1] if direction else made)
        steps = (
            outputs[0]
            if len(outputs) == 1
            else [ttnn.concat(list(parts), dim=-1) for parts in zip(*outputs, strict=True)]
        )
    return ttnn.concat([ttnn.reshape(step, arguments["step_shape"]) for step in steps], dim=arguments["step_dim"])


def _lstm_direction(steps, parameters, suffix, index):
    """The hidden states of one layer in one direction."""
    batch, width = parameters.arguments["batch_size"], parameters.arguments["hidden_size"]
    weight_ih, weight_hh = getattr(parameters, f"weight_ih_{suffix}"), getattr(parameters, f"weight_hh_{suffix}")
    biases = [getattr(parameters, f"bias_{part}_{suffix}", None) for part in ("ih", "hh")]
    hidden, cell = (
        ttnn.slice(state, [index, 0, 0], [index + 1, batch, width]) for state in (parameters.hidden, parameters.cell)
    )
    made = []
    for step in steps:
        gates = ttnn.linear(ttnn.reshape(step, (1, batch, -1)), weight_ih, bias=biases[0])
        gates = ttnn.add(gates, ttnn.linear(hidden, weight_hh, bias=biases[1]))
        i, f, g, o = ttnn.split(gates, width, dim=-1)
        cell = ttnn.add(ttnn.multiply(ttnn.sigmoid(f), cell), ttnn.multiply(ttnn.sigmoid(i), ttnn.tanh(g)))
        hidden = ttnn.multiply(ttnn.sigmoid(o), ttnn.tanh(cell))
        made.append(hidden)
    return made
