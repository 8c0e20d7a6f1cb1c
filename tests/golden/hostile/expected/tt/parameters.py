# SPDX-License-Identifier: Apache-2.0
"""The weights of hostile as TT-NN takes them, and the arguments of its calls; made once from the torch model.

Made by `bringup init tests/models/awkward.py:Hostile --input 2x4`.
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

    def is_wanted(place):
        return not below or place == below or place.startswith(f"{below}.")

    weights = {
        **dict(model.named_parameters(remove_duplicate=False)),
        **dict(model.named_buffers(remove_duplicate=False)),
    }
    weights = {name: tensor.detach() for name, tensor in weights.items()}
    parameters = Parameters()
    made = {}
    for indices, place, prepare, *sources in WEIGHTS:
        for index in filter(lambda index, place=place: is_wanted(_filled(place, index)), indices):
            names = tuple(_filled(source, index) for source in sources)
            if (prepare, names) not in made:
                made[prepare, names] = prepare(*(weights[name] for name in names), device)
            parameters.put(_filled(place, index), made[prepare, names])
    for indices, place, arguments in ARGUMENTS:
        for index in filter(lambda index, place=place: is_wanted(_filled(place, index)), indices):
            for name, value in arguments.items():
                parameters.put(f"{_filled(place, index)}.{name}".lstrip("."), value)
    return parameters


def transposed(tensor, device):
    return ttnn.from_torch(tensor.T, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)


def row(tensor, device):
    return ttnn.from_torch(tensor.reshape(1, -1), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)


def reverse(device):
    return ttnn.from_torch(
        torch.arange(2 - 1, -1, -1).reshape(1, -1), dtype=ttnn.uint32, layout=ttnn.ROW_MAJOR_LAYOUT, device=device
    )


def _filled(text, index):
    """A place of a table with its index."""
    return text if index is None else text.replace("{}", str(index))


ONCE = (None,)

# For each index: the place, how it is prepared, and the weights of the model that it is made of.
WEIGHTS = (
    (
        ONCE,
        'we"ird`|\n<script>alert(1)</script>\u540d.weight',
        transposed,
        'we"ird`|\n<script>alert(1)</script>\u540d.weight',
    ),
    (ONCE, 'we"ird`|\n<script>alert(1)</script>\u540d.bias', row, 'we"ird`|\n<script>alert(1)</script>\u540d.bias'),
    (ONCE, "class.weight", transposed, "class.weight"),
    (ONCE, "class.bias", row, "class.bias"),
    (ONCE, "$(touch x)'; {{ 7 * 7 }}.weight", transposed, "$(touch x)'; {{ 7 * 7 }}.weight"),
    (ONCE, "$(touch x)'; {{ 7 * 7 }}.bias", row, "$(touch x)'; {{ 7 * 7 }}.bias"),
    (ONCE, "reverse", reverse),
)

# For each index: the place, and what its calls are given. Shapes hold for the inputs that the model was traced with.
ARGUMENTS = ()
