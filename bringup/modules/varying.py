"""Literals that differ between the instances of a function: they become arguments of the instance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

from bringup.modules.functions import Function, Where, literals_of
from bringup.modules.loops import Step, step_items
from bringup.modules.program import Literal, Statement
from bringup.modules.writer import Arguments
from bringup.python_text import literal


def varying_literals(function: Function, arguments: Arguments, taken: Collection[str]) -> dict[Where, str]:
    """Names for the literals that differ between members; their values go into `arguments`.

    Args:
        taken: Places where something else stands.
    """
    found: dict[Where, str] = {}
    seen: Counter[str] = Counter()
    for where, part in literals_of(function.pattern):
        values = [
            (member.path, _literal_at(steps[where[0]], where))
            for member, steps in zip(function.members, function.steps, strict=True)
            if steps[where[0]] is not None
        ]
        if len({literal(value) for _, value in values}) == 1:
            continue
        others = {name for member in function.members for name in arguments.get(member.path, ())}
        name = next(n for n in _numbered(part.name, seen) if n not in others and not _is_taken(n, function, taken))
        found[where] = name
        for path, value in values:
            arguments.setdefault(path, {})[name] = value
    return found


def _numbered(name: str, seen: Counter[str]) -> Iterator[str]:
    while True:
        seen[name] += 1
        yield name if seen[name] == 1 else f"{name}_{seen[name]}"


def _is_taken(name: str, function: Function, taken: Collection[str]) -> bool:
    """Whether a weight or a module of one of the members has the name."""
    places = [f"{member.path}.{name}".lstrip(".") for member in function.members]
    return any(place in taken for place in places)


def _literal_at(step: Step | None, where: Where) -> object:
    assert step is not None
    item = step_items(step)[where[1]]
    assert isinstance(item, Statement)
    part = item.parts[where[2]]
    assert isinstance(part, Literal)
    return part.value
