"""Consecutive statements and calls that repeat with the members of a list of modules, as loops."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Union

from bringup.modules.program import Body, Item, Literal, ModuleCall, Part, Place, Use

_MEMBER = re.compile(r"([A-Za-z_]*)(\d+)")
_LONGEST = 24
"""Statements in a loop's body: more is no loop that a reader takes in."""


@dataclass(frozen=True, slots=True)
class Loop:
    """Groups of items, each the same as the one before but for its member of the list, on what that one gives.

    Args:
        groups: The items of each round.
        prefix: The path of the list of modules.
        stem: What its members' names have before their number: nothing in a list, `denselayer` in a module.
        start: The first member's number.
        is_all: Whether it goes over the whole list.
        carried: What the first round reads and each gives anew.
        result: What the first round gives.
        repeats: Instead of a list: how often one module is called.
    """

    groups: tuple[tuple[Item, ...], ...]
    prefix: str
    stem: str
    start: int
    is_all: bool
    carried: str
    result: str
    repeats: int = 0

    @property
    def body(self) -> tuple[Item, ...]:
        """The first round, by which the loop is written."""
        return self.groups[0]

    @property
    def outputs(self) -> tuple[str, ...]:
        """What the last round gives."""
        position = _position(self.body, self.result)
        return (self.groups[-1][position[0]].outputs[position[1]],)

    def uses(self) -> tuple[str, ...]:
        """What the first round reads from outside; the others read the same but for what is carried."""
        made = {value for item in self.body for value in item.outputs}
        return tuple(value for item in self.body for value in item.uses() if value not in made)

    @property
    def member(self) -> str:
        """The path of the first member."""
        return f"{self.prefix}.{self.stem}{self.start}"


Step = Union[Item, Loop]
SameFunction = Callable[[ModuleCall], object]
"""What two calls have in common when they are calls of one function."""


def step_items(step: Step) -> tuple[Item, ...]:
    """The statements and calls that a step is written by."""
    return step.body if isinstance(step, Loop) else (step,)


def step_paths(step: Step) -> list[str]:
    """The paths of all modules and weights that a step reads."""
    groups = step.groups if isinstance(step, Loop) else ((step,),)
    return [path for group in groups for item in group for path in item_paths(item)]


def item_paths(item: Item) -> list[str]:
    """The paths of the modules and weights that a statement or call reads."""
    if isinstance(item, ModuleCall):
        return [item.body.path]
    return [part.path for part in item.parts if isinstance(part, Place)]


def fold_loops(body: Body, same: SameFunction, children: Mapping[str, tuple[str, ...]]) -> Iterator[Step]:
    """The items of a module call, with loops for what repeats.

    Args:
        children: The names of the modules in each module, by its path.
    """
    readers = _readers(body)
    index = 0
    while index < len(body.items):
        loop = _longest(body.items, index, same, readers, children)
        if loop is None:
            yield body.items[index]
            index += 1
        else:
            yield loop
            index += len(loop.groups) * len(loop.body)


def _readers(body: Body) -> dict[str, list[int]]:
    """The positions of the items that read each value; the caller stands behind the last."""
    found: dict[str, list[int]] = {}
    for index, item in enumerate(body.items):
        for value in item.uses():
            found.setdefault(value, []).append(index)
    for value in body.outputs:
        found.setdefault(value, []).append(len(body.items))
    return found


