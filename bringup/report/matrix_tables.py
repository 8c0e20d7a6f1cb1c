"""`bringup ops` and `bringup diff` on the terminal."""

from __future__ import annotations

from collections import Counter

from rich.text import Text

from bringup.markdown import escape_cell, inline_code
from bringup.plan.coverage_diff import CoverageDiff
from bringup.plan.support_matrix import Support
from bringup.report.terminal import STYLES, console, table

_WORD_STYLES = {"lost": "red", "gained": "green"}


def print_matrix(found: tuple[Support, ...]) -> None:
    """One line per op; limits are written out where few ops are asked for."""
    made = table("op", "status", "TT-NN", "limits")
    for support in found:
        limits = len(support.limits)
        made.add_row(
            Text(support.op), Text(support.status, style=STYLES[support.status]), ", ".join(support.ttnn), str(limits)
        )
    console().print(made)
    if len(found) <= 8:
        for support in found:
            _print_details(support)
    counts = Counter(support.status for support in found)
    print(f"{len(found)} ops: " + ", ".join(f"{number} {word}" for word, number in counts.most_common()))


def _print_details(support: Support) -> None:
    print(support.op)
    if support.reason:
        print(f"  {support.reason}")
    for limit in support.limits:
        print(f"  needs: {limit.needs} ({limit.source})")


def matrix_markdown(found: tuple[Support, ...], ttnn: str) -> str:
    """The matrix as a Markdown table."""
    lines = [
        f"# torch to TT-NN: {len(found)} ops, ttnn {ttnn}",
        "",
        "| torch | Status | TT-NN | Needs, or why | Known from |",
        "|---|---|---|---|---|",
    ]
    for support in found:
        needs = "; ".join((*([support.reason] if support.reason else []), *(limit.needs for limit in support.limits)))
        names = inline_code(", ".join(support.ttnn)) if support.ttnn else "none"
        sources = "; ".join(dict.fromkeys(limit.source for limit in support.limits))
        cells = (inline_code(support.op), support.status, names, escape_cell(needs), escape_cell(sources))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def print_diff(diff: CoverageDiff) -> None:
    """Both sides, then each difference."""
    for name, calls, evidence in zip("AB", diff.calls, diff.evidence, strict=True):
        print(f"{name}: {calls}; {evidence}")
    if diff.changes:
        print()
        made = table("what", "op", "variation", "A", "B")
        for change in diff.changes:
            word = Text(change.word, style=_WORD_STYLES.get(change.word, ""))
            made.add_row(word, Text(change.op), change.variation, change.before, change.after)
        console().print(made)
    for change in diff.changes:
        if change.word in ("lost", "gained") and change.reason:
            print(f"{change.word} {change.variation}: {change.reason}")
    counts = Counter(change.word for change in diff.changes)
    words = "".join(f", {number} {word}" for word, number in counts.items())
    print(f"{diff.same} variations the same{words}")
