# SPDX-License-Identifier: Apache-2.0
"""hostile in functional torch: each distinct module a function of its inputs and its `parameters`.

Made by `bringup init tests/models/awkward.py:Hostile --input 2x4`.
"""

from types import SimpleNamespace

import torch


def vil_import_os_b(x):
    """?vil??? import os; | <b>#: evil."""
    x = torch.nn.functional.relu(x)
    return x + 1


def hostile(x, parameters):
    """Hostile, the model."""
    x = torch.nn.functional.linear(
        x,
        parameters['we"ird`|\n<script>alert(1)</script>\u540d'].weight,
        parameters['we"ird`|\n<script>alert(1)</script>\u540d'].bias,
    )
    x = torch.nn.functional.linear(x, parameters["class"].weight, parameters["class"].bias)
    x = torch.nn.functional.linear(
        x, parameters["$(touch x)'; {{ 7 * 7 }}"].weight, parameters["$(touch x)'; {{ 7 * 7 }}"].bias
    )
    x = vil_import_os_b(x)
    return torch.flip(x, (0,))


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
