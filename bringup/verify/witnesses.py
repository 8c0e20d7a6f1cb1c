"""Two calls for each limit of a row: one just inside, which ttnn has to take, and one just outside, which it refuses.

A row's example (`examples.py`, or one made from the op's schema) is varied in one thing at a time: a dtype, a rank, a
size, an argument. The first variation that breaks the limit and no other is the witness outside, the one before it the
witness inside. The limit's own predicate decides, so a witness cannot contradict its row.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bringup.errors import UsageError
from bringup.inventory import Variation
from bringup.limited import Limits, Lost, Workers
from bringup.lines.judge import MEMORY
from bringup.lines.overloads import find_overload
from bringup.lines.read import read_variation
from bringup.ops.asked import asked_lowering
from bringup.ops.spec import CANNOT_WRITE, Constraint, OpSpec
from bringup.verify.examples import EXAMPLES, FURTHER, Values

_SHAPES = ([2, 3, 16, 32], [2, 16, 32], [16, 32], [32], [2, 3, 4, 16, 32])
_OTHER_DTYPES = ("int64", "bool", "int16")
_OTHERS = (0, 1, 2, 3, 5, -1, 0.5, True, False, None, "erf", "reflect", "float8_e4m3fn", [2, 2], [1, 0])
_MAX_RANK = 9
_SECONDS = 60.0
"""For torch to read one call."""


@dataclass(frozen=True, slots=True)
class Witness:
    """The calls that stand for a limit; None where no variation of the row's example is one.

    Args:
        op: The row.
        limit: One of its limits.
        inside: Keeps to all limits; outside: breaks this one alone.
    """

    op: str
    limit: Constraint
    inside: Variation | None
    outside: Variation | None

    @property
    def can_be_asked(self) -> bool:
        """Whether there are two calls that ttnn may answer differently."""
        return not self.why_not

    @property
    def why_not(self) -> str:
        """Why ttnn cannot be asked; empty where it can."""
        if self.limit.unasked:
            return self.limit.unasked
        if self.inside is None or self.outside is None:
            return "no variation of the row's example breaks it alone"
        return ""


def find_witnesses(rows: Iterable[OpSpec]) -> tuple[Witness, ...]:
    """A witness for each limit of the rows."""
    with Workers(1, Limits(_SECONDS, MEMORY), "bringup.lines.warm") as workers:
        calls = _Calls(workers, {})
        return tuple(_witness(row, limit, calls) for row in rows for limit in row.constraints)


@dataclass(frozen=True, slots=True)
class _Calls:
    """Calls as torch reads them, each once and in a child: a kernel may end its process (attention of 0 heads does)."""

    workers: Workers
    known: dict[str, Variation | None]

    def read(self, row: OpSpec, values: Values) -> Variation | None:
        """The call as a variation that can be run; None where torch refuses it, or the row cannot write it."""
        text = json.dumps([row.op, values])
        if text not in self.known:
            (made,) = self.workers.map(_variation, [(row.op, values)])
            self.known[text] = None if isinstance(made, Lost) else made
        return _written(row, self.known[text])


def _read_here(row: OpSpec, values: Values) -> Variation | None:
    return _written(row, _variation((row.op, values)))


def _written(row: OpSpec, variation: Variation | None) -> Variation | None:
    """The variation, where the row writes something for it."""
    try:
        return variation if variation and asked_lowering(variation, row) else None
    except CANNOT_WRITE:  # of what torch takes and no program writes, as True for an offset
        return None


def _variation(call: tuple[str, Values]) -> Variation | None:
    op, values = call
    try:
        return read_variation({"op": op, "args": [], "kwargs": values})
    except UsageError:
        return None


def example_of(row: OpSpec, read: Callable[[OpSpec, Values], Variation | None] | None = None) -> Values | None:
    """Arguments by name of a call that keeps to all of a row's limits; None when none can be made up."""
    if row.op in EXAMPLES:
        return EXAMPLES[row.op]
    try:
        parameters = find_overload(row.op)._schema.arguments
    except UsageError:
        return None
    for shape in _SHAPES:
        needed = [p for p in parameters if not p.has_default_value() and not p.is_out]
        values = {p.name: _made_up(str(p.type), shape) for p in needed}
        variation = (read or _read_here)(row, values)
        if variation and _keeps(row, variation):
            return values
    return None


