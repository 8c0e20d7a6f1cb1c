"""`bringup ops` and `bringup diff` on the terminal."""

from __future__ import annotations

from collections import Counter

from rich.text import Text

from bringup.markdown import escape_cell, inline_code
from bringup.plan.coverage_diff import CoverageDiff
from bringup.plan.support_matrix import Support
from bringup.printable import show
from bringup.report.terminal import STYLES, console, table

DETAILED = 8
"""So few ops are written out."""
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
    if len(found) <= DETAILED:
        for support in found:
            _print_details(support)
    counts = Counter(support.status for support in found)
    show(f"{len(found)} ops: " + ", ".join(f"{number} {word}" for word, number in counts.most_common()))


def _print_details(support: Support) -> None:
    show(support.op)
    if support.reason:
        show(f"  {support.reason}")
    if support.dtypes:
        show(f"  dtypes: {', '.join(support.dtypes)}")
    if support.layouts:
        show(f"  layouts: {', '.join(support.layouts)}")
    for limit in support.limits:
        show(f"  needs: {limit.needs} ({limit.about}; {limit.source})")


def matrix_markdown(found: tuple[Support, ...], ttnn: str) -> str:
    """The matrix as a Markdown table."""
    lines = [
        f"# torch to TT-NN: {len(found)} ops, ttnn {ttnn}",
        "",
        "Dtypes and layouts are those in which the lowering hands its operands over. Each lowering agrees with torch",
        "on the emulated board over its cases; `bringup ops verify` asks the installed ttnn for each limit again.",
        "",
        "| torch | Status | TT-NN | Dtypes | Layouts | Ranks | Arguments | How, or why not | Limits known from |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [_matrix_row(support) for support in found]
    return "\n".join(lines) + "\n"


def _matrix_row(support: Support) -> str:
    runs = support.status in ("native", "composite")
    unlimited = "no limit known" if runs else ""
    cells = (
        ", ".join((*support.dtypes, *support.needs("dtype"))) or ("not read" if runs else ""),
        ", ".join(support.layouts) or ("not read" if runs else ""),
        "; ".join(support.needs("rank")) or unlimited,
        "; ".join(support.needs("argument")) or unlimited,
        support.reason,
        "; ".join(dict.fromkeys(limit.source for limit in support.limits)),
    )
    names = inline_code(", ".join(support.ttnn)) if support.ttnn else "none"
    return f"| {' | '.join((inline_code(support.op), support.status, names, *map(escape_cell, cells)))} |"


def print_diff(diff: CoverageDiff) -> None:
    """Both sides, then each difference."""
    for name, calls, evidence in zip("AB", diff.calls, diff.evidence, strict=True):
        show(f"{name}: {calls}; {evidence}")
    if diff.changes:
        show()
        made = table("what", "op", "variation", "A", "B")
        for change in diff.changes:
            word = Text(change.word, style=_WORD_STYLES.get(change.word, ""))
            made.add_row(word, Text(change.op), change.variation, change.before, change.after)
        console().print(made)
    for change in diff.changes:
        if change.word in ("lost", "gained") and change.reason:
            show(f"{change.word} {change.variation}: {change.reason}")
    counts = Counter(change.word for change in diff.changes)
    words = "".join(f", {number} {word}" for word, number in counts.items())
    show(f"{diff.same} variations the same{words}")
