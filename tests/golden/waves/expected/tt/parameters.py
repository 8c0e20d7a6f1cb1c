# SPDX-License-Identifier: Apache-2.0
"""The weights of waves as TT-NN takes them, and the arguments of its calls; made once from the torch model.

Made by `bringup init tests/models/waves.py:Waves --input 2x4x32`.
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
    for place, arguments in _rows(ARGUMENTS, below):
        for name, value in arguments.items():
            parameters.put(f"{place}.{name}".lstrip("."), value)
    return parameters


def turn(tensor, device):
    return ttnn.from_torch(torch.view_as_real(tensor), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)


def mixed(weight, device):
    mixed = weight.transpose(0, 1)
    return ttnn.from_torch(torch.view_as_real(mixed), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)


def shift(tensor, device):
    return ttnn.from_torch(torch.view_as_real(tensor), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)


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
    (ONCE, "turn", turn, "turn"),
    (ONCE, "mixed", mixed, "weight"),
    (ONCE, "shift", shift, "shift"),
)

# For each index: the place, and what its calls are given. Shapes hold for the inputs that the model was traced with.
ARGUMENTS: tuple = ()
