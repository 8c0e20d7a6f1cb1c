# SPDX-License-Identifier: Apache-2.0
"""The weights of bert as TT-NN takes them, and the arguments of its calls; made once from the torch model.

Made by `bringup init hf-config:bert --set num_hidden_layers=2 --set hidden_size=64 --set
num_attention_heads=2 --set intermediate_size=128`.
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


def row_major(tensor, device):
    return ttnn.from_torch(tensor, dtype=ttnn.bfloat16, layout=ttnn.ROW_MAJOR_LAYOUT, device=device)


def token_type_embeddings_value(position_ids, token_type_ids, token_type_embeddings_weight, device):
    position_ids = position_ids[:, :128]
    buffered_token_type_ids = torch.gather(token_type_ids, 1, position_ids)
    token_type_embeddings = torch.nn.functional.embedding(buffered_token_type_ids, token_type_embeddings_weight)
    return ttnn.from_torch(token_type_embeddings, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)


def position_embeddings_value(position_ids, position_embeddings_weight, device):
    position_ids = position_ids[:, :128]
    position_embeddings = torch.nn.functional.embedding(position_ids, position_embeddings_weight)
    return ttnn.from_torch(position_embeddings, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)


def row(tensor, device):
    return ttnn.from_torch(tensor.reshape(1, -1), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)


def transposed(tensor, device):
    return ttnn.from_torch(tensor.T, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)


def unsqueeze_2(device):
    positions = torch.arange(1)
    positions = positions.unsqueeze(1).unsqueeze(2).unsqueeze(3)
    return positions


def unsqueeze_11(device):
    positions = torch.arange(128)
    positions = positions.unsqueeze(0).unsqueeze(1).unsqueeze(2)
    return positions


def and_1(device):
    positions = torch.arange(128)
    positions = positions.unsqueeze(0).unsqueeze(1).unsqueeze(3)
    ones = torch.ones((), dtype=torch.bool)
    positions = positions >= 0
    ones = ones & positions
    return ones


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
    (ONCE, "embeddings.word_embeddings.weight", row_major, "embeddings.word_embeddings.weight"),
    (
        ONCE,
        "embeddings.token_type_embeddings_value",
        token_type_embeddings_value,
        "embeddings.position_ids",
        "embeddings.token_type_ids",
        "embeddings.token_type_embeddings.weight",
    ),
    (
        ONCE,
        "embeddings.position_embeddings_value",
        position_embeddings_value,
        "embeddings.position_ids",
        "embeddings.position_embeddings.weight",
    ),
    (ONCE, "embeddings.LayerNorm.weight", row, "embeddings.LayerNorm.weight"),
    (ONCE, "embeddings.LayerNorm.bias", row, "embeddings.LayerNorm.bias"),
    (
        range(2),
        "encoder.layer.{}.attention.self.query.weight",
        transposed,
        "encoder.layer.{}.attention.self.query.weight",
    ),
    (range(2), "encoder.layer.{}.attention.self.query.bias", row, "encoder.layer.{}.attention.self.query.bias"),
    (range(2), "encoder.layer.{}.attention.self.key.weight", transposed, "encoder.layer.{}.attention.self.key.weight"),
    (range(2), "encoder.layer.{}.attention.self.key.bias", row, "encoder.layer.{}.attention.self.key.bias"),
    (
        range(2),
        "encoder.layer.{}.attention.self.value.weight",
        transposed,
        "encoder.layer.{}.attention.self.value.weight",
    ),
    (range(2), "encoder.layer.{}.attention.self.value.bias", row, "encoder.layer.{}.attention.self.value.bias"),
    (
        range(2),
        "encoder.layer.{}.attention.output.dense.weight",
        transposed,
        "encoder.layer.{}.attention.output.dense.weight",
    ),
    (range(2), "encoder.layer.{}.attention.output.dense.bias", row, "encoder.layer.{}.attention.output.dense.bias"),
    (
        range(2),
        "encoder.layer.{}.attention.output.LayerNorm.weight",
        row,
        "encoder.layer.{}.attention.output.LayerNorm.weight",
    ),
    (
        range(2),
        "encoder.layer.{}.attention.output.LayerNorm.bias",
        row,
        "encoder.layer.{}.attention.output.LayerNorm.bias",
    ),
    (range(2), "encoder.layer.{}.intermediate.dense.weight", transposed, "encoder.layer.{}.intermediate.dense.weight"),
    (range(2), "encoder.layer.{}.intermediate.dense.bias", row, "encoder.layer.{}.intermediate.dense.bias"),
    (range(2), "encoder.layer.{}.output.dense.weight", transposed, "encoder.layer.{}.output.dense.weight"),
    (range(2), "encoder.layer.{}.output.dense.bias", row, "encoder.layer.{}.output.dense.bias"),
    (range(2), "encoder.layer.{}.output.LayerNorm.weight", row, "encoder.layer.{}.output.LayerNorm.weight"),
    (range(2), "encoder.layer.{}.output.LayerNorm.bias", row, "encoder.layer.{}.output.LayerNorm.bias"),
    (ONCE, "pooler.dense.weight", transposed, "pooler.dense.weight"),
    (ONCE, "pooler.dense.bias", row, "pooler.dense.bias"),
    (ONCE, "host.unsqueeze_2", unsqueeze_2),
    (ONCE, "host.unsqueeze_11", unsqueeze_11),
    (ONCE, "host.and_1", and_1),
)

# For each index: the place, and what its calls are given. Shapes hold for the inputs that the model was traced with.
ARGUMENTS: tuple = ()
