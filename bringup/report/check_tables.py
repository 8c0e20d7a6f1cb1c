"""A check's tables and findings on the terminal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from bringup.analysis import Analysis
from bringup.check.evidence import environment_text
from bringup.check.module_tree import first_departure, module_lines, read_module_index
from bringup.check.results import Result
from bringup.check.run import Checked
from bringup.check.summary import Finding, Tally, find_findings, tally, tally_modules, tally_ops
from bringup.json_files import to_data
from bringup.modules.test_plan import ModuleIndex
from bringup.printable import show
from bringup.report.terminal import console, table

_MOST_JUDGED_BY = 10


def print_check(analysis: Analysis, checked: Checked, folder: Path) -> None:
    """The tables, each finding, and one line that sums them up."""
    results = checked.file.results
    board = checked.file.environment.board
    index = read_module_index(folder)
    of_modules = {entry.test for entry in index.entries}
    console().print(_tally_table("op", tally_ops(analysis, [r for r in results if r.test not in of_modules], board)))
    show()
    console().print(_tally_table("module", tally_modules(analysis, results, board)))
    _print_modules(index, results, board)
    findings = find_findings(analysis, results)
    for finding in findings:
        show()
        _print_finding(finding, folder)
    _print_probes(analysis, checked.probes)
    _print_judged_by(results)
    show()
    show(sum_up(checked))


def _print_modules(index: ModuleIndex, results: tuple[Result, ...], board: str) -> None:
    lines = module_lines(index, results, board)
    if not lines:
        return
    named = [
        replace(line.tally, name=f"{'  ' * line.depth}{line.place or 'the model'} {line.class_name}") for line in lines
    ]
    show()
    console().print(_tally_table("module in TT-NN", tuple(named)))
    departs = first_departure(index, results)
    if departs:
        show(f"the first module that departs from torch: {departs}")


def sum_up(checked: Checked) -> str:
    """`58 tests on ttnn 0.81.1, emulated n150: 57 passed, 1 failed, 0 not judged, 0 skipped`."""
    found = tally("all", list(checked.file.results), checked.file.environment.board)
    cached = f" ({checked.from_cache} results of earlier runs)" if checked.from_cache else ""
    return (
        f"{found.tests} tests on {environment_text(checked.file.environment)}: {found.passed} passed, "
        f"{found.failed} failed, {found.not_judged} not judged, {found.skipped} skipped{cached}"
    )


def _tally_table(first: str, tallies: tuple[Tally, ...]) -> Table:
    made = table(
        first, "tests", "passed", "failed", "not judged", "PCC computed", "relative error", "L1 per core", "of L1"
    )
    for line in tallies:
        not_judged = line.not_judged + line.skipped
        made.add_row(
            Text(line.name),
            str(line.tests),
            Text(str(line.passed), style="green" if line.passed == line.tests else ""),
            Text(str(line.failed), style="red" if line.failed else ""),
            Text(str(not_judged), style="yellow" if not_judged else ""),
            "" if line.pcc is None else f"{line.pcc:.6f}",
            "" if line.relative_error is None else f"{line.relative_error:.1e}",
            "" if line.l1_bytes_per_core is None else f"{line.l1_bytes_per_core:,} B",
            "" if line.l1_share is None else f"{line.l1_share:.0%}",
        )
    return made


def _print_finding(finding: Finding, folder: Path) -> None:
    result = finding.result
    word = result.outcome if result.outcome != "failed" else result.kind or "failed"
    show(f"{word}: {result.test} ({', '.join(finding.modes)})")
    speaker = "ttnn" if result.kind == "rejected" else "why"
    show(f"  {speaker + ':':<7}{result.words}")
    if result.call:
        show(f"  call:  {result.call}")
    for site in finding.sites:
        show(f"  model: {site}")
    if result.variation:
        show(f"  repro: bringup repro {result.variation} {folder}")


def _print_probes(analysis: Analysis, probes: tuple[Result, ...]) -> None:
    """What the registry says ttnn rejects, asked: a limit that is gone is worth more than any pass."""
    for result in probes:
        show()
        if result.kind == "rejected":
            show(f"rejected, as the registry says: {result.variation}")
            show(f"  ttnn:  {result.words}")
        elif result.outcome == "passed":
            show(f"taken, though the registry says it is rejected: {result.variation} is supported by this ttnn")
        else:
            show(f"{result.outcome}: {result.variation}, which the registry says is rejected: {result.words}")


def _print_judged_by(results: tuple[Result, ...]) -> None:
    """What tests judged by other than PCC, and what they saw of their reference: a pass says no more than that."""
    lines = [f"{result.test} ({result.mode}): {result.judged_by}" for result in results if result.judged_by]
    if lines:
        show()
        show("judged otherwise than by PCC, or beside a nan:")
    for line in lines[:_MOST_JUDGED_BY]:
        show(f"  {line}")
    if len(lines) > _MOST_JUDGED_BY:
        show(f"  and {len(lines) - _MOST_JUDGED_BY} more, in check.json")


def check_summary(analysis: Analysis, checked: Checked) -> dict[str, Any]:
    """What `check --json` prints."""
    results = checked.file.results
    board = checked.file.environment.board
    return {
        "environment": to_data(checked.file.environment),
        "all": to_data(tally("all", list(results), board)),
        "ops": [to_data(line) for line in tally_ops(analysis, results, board)],
        "modules": [to_data(line) for line in tally_modules(analysis, results, board)],
        "findings": [to_data(finding) for finding in find_findings(analysis, results)],
        "probes": [to_data(result) for result in checked.probes],
        "from_cache": checked.from_cache,
    }
