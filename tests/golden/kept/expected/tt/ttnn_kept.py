# SPDX-License-Identifier: Apache-2.0
"""kept in TT-NN: each distinct module a function of device tensors and its `parameters`.

Batch, sequence length and image size are those of the inputs that the model was traced with.
After its own result it gives what forward leaves in its buffers (`STATE` of load_model.py): mean, steps.
Made by `bringup init tests/models/kept.py:Kept --input x=4x8 --input ids=4:int64`.
"""

import ttnn


def prepare_inputs(x, ids, device):
    """The model's inputs on the device, with what the host works out of them, as `kept` takes them."""
    ids = ids + 1
    x = ttnn.from_torch(x, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    return x, ids


def kept(x, ids, parameters):
    """Kept, the model."""
    y = ttnn.linear(x, parameters.linear.weight, bias=parameters.linear.bias)
    y = ttnn.multiply(y, parameters.y)
    y = ttnn.add(y, parameters.other)
    y = ttnn.add(y, parameters.y_2)
    y = ttnn.add(y, parameters.y_3)
    mean = ttnn.mean(y, dim=[0], keepdim=False)
    mean = ttnn.addalpha(parameters.input, mean, 0.5)
    sub = ttnn.subtract(y, mean)
    exp = parameters.host.exp
    constant = parameters.host.constant
    steps = parameters.host.steps
    return (sub, exp, ids, constant, x, y), mean, steps
