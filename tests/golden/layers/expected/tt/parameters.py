# SPDX-License-Identifier: Apache-2.0
"""The weights of layers as TT-NN takes them, and the arguments of its calls; made once from the torch model.

Made by `bringup init tests/models/layers.py:Layers --input 1x3x32x32`.
"""

from types import SimpleNamespace

import torch
import ttnn


class Parameters(SimpleNamespace):
    """What stands at each place of the model: `parameters.layer1[0].conv1.weight`."""

    def __getitem__(self, key):
        if isinstance(key, slice):
            return [getattr(self, str(index)) for index in range(key.start, key.stop)]
        return getattr(self, str(key))

    def __contains__(self, name):
        return hasattr(self, name)

    def __iter__(self):
        numbered = sorted((key for key in vars(self) if key[-1].isdigit()), key=lambda key: (len(key), key))
        return iter([getattr(self, key) for key in numbered])

    def put(self, place, value):
        """Set what stands at a place, `layer1.0.conv1.weight`."""
        *above, last = place.split(".")
        target = self
        for name in above:
            target = vars(target).setdefault(name, Parameters())
        setattr(target, last, value)

    def at(self, place):
        """What stands at a place; all of it at the empty one."""
        found = self
        for name in filter(None, place.split(".")):
            found = getattr(found, name)
        return found


def prepare_parameters(model, device, below=""):
    """Weights and arguments by their place in the model. Convolutions keep weights on the host until their first call.

    `below` asks only for what stands below one module; `model` is the whole model all the same.
    """
    weights = {
        **dict(model.named_parameters(remove_duplicate=False)),
        **dict(model.named_buffers(remove_duplicate=False)),
    }
    weights = {name: tensor.detach() for name, tensor in weights.items()}
    parameters, made = Parameters(), {}
    for place, *source in _rows(WEIGHTS, below):
        prepare, *names = key = tuple(source)
        if key not in made:
            made[key] = prepare(*(weights[name] for name in names), device)
        parameters.put(place, made[key])
    for place, modules, numbers in _rows(FOLD_CONVOLUTION, below):
        for name, tensor in fold_convolution(weights, device, *modules, *numbers).items():
            parameters.put(f"{place}.{name}", tensor)
    for place, modules, numbers in _rows(SCALE_AND_SHIFT, below):
        for name, tensor in scale_and_shift(weights, device, *modules, *numbers).items():
            parameters.put(f"{place}.{name}", tensor)
    for place, arguments in _rows(ARGUMENTS, below):
        for name, value in arguments.items():
            parameters.put(f"{place}.{name}".lstrip("."), value)
    return parameters


def fold_convolution(weights, device, convolution, norm, epsilon, channel_dim):
    """Weight and bias of a convolution with the batch norm after it."""
    weight = weights[f"{convolution}.weight"]
    scale = weights[f"{norm}.weight"] / torch.sqrt(weights[f"{norm}.running_var"] + epsilon)
    bias = weights.get(f"{convolution}.bias", 0) - weights[f"{norm}.running_mean"]
    shape = [-1 if dim == channel_dim else 1 for dim in range(weight.dim())]
    return {
        "weight": ttnn.from_torch(weight * scale.reshape(shape), dtype=ttnn.bfloat16),
        "bias": ttnn.from_torch((bias * scale + weights[f"{norm}.bias"]).reshape(1, 1, 1, -1), dtype=ttnn.bfloat16),
    }


