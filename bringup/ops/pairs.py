"""Complex tensors on the device: real and imaginary part in a last dimension of 2; what moves them moves pairs."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from bringup.inventory import Item, ItemValue, Operand, Variation, VariationArgument
from bringup.ops.dtypes import family
from bringup.ops.spec import Lowering, NoRoute
from bringup.ops.spec import TestInput as Tensor

REASON = "a complex tensor is its real and imaginary part in a last dimension of 2, which tiles pad to 32"
_DIMS = ("dim", "dim0", "dim1", "start_dim", "end_dim", "dims")
_INDICES = ("index", "indices", *(f"indices.{place}" for place in range(9)))
_WIDER = ("unsqueeze", "stack")
"""Ops whose dimension counts one more than their operand has."""

Lower = Callable[[Variation], Lowering]


def is_complex(value: object) -> bool:
    """Whether an argument is a complex tensor."""
    return isinstance(value, Operand) and family(value.dtype) == "complex"


def has_complex(variation: Variation) -> bool:
    """Whether a variation reads or makes a complex tensor."""
    return any(is_complex(operand) for _, operand in variation.operands()) or any(map(is_complex, variation.outputs))


def on_pairs(lower: Lower) -> Lower:
    """The way of an op that treats real and imaginary part alike: the one for floats, on pairs."""

    def lower_pairs(variation: Variation) -> Lowering:
        if len({is_complex(operand) for name, operand in variation.operands() if name not in _INDICES}) > 1:
            raise NoRoute("complex tensors beside real ones: cast those first")
        pairs, plain = lower(paired(variation)), lower(variation)
        renamed = {
            name: f"complex_{name}"
            for name, value in plain.values.items()
            if name in pairs.values and pairs.values[name] != value
        }
        torch = re.sub(r"\{(\w+)\}", lambda match: f"{{{renamed.get(match[1], match[1])}}}", plain.torch)
        used = set(re.findall(r"\{(\w+)\}", torch))
        own = {renamed.get(name, name): value for name, value in plain.values.items()}
        values = {**{name: value for name, value in own.items() if name in used}, **pairs.values}
        made = {given.name: given for given in plain.inputs}
        inputs = tuple(_of_complex(given, made[given.name]) for given in pairs.inputs)
        route = f"complex_{pairs.route}" if pairs.route else "complex"
        return replace(pairs, inputs=inputs, torch=torch, values=values, route=route, reason=REASON)

    return lower_pairs


def _of_complex(pair: Tensor, plain: Tensor) -> Tensor:
    """An input made complex, and moved as its pairs."""
    if pair.shape == plain.shape:
        return pair
    return replace(plain, to_ttnn=pair.to_ttnn.replace("{torch}", "torch.view_as_real({torch})"))


def paired(variation: Variation) -> Variation:
    """The same call on real tensors with one more dimension; its dimensions are counted from the front.

    Raises:
        NoRoute: the op takes all elements as one row.
    """
    ranks = [len(operand.shape) for _, operand in variation.operands() if is_complex(operand)]
    rank = max(ranks, default=0)
    wider = rank + 1 if variation.op.split(".")[1] in _WIDER else rank
    arguments = tuple(_argument(variation, argument, rank, wider) for argument in variation.arguments)
    return replace(variation, arguments=arguments, outputs=tuple(map(_pair, variation.outputs)))


def _argument(variation: Variation, argument: VariationArgument, rank: int, wider: int) -> VariationArgument:
    name, value = argument.name, argument.value
    changed: ItemValue = value
    if isinstance(value, Operand):
        changed = _pair(value)
    elif isinstance(value, tuple) and any(isinstance(item, Operand) for item in value):
        changed = tuple(_pair(item) if isinstance(item, Operand) else item for item in value)
    elif name in _DIMS:
        changed = _from_the_front(value, wider)
        if variation.op.startswith("aten.permute."):
            changed = (*_listed(changed), rank)
    elif name == "repeats" and isinstance(value, tuple):
        changed = (*value, 1)
    elif name == "pad" and isinstance(value, tuple):
        changed = (0, 0, *value)
    return replace(argument, value=changed)


def _pair(operand: Operand) -> Operand:
    return replace(operand, shape=(*operand.shape, 2), dtype="float32") if is_complex(operand) else operand


def _from_the_front(value: ItemValue, rank: int) -> ItemValue:
    if value is None or value == ():
        raise NoRoute("it takes all elements of a complex tensor as one row")
    return tuple(_one(item, rank) for item in value) if isinstance(value, tuple) else _one(value, rank)


def _one(value: Item, rank: int) -> Item:
    return value % max(1, rank) if isinstance(value, int) else value


def _listed(value: ItemValue) -> tuple[Item, ...]:
    return value if isinstance(value, tuple) else (value,)
