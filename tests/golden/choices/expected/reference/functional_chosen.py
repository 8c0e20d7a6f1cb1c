# SPDX-License-Identifier: Apache-2.0
"""chosen in functional torch: each distinct module a function of its inputs and its `parameters`.

Made by `bringup init tests/models/results.py:Chosen --input 4x16`.
"""

from types import SimpleNamespace

import torch


def head(x, parameters):
    """Head: head."""
    x = torch.nn.functional.linear(x, parameters.scores.weight, parameters.scores.bias)
    values, indices = torch.topk(x, 3)
    values = torch.sigmoid(values)
    return indices, values


def chosen(x, parameters):
    """Chosen, the model."""
    indices, scores = head(x, parameters.head)
    indices = indices % 4
    x = x > 0.5
    return scores, indices, x


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
