"""Functions of one class that differ only in an optional part, as one: `if "downsample" in parameters`."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bringup.modules.functions import Function, Merge, Option, below, loop_place
from bringup.modules.loops import Loop, Step, step_paths
from bringup.modules.program import Body, Item, Literal, Part, Place, Statement, Use


def merging(weights: Collection[str]) -> Merge:
    """How functions are merged, given the names of all weights: a module that a member lacks has none."""

    def merge(functions: list[Function], function_of: Mapping[str, Function]) -> list[Function]:
        kept = list(functions)
        for small in sorted(functions, key=lambda f: len(f.pattern)):
            large = next((f for f in kept if f is not small and _fits(small, f, function_of, weights)), None)
            if large is not None and small in kept:
                kept.remove(small)
        return kept

    return merge


def _fits(small: Function, large: Function, function_of: Mapping[str, Function], weights: Collection[str]) -> bool:
    """Whether the small one is the large one without its optional part; if so, its members become the large one's."""
    if small.class_name != large.class_name or small.option is not None or large.option is not None:
        return False
    if {member.path for member in small.members} & {member.path for member in large.members}:
        return False
    option = _find_option(small, large, function_of)
    if option is None:
        return False
    child = _own_child(large, option)
    if child and any(_has_below(weights, member.path, child) for member in small.members):
        child = ""
    large.option = Option(option.start, option.stop, option.source, option.result, child)
    gap = (None,) * (option.stop - option.start)
    for member, steps in zip(small.members, small.steps, strict=True):
        large.members.append(member)
        large.steps.append((*steps[: option.start], *gap, *steps[option.start :]))
    return True


def _has_below(weights: Collection[str], path: str, child: str) -> bool:
    prefix = f"{path}.{child}." if path else f"{child}."
    return any(name.startswith(prefix) for name in weights)


def _find_option(small: Function, large: Function, function_of: Mapping[str, Function]) -> Option | None:
    a, b = small.pattern, large.pattern
    extra = len(b) - len(a)
    if (
        extra < 1
        or len(small.body.inputs) != len(large.body.inputs)
        or len(small.body.outputs) != len(large.body.outputs)
    ):
        return None
    for start in range(len(a) + 1):
        option = _option_at(start, extra, small.body, large.body, a, b, function_of)
        if option is not None:
            return option
    return None


def _option_at(
    start: int,
    extra: int,
    small: Body,
    large: Body,
    a: tuple[Step, ...],
    b: tuple[Step, ...],
    function_of: Mapping[str, Function],
) -> Option | None:
    stop = start + extra
    made = [value for step in b[start:stop] for value in step.outputs]
    later = {value for step in b[stop:] for value in step.uses()} | set(large.outputs)
    results = [value for value in made if value in later]
    if len(results) != 1:
        return None
    read = {value for step in b[start:stop] for value in step.uses()} - set(made)
    for source in sorted(read):
        if _agree(start, stop, (source, results[0]), small, large, a, b, function_of):
            return Option(start, stop, source, results[0])
    return None


def _agree(
    start: int, stop: int, swap: tuple[str, str], small: Body, large: Body, a: tuple[Step, ...], b: tuple[Step, ...],
    function_of: Mapping[str, Function],
) -> bool:  # fmt: skip
    """Whether the small function does what the large one does without steps start to stop."""
    same = dict(zip(small.inputs, large.inputs, strict=True))
    source, result = swap

    def equal(mine: str, other: str) -> bool:
        mapped = same.get(mine)
        return mapped == other or (mapped == source and other == result)

    pairs = [*zip(a[:start], b[:start], strict=True), *zip(a[start:], b[stop:], strict=True)]
    for mine, other in pairs:
        read, read_other = mine.uses(), other.uses()
        if len(read) != len(read_other) or not all(map(equal, read, read_other)):
            return False
        if _shape(mine, small, function_of) != _shape(other, large, function_of) or len(mine.outputs) != len(
            other.outputs
        ):
            return False
        same.update(zip(mine.outputs, other.outputs, strict=True))
    return all(map(equal, small.outputs, large.outputs))


def _shape(step: Step, body: Body, function_of: Mapping[str, Function]) -> object:
    """A step without the values it reads and makes."""

    def part(item: Part) -> object:
        if isinstance(item, Use):
            return "use"
        if isinstance(item, Place):
            return ("place", below(item.path, body.path))
        return ("literal", item.name) if isinstance(item, Literal) else item

    def item(given: Item) -> object:
        if isinstance(given, Statement):
            return tuple(part(p) for p in given.parts)
        return (id(function_of[given.body.frame]), below(given.body.path, body.path))

    if isinstance(step, Loop):
        return (_flow(step), *map(item, step.body), *loop_place(step, body))
    return item(step)


def _flow(loop: Loop) -> object:
    """Which of a loop's values go where."""
    numbers: dict[str, int] = {}
    values = [v for item in loop.body for v in (*item.uses(), *item.outputs)]
    return tuple(numbers.setdefault(value, len(numbers)) for value in (*values, loop.carried, loop.result))


def _own_child(large: Function, option: Option) -> str:
    """The first child module whose weights only the optional steps read."""

    def children(steps: tuple[Step, ...]) -> list[str]:
        return [below(path, large.body.path).partition(".")[0] for step in steps for path in step_paths(step)]

    inside = children(large.pattern[option.start : option.stop])
    outside = set(children((*large.pattern[: option.start], *large.pattern[option.stop :])))
    return next((child for child in inside if child and child not in outside and not child.startswith("/")), "")
