"""The gaps of a model by class: an op that ttnn lacks, or an op with the limit that rejects it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import bringup.ops
from bringup.analysis import Analysis
from bringup.check.results import CheckFile, Result
from bringup.coverage import Verdict
from bringup.inventory import Variation
from bringup.issues.fingerprint import Cause, fingerprint, without_paths
from bringup.ops.asked import asked_lowering
from bringup.ops.lowering import calls_in
from bringup.ops.registry import registry
from bringup.ops.spec import NOT_WRITTEN, OpSpec
from bringup.variations import short_name

OTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    "fft_c2c": ("fft",),
    "fft_c2r": ("irfft", "fft"),
    "fft_r2c": ("rfft", "fft"),
    "grid_sampler_3d": ("grid_sample_3d", "grid_sample3d"),
    "linalg_inv_ex": ("inverse", "inv"),
}
"""Names under which ttnn may have an op that torch calls otherwise."""


@dataclass(frozen=True, slots=True)
class GapClass:
    """A gap: all variations of an op that ttnn does not run for the same reason.

    Args:
        fingerprint: Its key, the same in every model.
        cause: Why it does not run.
        op: The ATen op.
        ttnn: The ttnn ops that the variations lower to; empty for a missing one.
        words: ttnn's own words; empty when it was not asked, and for a missing op.
        limit: The limit as the registry has it; empty when it has none.
        decomposition: The other way there is, and its cost; or what stands in the way of one.
        call: The ttnn call at which it ended, where known.
        variations: Most calls first.
        is_certain: Whether ttnn itself said so: only then it may be filed.
    """

    fingerprint: str
    cause: Cause
    op: str
    ttnn: tuple[str, ...]
    words: str
    limit: str
    decomposition: str
    call: str
    variations: tuple[Variation, ...]
    is_certain: bool

    @property
    def id(self) -> str:
        """A name for files and the command line: `gru-1a2b3c4d`."""
        stem = re.sub(r"[^a-z0-9_]+", "_", short_name(self.op).lower(), flags=re.ASCII).strip("_")[:40] or "op"
        return f"{stem}-{self.fingerprint[:8]}"

    @property
    def is_bug(self) -> bool:
        """Whether it is reported as a bug; else it is a feature request."""
        return self.cause in ("crash", "wrong shape", "wrong value")

    @property
    def calls(self) -> int:
        """Op calls of the model that it stops."""
        return sum(variation.count for variation in self.variations)


@dataclass(frozen=True, slots=True)
class NotDrafted:
    """A gap of the model that is not TT-NN's to close, and why."""

    op: str
    calls: int
    why: str


@dataclass(frozen=True, slots=True)
class Gaps:
    """The gaps of a model, and those that make no issue."""

    classes: tuple[GapClass, ...]
    not_drafted: tuple[NotDrafted, ...]


