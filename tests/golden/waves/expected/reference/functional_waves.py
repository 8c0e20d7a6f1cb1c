# SPDX-License-Identifier: Apache-2.0
"""waves in functional torch: each distinct module a function of its inputs and its `parameters`.

Made by `bringup init tests/models/waves.py:Waves --input 2x4x32`.
"""

from types import SimpleNamespace

import torch


def waves(x, parameters):
    """Waves, the model."""
    real, imag = x.chunk(2, -1)
    z = torch.ops.aten.complex.default(real, imag)
    z = z * parameters.turn
    mixed = parameters.weight.transpose(0, 1)
    mixed = z @ mixed
    mixed = mixed + parameters.shift
    turned = torch.ops.aten._conj.default(mixed)
    turned = torch.cat([mixed, turned], -1)
    turned = turned.transpose(-1, -2).unsqueeze(1)[:, :, ::2]
    abs_ = torch.abs(turned)
    view_as_real = torch.ops.aten.view_as_real.default(turned)
    view_as_real = view_as_real[:, :, :, :, 0]
    output = torch.ops.aten.view_as_real.default(turned)
    output = output[:, :, :, :, 1]
    view_as_real = view_as_real - output
    turned = turned * 0.5
    return abs_, view_as_real, turned


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
