"""Literals that differ between the instances of a function: they become arguments of the instance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from bringup.modules.functions import Function
from bringup.modules.loops import Step, step_items
from bringup.modules.program import Literal, Statement
from bringup.modules.writer import Arguments
from bringup.python_text import literal

Where = tuple[int, int, int]
"""A part of a function's text: its step, the item in the step (a loop has several), and the part of the statement."""


def varying_literals(function: Function, arguments: Arguments) -> dict[Where, str]:
    """Names for the literals that differ between members; their values go into `arguments`."""
    found: dict[Where, str] = {}
    seen: Counter[str] = Counter()
    for where, part in _literals(function.pattern):
        values = [
            (member.path, _literal_at(steps[where[0]], where))
            for member, steps in zip(function.members, function.steps, strict=True)
            if steps[where[0]] is not None
        ]
        if len({literal(value) for _, value in values}) == 1:
            continue
        seen[part.name] += 1
        name = part.name if seen[part.name] == 1 else f"{part.name}_{seen[part.name]}"
        found[where] = name
        for path, value in values:
            arguments.setdefault(path, {})[name] = value
    return found


def _literals(pattern: Sequence[Step]) -> Iterator[tuple[Where, Literal]]:
    for index, step in enumerate(pattern):
        for inner, item in enumerate(step_items(step)):
            for position, part in enumerate(item.parts if isinstance(item, Statement) else ()):
                if isinstance(part, Literal):
                    yield (index, inner, position), part


def _literal_at(step: Step | None, where: Where) -> object:
    assert step is not None
    item = step_items(step)[where[1]]
    assert isinstance(item, Statement)
    part = item.parts[where[2]]
    assert isinstance(part, Literal)
    return part.value
