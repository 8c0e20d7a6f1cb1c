"""Module calls brought together into functions: one per distinct module, whatever the number of its instances."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Union

from bringup.modules.program import Body, Item, Literal, ModuleCall, Part, Place, Statement, Use


@dataclass(frozen=True, slots=True)
class Loop:
    """Calls of one function, each on the output of the one before.

    `prefix` is the list of the modules, `start` its first index in the loop, `is_all` whether the whole list is called;
    `repeats` is set instead when one module is called again and again.
    """

    calls: tuple[ModuleCall, ...]
    prefix: str
    start: int
    is_all: bool
    carried: int
    repeats: int = 0

    @property
    def outputs(self) -> tuple[str, ...]:
        """What the last call gives."""
        return self.calls[-1].outputs

    def uses(self) -> tuple[str, ...]:
        """What the first call reads; the others read the same but for what is carried."""
        return self.calls[0].uses()


Step = Union[Statement, ModuleCall, Loop]


@dataclass(frozen=True, slots=True)
class Option:
    """Steps that some members of a function leave out: `result` is then `source` itself.

    `child` is the module of theirs that only members with these steps have; without one a flag tells.
    """

    start: int
    stop: int
    source: str
    result: str
    child: str = ""


@dataclass
class Function:
    """A function of the generated code.

    Args:
        class_name: The module's class.
        members: All calls of all modules that are this function, the first as its pattern.
        steps: For each member, its statements, calls and loops; equal but for values and literals, None where it
            leaves the optional ones out.
        option: Steps that not every member has.
    """

    class_name: str
    members: list[Body] = field(default_factory=list)
    steps: list[tuple[Step | None, ...]] = field(default_factory=list)
    name: str = ""
    option: Option | None = None

    @property
    def body(self) -> Body:
        """The first member, by which the function is written."""
        return self.members[0]

    @property
    def pattern(self) -> tuple[Step, ...]:
        """The first member's steps: it has all of them."""
        return tuple(step for step in self.steps[0] if step is not None)


@dataclass(frozen=True, slots=True)
class Grouping:
    """The functions in an order in which callees stand before callers, and the function of each module call."""

    functions: tuple[Function, ...]
    function_of: Mapping[str, Function]


def group(root: Body, list_sizes: Mapping[str, int], merge: Merge) -> Grouping:
    """The distinct functions of a tree of module calls, lowest first.

    Args:
        list_sizes: For each list of modules by its path, how many members it has.
        merge: Brings functions of one class together that differ in an optional part only.
    """
    function_of: dict[str, Function] = {}
    ordered: list[Function] = []
    for level in _levels(root):
        found: dict[object, Function] = {}
        for body in level:
            steps = tuple(_fold_loops(body.items, function_of, list_sizes))
            function = found.setdefault(_key(body, steps, function_of), Function(body.class_name))
            function.members.append(body)
            function.steps.append(steps)
        merged = merge(list(found.values()), function_of)
        ordered += merged
        function_of.update({body.frame: function for function in merged for body in function.members})
    return Grouping(tuple(ordered), function_of)


Merge = Callable[[list[Function], Mapping[str, Function]], list[Function]]


def _levels(root: Body) -> list[list[Body]]:
    """All bodies by their height: those without children first."""
    levels: list[list[Body]] = []

    def height(body: Body) -> int:
        heights = [height(item.body) for item in body.items if isinstance(item, ModuleCall)]
        own = max(heights, default=-1) + 1
        while len(levels) <= own:
            levels.append([])
        levels[own].append(body)
        return own

    height(root)
    return levels


def _fold_loops(
    items: tuple[Item, ...], function_of: Mapping[str, Function], sizes: Mapping[str, int]
) -> Iterator[Step]:
    readers = _reader_counts(items)
    index = 0
    while index < len(items):
        item = items[index]
        run = _run(items, index, function_of, readers) if isinstance(item, ModuleCall) else ()
        if len(run) > 1:
            yield _loop(run, sizes)
            index += len(run)
        else:
            yield item
            index += 1


