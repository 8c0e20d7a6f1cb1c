"""Lists of tensors that grow by one and are joined again each time, as DenseNet's: each join takes the one before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bringup.ir import Argument, ArgumentValue, Frame, OpCall, Ref
from bringup.variations import short_name

_FEWEST = 3
"""Joins of one list from which on it is one that grows."""


@dataclass(frozen=True, slots=True)
class _Join:
    call: OpCall
    tensors: tuple[str, ...]
    dim: ArgumentValue


def chain_joins(calls: Sequence[OpCall], frames: Mapping[str, Frame]) -> tuple[OpCall, ...]:
    """`cat([a, b, c])` after `cat([a, b])` as a join of that one and c; it stands in the module that holds the list.

    A module that begins with the join of what it is given, is given the joined tensor instead.
    """
    joins = [join for call in calls if (join := _read(call))]
    chained: dict[str, OpCall] = {}
    for chain in _chains(joins):
        frame = _common_frame(chain, calls, frames)
        if frame:
            for before, join in zip((None, *chain), chain, strict=False):
                chained[join.call.name] = _join(join, before, frame)
    return tuple(chained.get(call.name, call) for call in calls)


def _read(call: OpCall) -> _Join | None:
    if short_name(call.target) != "cat":
        return None
    arguments = {argument.name: argument.value for argument in call.arguments}
    tensors = arguments.get("tensors")
    refs = tuple(t.ref for t in tensors if isinstance(t, Ref)) if isinstance(tensors, tuple) else ()
    return _Join(call, refs, arguments.get("dim", 0)) if refs else None


def _chains(joins: Sequence[_Join]) -> list[list[_Join]]:
    """The joins of each list that grows, shortest first; one of a single tensor is none."""
    found: list[list[_Join]] = []
    for join in joins:
        chain = next((c for c in found if (c[-1].tensors, c[-1].dim) == (join.tensors[:-1], join.dim)), None)
        if chain is not None:
            chain.append(join)
        elif len(join.tensors) == 2:
            found.append([join])
    return [chain for chain in found if len(chain) >= _FEWEST]


def _common_frame(chain: Sequence[_Join], calls: Sequence[OpCall], frames: Mapping[str, Frame]) -> str:
    """The module call that holds the list: each join stands in it, or comes first in a module that it calls."""
    first_in: dict[str, str] = {}
    for call in calls:
        first_in.setdefault(call.frame, call.name)
    holders = {chain[0].call.frame, frames[chain[0].call.frame].parent or ""}
    for join in chain:
        frame = join.call.frame
        holders &= {frame, frames[frame].parent if first_in[frame] == join.call.name else frame}
    return next(iter(holders - {""}), "")


def _join(join: _Join, before: _Join | None, frame: str) -> OpCall:
    """The join in its new place; its line stood for another one."""
    tensors = tuple(map(Ref, join.tensors if before is None else (before.call.outputs[0], join.tensors[-1])))
    arguments = tuple(Argument(a.name, tensors if a.name == "tensors" else a.value) for a in join.call.arguments)
    return replace(join.call, arguments=arguments, frame=frame, source=None)
