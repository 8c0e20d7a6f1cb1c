"""Weights and arguments as tables: one row for all modules of a list that are prepared alike."""

from __future__ import annotations

import re
from collections import Counter
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
    """Rows by place, each folded over the number in its place that most rows differ in alone.

    Args:
        rows: By place: texts that may name the place's own numbers; those stand at the same position.
    """
    patterns = {place: _patterns(place, texts) for place, texts in rows.items()}
    sizes = Counter(pattern for found in patterns.values() for pattern, _ in found)
    folded: dict[tuple[str, ...], list[int]] = {}
    for found in patterns.values():
        pattern, index = max(found, key=lambda item: sizes[item[0]])
        folded.setdefault(pattern, []).append(index)
    made = []
    for pattern, indices in folded.items():
        if len(indices) == 1:
            texts = tuple(text if text.startswith("{") else text.replace("{}", str(indices[0])) for text in pattern)
            made.append(TableRow((literal(texts[0]), *texts[1:]), ""))
        else:
            made.append(TableRow((literal(pattern[0]), *pattern[1:]), _indices(indices)))
    return tuple(made)


def _patterns(place: str, texts: tuple[str, ...]) -> list[tuple[tuple[str, ...], int]]:
    """The texts with one of the place's numbers left open, for each of them; members of lists come first."""
    if "{}" in place or any("{}" in text for text in texts if not text.startswith("{")):
        return [((place, *texts), -1)]
    components = place.split(".")
    numbered = [
        (i, match) for i, part in enumerate(components) if (match := re.fullmatch(r"([A-Za-z_]*)(0|[1-9]\d*)", part))
    ]
    numbered.sort(key=lambda item: bool(item[1][1]))
    found = [_pattern(place, texts, ".".join((*components[:i], match[1])), match[2]) for i, match in numbered]
    return found or [((place, *texts), -1)]


def _pattern(place: str, texts: tuple[str, ...], start: str, number: str) -> tuple[tuple[str, ...], int]:
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