@cache
def known_ttnn_ops() -> frozenset[str]:
    """The ops of the ttnn release that the registry describes."""
    lines = (Path(bringup.ops.__file__).parent / "ttnn_ops.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line.startswith("ttnn."))


def ttnn_op_for(op: str, names: frozenset[str]) -> str:
    """A ttnn op with the name of an ATen op, or with another name of it; empty when there is none."""
    name = short_name(op)
    wanted = (name, *OTHER_NAMES.get(name, ()))
    found = [f"{room}.{n}" for n in wanted for room in ("ttnn", "ttnn.transformer", "ttnn.experimental")]
    return next((candidate for candidate in found if candidate in names), "")


def find_gap_classes(analysis: Analysis, check: CheckFile | None) -> Gaps:
    """The gaps of a model, most calls first.

    Args:
        check: What a check found; None when there was none.
    """
    variations = {variation.id: variation for variation in analysis.inventory.variations}
    calls: dict[str, str] = {}
    for result in check.results if check else ():
        if result.kind in ("rejected", "crash"):
            calls.setdefault(result.variation, result.call)
    found: dict[str, GapClass] = {}
    left_out: dict[str, NotDrafted] = {}
    for verdict in analysis.coverage.gaps:
        name = ttnn_op_for(verdict.op, known_ttnn_ops()) if verdict.status == "missing" else ""
        if verdict.status == "unknown":
            _leave_out(left_out, verdict, "the registry has no row for it: whether TT-NN has it is not known")
        elif name:
            _leave_out(left_out, verdict, f"{name} is there: the gap is one of bringup's row, not of TT-NN")
        elif verdict.source == NOT_WRITTEN:
            _leave_out(left_out, verdict, "ttnn was not asked about it: the gap is one of bringup's row, not of TT-NN")
        elif (
            verdict.evidence == "table" and verdict.status == "rejected" and _is_complex(variations[verdict.variation])
        ):
            _leave_out(
                left_out, verdict, "it only carries complex tensors: the gap is that of the ops that compute them"
            )
        else:
            _add(found, _from_verdict(verdict, variations[verdict.variation], calls.get(verdict.variation, "")))
    for result in check.results if check else ():
        cause = _bug(result, check.environment.target) if check else None
        if cause and result.variation in variations:
            _add(found, _bug_gap(cause, result.words, result.call, variations[result.variation]))
        elif result.kind == "crash" and not result.variation:
            op = _first_op((result.call, result.words)) or "ttnn"
            if not any(gap.cause == "crash" and op in gap.ttnn for gap in found.values()):
                why = f"the process ended in {result.test}, and no test of an op shows it: report it by hand"
                left_out.setdefault(result.test, NotDrafted(op, 1, why))
    classes = sorted(found.values(), key=lambda gap: (-gap.calls, gap.op, gap.fingerprint))
    return Gaps(tuple(classes), tuple(sorted(left_out.values(), key=lambda gap: (-gap.calls, gap.op))))


def draft_of_variations(analysis: Analysis) -> dict[str, str]:
    """The draft of each input variation that has a gap, as far as the coverage alone tells."""
    return {v.id: gap.id for gap in find_gap_classes(analysis, None).classes for v in gap.variations}


def _is_complex(variation: Variation) -> bool:
    operands = (*(operand for _, operand in variation.operands()), *variation.outputs)
    return any(operand.dtype.startswith("complex") for operand in operands)


def _leave_out(left_out: dict[str, NotDrafted], verdict: Verdict, why: str) -> None:
    before = left_out[verdict.op].calls if verdict.op in left_out else 0
    left_out[verdict.op] = NotDrafted(verdict.op, before + verdict.calls, why)


def _add(found: dict[str, GapClass], gap: GapClass) -> None:
    """Put a gap of one variation to its class."""
    known = found.get(gap.fingerprint)
    members = {v.id: v for v in (*(known.variations if known else ()), *gap.variations)}
    ordered = tuple(sorted(members.values(), key=lambda v: (-v.count, v.id)))
    base = known or gap
    found[gap.fingerprint] = GapClass(
        base.fingerprint, base.cause, base.op, base.ttnn, base.words, base.limit, base.decomposition,
        base.call or gap.call, ordered, base.is_certain,
    )  # fmt: skip


def _from_verdict(verdict: Verdict, variation: Variation, call: str) -> GapClass:
    row = registry().get(verdict.op)
    if verdict.status == "missing":
        key = fingerprint(verdict.op, "missing", "")
        return GapClass(key, "missing", verdict.op, (), "", "", verdict.reason, "", (variation,), True)
    if verdict.is_crash:
        return _bug_gap("crash", verdict.reason.removeprefix("ttnn: "), call, variation)
    words = verdict.reason.removeprefix("ttnn: ") if verdict.evidence == "rejected" else ""
    words = without_paths(words) if verdict.reason.startswith("ttnn: ") else ""
    limit = failing_limit(row, variation)
    key = fingerprint(verdict.op, "rejected", words or f"needs {limit or verdict.reason}")
    return GapClass(
        key, "rejected", verdict.op, _refusing(verdict, row, variation, call), words, limit,
        row.reason if row else "", call, (variation,), bool(words),
    )  # fmt: skip


def _refusing(verdict: Verdict, row: OpSpec | None, variation: Variation, call: str) -> tuple[str, ...]:
    """The ttnn op that refuses: where it ended; else the one of the op's own name; else all of the lowering's."""
    if _first_op((call,)):
        return (_first_op((call,)),)
    names = verdict.ttnn or (row.ttnn if row else ())
    lowering = asked_lowering(variation, row)
    if lowering:
        names = calls_in(lowering.ttnn) or names
    own = tuple(name for name in names if name.rpartition(".")[2] == short_name(verdict.op))
    return own or names


def failing_limit(row: OpSpec | None, variation: Variation) -> str:
    """The first limit of a row that a variation does not keep to; empty when it keeps to all."""
    return next((limit.needs for limit in (row.beyond(variation) if row else ())), "")


def _bug(result: Result, target: str) -> Cause | None:
    """A result that only a bug of ttnn explains: shapes are ttnn's own everywhere, values only on a board."""
    if result.kind != "wrong value":
        return None
    if "shape computed" in result.words:
        return "wrong shape"
    return "wrong value" if target == "hardware" else None


def _bug_gap(cause: Cause, words: str, call: str, variation: Variation) -> GapClass:
    row = registry().get(variation.op)
    ended_in = _first_op((call, words))
    ttnn = (ended_in,) if ended_in else (row.ttnn if row else ())
    return GapClass(
        fingerprint(variation.op, cause, ended_in), cause, variation.op, ttnn, without_paths(words), "",
        row.reason if row else "", call, (variation,), True,
    )  # fmt: skip


def _first_op(texts: Iterable[str]) -> str:
    return next((match[0] for text in texts if (match := re.search(r"\bttnn(?:\.\w+)+", text))), "")
