"""Limits of TT-NN on a variation, each with its sentence and where it is known from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bringup.inventory import Operand, Variation
from bringup.ops.spec import Constraint

PROBED = "probed on a mock n150, ttnn 0.81.1"


def limit(
    needs: str,
    holds: Callable[[Variation], bool],
    got: Callable[[Variation], str],
    source: str = PROBED,
    *,
    unasked: str = "",
) -> Constraint:
    """A limit of any kind."""
    return Constraint(needs, holds, got, source, unasked)


def one_of(argument: str, *values: Any, source: str = PROBED) -> Constraint:
    """The argument has one of some values."""
    listed = " or ".join(repr(value) for value in values)
    return limit(
        f"{argument} is {listed}", lambda v: v.get(argument) in values, lambda v: repr(v.get(argument)), source
    )


def rank_at_most(argument: str, rank: int, source: str = PROBED) -> Constraint:
    """The operand has no more than some dimensions."""
    return limit(
        f"{argument} has rank {rank} or less",
        lambda v: len(shape_of(v, argument)) <= rank,
        lambda v: f"rank {len(shape_of(v, argument))}",
        source,
    )


def rank_is(argument: str, *ranks: int, source: str = PROBED) -> Constraint:
    """The operand has one of some ranks."""
    listed = " or ".join(map(str, ranks))
    return limit(
        f"{argument} has rank {listed}",
        lambda v: len(shape_of(v, argument)) in ranks,
        lambda v: f"rank {len(shape_of(v, argument))}",
        source,
    )


def floats_only(argument: str, source: str = PROBED) -> Constraint:
    """The operand is of a floating dtype: int32 is refused."""
    return limit(
        f"{argument} is of a floating dtype",
        lambda v: dtype_of(v, argument).startswith(("float", "bfloat")),
        lambda v: dtype_of(v, argument),
        source,
    )


def not_below_zero() -> Constraint:
    """The result has a sign: torch wraps what falls below 0 in unsigned dtypes, the device's int32 does not."""
    return limit(
        "a result of a dtype with a sign",
        lambda v: not v.outputs or not v.outputs[0].dtype.startswith("uint"),
        lambda v: v.outputs[0].dtype,
        "torch wraps what falls below 0",
        unasked="values decide",
    )


def torch_floats(argument: str) -> Constraint:
    """The operand is of a floating dtype, in an op that torch itself computes for no other."""
    return replace(floats_only(argument), unasked="torch's own kernels refuse integers too, or all but bytes")


def not_empty(argument: str, source: str = PROBED) -> Constraint:
    """The operand has elements."""
    return limit(
        f"{argument} has elements",
        lambda v: 0 not in shape_of(v, argument),
        lambda v: str(list(shape_of(v, argument))),
        source,
    )


def is_absent(argument: str, source: str = PROBED) -> Constraint:
    """The argument is None, false or zero."""
    return limit(f"no {argument}", lambda v: not v.get(argument), lambda v: repr(v.get(argument)), source)


def shape_of(variation: Variation, argument: str) -> tuple[int, ...]:
    """An operand's shape; empty when it is no tensor."""
    value = variation.get(argument)
    return value.shape if isinstance(value, Operand) else ()


def dtype_of(variation: Variation, argument: str) -> str:
    """An operand's dtype; empty when it is no tensor."""
    value = variation.get(argument)
    return value.dtype if isinstance(value, Operand) else ""


def numbers(variation: Variation, argument: str) -> tuple[int, ...]:
    """A list argument as ints: one number stands for itself."""
    value = variation.get(argument)
    if isinstance(value, tuple):
        return tuple(item for item in value if isinstance(item, int))
    return (value,) if isinstance(value, int) else ()


def pair(variation: Variation, argument: str, default: int = 0) -> tuple[int, int]:
    """A 2-D list argument: `(3,)` means `(3, 3)`, empty means the default."""
    found = numbers(variation, argument) or (default,)
    return (found[0], found[-1])
