# SPDX-License-Identifier: Apache-2.0
"""layers in functional torch: each distinct module a function of its inputs and its `parameters`.

Made by `bringup init tests/models/layers.py:Layers --input 1x3x32x32`.
"""

from types import SimpleNamespace

import torch


def block(x, parameters):
    """Block: blocks.1 and 2 more."""
    out = torch.nn.functional.conv2d(x, parameters.conv1.weight, stride=parameters.stride, padding=1)
    out = torch.nn.functional.batch_norm(
        out,
        parameters.bn1.running_mean,
        parameters.bn1.running_var,
        parameters.bn1.weight,
        parameters.bn1.bias,
        eps=1e-05,
    )
    out = torch.nn.functional.relu(out)
    out = torch.nn.functional.conv2d(out, parameters.conv2.weight, padding=1)
    out = torch.nn.functional.batch_norm(
        out,
        parameters.bn2.running_mean,
        parameters.bn2.running_var,
        parameters.bn2.weight,
        parameters.bn2.bias,
        eps=1e-05,
    )
    shortcut = x
    if "projection" in parameters:
        shortcut = torch.nn.functional.conv2d(x, parameters.projection.weight, parameters.projection.bias, stride=2)
    out = out + shortcut
    return torch.nn.functional.relu(out)


def growth(features, parameters):
    """Growth: dense.growth1 and 2 more."""
    features = torch.nn.functional.batch_norm(
        features,
        parameters.norm.running_mean,
        parameters.norm.running_var,
        parameters.norm.weight,
        parameters.norm.bias,
        eps=1e-05,
    )
    features = torch.nn.functional.relu(features)
    return torch.nn.functional.conv2d(features, parameters.conv.weight, parameters.conv.bias)


def head(x, parameters):
    """Head: head."""
    x = torch.nn.functional.interpolate(x, scale_factor=(2.0, 2.0), mode="nearest")
    x = torch.nn.functional.conv_transpose2d(x, parameters.up.weight, parameters.up.bias, stride=2)
    x = torch.nn.functional.avg_pool2d(x, 2)
    grid = torch.nn.functional.adaptive_avg_pool2d(x, (4, 4))
    tokens = grid.flatten(2)
    tokens = torch.nn.functional.conv1d(tokens, parameters.tokens.weight, parameters.tokens.bias, padding=1)
    tokens = tokens.transpose(1, 2)
    scores = torch.nn.functional.gelu(tokens)
    scores = scores.mean((1,))
    scores = torch.nn.functional.linear(scores, parameters.fc.weight, parameters.fc.bias)
    angle = torch.ops.aten.angle.default(scores)
    return scores, angle


def dense(x, parameters):
    """Dense: dense."""
    for index in range(1, 4):
        output = growth(x, parameters[f"growth{index}"])
        x = torch.cat([x, output], 1)
    for unit in parameters.units:
        y = torch.nn.functional.conv2d(x, unit[0].weight, unit[0].bias)
        y = torch.nn.functional.mish(y)
        y = torch.nn.functional.conv2d(y, unit[2].weight, unit[2].bias)
        x = x + y
    return x


def layers(image, parameters):
    """Layers, the model."""
    x = torch.nn.functional.conv2d(image, parameters.stem[0].weight, parameters.stem[0].bias, padding=1)
    x = torch.nn.functional.batch_norm(
        x,
        parameters.stem[1].running_mean,
        parameters.stem[1].running_var,
        parameters.stem[1].weight,
        parameters.stem[1].bias,
        eps=1e-05,
    )
    x = torch.nn.functional.hardtanh(x, 0.0, 6.0)
    x = torch.nn.functional.max_pool2d(x, 2)
    for block_parameters in parameters.blocks:
        x = block(x, block_parameters)
    x = dense(x, parameters.dense)
    return head(x, parameters.head)


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


def load_parameters(model):
    """The weights of the torch model, and the arguments of its calls, by their place in the model."""
    parameters = Parameters()
    for name, tensor in (*model.named_parameters(remove_duplicate=False), *model.named_buffers(remove_duplicate=False)):
        parameters.put(name, tensor.detach())
    for indices, place, arguments in ARGUMENTS:
        for index in indices:
            for name, value in arguments.items():
                parameters.put(f"{_filled(place, index)}.{name}".lstrip("."), value)
    return parameters


def _filled(text, index):
    """A place of a table with its index."""
    return text if index is None else text.replace("{}", str(index))


ONCE = (None,)

# For each index: the place, and what its calls are given.
ARGUMENTS: tuple = (
    (ONCE, "blocks.1", {"stride": 2}),
    ((0, 2), "blocks.{}", {"stride": 1}),
)
