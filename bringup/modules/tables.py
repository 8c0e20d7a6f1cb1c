"""Weights and arguments as tables: one row for all modules of a list that are prepared alike."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bringup.python_text import literal

Row = tuple[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of a generated table; `indices` is empty for a row of one place."""

    texts: tuple[str, ...]
    indices: str


def fold_rows(rows: Mapping[str, tuple[str, ...]]) -> tuple[TableRow, ...]:
    """Rows by place, folded over the first number in their places.

    Args:
        rows: By place: texts that may name the place's own numbers; those stand at the same position.
    """
    folded: dict[tuple[str, ...], list[int]] = {}
    for place, texts in rows.items():
        pattern, index = _pattern(place, texts)
        folded.setdefault(pattern, []).append(index)
    found = []
    for pattern, indices in folded.items():
        if len(indices) == 1:
            texts = tuple(text if text.startswith("{") else text.replace("{}", str(indices[0])) for text in pattern)
            found.append(TableRow((literal(texts[0]), *texts[1:]), ""))
        else:
            found.append(TableRow((literal(pattern[0]), *pattern[1:]), _indices(indices)))
    return tuple(found)


def _pattern(place: str, texts: tuple[str, ...]) -> tuple[tuple[str, ...], int]:
    """Texts with the first number of the place replaced where they have the same start; -1 when there is none."""
    components = place.split(".")
    position = next((i for i, part in enumerate(components) if part.isdigit()), None)
    if position is None or "{}" in place or any("{}" in text for text in texts if not text.startswith("{")):
        return (place, *texts), -1
    start = ".".join((*components[:position], ""))
    number = components[position]
    replaced = [_replaced(place, start, number)]
    # Texts without a quote are names of functions, and a table of arguments names no places.
    replaced += [_replaced(text, start, number) if '"' in text and not text.startswith("{") else text for text in texts]
    return tuple(replaced), int(number)


def _replaced(text: str, start: str, number: str) -> str:
    """Every path in the text that starts as the place does, with the same number."""
    return re.sub(rf'(?<![\w.])({re.escape(start)}){number}(?=[."]|$)', r"\1{}", text)


def _indices(indices: list[int]) -> str:
    if indices == list(range(indices[0], indices[-1] + 1)):
        return f"range({indices[-1] + 1})" if indices[0] == 0 else f"range({indices[0]}, {indices[-1] + 1})"
    return literal(tuple(indices))
