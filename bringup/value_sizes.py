"""Ops whose results have a size that depends on values, and how large it can be."""

from __future__ import annotations

import math

from bringup.inventory import Variation

_ALL_ELEMENTS = (
    "aten.nonzero.",
    "aten.masked_select.",
    "aten._unique2.",
    "aten.unique_consecutive.",
    "aten._unique.",
    "aten.argwhere.",
)
_ROWS = ("torchvision.nms.", "aten.unique_dim.")


def value_dependent(variation: Variation) -> str:
    """Why an op stays on the host, with the size at the example inputs and its bound; empty for any other op."""
    bound = _bound(variation)
    if bound is None:
        return ""
    size = variation.outputs[0].shape[0] if variation.outputs and variation.outputs[0].shape else 1
    most = f", at most {bound}" if bound >= 0 else ""
    return (
        f"the size of its output depends on values ({size} at the example inputs{most}); a graph on the device has "
        "fixed shapes: it runs on the host, and what follows has the size of the example"
    )


def _bound(variation: Variation) -> int | None:
    """The largest size; -1 where nothing bounds it, None where the size does not depend on values."""
    operands = [operand for _, operand in variation.operands()]
    if not operands:
        return None
    first = operands[0].shape
    if variation.op.startswith(_ALL_ELEMENTS):
        return math.prod(first)
    if variation.op.startswith(_ROWS):
        return first[0] if first else 1
    if variation.op.startswith("aten.repeat_interleave.Tensor") and variation.get("output_size") is None:
        return -1
    if variation.op.startswith(("aten.index.Tensor", "aten._unsafe_index.Tensor")):
        masks = [operand for operand in operands[1:] if operand.dtype in ("bool", "uint8")]
        return math.prod(masks[0].shape) if masks else None
    return None
