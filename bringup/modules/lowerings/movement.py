"""Views and joins: between channels last and torch's own order nothing moves where it need not."""

from __future__ import annotations

from bringup.ir import Ref
from bringup.modules.flow import get
from bringup.modules.fuse_node import Node
from bringup.modules.lowerings.common import (
    TILED,
    is_float,
)
from bringup.modules.program import Literal, Part, Use, parts
from bringup.modules.ttnn_state import Form, Held, State


def unbind(node: Node, state: State) -> bool:
    """A split and a squeeze of each part."""
    x = node.refs()[0]
    dim = get(node.call, "dim")
    if not state.is_device(x) or not isinstance(dim, int):
        return False
    axis = dim % len(state.shape(x))
    operand = state.device(node, x, "native")
    expression = parts(f"[ttnn.squeeze(part, {axis}) for part in ttnn.split(", operand, f", 1, dim={axis})]")
    state.emit(
        node, node.outputs, expression, Held("native", state.held[x].layout, "bfloat16"), hint="part", is_list=True
    )
    return True


def cat(node: Node, state: State) -> bool:
    """A join; of channels where the tensors are channels last."""
    tensors = get(node.call, "tensors")
    refs = [item.ref for item in tensors if isinstance(item, Ref)] if isinstance(tensors, tuple) else []
    dim = get(node.call, "dim")
    rank = len(state.shape(node.outputs[0]))
    refs = [ref for ref in refs if 0 not in state.shape(ref)]
    if not isinstance(dim, int) or not all(state.is_device(ref) for ref in refs) or len(refs) < 2:
        return False
    is_rows = rank == 4 and dim % 4 == 1 and any(state.form(ref) == "rows" for ref in refs)
    form: Form = "rows" if is_rows else "native"
    operands: list[Part] = []
    for index, ref in enumerate(refs):
        operands += [*([", "] if index else []), state.device(node, ref, form, "TILE")]
    axis = 3 if is_rows else dim % rank
    state.emit(
        node,
        node.outputs,
        parts("ttnn.concat([", *operands, f"], dim={axis})"),
        Held(form, "TILE", "bfloat16"),
        hint="joined",
    )
    return True


def reshape(node: Node, state: State) -> bool:
    """Views of an NHWC tensor that only drop or join its dimensions."""
    x = node.refs()[0]
    shape, out = state.shape(x), state.shape(node.outputs[0])
    if not state.is_device(x) or state.form(x) != "rows" or len(shape) != 4:
        return False
    batch, channels, height, width = shape
    if height == width == 1 and out in ((batch, channels), (batch, channels, 1)):
        held = TILED
    elif out == (batch, channels, height * width):
        held = Held("sequence", state.held[x].layout, "bfloat16")
        operand = state.device(node, x, "rows")
        target = Literal("shape", (batch, height * width, channels))
        state.emit(
            node, node.outputs, parts("ttnn.reshape(", operand, ", ", target, ")"), held, hint="tokens", is_view=True
        )
        return True
    else:
        return False
    operand = state.device(node, x, "rows")
    state.emit(
        node,
        node.outputs,
        parts("ttnn.reshape(", operand, ", ", Literal("shape", out), ")"),
        held,
        hint="flat",
        is_view=True,
    )
    return True


def permute(node: Node, state: State) -> bool:
    """Between NCHW as rows and torch's own NHWC nothing moves."""
    x = node.refs()[0]
    if not state.is_device(x):
        return False
    rank = len(state.shape(x))
    dims = _dims(node, rank)
    out = state.shape(node.outputs[0])
    form = state.form(x)
    if form == "sequence" and dims == (0, 2, 1):
        state.emit(
            node,
            node.outputs,
            (Use(x),),
            Held("native", state.held[x].layout, "bfloat16"),
            is_view=True,
            is_heavy=False,
        )
        return True
    if form == "rows" and dims == (0, 2, 3, 1):
        expression = parts("ttnn.reshape(", Use(x), ", ", Literal("shape", out), ")")
        state.emit(node, node.outputs, expression, Held("native", state.held[x].layout, "bfloat16"), is_view=True)
        return True
    if form == "native" and rank == 4 and dims == (0, 3, 1, 2) and is_float(state, x):
        rows = (1, 1, out[0] * out[2] * out[3], out[1])
        expression = parts("ttnn.reshape(", state.device(node, x, "native"), ", ", Literal("shape", rows), ")")
        state.emit(node, node.outputs, expression, Held("rows", state.held[x].layout, "bfloat16"), is_view=True)
        return True
    return False


def _dims(node: Node, rank: int) -> tuple[int, ...]:
    if node.name == "permute":
        given = get(node.call, "dims")
        return tuple(d % rank for d in given if isinstance(d, int)) if isinstance(given, tuple) else ()
    first, second = get(node.call, "dim0"), get(node.call, "dim1")
    if not isinstance(first, int) or not isinstance(second, int):
        return ()
    listed = list(range(rank))
    listed[first % rank], listed[second % rank] = listed[second % rank], listed[first % rank]
    return tuple(listed)