def scale_and_shift(weights, device, norm, epsilon):
    """A batch norm as one product and one sum over channels last."""
    scale = weights[f"{norm}.weight"] / torch.sqrt(weights[f"{norm}.running_var"] + epsilon)
    shift = weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * scale
    return {
        name: ttnn.from_torch(tensor.reshape(1, 1, 1, -1), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
        for name, tensor in (("scale", scale), ("shift", shift))
    }


def kernel(tensor, device):
    return ttnn.from_torch(tensor, dtype=ttnn.bfloat16)


def kernel_bias(tensor, device):
    return ttnn.from_torch(tensor.reshape(1, 1, 1, -1), dtype=ttnn.bfloat16)


def transposed(tensor, device):
    return ttnn.from_torch(tensor.T, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)


def row(tensor, device):
    return ttnn.from_torch(tensor.reshape(1, -1), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)


def _rows(table, below):
    """The rows of a table, one for each of its indices; only those of one module where `below` asks for it."""
    for indices, *row in table:
        for index in indices:
            place, *others = (_filled(item, index) for item in row)
            if not below or place == below or place.startswith(f"{below}."):
                yield place, *others


def _filled(item, index):
    """Places with their index; what is none stays as it is."""
    if isinstance(item, tuple):
        return tuple(_filled(member, index) for member in item)
    return item.replace("{}", str(index)) if isinstance(item, str) and index is not None else item


ONCE = (None,)

# For each index: the place, how it is prepared, and the weights of the model that it is made of.
WEIGHTS = (
    (ONCE, "blocks.1.projection.weight", kernel, "blocks.1.projection.weight"),
    (ONCE, "blocks.1.projection.bias", kernel_bias, "blocks.1.projection.bias"),
    (range(1, 4), "dense.growth{}.conv.weight", kernel, "dense.growth{}.conv.weight"),
    (range(1, 4), "dense.growth{}.conv.bias", kernel_bias, "dense.growth{}.conv.bias"),
    (range(2), "dense.units.{}.0.weight", kernel, "dense.units.{}.0.weight"),
    (range(2), "dense.units.{}.0.bias", kernel_bias, "dense.units.{}.0.bias"),
    (range(2), "dense.units.{}.2.weight", kernel, "dense.units.{}.2.weight"),
    (range(2), "dense.units.{}.2.bias", kernel_bias, "dense.units.{}.2.bias"),
    (ONCE, "head.up.weight", kernel, "head.up.weight"),
    (ONCE, "head.up.bias", kernel_bias, "head.up.bias"),
    (ONCE, "head.tokens.weight", kernel, "head.tokens.weight"),
    (ONCE, "head.tokens.bias", kernel_bias, "head.tokens.bias"),
    (ONCE, "head.fc.weight", transposed, "head.fc.weight"),
    (ONCE, "head.fc.bias", row, "head.fc.bias"),
)

# For each index: the place, the convolution and the batch norm after it, epsilon and the dimension of output channels.
FOLD_CONVOLUTION = (
    (ONCE, "stem.0", ("stem.0", "stem.1"), (1e-05, 0)),
    (range(3), "blocks.{}.conv1", ("blocks.{}.conv1", "blocks.{}.bn1"), (1e-05, 0)),
    (range(3), "blocks.{}.conv2", ("blocks.{}.conv2", "blocks.{}.bn2"), (1e-05, 0)),
)

# For each index: the place, the batch norm, and its epsilon.
SCALE_AND_SHIFT = ((range(1, 4), "dense.growth{}.norm", ("dense.growth{}.norm",), (1e-05,)),)

# For each index: the place, and what its calls are given. Shapes hold for the inputs that the model was traced with.
ARGUMENTS: tuple = (
    (
        ONCE,
        "stem.0",
        {
            "arguments": {
                "batch_size": 1,
                "input_height": 32,
                "input_width": 32,
                "in_channels": 3,
                "out_channels": 32,
                "kernel_size": (3, 3),
                "stride": (1, 1),
                "padding": (1, 1),
                "dilation": (1, 1),
                "groups": 1,
            }
        },
    ),
    (
        ONCE,
        "stem.3",
        {
            "arguments": {
                "batch_size": 1,
                "input_h": 32,
                "input_w": 32,
                "channels": 32,
                "kernel_size": [2, 2],
                "stride": [2, 2],
                "padding": [0, 0],
                "dilation": [1, 1],
                "ceil_mode": False,
            }
        },
    ),
    (
        range(1, 3),
        "blocks.0.conv{}",
        {
            "arguments": {
                "batch_size": 1,
                "input_height": 16,
                "input_width": 16,
                "in_channels": 32,
                "out_channels": 32,
                "kernel_size": (3, 3),
                "stride": (1, 1),
                "padding": (1, 1),
                "dilation": (1, 1),
                "groups": 1,
            }
        },
    ),
    (
        ONCE,
        "blocks.1.conv1",
        {
            "arguments": {
                "batch_size": 1,
                "input_height": 16,
                "input_width": 16,
                "in_channels": 32,
                "out_channels": 64,
                "kernel_size": (3, 3),
                "stride": (2, 2),
                "padding": (1, 1),
                "dilation": (1, 1),
                "groups": 1,
            }
        },
    ),
    (
        range(1, 3),
        "blocks.{}.conv2",
        {
            "arguments": {
                "batch_size": 1,
                "input_height": 8,
                "input_width": 8,
                "in_channels": 64,
                "out_channels": 64,
                "kernel_size": (3, 3),
                "stride": (1, 1),
                "padding": (1, 1),
                "dilation": (1, 1),
                "groups": 1,
            }
        },
    ),
    (
        ONCE,
        "blocks.1.projection",
        {
            "arguments": {
                "batch_size": 1,
                "input_height": 16,
                "input_width": 16,
                "in_channels": 32,
                "out_channels": 64,
                "kernel_size": (1, 1),
                "stride": (2, 2),
                "padding": (0, 0),
                "dilation": (1, 1),
                "groups": 1,
            }
        },
    ),
    (
        ONCE,
        "blocks.2.conv1",
        {
            "arguments": {
                "batch_size": 1,
                "input_height": 8,
                "input_width": 8,
                "in_channels": 64,
                "out_channels": 64,
                "kernel_size": (3, 3),
                "stride": (1, 1),
                "padding": (1, 1),
                "dilation": (1, 1),
                "groups": 1,
            }
        },
    ),
    (
        ONCE,
        "dense.growth1.conv",
        {
            "arguments": {
                "batch_size": 1,
                "input_height": 8,
                "input_width": 8,
                "in_channels": 64,
                "out_channels": 32,
                "kernel_size": (1, 1),
                "stride": (1, 1),
                "padding": (0, 0),
                "dilation": (1, 1),
                "groups": 1,
            }
        },
    ),
    (
        ONCE,
        "dense.growth2.conv",
        {
            "arguments": {
                "batch_size": 1,
                "input_height": 8,
                "input_width": 8,
                "in_channels": 96,
                "out_channels": 32,
                "kernel_size": (1, 1),
                "stride": (1, 1),
                "padding": (0, 0),
                "dilation": (1, 1),
                "groups": 1,
            }
        },
    ),
    (
        ONCE,
        "dense.growth3.conv",
        {
            "arguments": {
                "batch_size": 1,
                "input_height": 8,
                "input_width": 8,
                "in_channels": 128,
                "out_channels": 32,
                "kernel_size": (1, 1),
                "stride": (1, 1),
                "padding": (0, 0),
                "dilation": (1, 1),
                "groups": 1,
            }
        },
    ),
    (
        range(2),
        "dense.units.{}.0",
        {
            "arguments": {
                "batch_size": 1,
                "input_height": 8,
                "input_width": 8,
                "in_channels": 160,
                "out_channels": 160,
                "kernel_size": (1, 1),
                "stride": (1, 1),
                "padding": (0, 0),
                "dilation": (1, 1),
                "groups": 1,
            }
        },
    ),
    (
        range(2),
        "dense.units.{}.2",
        {
            "arguments": {
                "batch_size": 1,
                "input_height": 8,
                "input_width": 8,
                "in_channels": 160,
                "out_channels": 160,
                "kernel_size": (1, 1),
                "stride": (1, 1),
                "padding": (0, 0),
                "dilation": (1, 1),
                "groups": 1,
            }
        },
    ),
    (ONCE, "head.upsample", {"arguments": {"shape": (1, 8, 8, 160), "scale_factor": [2, 2]}}),
    (
        ONCE,
        "head.up",
        {
            "arguments": {
                "batch_size": 1,
                "input_height": 16,
                "input_width": 16,
                "in_channels": 160,
                "out_channels": 32,
                "kernel_size": (2, 2),
                "stride": (2, 2),
                "padding": (0, 0),
                "dilation": (1, 1),
                "groups": 1,
                "output_padding": (0, 0),
            }
        },
    ),
    (
        ONCE,
        "head.avg_pool2d",
        {
            "arguments": {
                "batch_size": 1,
                "input_h": 32,
                "input_w": 32,
                "channels": 32,
                "kernel_size": [2, 2],
                "stride": [2, 2],
                "padding": [0, 0],
                "count_include_pad": True,
                "ceil_mode": False,
            }
        },
    ),
    (
        ONCE,
        "head.adaptive_avg_pool2d",
        {"arguments": {"batch_size": 1, "input_h": 16, "input_w": 16, "channels": 32, "output_size": [4, 4]}},
    ),
    (
        ONCE,
        "head.tokens",
        {
            "arguments": {
                "batch_size": 1,
                "input_length": 16,
                "in_channels": 32,
                "out_channels": 32,
                "kernel_size": 3,
                "stride": 1,
                "padding": 1,
                "dilation": 1,
                "groups": 1,
            },
            "output_shape": (1, 16, 32),
        },
    ),
)
