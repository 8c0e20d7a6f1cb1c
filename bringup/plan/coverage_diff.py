"""What differs between two coverages: of two models, two boards, two ttnn versions, or before and after a change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bringup.coverage import SUPPORTED, Coverage, Verdict, evidence_text


@dataclass(frozen=True, slots=True)
class Change:
    """One input variation whose verdict differs.

    Args:
        op: The ATen op.
        variation: Its id, the same in every model.
        before, after: `native (emulated)`; empty where it is not there.
        reason: Why it is as it is now, or was.
        word: `gained` supported now and not before, `lost` the other way round, `only in A` or `B`, else `changed`.
    """

    op: str
    variation: str
    before: str
    after: str
    reason: str
    word: str


@dataclass(frozen=True, slots=True)
class CoverageDiff:
    """Two coverages side by side: each one's supported calls and evidence, then every difference."""

    calls: tuple[str, str]
    evidence: tuple[str, str]
    changes: tuple[Change, ...]
    same: int


_ORDER = ("lost", "gained", "changed", "only in A", "only in B")


def diff_coverages(before: Coverage, after: Coverage) -> CoverageDiff:
    """The differences, losses first."""
    old = {verdict.variation: verdict for verdict in before.verdicts}
    new = {verdict.variation: verdict for verdict in after.verdicts}
    changes = list(_changes(old, new))
    changes.sort(key=lambda change: (_ORDER.index(change.word), change.op, change.variation))
    return CoverageDiff(
        (_calls(before), _calls(after)),
        (evidence_text(before), evidence_text(after)),
        tuple(changes),
        sum(1 for id_ in old if id_ in new and _text(old[id_]) == _text(new[id_])),
    )


def _changes(old: dict[str, Verdict], new: dict[str, Verdict]) -> Iterable[Change]:
    for id_ in dict.fromkeys((*old, *new)):
        first, second = old.get(id_), new.get(id_)
        if first and second and _text(first) == _text(second):
            continue
        known = second or first
        assert known
        texts = (_text(first) if first else "", _text(second) if second else "")
        yield Change(known.op, id_, *texts, known.reason, _word(first, second))


def _word(first: Verdict | None, second: Verdict | None) -> str:
    if first is None:
        return "only in B"
    if second is None:
        return "only in A"
    if (first.status in SUPPORTED) == (second.status in SUPPORTED):
        return "changed"
    return "gained" if second.status in SUPPORTED else "lost"


def _text(verdict: Verdict) -> str:
    return f"{verdict.status} ({verdict.evidence})"


def _calls(coverage: Coverage) -> str:
    return f"{coverage.supported_calls:,} of {coverage.calls:,} op calls, {len(coverage.kinds)} op kinds"
