# SPDX-License-Identifier: Apache-2.0
"""kept in functional torch: each distinct module a function of its inputs and its `parameters`.

After its own result it gives what forward leaves in its buffers (`STATE` of load_model.py): mean, steps.
Made by `bringup init tests/models/kept.py:Kept --input x=4x8 --input ids=4:int64`.
"""

from types import SimpleNamespace

import torch

from .constants import load_constants


def kept(x, ids, parameters):
    """Kept, the model."""
    positions = torch.arange(8)
    new_full = torch.full((8,), 16.0, dtype=torch.float32)
    new_full = positions + new_full
    y = torch.nn.functional.linear(x, parameters.linear.weight, parameters.linear.bias)
    slice_ = parameters.frequencies[:8]
    y = y * slice_
    y = y + new_full
    slice_ = parameters.lifted_tensor_0[:8]
    y = y + slice_
    exp = torch.exp(parameters.lifted_tensor_1)
    exp = exp[3][:8]
    y = y + exp
    mul = parameters.mean * 0.5
    mean = y.mean((0,))
    mean = torch.add(mul, mean, alpha=0.5)
    steps = parameters.steps + 1
    sub = y - mean
    exp = torch.exp(parameters.logit_scale)
    ids = ids + 1
    constant = torch.tensor([1, 0], dtype=torch.bool)
    return (sub, exp, ids, constant, x, y), mean, steps


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
    for name, tensor in load_constants(model).items():
        parameters.put(name, tensor)
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
