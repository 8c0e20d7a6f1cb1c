"""Products of complex tensors, by the helpers of `tt/layers.py`; what else is done to them is written as in op tests."""

from __future__ import annotations

from bringup.ir import Ref
from bringup.modules.fuse_node import Node
from bringup.modules.lowerings.common import TILED, is_complex
from bringup.modules.program import parts
from bringup.modules.row_lowering import CannotLower, lowering_of
from bringup.modules.ttnn_state import State
from bringup.ops.lowering import PAIR
from bringup.ops.registry import registry

_HELPERS = {
    **dict.fromkeys(("mul", "multiply"), "complex_multiply"),
    **dict.fromkeys(("mm", "bmm", "matmul"), "complex_matmul"),
}


def renamed(node: Node, state: State) -> bool:
    """What torch sees as another tensor and is the same on the device: pairs of real and imaginary part."""
    x = node.refs()[0]
    if not state.is_device(x):
        return False
    operand = state.device(node, x, "native")
    state.emit(node, node.outputs, (operand,), state.held[operand.value], is_view=True, is_heavy=False)
    return True


def product(node: Node, state: State) -> bool:
    """A product of two complex tensors; False for one with a number or a real tensor."""
    operands = [argument.value for argument in node.call.arguments[:2]]
    refs = [value.ref for value in operands if isinstance(value, Ref)]
    if len(refs) != 2 or not all(is_complex(state, ref) for ref in refs):
        return False
    try:
        lowering_of(node, state, registry())
    except CannotLower:
        return False
    first, second = (state.operand(node, ref, PAIR) for ref in refs)
    state.emit(node, node.outputs, parts(f"{_HELPERS[node.name]}(", first, ", ", second, ")"), TILED, hint=node.name)
    return True


OF_COMPLEX = {
    **dict.fromkeys(("view_as_real", "view_as_complex", "resolve_conj"), renamed),
    **dict.fromkeys(_HELPERS, product),
}
"""The ways of ops where a complex tensor is among their operands or results; the others are for real tensors."""
