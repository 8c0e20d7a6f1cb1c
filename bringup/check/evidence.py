"""What a check found, taken over into coverage. Needs neither torch nor ttnn."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path

from bringup.check.results import CheckFile, Environment, Evidence, Result, Target, standing_of
from bringup.coverage import Coverage, Verdict, rejudge
from bringup.errors import FolderError
from bringup.inventory import Inventory, Variation
from bringup.ir import Graph
from bringup.json_files import from_json
from bringup.modules.test_plan import MODEL_TEST
from bringup.ops.asked import asked_lowering
from bringup.ops.spec import OpSpec, Status
from bringup.target.runtime_root import installed_ttnn

CHECK_FILE = "check.json"


def lowering_text(variation: Variation, row: OpSpec | None) -> str:
    """The code that a variation's test runs, as text; empty for a row that has none, or cannot write it."""
    lowering = asked_lowering(variation, row)
    return json.dumps([row.op, asdict(lowering)], sort_keys=True, default=str) if row and lowering else ""


def lowering_hash(variation: Variation, row: OpSpec | None) -> str:
    """A short hash of a variation's code."""
    return hashlib.sha256(lowering_text(variation, row).encode()).hexdigest()[:16]


def installed_version() -> str:
    """The version of the ttnn that is installed; empty when none is."""
    ttnn = installed_ttnn()
    return ttnn.version if ttnn else ""


def read_check(folder: Path) -> CheckFile | None:
    """A folder's check.json; None when it is missing or of another form: evidence that cannot be read is none."""
    path = folder / CHECK_FILE
    try:
        return from_json(CheckFile, path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError, FolderError):
        return None


def folded_evidence(
    coverage: Coverage, inventory: Inventory, rows: Mapping[str, OpSpec], results: Iterable[Result], target: Target
) -> tuple[Evidence, ...]:
    """What the whole model's test shows: with it passed, what was left out of the device's work had nothing to do.

    On an emulated board exact mode decides: what rounding does to a model (a router's choice) is no matter of folding.
    """
    modes = ("exact",) if target == "emulate" else ("hardware",)
    found = [result for result in results if result.test == MODEL_TEST and result.mode in modes]
    standing, _ = standing_of(found, target) if found else ("unclear", "")
    if standing not in ("emulated", "hardware"):
        return ()
    folded = {verdict.variation for verdict in coverage.verdicts if verdict.status == "folded"}
    return tuple(
        Evidence(variation.id, lowering_hash(variation, rows.get(variation.op)), standing)
        for variation in inventory.variations
        if variation.id in folded
    )


def apply_evidence(
    coverage: Coverage, graph: Graph, inventory: Inventory, rows: Mapping[str, OpSpec], check: CheckFile | None
) -> Coverage:
    """The coverage with a check's evidence; that of a row which changed since, or of another ttnn, is void."""
    if check is None:
        return coverage
    here = installed_version() or coverage.ttnn
    if check.environment.ttnn != here:
        return replace(coverage, void_check=f"check.json is of ttnn {check.environment.ttnn}, and {here} is installed")
    variations = {variation.id: variation for variation in inventory.variations}
    known = {entry.variation: entry for entry in check.evidence}
    source = environment_text(check.environment)
    verdicts = []
    for verdict in coverage.verdicts:
        entry, row = known.get(verdict.variation), rows.get(verdict.op)
        if entry and entry.lowering == lowering_hash(variations[verdict.variation], row):
            verdict = verdict_with(verdict, entry, row, check.environment)
        verdicts.append(verdict)
    return rejudge(coverage, graph, inventory, tuple(verdicts), source)


def verdict_with(verdict: Verdict, entry: Evidence, row: OpSpec | None, environment: Environment) -> Verdict:
    """A verdict by the registry with what a check found."""
    source = environment_text(environment)
    verdict = replace(verdict, l1_bytes_per_core=entry.l1_bytes_per_core)
    if entry.standing == "rejected":
        reason = f"ttnn: {entry.words}" if entry.words else verdict.reason
        return replace(verdict, status="rejected", evidence="rejected", reason=reason, source=source)
    if entry.standing == "unclear":
        return replace(verdict, reason=_and(verdict.reason, f"not settled by the check: {entry.words}"))
    is_lifted = verdict.status == "rejected" and row is not None
    if is_lifted and entry.standing == "accepted" and entry.words:  # ttnn took it, and did something else
        return replace(verdict, reason=_and(verdict.reason, entry.words))
    lifted: Status = "composite" if row and (row.status == "composite" or len(verdict.ttnn) > 1) else "native"
    status = lifted if is_lifted else verdict.status
    reason = row.reason if row and is_lifted else verdict.reason
    if entry.words:
        reason = _and(reason, entry.words)
    return replace(verdict, status=status, evidence=entry.standing, reason=reason, source=source)


def _and(first: str, second: str) -> str:
    return f"{first}; {second}" if first else second


def environment_text(environment: Environment) -> str:
    """`ttnn 0.81.1, emulated n150`."""
    board = f"emulated {environment.board}" if environment.target == "emulate" else "hardware"
    return f"ttnn {environment.ttnn}, {board}"
