# SPDX-License-Identifier: Apache-2.0
"""decoder in TT-NN: each distinct module a function of device tensors and its `parameters`.

Batch, sequence length and image size are those of the inputs that the model was traced with.
Made by `bringup init tests/models/recurrent.py:Decoder --input x=3x2x8 --input y=4x2x6 --input start=2x2x5`.
"""

import ttnn

from .layers import gru, lstm, rnn_relu, rnn_tanh


def prepare_inputs(x, y, start, device):
    """The model's inputs on the device, with what the host works out of them, as `decoder` takes them."""
    x = ttnn.from_torch(x, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    y = ttnn.from_torch(y, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    start = ttnn.from_torch(start, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    return x, y, start


def decoder(x, y, start, parameters):
    """Decoder, the model."""
    h = gru(x, parameters.encoder)[1]
    h = ttnn.slice(h, [1, 0, 0], [2, 2, 12], [1, 1, 1])
    d, h = gru(y, parameters.decoder, h)
    last = rnn_tanh(d, parameters.tanh, start)[1]
    out = rnn_relu(d, parameters.relu)[0]
    start = ttnn.slice(start, [0, 0, 0], [1, 2, 5], [1, 1, 1])
    slice_ = ttnn.slice(last, [1, 0, 0], [2, 2, 5], [1, 1, 1])
    out = lstm(out, parameters.cell, start, slice_)[0]
    return out, h, last
