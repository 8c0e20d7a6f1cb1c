"""One op of the TT-NN model, with the calls that are written into it."""

from __future__ import annotations

from dataclasses import dataclass

from bringup.ir import OpCall
from bringup.variations import short_name


@dataclass(frozen=True, slots=True)
class Node:
    """One op of the TT-NN model: a call, with the calls that are written into it.

    `op` is the ATen overload, or the name of a pattern: `rms_norm`, `gelu_tanh`. `refused` is why ttnn does not run the
    call, in its words; empty where it was not asked, or runs it.
    """

    op: str
    call: OpCall
    outputs: tuple[str, ...]
    frame: str
    batch_norm: OpCall | None = None
    activation: OpCall | None = None
    last: OpCall | None = None
    refused: str = ""

    @property
    def name(self) -> str:
        """The op's short name."""
        return short_name(self.op) if self.op.startswith("aten.") else self.op

    def refs(self) -> tuple[str, ...]:
        """The tensors that the call itself reads."""
        return tuple(self.call.refs())