def _made_up(type_: str, shape: list[int]) -> Any:
    made = {"Tensor": {"shape": shape}, "List[Tensor]": [{"shape": shape}, {"shape": shape}]}
    return made.get(type_, [1] if type_.startswith("List") else 1)


def _witness(row: OpSpec, limit: Constraint, calls: _Calls) -> Witness:
    values = example_of(row, calls.read)
    if values is None:
        return Witness(row.op, limit, None, None)
    for variants in _walks(row.op, values):
        inside = calls.read(row, values)
        for variant in variants:
            variation = calls.read(row, variant)
            if variation is None:
                continue
            if _keeps(row, variation):
                inside = variation
            elif _keeps(row, variation, but=limit):
                return Witness(row.op, limit, inside, variation)
    return Witness(row.op, limit, None, None)


def _keeps(row: OpSpec, variation: Variation, *, but: Constraint | None = None) -> bool:
    try:
        return all(limit is but for limit in row.beyond(variation))
    except CANNOT_WRITE:
        return False


def _walks(op: str, values: Values) -> Iterator[list[Values]]:
    """Lists of variants, each further from the example than the one before."""
    tensors = [name for name, value in values.items() if _is_tensor(value)]
    yield from ([{**values, **change}] for change in FURTHER.get(op, []))
    yield from _changed_tensors(values, tensors)
    for name in [p.name for p in find_overload(op)._schema.arguments]:
        if name not in tensors:
            for other in _others(values.get(name)):
                yield [{**values, name: other}]


def _changed_tensors(values: Values, tensors: list[str]) -> Iterator[list[Values]]:
    groups = ([tensors] if len(tensors) > 1 else []) + [[name] for name in tensors]
    for group in groups:
        for dtype in _OTHER_DTYPES:
            yield [_with(values, group, lambda tensor, dtype=dtype: {**tensor, "dtype": dtype})]
        for longer in (2, 1):
            yield [
                _with(values, group, lambda t, n=n, longer=longer: {**t, "shape": [longer] * n + t["shape"]})
                for n in range(1, _MAX_RANK)
            ]
        yield [_with(values, group, lambda t, n=n: {**t, "shape": t["shape"][n:]}) for n in range(1, _MAX_RANK)]
        for axis in range(_MAX_RANK):
            for size in (1, 2, 3, 4, 64):
                yield [_with(values, group, lambda t, axis=axis, size=size: _resized(t, axis, size))]


def _with(values: Values, names: list[str], change: Any) -> Values:
    changed = copy.deepcopy(values)
    for name in names:
        changed[name] = change(changed[name])
    return changed


def _resized(tensor: dict[str, Any], axis: int, size: int) -> dict[str, Any]:
    return {**tensor, "shape": [size if index == axis else n for index, n in enumerate(tensor["shape"])]}


def _others(value: Any) -> Iterator[Any]:
    """Other values for an argument: those of its kind first; lists of tensors lose or change their last one."""
    if isinstance(value, list) and value and _is_tensor(value[-1]):
        yield value[:-1]
        for dtype in _OTHER_DTYPES:
            yield [*value[:-1], {**value[-1], "dtype": dtype}]
    elif isinstance(value, list):
        for number in (-1, 2, 5, 70):
            yield [number] * len(value)
            yield [*value[:-1], number]
    yield from (other for other in _OTHERS if other is not value)


def _is_tensor(value: Any) -> bool:
    return isinstance(value, dict) and "shape" in value
