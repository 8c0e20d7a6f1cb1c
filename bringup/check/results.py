"""What running a folder's tests gave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["passed", "failed", "not judged", "skipped"]
Target = Literal["emulate", "hardware"]
Standing = Literal["emulated", "accepted", "rejected", "hardware", "unclear"]
"""Of a variation: `emulated` its values agree with torch; `accepted` ttnn took the call, no more; `rejected` ttnn
refused it, or died of it each time; `hardware` a board agrees with torch; `unclear` nothing can be said."""


@dataclass(frozen=True, slots=True)
class Result:
    """One test in one mode.

    Args:
        test: Its id without the mode: `tests/ops/test_add.py::test_add[layer1.0-x3]`.
        mode: `exact`, `rounded`, or `hardware`.
        variation: The input variation that it is for; empty for tests that a person wrote.
        outcome: `skipped` is what the test itself skipped: never a pass.
        kind: Of a failure: whose it is.
        words: Why it failed, was skipped or could not be judged.
        call: The ttnn call at which it failed, with its operands.
        pcc: The lowest PCC that it computed; None where it compares otherwise.
        relative_error: The largest relative error that it computed.
        judged_by: What a test judged by where it was not that, and what it saw of its reference.
        l1_bytes_per_core: Peak L1 per core in ttnn's own figures.
        seconds: How long it took; 0 for a result of an earlier run.
    """

    test: str
    mode: str
    variation: str
    outcome: Outcome
    kind: str = ""
    words: str = ""
    call: str = ""
    pcc: float | None = None
    relative_error: float | None = None
    l1_bytes_per_core: int | None = None
    judged_by: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Environment:
    """What the results hold for."""

    target: Target
    board: str
    ttnn: str
    torch: str
    compiler: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of one input variation, as coverage takes it over.

    Args:
        variation: Its id.
        lowering: Hash of the code that was run: a changed row needs a new run.
        standing: How far it is known.
        words: Why it is rejected or unclear, or how its values differ.
        l1_bytes_per_core: Peak L1 per core.
    """

    variation: str
    lowering: str
    standing: Standing
    words: str = ""
    l1_bytes_per_core: int | None = None


@dataclass(frozen=True, slots=True)
class CheckFile:
    """check.json: where, the evidence per variation, and every result."""

    environment: Environment
    evidence: tuple[Evidence, ...]
    results: tuple[Result, ...]


def has_findings(results: tuple[Result, ...]) -> bool:
    """Whether anything is not a pass."""
    return any(result.outcome != "passed" for result in results)


def standing_of(results: list[Result], target: Target) -> tuple[Standing, str]:
    """What a variation's results say of it, and in which words."""
    rejected = next((r for r in results if r.kind == "rejected"), None)
    if rejected:
        return "rejected", rejected.words
    if all(r.kind == "crash" for r in results):
        return "rejected", results[0].words
    if all(r.outcome == "passed" for r in results):
        if target == "hardware":
            return "hardware", ""
        return ("emulated", "") if any(r.mode == "exact" for r in results) else ("accepted", "")
    worst = next(r for r in results if r.outcome != "passed")
    if worst.kind == "wrong value":
        return "accepted", f"its values differ from torch's: {worst.words}"
    return "unclear", f"{worst.kind or worst.outcome}: {worst.words}"
