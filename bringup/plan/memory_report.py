"""What a model needs of each board's DRAM, and what would have to give."""

from __future__ import annotations

from dataclasses import dataclass

from bringup.analysis import Analysis
from bringup.boards import BOARDS, Board
from bringup.memory import plan_memory
from bringup.plan.card import Fact, bytes_text
from bringup.weight_memory import weight_bytes

_WRITERS = ("nlp_causal_lm", "conditional_generation", "mm_conditional_generation")
_PACKED = 1088 / 2048
"""Of a bfloat8_b tile to one in bfloat16."""


@dataclass(frozen=True, slots=True)
class Need:
    """Bytes on the device: weights in bfloat16, activations at the worst call, and what is kept between calls."""

    weights: int
    activations: int
    kept: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.weights + self.activations + self.kept


def need_of(analysis: Analysis) -> Need:
    """What a model needs. Caches count where it writes token by token: they were switched off to trace it."""
    memory = plan_memory(analysis.graph)
    caches = memory.caches if analysis.info.task in _WRITERS else 0
    return Need(weight_bytes(analysis.graph, "bfloat16"), memory.peak, caches + memory.states)


def memory_facts(analysis: Analysis, peak_l1: str) -> tuple[Fact, ...]:
    """What the model needs against each board."""
    memory, need = plan_memory(analysis.graph), need_of(analysis)
    where = f" (at {memory.peak_call} in {memory.peak_module or 'the forward'})" if memory.peak_call else ""
    return (
        Fact("Weights, bfloat16 tiles", bytes_text(need.weights)),
        Fact("Activations at the worst call", f"{bytes_text(memory.peak)}{where}"),
        *_cache_facts(analysis, memory.caches),
        *((Fact("States of recurrent ops", bytes_text(memory.states)),) if memory.states else ()),
        Fact("Peak L1 per core of one call", peak_l1),
        *(Fact(f"On {board.name}", fit_text(need, board)) for board in BOARDS),
    )


def boards_that_fit(analysis: Analysis) -> str:
    """The boards whose DRAM holds weights in bfloat16, activations, and what is kept between calls."""
    total = need_of(analysis).total
    return ", ".join(b.name for b in BOARDS if total <= b.dram_bytes) or "no board as it is: see Memory"


def _cache_facts(analysis: Analysis, caches: int) -> tuple[Fact, ...]:
    if analysis.info.task not in _WRITERS:
        return ()
    if not caches:
        why = "no attention op stands in the graph; caches and states of another kind come on top"
        return (Fact("Key and value caches", f"not known: {why}"),)
    text = f"{bytes_text(caches)} at this batch and sequence, as bfloat16 tiles; in proportion to both"
    return (Fact("Key and value caches", text),)


def fit_text(need: Need, board: Board) -> str:
    """Whether a model fits, else what has to give: the weights' dtype, then caches, then activations."""
    room = board.dram_bytes
    if need.total <= room:
        return f"fits, {need.total / room:.1%} of DRAM"
    packed = int(need.weights * _PACKED)
    if packed + need.activations + need.kept <= room:
        return f"does not fit in bfloat16; fits with bfloat8_b weights ({bytes_text(packed)})"
    left = room - packed - need.activations
    if need.kept and left > 0:
        return (
            f"fits with bfloat8_b weights and caches of {left / need.kept:.0%} of these: batch or sequence have to give"
        )
    if packed <= room:
        return "fits with bfloat8_b weights and a smaller batch or sequence: activations have to give"
    return f"does not fit: even bfloat8_b weights need {packed / room:.1f} x its DRAM; spread it over chips"