def _reader_counts(items: tuple[Item, ...]) -> dict[str, int]:
    found: dict[str, int] = {}
    for item in items:
        for value in dict.fromkeys(item.uses()):
            found[value] = found.get(value, 0) + 1
    return found


def _run(
    items: tuple[Item, ...], start: int, function_of: Mapping[str, Function], readers: Mapping[str, int]
) -> tuple[ModuleCall, ...]:
    """The longest chain of calls from here that a loop can stand for."""
    found: list[ModuleCall] = []
    carried: int | None = None
    for item in items[start:]:
        if not isinstance(item, ModuleCall):
            break
        if found:
            where = _follows(found[-1], item, function_of)
            if where is None or carried not in (None, where) or readers.get(found[-1].outputs[0], 0) > 1:
                break
            if len(found) > 1 and _is_repeat(found[0], found[1]) != _is_repeat(found[-1], item):
                break
            carried = where
        found.append(item)
    return tuple(found)


def _is_repeat(first: ModuleCall, second: ModuleCall) -> bool:
    return first.body.path == second.body.path


def _follows(first: ModuleCall, second: ModuleCall, function_of: Mapping[str, Function]) -> int | None:
    """The input that is carried from one call to the next; None when they are not consecutive."""
    if function_of[first.body.frame] is not function_of[second.body.frame] or len(first.outputs) != 1:
        return None
    if not _is_repeat(first, second):
        (prefix, index), (next_prefix, next_index) = _split(first.body.path), _split(second.body.path)
        if prefix is None or prefix != next_prefix or next_index != index + 1:
            return None
    differing = [i for i, (a, b) in enumerate(zip(first.uses(), second.uses(), strict=True)) if a != b]
    if len(differing) != 1 or second.uses()[differing[0]] != first.outputs[0]:
        return None
    return differing[0]


def _split(path: str) -> tuple[str | None, int]:
    """`layer1.2` -> `layer1`, 2."""
    prefix, _, last = path.rpartition(".")
    return (prefix, int(last)) if last.isdigit() and prefix else (None, 0)


def _loop(run: tuple[ModuleCall, ...], sizes: Mapping[str, int]) -> Loop:
    carried = next(i for i, (a, b) in enumerate(zip(run[0].uses(), run[1].uses(), strict=True)) if a != b)
    if _is_repeat(run[0], run[1]):
        return Loop(run, run[0].body.path, 0, False, carried, len(run))
    prefix, start = _split(run[0].body.path)
    assert prefix is not None
    return Loop(run, prefix, start, start == 0 and sizes.get(prefix) == len(run), carried)


def _key(body: Body, steps: tuple[Step, ...], function_of: Mapping[str, Function]) -> object:
    """What two module calls must have in common to be one function: all but literals and the paths above them."""
    numbers: dict[str, int] = {value: index for index, value in enumerate(body.inputs)}

    def number(value: str) -> int:
        return numbers.setdefault(value, len(numbers))

    def part(item: Part) -> object:
        if isinstance(item, Use):
            return number(item.value)
        if isinstance(item, Place):
            return ("place", below(item.path, body.path))
        return ("literal", item.name) if isinstance(item, Literal) else item

    def step(item: Step) -> object:
        read = tuple(number(value) for value in item.uses())
        if isinstance(item, Statement):
            made: object = tuple(part(p) for p in item.parts)
        elif isinstance(item, Loop):
            length = None if item.is_all else len(item.calls)
            prefix = below(item.prefix, body.path)
            made = (id(function_of[item.calls[0].body.frame]), prefix, item.start, length, item.carried, item.repeats)
        else:
            made = (id(function_of[item.body.frame]), below(item.body.path, body.path))
        return read, made, tuple(number(value) for value in item.outputs)

    written = tuple(step(item) for item in steps)
    return body.class_name, written, len(body.inputs), tuple(number(value) for value in body.outputs)


def below(path: str, base: str) -> str:
    """A path relative to a module's; a path outside it stays whole, with a leading slash."""
    if not base:
        return path
    if path == base:
        return ""
    return path[len(base) + 1 :] if path.startswith(f"{base}.") else f"/{path}"
