"""How the row of a call writes it, or why it does not."""

from __future__ import annotations

from collections.abc import Mapping

from bringup.inventory import Variation
from bringup.modules.fuse_node import Node
from bringup.modules.ttnn_state import State
from bringup.ops.spec import CANNOT_WRITE, Lowering, OpSpec
from bringup.variations import variation_of_call


class CannotLower(Exception):
    """The row cannot write this call: it falls back to torch."""


def lowering_of(node: Node, state: State, rows: Mapping[str, OpSpec]) -> tuple[Variation, Lowering]:
    """A call as a variation, and how its row writes it.

    Raises:
        CannotLower: there is no row, or it does not write this variation.
    """
    spec = rows.get(node.op)
    if spec is None or spec.lower is None:
        raise CannotLower(spec.reason if spec else "there is no row for it")
    variation = variation_of_call(node.call, state.flow.values, state.flow.read)
    for broken in spec.beyond(variation):
        raise CannotLower(f"ttnn needs {broken.needs}, got {broken.got(variation)}")
    try:
        return variation, spec.lower(variation)
    except CANNOT_WRITE as error:
        raise CannotLower(f"{node.op}: {error}") from error
