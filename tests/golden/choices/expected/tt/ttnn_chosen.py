# SPDX-License-Identifier: Apache-2.0
"""chosen in TT-NN: each distinct module a function of device tensors and its `parameters`.

Batch, sequence length and image size are those of the inputs that the model was traced with.
Made by `bringup init tests/models/results.py:Chosen --input 4x16`.
"""

import ttnn


def prepare_inputs(x, device):
    """The model's inputs on the device, with what the host works out of them, as `chosen` takes them."""
    x = ttnn.from_torch(x, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    return (x,)


def head(x, parameters):
    """Head: head."""
    x = ttnn.linear(x, parameters.scores.weight, bias=parameters.scores.bias)
    values, indices = ttnn.topk(x, k=3, dim=-1, largest=True)
    ttnn.deallocate(x)
    values = ttnn.sigmoid(values)
    return indices, values


def chosen(x, parameters):
    """Chosen, the model."""
    indices, scores = head(x, parameters.head)
    indices = ttnn.typecast(indices, ttnn.int32)
    indices = ttnn.remainder(indices, 4)
    x = ttnn.gt(x, 0.5)
    return scores, indices, x
