"""A check in tables: per op kind, per module class, and each failure with where it comes from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bringup.analysis import Analysis
from bringup.check.results import Result
from bringup.inventory import Variation
from bringup.plan.coverage_report import merge_sites
from bringup.target.mock_board import find_board

_MAX_SITES = 3


@dataclass(frozen=True, slots=True)
class Tally:
    """Tests of one op kind or module class; a test counts once, with the worst of its modes.

    Args:
        name: `aten.linear.default`, or a module class.
        tests: How many.
        passed, failed, not_judged, skipped: How they ended.
        pcc: Lowest computed PCC in rounded mode or on hardware.
        relative_error: Largest computed relative error in exact mode.
        l1_bytes_per_core: Largest L1 per core.
        l1_share: The same as a part of what the board has.
    """

    name: str
    tests: int
    passed: int
    failed: int
    not_judged: int
    skipped: int
    pcc: float | None
    relative_error: float | None
    l1_bytes_per_core: int | None
    l1_share: float | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One test that did not pass.

    Args:
        result: Its result in the mode that says most.
        modes: The modes in which it did not pass.
        sites: Where in the torch model its calls come from.
    """

    result: Result
    modes: tuple[str, ...]
    sites: tuple[str, ...]


def tally_ops(analysis: Analysis, results: Iterable[Result], board: str) -> tuple[Tally, ...]:
    """One line per op kind, in the order of the model's ops; tests of a person's come last, under `(other tests)`."""
    op_of = {variation.id: variation.op for variation in analysis.inventory.variations}
    groups: dict[str, list[Result]] = {op: [] for op in op_of.values()}
    for result in results:
        groups.setdefault(op_of.get(result.variation, "(other tests)"), []).append(result)
    return tuple(tally(op, found, board) for op, found in groups.items() if found)


def tally_modules(analysis: Analysis, results: Iterable[Result], board: str) -> tuple[Tally, ...]:
    """One line per module class of the model; an op of torch.nn's own modules counts for the class around it."""
    by_variation: dict[str, list[Result]] = {}
    for result in results:
        by_variation.setdefault(result.variation, []).append(result)
    class_of = {
        path: module.name
        for module in analysis.inventory.modules
        for structure in module.structures
        for path in structure.instances
    }
    groups: dict[str, list[Result]] = {name: [] for name in class_of.values()}
    for variation in analysis.inventory.variations:
        for name in dict.fromkeys(_class_around(class_of, site.module) for site in variation.sites):
            groups.setdefault(name, []).extend(by_variation.get(variation.id, []))
    return tuple(tally(name, found, board) for name, found in groups.items() if found)


def _class_around(class_of: Mapping[str, str], module: str) -> str:
    """The class of the innermost module of the model's own around a path."""
    while module and module not in class_of:
        module = module.rpartition(".")[0]
    return class_of.get(module, "(the model)")


def tally(name: str, results: list[Result], board: str) -> Tally:
    """Results as one line."""
    outcomes = Counter(worst_outcome(group) for group in by_test(results).values())
    rounded = [r.pcc for r in results if r.pcc is not None and r.mode != "exact"]
    exact = [r.relative_error for r in results if r.relative_error is not None and r.mode == "exact"]
    needed = max((r.l1_bytes_per_core for r in results if r.l1_bytes_per_core is not None), default=None)
    return Tally(
        name,
        sum(outcomes.values()),
        outcomes["passed"],
        outcomes["failed"],
        outcomes["not judged"],
        outcomes["skipped"],
        min(rounded, default=None),
        max(exact, default=None),
        needed,
        needed / find_board(board).l1_bytes if needed is not None else None,
    )


def by_test(results: Iterable[Result]) -> dict[str, list[Result]]:
    """The results of each test, over its modes."""
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(result.test, []).append(result)
    return groups


def worst_outcome(results: Iterable[Result]) -> str:
    """`failed` before `not judged` before `skipped` before `passed`."""
    found = {result.outcome for result in results}
    return next(outcome for outcome in ("failed", "not judged", "skipped", "passed") if outcome in found)


def find_findings(analysis: Analysis, results: Iterable[Result]) -> tuple[Finding, ...]:
    """Every test that did not pass, once."""
    variations = {variation.id: variation for variation in analysis.inventory.variations}
    findings = []
    for group in by_test(results).values():
        bad = [result for result in group if result.outcome != "passed"]
        if bad:
            worst = next((r for r in bad if r.outcome == worst_outcome(bad)), bad[0])
            findings.append(Finding(worst, tuple(r.mode for r in bad), _sites(variations, worst.variation)))
    return tuple(findings)


def _sites(variations: Mapping[str, Variation], id_: str) -> tuple[str, ...]:
    return merge_sites(variations[id_].sites)[:_MAX_SITES] if id_ in variations else ()
