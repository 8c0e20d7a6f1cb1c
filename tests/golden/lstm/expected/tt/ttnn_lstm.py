# SPDX-License-Identifier: Apache-2.0
"""lstm in TT-NN: each distinct module a function of device tensors and its `parameters`.

Batch, sequence length and image size are those of the inputs that the model was traced with.
Made by `bringup init example:lstm`.
"""

import ttnn

from .layers import lstm


def prepare_inputs(sequence, device):
    """The model's inputs on the device, with what the host works out of them, as `tagger` takes them."""
    sequence = ttnn.from_torch(sequence, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    return (sequence,)


def tagger(sequence, parameters):
    """Tagger, the model."""
    states = lstm(sequence, parameters.lstm)[0]
    return ttnn.linear(states, parameters.head.weight, bias=parameters.head.bias)
