# SPDX-License-Identifier: Apache-2.0
"""layers in TT-NN: each distinct module a function of device tensors and its `parameters`.

Batch, sequence length and image size are those of the inputs that the model was traced with.
Made by `bringup init tests/models/layers.py:Layers --input 1x3x32x32`.
"""

import torch
import ttnn

from .layers import adaptive_avg_pool2d, avg_pool2d, conv1d, conv2d, conv_transpose2d, max_pool2d, upsample

RELU = ttnn.UnaryWithParam(ttnn.UnaryOpType.RELU)
RELU6 = ttnn.UnaryWithParam(ttnn.UnaryOpType.RELU6)


def prepare_inputs(image, device):
    """The model's inputs on the device, with what the host works out of them, as `layers` takes them."""
    image = ttnn.from_torch(
        image.permute(0, 2, 3, 1).reshape(1, 1, -1, image.shape[1]),
        dtype=ttnn.bfloat16,
        layout=ttnn.ROW_MAJOR_LAYOUT,
        device=device,
    )
    return (image,)


def block(x, parameters):
    """Block: blocks.1 and 2 more."""
    out = conv2d(x, parameters.conv1, activation=RELU)
    out = conv2d(out, parameters.conv2)
    shortcut = x
    if "projection" in parameters:
        shortcut = conv2d(x, parameters.projection)
    return ttnn.add(out, shortcut, activations=[RELU])


def growth(features, parameters):
    """Growth: dense.growth1 and 2 more."""
    features = ttnn.add(ttnn.multiply(features, parameters.norm.scale), parameters.norm.shift, activations=[RELU])
    return conv2d(features, parameters.conv)


def head(x, parameters):
    """Head: head."""
    x = upsample(x, parameters.upsample)
    x = conv_transpose2d(x, parameters.up)
    x = avg_pool2d(x, parameters.avg_pool2d)
    grid = adaptive_avg_pool2d(x, parameters.adaptive_avg_pool2d)
    ttnn.deallocate(x)
    tokens = ttnn.reshape(grid, (1, 16, 32))
    tokens = conv1d(tokens, parameters.tokens)
    scores = ttnn.gelu(tokens)
    ttnn.deallocate(tokens)
    scores = ttnn.mean(scores, dim=[1], keepdim=False)
    scores = ttnn.linear(scores, parameters.fc.weight, bias=parameters.fc.bias)
    # Fallback to torch, aten.angle.default: ttnn needs operands of the dtypes that it was asked about:
    # complex64, complex128, complex32, got self is float32
    torch_angle = ttnn.to_torch(scores).float()
    torch_angle = torch.ops.aten.angle.default(torch_angle)
    torch_angle = ttnn.from_torch(torch_angle, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=scores.device())
    return scores, torch_angle


def dense(x, parameters):
    """Dense: dense."""
    for index in range(1, 4):
        output = growth(x, parameters[f"growth{index}"])
        x = ttnn.concat([x, output], dim=3)
        ttnn.deallocate(output)
    for unit in parameters.units:
        y = conv2d(x, unit[0])
        y = ttnn.mish(y)
        y = conv2d(y, unit[2])
        x = ttnn.add(x, y)
        ttnn.deallocate(y)
    return x


def layers(image, parameters):
    """Layers, the model."""
    x = conv2d(image, parameters.stem[0], activation=RELU6)
    x = max_pool2d(x, parameters.stem[3])
    for block_parameters in parameters.blocks:
        x = block(x, block_parameters)
    x = dense(x, parameters.dense)
    return head(x, parameters.head)
