# SPDX-License-Identifier: Apache-2.0
"""mixed in functional torch: each distinct module a function of its inputs and its `parameters`.

Made by `bringup init tests/models/reduced.py:Mixed --input 4x16`.
"""

from types import SimpleNamespace

import torch


def mixed(x, parameters):
    """Mixed, the model."""
    x = torch.nn.functional.linear(x, parameters.first.weight, parameters.first.bias)
    x = torch.nn.functional.linear(x, parameters.second.weight, parameters.second.bias)
    x = torch.nn.functional.relu(x)
    x = torch.nn.functional.layer_norm(x, (32,), parameters.norm.weight, parameters.norm.bias)
    x = x * parameters.scale
    weights = torch.softmax(x, -1)
    weights = torch.nn.functional.linear(weights, parameters.last.weight, parameters.last.bias)
    return weights * parameters.half_scale


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
ARGUMENTS: tuple = ()