def _longest(
    items: tuple[Item, ...], start: int, same: SameFunction, readers: Mapping[str, list[int]],
    children: Mapping[str, tuple[str, ...]],
) -> Loop | None:  # fmt: skip
    """The loop from here that covers most; of those that cover the same the one with the shortest body."""
    best: Loop | None = None
    for period in range(1, min(_LONGEST, (len(items) - start) // 2) + 1):
        loop = _loop(items, start, period, same, readers, children)
        if loop and (best is None or len(loop.groups) * period > len(best.groups) * len(best.body)):
            best = loop
    return best


def _loop(
    items: tuple[Item, ...], start: int, period: int, same: SameFunction, readers: Mapping[str, list[int]],
    children: Mapping[str, tuple[str, ...]],
) -> Loop | None:  # fmt: skip
    if not item_paths(items[start]):
        return None
    rounds = [items[start : start + period]]
    first: _Advance | None = None
    while True:
        at = start + len(rounds) * period
        following = items[at : at + period]
        advance = _advance(rounds[-1], following, same) if len(following) == period else None
        if advance is None or (first and not first.goes_on(advance, len(rounds))):
            break
        if not _is_closed(rounds[-1], at - period, advance.result, readers, at + period):
            break
        first = first or advance
        rounds.append(following)
    while first and len(rounds) > 1:
        result = _corresponding(rounds, first.result)
        if _is_closed(rounds[-1], start + (len(rounds) - 1) * period, result, readers, None):
            break
        rounds.pop()
    if first is None or not _is_worth(rounds, first):
        return None
    names = tuple(f"{first.stem}{first.number + index}" for index in range(len(rounds)))
    is_all = not first.is_repeat and children.get(first.prefix) == names
    repeats = len(rounds) if first.is_repeat else 0
    return Loop(
        tuple(rounds), first.prefix, first.stem, first.number, is_all, first.carried, first.result, repeats
    )  # fmt: skip


def _is_worth(rounds: list[tuple[Item, ...]], first: _Advance) -> bool:
    """A loop saves lines; calls of whole modules are one from two on."""
    if len(rounds) < 2:
        return False
    is_call = len(rounds[0]) == 1 and isinstance(rounds[0][0], ModuleCall)
    return is_call or (not first.is_repeat and len(rounds) * len(rounds[0]) > len(rounds[0]) + 1)


def _is_closed(
    group: tuple[Item, ...], start: int, result: str, readers: Mapping[str, list[int]], stop: int | None
) -> bool:
    """Whether only the result is read outside a round; and that before `stop`, by the next round."""
    end = start + len(group)
    for value in (value for item in group for value in item.outputs):
        last = max(readers.get(value, [start]))
        if value == result:
            if stop is not None and last >= stop:
                return False
        elif last >= end:
            return False
    return True


def _corresponding(rounds: list[tuple[Item, ...]], result: str) -> str:
    """What the last round makes where the first one makes its result."""
    index, output = _position(rounds[0], result)
    return rounds[-1][index].outputs[output]


def _position(group: tuple[Item, ...], value: str) -> tuple[int, int]:
    return next((i, item.outputs.index(value)) for i, item in enumerate(group) if value in item.outputs)


@dataclass(frozen=True, slots=True)
class _Advance:
    """How one round follows another: what is carried between them, where it is made, and the member's place."""

    carried: str
    result: str
    position: tuple[int, int]
    prefix: str
    stem: str
    number: int
    is_repeat: bool

    def goes_on(self, other: _Advance, rounds: int) -> bool:
        """Whether `other`, that many rounds later less one, is the same step again."""
        same = (self.position, self.prefix, self.stem, self.is_repeat)
        then = (other.position, other.prefix, other.stem, other.is_repeat)
        return same == then and (self.is_repeat or other.number == self.number + rounds - 1)


def _advance(first: tuple[Item, ...], second: tuple[Item, ...], same: SameFunction) -> _Advance | None:
    counterpart: dict[str, str] = {}
    made = {value for item in first for value in item.outputs}
    carried: tuple[str, str] | None = None
    members: set[tuple[str, str, int]] = set()
    for a, b in zip(first, second, strict=True):
        if _form(a, same) != _form(b, same) or len(a.uses()) != len(b.uses()) or len(a.outputs) != len(b.outputs):
            return None
        for read, read_next in zip(a.uses(), b.uses(), strict=True):
            if read in counterpart:
                if counterpart[read] != read_next:
                    return None
            elif read_next in made:
                if carried not in (None, (read, read_next)):
                    return None
                carried = (read, read_next)
            elif read != read_next:
                return None
        for path, path_next in zip(item_paths(a), item_paths(b), strict=True):
            member = _next_member(path, path_next)
            if member is None:
                return None
            members.update((member,) if member else ())
        counterpart.update(zip(a.outputs, b.outputs, strict=True))
    if carried is None or len(members) > 1 or _is_read_after(first, *carried):
        return None
    prefix, stem, number = next(iter(members), (first[0].body.path if isinstance(first[0], ModuleCall) else "", "", 0))
    return _Advance(*carried, _position(first, carried[1]), prefix, stem, number, not members)


def _is_read_after(group: tuple[Item, ...], carried: str, result: str) -> bool:
    """Whether what is carried is still read when the result has taken its name."""
    index, _ = _position(group, result)
    return any(carried in item.uses() for item in group[index + 1 :])


def _form(item: Item, same: SameFunction) -> object:
    """A statement or call without values and places."""

    def part(given: Part) -> object:
        if isinstance(given, Use):
            return "use"
        if isinstance(given, Place):
            return "place"
        return ("literal", given.name, repr(given.value)) if isinstance(given, Literal) else given

    return same(item) if isinstance(item, ModuleCall) else (tuple(part(p) for p in item.parts), item.comment)


def _next_member(path: str, following: str) -> tuple[str, str, int] | tuple[()] | None:
    """The list, its members' stem and the number of `path`, when `following` is the same one member on.

    Empty when the paths are the same; None when they differ otherwise.
    """
    if path == following:
        return ()
    a, b = path.split("."), following.split(".")
    differing = [index for index, (x, y) in enumerate(zip(a, b, strict=False)) if x != y]
    if len(a) != len(b) or len(differing) != 1:
        return None
    at = differing[0]
    mine, other = _MEMBER.fullmatch(a[at]), _MEMBER.fullmatch(b[at])
    if at == 0 or not mine or not other or mine[1] != other[1] or int(other[2]) != int(mine[2]) + 1:
        return None
    if str(int(mine[2])) != mine[2] or str(int(other[2])) != other[2]:
        return None
    return ".".join(a[:at]), mine[1], int(mine[2])
