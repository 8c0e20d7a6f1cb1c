"""The range of an op's whole numbers, from the ranges of its operands."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from bringup.ir import ArgumentValue, OpCall, Ref, Value
from bringup.variations import short_name

Interval = tuple[float, float]
UNKNOWN: Interval = (-math.inf, math.inf)
_SAME = frozenset({
    "view", "reshape", "unsafe_view", "unsqueeze", "squeeze", "slice", "select", "expand", "expand_as", "permute",
    "transpose", "t", "to", "to_copy", "_to_copy", "clone", "contiguous", "flatten", "unflatten", "repeat", "index",
    "gather", "index_select", "roll", "flip", "sort", "amax", "amin", "max", "min", "chunk", "split",
    "split_with_sizes", "unbind", "detach", "alias", "repeat_interleave", "copy", "diagonal", "narrow", "view_as",
    "embedding", "take",
    "lift_fresh_copy", "lift_fresh", "movedim", "unfold", "topk", "type_as", "long", "int",
})  # fmt: skip
"""The numbers of the first operand, or some of them."""
_PLACES = frozenset({"sort", "topk", "max", "min", "median", "kthvalue", "mode"})
_UNION = frozenset({"cat", "stack", "where", "maximum", "minimum", "masked_fill", "index_put", "scatter", "meshgrid",
                    "slice_scatter", "select_scatter", "index_copy"})  # fmt: skip
_TRUTHS = frozenset({
    "eq", "ne", "lt", "le", "gt", "ge", "logical_and", "logical_or", "logical_not", "any", "all", "isin", "bitwise_not",
    "zeros", "ones", "zeros_like", "ones_like", "new_zeros", "new_ones", "one_hot",
})  # fmt: skip


def interval_of(
    call: OpCall, operands: Mapping[str, Interval], values: Mapping[str, Value], *, is_first: bool
) -> Interval:
    """The range of what a call gives; `UNKNOWN` for an op that says nothing of it.

    Args:
        operands: The ranges of the tensors that the call reads, by name.
        is_first: Whether the call's first output is asked for; the second of a sort or a maximum are places.
    """
    name = short_name(call.target)
    arguments = {argument.name: argument.value for argument in call.arguments}
    ranges = [operands[ref] for ref in call.refs()]
    if name in _TRUTHS:
        return (0, 1)
    if name in _PLACES and not is_first:
        return _argmax(UNKNOWN, UNKNOWN, arguments, call, values)
    if name in _UNION and ranges:
        picked = ranges[1:] if name == "where" else ranges
        return _union([*picked, *_numbers(arguments, ("value", "other", "self"), operands)])
    if name in _SAME and ranges:
        return ranges[0]
    rule = _RULES.get(name)
    if rule is None:
        return UNKNOWN
    first = _range(arguments.get("self"), operands)
    return rule(first, _range(arguments.get("other"), operands), arguments, call, values)


def _numbers(
    arguments: Mapping[str, ArgumentValue], names: tuple[str, ...], operands: Mapping[str, Interval]
) -> list[Interval]:
    given = [arguments.get(name) for name in names]
    return [_range(value, operands) for value in given if isinstance(value, (int, float))]


def _range(value: ArgumentValue, operands: Mapping[str, Interval]) -> Interval:
    if isinstance(value, Ref):
        return operands.get(value.ref, UNKNOWN)
    return (value, value) if isinstance(value, (int, float)) else UNKNOWN


def _union(ranges: list[Interval]) -> Interval:
    return (min(low for low, _ in ranges), max(high for _, high in ranges))


def _corners(first: Interval, second: Interval, op: Callable[[float, float], float]) -> Interval:
    if not all(map(math.isfinite, (*first, *second))):
        return UNKNOWN
    found = [op(a, b) for a in first for b in second]
    return (min(found), max(found))


Arguments = Mapping[str, ArgumentValue]
Rule = Callable[[Interval, Interval, Arguments, OpCall, Mapping[str, Value]], Interval]


def _add(a: Interval, b: Interval, given: Arguments, call: OpCall, values: Mapping[str, Value]) -> Interval:
    alpha = given.get("alpha", 1)
    return _corners(a, b, lambda x, y: x + y * (alpha if isinstance(alpha, (int, float)) else 1))


def _sub(a: Interval, b: Interval, given: Arguments, call: OpCall, values: Mapping[str, Value]) -> Interval:
    return _corners(a, b, lambda x, y: x - y)


def _rsub(a: Interval, b: Interval, given: Arguments, call: OpCall, values: Mapping[str, Value]) -> Interval:
    return _corners(b, a, lambda x, y: x - y)


def _mul(a: Interval, b: Interval, given: Arguments, call: OpCall, values: Mapping[str, Value]) -> Interval:
    return _corners(a, b, lambda x, y: x * y)


def _divided(a: Interval, b: Interval, given: Arguments, call: OpCall, values: Mapping[str, Value]) -> Interval:
    low, high = UNKNOWN if b[0] <= 0 <= b[1] else _corners(a, b, lambda x, y: x / y)
    return (math.floor(low), math.floor(high)) if math.isfinite(low) else UNKNOWN


def _remainder(a: Interval, b: Interval, given: Arguments, call: OpCall, values: Mapping[str, Value]) -> Interval:
    if not math.isfinite(b[1]) or b[0] <= 0:
        return UNKNOWN
    return a if a[0] >= 0 and a[1] < b[0] else (0, b[1] - 1)


def _clamp(a: Interval, b: Interval, given: Arguments, call: OpCall, values: Mapping[str, Value]) -> Interval:
    low, high = given.get("min"), given.get("max")
    first, last = a
    if isinstance(low, (int, float)):
        first, last = max(first, low), max(last, low)
    if isinstance(high, (int, float)):
        first, last = min(first, high), min(last, high)
    return (first, last)


def _neg(a: Interval, b: Interval, given: Arguments, call: OpCall, values: Mapping[str, Value]) -> Interval:
    return (-a[1], -a[0])


def _abs(a: Interval, b: Interval, given: Arguments, call: OpCall, values: Mapping[str, Value]) -> Interval:
    largest = max(abs(a[0]), abs(a[1]))
    return (0 if a[0] <= 0 <= a[1] else min(abs(a[0]), abs(a[1])), largest)


def _sum(a: Interval, b: Interval, given: Arguments, call: OpCall, values: Mapping[str, Value]) -> Interval:
    """Of as many as there can be: those of the whole tensor."""
    if not all(map(math.isfinite, a)):
        return UNKNOWN
    before = math.prod(values[next(iter(call.refs()))].type.shape)
    after = math.prod(values[call.outputs[0]].type.shape) if short_name(call.target) == "sum" else 1
    count = max(1, before // max(1, after))
    return (min(a[0], a[0] * count), max(a[1], a[1] * count))


def _arange(a: Interval, b: Interval, given: Arguments, call: OpCall, values: Mapping[str, Value]) -> Interval:
    start, step = given.get("start", 0), given.get("step", 1)
    count = math.prod(values[call.outputs[0]].type.shape)
    if not isinstance(start, (int, float)) or not isinstance(step, (int, float)):
        return UNKNOWN
    ends = (start, start + step * max(0, count - 1))
    return (min(ends), max(ends))


def _full(a: Interval, b: Interval, given: Arguments, call: OpCall, values: Mapping[str, Value]) -> Interval:
    value = given.get("fill_value", given.get("s", given.get("value")))
    return (value, value) if isinstance(value, (int, float)) else UNKNOWN


def _argmax(a: Interval, b: Interval, given: Arguments, call: OpCall, values: Mapping[str, Value]) -> Interval:
    shape, dim = values[next(iter(call.refs()))].type.shape, given.get("dim")
    size = shape[dim] if isinstance(dim, int) and shape else math.prod(shape)
    return (0, max(0, size - 1))


_RULES: Mapping[str, Rule] = {
    "add": _add, "sub": _sub, "rsub": _rsub, "mul": _mul, "floor_divide": _divided, "div": _divided,
    "remainder": _remainder, "fmod": _remainder, "clamp": _clamp, "clamp_min": _clamp, "clamp_max": _clamp, "neg": _neg,
    "abs": _abs, "sum": _sum, "cumsum": _sum, "arange": _arange, "full": _full, "full_like": _full, "new_full": _full,
    "scalar_tensor": _full, "argmax": _argmax, "argmin": _argmax,
}  # fmt: skip
