"""Moves on the device that lowerings need around an op: TILE against ROW_MAJOR, NHWC against NCHW.

Counted as the rows write them, each op from NCHW tiles to NCHW tiles. Neighbours that agree on another form can do
without, so a whole model needs at most these.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bringup.inventory import Operand, Variation
from bringup.ir import TensorType
from bringup.memory import activation_bytes
from bringup.ops.lowering import own_name
from bringup.ops.spec import Lowering

_TO_LAYOUT = re.compile(r"\bttnn\.(?:to_layout|tilize|untilize)\w*\(")
_PERMUTE = re.compile(r"\bttnn\.permute\(")


@dataclass(frozen=True, slots=True)
class LayoutMoves:
    """Per call, or summed over a model.

    Args:
        layout: Between TILE and ROW_MAJOR.
        axes: Between NCHW and NHWC (and their forms in 1-D and 3-D).
        bytes: Of the tensors moved, as tiles of bfloat16.
    """

    layout: int = 0
    axes: int = 0
    bytes: int = 0

    def __add__(self, other: LayoutMoves) -> LayoutMoves:
        return LayoutMoves(self.layout + other.layout, self.axes + other.axes, self.bytes + other.bytes)

    def times(self, calls: int) -> LayoutMoves:
        """Those of several calls."""
        return LayoutMoves(self.layout * calls, self.axes * calls, self.bytes * calls)


NO_MOVES = LayoutMoves()


def layout_moves(variation: Variation, lowering: Lowering) -> LayoutMoves:
    """The moves of one call of a variation."""
    activations = {own_name(name): o for name, o in variation.operands() if o.kind == "activation"}
    moved = LayoutMoves()
    is_channels_last = False
    for tensor in lowering.inputs:
        operand = activations.get(tensor.name)
        if operand is None or "device=device" not in tensor.to_ttnn:
            continue
        layout, axes = int("ROW_MAJOR" in tensor.to_ttnn), int(".permute(" in tensor.to_ttnn)
        is_channels_last |= bool(axes)
        moved += LayoutMoves(layout, axes, (layout + axes) * _bytes(operand))
    output = sum(_bytes(o) for o in variation.outputs[:1])
    text = "\n".join(lowering.ttnn)
    layout = len(_TO_LAYOUT.findall(text))
    axes = len(_PERMUTE.findall(text)) if is_channels_last else 0
    return moved + LayoutMoves(layout, axes, (layout + axes) * output)


def _bytes(operand: Operand) -> int:
    return activation_bytes(TensorType(operand.shape, operand.dtype))
