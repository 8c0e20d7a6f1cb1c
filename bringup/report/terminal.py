"""Tables on the terminal: coloured where it is one, plain where it is a file or a pipe."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bringup.coverage import evidence_text
from bringup.plan.card import parameter_count, ratio_text
from bringup.plan.coverage_report import answer, find_gaps, unlocked, what_first
from bringup.printable import printable, show
from bringup.write import Action

if TYPE_CHECKING:
    from bringup.analysis import Analysis
    from bringup.coverage import Coverage
    from bringup.init import InitResult
    from bringup.inventory import Inventory
    from bringup.ir import Graph

STYLES = {
    "native": "green",
    "folded": "green",
    "composite": "cyan",
    "rejected": "red",
    "missing": "red",
    "unknown": "yellow",
}


def console() -> Console:
    """rich's console; a pipe or file has no width: nothing is cut there."""
    width = None if sys.stdout.isatty() else 240
    return Console(highlight=False, markup=False, emoji=False, width=width)


_MAX_GAPS = 5
_WORDS = (
    "op",
    "module",
    "module in TT-NN",
    "status",
    "TT-NN",
    "evidence",
    "what",
    "found",
    "variation",
    "A",
    "B",
)


class _Table(Table):
    """A table whose cells show what they hold, and steer no terminal."""

    def add_row(self, *cells: Any, **options: Any) -> None:
        super().add_row(*map(_cell, cells), **options)


def _cell(cell: Any) -> Any:
    if isinstance(cell, Text):
        return Text(printable(cell.plain), style=cell.style)
    return printable(cell) if isinstance(cell, str) else cell


def table(*columns: str) -> Table:
    """A table without lines; columns of figures are right-aligned."""
    made = _Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        made.add_column(column, justify="left" if column in _WORDS else "right", no_wrap=True)
    return made


def print_words(actions: tuple[Action, ...]) -> None:
    """One line per path: `create tests/ops/test_add.py`."""
    for action in actions:
        show(f"{action.word:<9} {action.path}")
    for action in actions:
        if action.word == "conflict":
            show(f"{action.path} was changed by hand and stays; the new text is in {action.path}.new")


def print_actions(result: InitResult, *, dry_run: bool) -> None:
    """What was written, and the short summary: coverage, gaps, where to look."""
    counts = Counter(action.word for action in result.actions)
    quiet_words = {"create", "identical"} if not dry_run else set()
    print_words(tuple(action for action in result.actions if action.word not in quiet_words))
    words = ", ".join(f"{number} {word}" for word, number in sorted(counts.items()))
    show(f"{'would write' if dry_run else 'files'}: {words}")
    _print_summary(result)


def _print_summary(result: InitResult) -> None:
    analysis = result.analysis
    coverage = analysis.coverage
    show()
    show(f"{analysis.name}: {parameter_count(analysis.graph):,} parameters, {coverage.calls:,} op calls of "
          f"{len(coverage.kinds)} kinds, {len(analysis.inventory.variations):,} input variations")  # fmt: skip
    show(f"coverage: {_ratios(coverage)}; evidence: {evidence_text(coverage)}")
    show(answer(coverage, is_complete=analysis.graph.is_complete))
    gaps = find_gaps(analysis)
    for gap in gaps[:_MAX_GAPS]:
        show(f"  {gap.status}: {gap.op}, {unlocked(gap)}: {gap.reason}")
    if len(gaps) > _MAX_GAPS:
        show(f"  and {len(gaps) - _MAX_GAPS} more: {result.folder / 'COVERAGE.md'}")
    _print_attempts(analysis.graph)
    for problem in result.problems:
        show(f"not made: {problem}")
    show()
    show(
        f"The folder is {result.folder}. Open {result.folder / 'MODEL_CARD.md'} first, "
        f"then {result.folder / 'COVERAGE.md'}."
    )


def _ratios(coverage: Coverage) -> str:
    kinds = ratio_text(coverage.supported_kinds, len(coverage.kinds))
    return f"op kinds {kinds}, op calls {ratio_text(coverage.supported_calls, coverage.calls)}"


def _print_attempts(graph: Graph) -> None:
    if graph.is_complete:
        for attempt in graph.attempts:
            if attempt.status == "ok" and attempt.message:
                print(f"note: {attempt.message}")
        return
    show("finding: the model cannot be traced whole")
    for attempt in graph.attempts:
        place = f" at {attempt.source}: {attempt.source.code}" if attempt.source else ""
        show(f"  {attempt.strategy}: {attempt.status}: {attempt.message}{place}")
    show(f"  next: {graph.attempts[0].next_step}")
    show(f"  traced parts: {', '.join(graph.parts)}")


def init_summary(result: InitResult) -> dict[str, Any]:
    """What `init --json` prints."""
    analysis = result.analysis
    return {
        "folder": str(result.folder),
        "model": analysis.name,
        "complete": analysis.graph.is_complete,
        "parts": list(analysis.graph.parts),
        "parameters": parameter_count(analysis.graph),
        "op_calls": analysis.coverage.calls,
        "op_kinds": len(analysis.coverage.kinds),
        "variations": len(analysis.inventory.variations),
        "supported_calls": analysis.coverage.supported_calls,
        "supported_kinds": analysis.coverage.supported_kinds,
        "gaps": [{"op": g.op, "status": g.status, "calls": g.calls, "reason": g.reason} for g in find_gaps(analysis)],
        "files": {action.path: action.word for action in result.actions},
        "problems": list(result.problems),
        "no_modules": {"kind": analysis.info.no_modules.kind, "reason": analysis.info.no_modules.reason},
    }


def print_inventory(inventory: Inventory, graph: Graph) -> None:
    """The op kinds with calls and variations, then the module classes."""
    ops = table("op", "calls", "variations")
    for kind in inventory.op_kinds():
        ops.add_row(kind.op, str(kind.calls), str(kind.variations))
    console().print(ops)
    show(f"{inventory.calls:,} calls of {len(inventory.op_kinds())} op kinds, {len(inventory.variations):,} variations")
    show()
    modules = table("module", "instances", "structures")
    for module in inventory.modules:
        modules.add_row(Text(module.name), str(len(module.instances)), str(len(module.structures)))
    console().print(modules)
    _print_attempts(graph)


def print_coverage(analysis: Analysis) -> None:
    """The op list with status, then the gaps."""
    kinds = table("op", "status", "evidence", "calls", "variations", "L1 per core", "TT-NN")
    for kind in analysis.coverage.kinds:
        status = Text(kind.status, style=STYLES[kind.status])
        l1 = "" if kind.l1_bytes_per_core is None else f"{kind.l1_bytes_per_core:,} B"
        kinds.add_row(
            Text(kind.op), status, kind.evidence, str(kind.calls), str(kind.variations), l1, ", ".join(kind.ttnn)
        )
    console().print(kinds)
    coverage = analysis.coverage
    show(f"{_ratios(coverage)}; evidence: {evidence_text(coverage)}")
    show(answer(coverage, is_complete=analysis.graph.is_complete))
    gaps = find_gaps(analysis)
    for fact in what_first(analysis, gaps):
        show(f"{fact.name}, {fact.value}")
    for gap in gaps:
        show(f"{gap.status}: {gap.op}, {unlocked(gap)}: {gap.reason}")
        for site in gap.sites[:3]:
            show(f"    {site}")
