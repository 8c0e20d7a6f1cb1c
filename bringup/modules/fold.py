"""Views written into the expression that reads them: `query.view(1, 128, 12, 64).transpose(1, 2)`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from bringup.modules.program import Emitted, Literal, Part, Place, Statement, Use, parts

_WIDTH = 100
"""Characters of an expression that is still read at a glance."""


def fold_views(emitted: Sequence[Emitted], outputs: Sequence[str]) -> tuple[Emitted, ...]:
    """Statements of one module next to each other become one where the first is read by the second alone, and one of
    them is a view."""
    reads = Counter(value for entry in emitted for value in entry.statement.uses())
    reads.update(outputs)
    found: list[Emitted] = []
    for entry in emitted:
        if found and _folds(found[-1], entry, reads):
            found[-1] = _folded(found[-1], entry)
        else:
            found.append(entry)
    return tuple(found)


def _folds(first: Emitted, second: Emitted, reads: Counter[str]) -> bool:
    a, b = first.statement, second.statement
    if first.frame != second.frame or len(a.outputs) != 1 or a.is_list or reads[a.outputs[0]] != 1:
        return False
    if a.outputs[0] not in b.uses() or not ((a.is_view and b.is_view) or (b.is_view and not a.is_heavy)):
        return False
    return _width(a) + _width(b) <= _WIDTH


def _folded(first: Emitted, second: Emitted) -> Emitted:
    a, b = first.statement, second.statement
    inner = [part for p in b.parts for part in (a.parts if isinstance(p, Use) and p.value == a.outputs[0] else (p,))]
    hint = b.hint if not (a.is_view and b.is_view) else b.hint or a.hint
    return replace(second, statement=replace(b, parts=parts(*inner), hint=hint, line=b.line or a.line))


def _width(statement: Statement) -> int:
    return sum(_part_width(part) for part in statement.parts)


def _part_width(part: Part) -> int:
    if isinstance(part, str):
        return len(part)
    if isinstance(part, Literal):
        return len(str(part.value))
    return 12 if isinstance(part, Use) else len(part.path if isinstance(part, Place) else "") // 2
