# SPDX-License-Identifier: Apache-2.0
"""waves in TT-NN: each distinct module a function of device tensors and its `parameters`.

Batch, sequence length and image size are those of the inputs that the model was traced with.
Made by `bringup init tests/models/waves.py:Waves --input 2x4x32`.
"""

import ttnn

from .layers import complex_matmul, complex_multiply


def prepare_inputs(x, device):
    """The model's inputs on the device, with what the host works out of them, as `waves` takes them."""
    x = ttnn.from_torch(x, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    return (x,)


def waves(x, parameters):
    """Waves, the model."""
    real, imag = ttnn.split(x, [16, 16], dim=2)
    z = ttnn.concat([ttnn.unsqueeze(real, -1), ttnn.unsqueeze(imag, -1)], dim=-1)
    ttnn.deallocate(real)
    ttnn.deallocate(imag)
    z = complex_multiply(z, parameters.turn)
    mixed = complex_matmul(z, parameters.mixed)
    ttnn.deallocate(z)
    mixed = ttnn.add(mixed, parameters.shift)
    conj, output = ttnn.split(mixed, 1, dim=-1)
    turned = ttnn.concat([conj, ttnn.neg(output)], dim=-1)
    ttnn.deallocate(conj)
    ttnn.deallocate(output)
    turned = ttnn.concat([mixed, turned], dim=2)
    ttnn.deallocate(mixed)
    turned = ttnn.unsqueeze(ttnn.transpose(turned, 2, 1), 1)
    turned = ttnn.slice(turned, [0, 0, 0, 0, 0], [2, 1, 16, 4, 2], [1, 1, 2, 1, 1])
    abs_, output = ttnn.split(turned, 1, dim=-1)
    abs_ = ttnn.squeeze(ttnn.hypot(abs_, output), -1)
    ttnn.deallocate(output)
    select = ttnn.squeeze(ttnn.slice(turned, [0, 0, 0, 0, 0], [2, 1, 8, 4, 1]), 4)
    output = ttnn.squeeze(ttnn.slice(turned, [0, 0, 0, 0, 1], [2, 1, 8, 4, 2]), 4)
    select = ttnn.subtract(select, output)
    turned = ttnn.multiply(turned, 0.5)
    return abs_, select, turned
