"""What a gap costs a model, and what closing it would give."""

from __future__ import annotations

from dataclasses import dataclass

from bringup.analysis import Analysis
from bringup.coverage import Moves, count_moves
from bringup.issues.gaps import GapClass
from bringup.plan.card import bytes_text
from bringup.plural import counted


@dataclass(frozen=True, slots=True)
class Impact:
    """Sentences.

    Args:
        unlocks: What closing it gives.
        meanwhile: What runs in its place now, and which tensors move for it.
        decomposition: The other way, and its cost.
    """

    unlocks: str
    meanwhile: str
    decomposition: str


def impact_of(analysis: Analysis, gap: GapClass) -> Impact:
    """The impact of a gap on a model."""
    coverage = analysis.coverage
    ids = {variation.id for variation in gap.variations}
    open_gaps = {verdict.variation for verdict in coverage.gaps}
    others = open_gaps - ids
    now = count_moves(analysis.graph, analysis.inventory, open_gaps | ids)
    then = count_moves(analysis.graph, analysis.inventory, others)
    modules = len({site.module for variation in gap.variations for site in variation.sites})
    whole = "the traced model" if analysis.graph.is_complete else "what could be traced of the model"
    rest = (
        f"{whole} then runs fully on the device"
        if not others
        else f"{counted(len(others), 'other input variation')} of the model still "
        f"{'has' if len(others) == 1 else 'have'} no way to run there"
    )
    return Impact(
        f"unlocks {counted(gap.calls, 'op call')} of {coverage.calls:,}, in {counted(modules, 'module')}; {rest}",
        f"these calls run in torch on the host ({_moves(now, then)})",
        _decomposition(gap),
    )


def _moves(now: Moves, then: Moves) -> str:
    down, up = now.from_device - then.from_device, now.to_device - then.to_device
    if down <= 0 and up <= 0:
        return "no tensor moves for this alone"
    moved = bytes_text(max(0, now.bytes - then.bytes))
    leave, back = max(0, down), max(0, up)
    return f"tensors that leave the device for it: {leave}, that come back: {back}; {moved} a run as float32"


def _decomposition(gap: GapClass) -> str:
    if gap.cause == "missing":
        return gap.decomposition or "none is known"
    if gap.is_bug:
        return "none: the call is the plain lowering of the op"
    known = f" (the lowering tried is itself one: {gap.decomposition})" if gap.decomposition else ""
    return f"bringup's registry of lowerings has no other for these calls{known}"
