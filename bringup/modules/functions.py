"""Module calls brought together into functions: one per distinct module, whatever the number of its instances."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bringup.modules.loops import Loop, Step, fold_loops, step_items
from bringup.modules.program import Body, Item, Literal, ModuleCall, Part, Place, Statement, Use
from bringup.python_text import literal


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


def group(root: Body, children: Mapping[str, tuple[str, ...]], merge: Merge) -> Grouping:
    """The distinct functions of a tree of module calls, lowest first.

    Args:
        children: The names of the modules in each module, by its path.
        merge: Brings functions of one class together that differ in an optional part only.
    """
    function_of: dict[str, Function] = {}
    ordered: list[Function] = []
    for level in _levels(root):
        found: dict[object, Function] = {}
        folded = [(b, tuple(fold_loops(b, lambda call: id(function_of[call.body.frame]), children))) for b in level]
        keys = [_key(body, steps, function_of) for body, steps in folded]
        for (body, steps), key in zip(folded, _apart(folded, keys), strict=True):
            function = found.setdefault(key, Function(body.class_name))
            function.members.append(body)
            function.steps.append(steps)
        merged = merge(list(found.values()), function_of)
        ordered += merged
        function_of.update({body.frame: function for function in merged for body in function.members})
    return Grouping(tuple(ordered), function_of)


Merge = Callable[[list[Function], Mapping[str, Function]], list[Function]]


def _apart(folded: list[tuple[Body, tuple[Step, ...]]], keys: list[object]) -> list[object]:
    """Keys that keep calls of one module apart which differ in literals: a module has its arguments but once."""
    values = [tuple(literal(part.value) for _, part in literals_of(steps)) for _, steps in folded]
    seen: dict[object, set[tuple[str, ...]]] = {}
    for (body, _), key, own in zip(folded, keys, values, strict=True):
        seen.setdefault((key, body.path), set()).add(own)
    return [
        (key, own) if len(seen[key, body.path]) > 1 else key
        for (body, _), key, own in zip(folded, keys, values, strict=True)
    ]


Where = tuple[int, int, int]
"""A part of a function's text: its step, the item in the step (a loop has several), and the part of the statement."""


def literals_of(steps: Sequence[Step]) -> Iterator[tuple[Where, Literal]]:
    """The literals of a function's steps, with where they stand."""
    for index, step in enumerate(steps):
        for inner, item in enumerate(step_items(step)):
            for position, part in enumerate(item.parts if isinstance(item, Statement) else ()):
                if isinstance(part, Literal):
                    yield (index, inner, position), part


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

    def item(given: Item) -> object:
        read = tuple(number(value) for value in given.uses())
        if isinstance(given, Statement):
            made: object = tuple(part(p) for p in given.parts)
        else:
            made = (id(function_of[given.body.frame]), below(given.body.path, body.path))
        return read, made, tuple(number(value) for value in given.outputs)

    def step(given: Step) -> object:
        if not isinstance(given, Loop):
            return item(given)
        written = tuple(map(item, given.body)), number(given.carried), number(given.result)
        numbers[given.outputs[0]] = number(given.result)
        return (written, *loop_place(given, body))

    written = tuple(map(step, steps))
    return body.class_name, written, len(body.inputs), tuple(number(value) for value in body.outputs)


def loop_place(loop: Loop, body: Body) -> tuple[object, ...]:
    """Where a loop's list stands; its length only where it is not the whole list."""
    length = None if loop.is_all else len(loop.groups)
    return below(loop.prefix, body.path), loop.stem, loop.start, length, loop.repeats


def below(path: str, base: str) -> str:
    """A path relative to a module's; a path outside it stays whole, with a leading slash."""
    if not base:
        return path
    if path == base:
        return ""
    return path[len(base) + 1 :] if path.startswith(f"{base}.") else f"/{path}"
