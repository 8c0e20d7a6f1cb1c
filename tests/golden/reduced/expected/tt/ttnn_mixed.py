# SPDX-License-Identifier: Apache-2.0
"""mixed in TT-NN: each distinct module a function of device tensors and its `parameters`.

Batch, sequence length and image size are those of the inputs that the model was traced with.
Made by `bringup init tests/models/reduced.py:Mixed --input 4x16`.
"""

import ttnn


def prepare_inputs(x, device):
    """The model's inputs on the device, with what the host works out of them, as `mixed` takes them."""
    x = ttnn.from_torch(x, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    return (x,)


def mixed(x, parameters):
    """Mixed, the model."""
    x = ttnn.linear(x, parameters.first.weight, bias=parameters.first.bias)
    x = ttnn.linear(x, parameters.second.weight, bias=parameters.second.bias, activation="relu")
    x = ttnn.layer_norm(x, weight=parameters.norm.weight, bias=parameters.norm.bias, epsilon=1e-05)
    x = ttnn.multiply(x, parameters.scale)
    weights = ttnn.softmax(x, dim=-1)
    ttnn.deallocate(x)
    weights = ttnn.linear(weights, parameters.last.weight, bias=parameters.last.bias)
    return ttnn.multiply(weights, parameters.half_scale)
