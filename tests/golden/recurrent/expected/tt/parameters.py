# SPDX-License-Identifier: Apache-2.0
"""The weights of decoder as TT-NN takes them, and the arguments of its calls; made once from the torch model.

Made by `bringup init tests/models/recurrent.py:Decoder --input x=3x2x8 --input y=4x2x6 --input start=2x2x5`.
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


def transposed(tensor, device):
    return ttnn.from_torch(tensor.T, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)


def row(tensor, device):
    return ttnn.from_torch(tensor.reshape(1, -1), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)


def hidden(device):
    h = torch.zeros((2, 2, 12), dtype=torch.float32)
    return ttnn.from_torch(h, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)


def hidden_2(device):
    out = torch.zeros((1, 2, 5), dtype=torch.float32)
    return ttnn.from_torch(out, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)


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
    (ONCE, "encoder.weight_ih_l0", transposed, "encoder.weight_ih_l0"),
    (ONCE, "encoder.weight_hh_l0", transposed, "encoder.weight_hh_l0"),
    (ONCE, "encoder.bias_ih_l0", row, "encoder.bias_ih_l0"),
    (ONCE, "encoder.bias_hh_l0", row, "encoder.bias_hh_l0"),
    (ONCE, "encoder.weight_ih_l0_reverse", transposed, "encoder.weight_ih_l0_reverse"),
    (ONCE, "encoder.weight_hh_l0_reverse", transposed, "encoder.weight_hh_l0_reverse"),
    (ONCE, "encoder.bias_ih_l0_reverse", row, "encoder.bias_ih_l0_reverse"),
    (ONCE, "encoder.bias_hh_l0_reverse", row, "encoder.bias_hh_l0_reverse"),
    (ONCE, "encoder.hidden", hidden),
    (ONCE, "decoder.weight_ih_l0", transposed, "decoder.weight_ih_l0"),
    (ONCE, "decoder.weight_hh_l0", transposed, "decoder.weight_hh_l0"),
    (range(2), "tanh.weight_ih_l{}", transposed, "tanh.weight_ih_l{}"),
    (range(2), "tanh.weight_hh_l{}", transposed, "tanh.weight_hh_l{}"),
    (range(2), "tanh.bias_ih_l{}", row, "tanh.bias_ih_l{}"),
    (range(2), "tanh.bias_hh_l{}", row, "tanh.bias_hh_l{}"),
    (ONCE, "relu.weight_ih_l0", transposed, "relu.weight_ih_l0"),
    (ONCE, "relu.weight_hh_l0", transposed, "relu.weight_hh_l0"),
    (ONCE, "relu.bias_ih_l0", row, "relu.bias_ih_l0"),
    (ONCE, "relu.bias_hh_l0", row, "relu.bias_hh_l0"),
    (ONCE, "relu.hidden", hidden_2),
    (ONCE, "cell.weight_ih_l0", transposed, "cell.weight_ih_l0"),
    (ONCE, "cell.weight_hh_l0", transposed, "cell.weight_hh_l0"),
    (ONCE, "cell.bias_ih_l0", row, "cell.bias_ih_l0"),
    (ONCE, "cell.bias_hh_l0", row, "cell.bias_hh_l0"),
)

# For each index: the place, and what its calls are given. Shapes hold for the inputs that the model was traced with.
ARGUMENTS: tuple = (
    (
        ONCE,
        "encoder",
        {
            "arguments": {
                "num_layers": 1,
                "num_directions": 2,
                "batch_size": 2,
                "hidden_size": 12,
                "step_dim": 0,
                "step_shape": (1, 2, 24),
            }
        },
    ),
    (
        ONCE,
        "decoder",
        {
            "arguments": {
                "num_layers": 1,
                "num_directions": 1,
                "batch_size": 2,
                "hidden_size": 12,
                "step_dim": 0,
                "step_shape": (1, 2, 12),
            }
        },
    ),
    (
        ONCE,
        "tanh",
        {
            "arguments": {
                "num_layers": 2,
                "num_directions": 1,
                "batch_size": 2,
                "hidden_size": 5,
                "step_dim": 0,
                "step_shape": (1, 2, 5),
            }
        },
    ),
    (
        ONCE,
        "relu",
        {
            "arguments": {
                "num_layers": 1,
                "num_directions": 1,
                "batch_size": 2,
                "hidden_size": 5,
                "step_dim": 0,
                "step_shape": (1, 2, 5),
            }
        },
    ),
    (
        ONCE,
        "cell",
        {
            "arguments": {
                "num_layers": 1,
                "num_directions": 1,
                "batch_size": 2,
                "hidden_size": 5,
                "step_dim": 0,
                "step_shape": (1, 2, 5),
            }
        },
    ),
)
