# SPDX-License-Identifier: Apache-2.0
"""hostile in TT-NN: each distinct module a function of device tensors and its `parameters`.

Batch, sequence length and image size are those of the inputs that the model was traced with.
Made by `bringup init tests/models/awkward.py:Hostile --input 2x4`.
"""

import ttnn


def prepare_inputs(x, device):
    """The model's inputs on the device, with what the host works out of them, as `hostile` takes them."""
    x = ttnn.from_torch(x, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    return (x,)


def vil_import_os_b(x):
    """?vil??? import os; | <b>#: evil."""
    x = ttnn.relu(x)
    return ttnn.add(x, 1)


def hostile(x, parameters):
    """Hostile, the model."""
    x = ttnn.linear(
        x,
        parameters['we"ird`|\n<script>alert(1)</script>\u540d'].weight,
        bias=parameters['we"ird`|\n<script>alert(1)</script>\u540d'].bias,
    )
    x = ttnn.linear(x, parameters["class"].weight, bias=parameters["class"].bias)
    x = ttnn.linear(x, parameters["$(touch x)'; {{ 7 * 7 }}"].weight, bias=parameters["$(touch x)'; {{ 7 * 7 }}"].bias)
    x = vil_import_os_b(x)
    x = ttnn.to_layout(x, ttnn.ROW_MAJOR_LAYOUT)
    x = ttnn.embedding(parameters.reverse, ttnn.reshape(x, (2, 4)))
    return ttnn.reshape(x, (2, 4))
