"""Pools, means over images, and resizing: channels last."""

from __future__ import annotations

from bringup.modules.flow import get
from bringup.modules.fuse_node import Node
from bringup.modules.lowerings.common import (
    ROWS,
    TILED,
    pair,
    ref,
)
from bringup.modules.program import Literal, Parts, Place, parts
from bringup.modules.ttnn_state import State


def pool(node: Node, state: State) -> bool:
    """A maximum or average over windows."""
    call = node.call
    x = ref(call, "self") or ref(call, "input")
    if len(state.shape(x)) != 4 or len(node.outputs) != 1 or get(call, "divisor_override") is not None:
        return False
    batch, channels, height, width = state.shape(x)
    kernel = pair(get(call, "kernel_size"), 1)
    arguments: dict[str, object] = {
        "batch_size": batch,
        "input_h": height,
        "input_w": width,
        "channels": channels,
        "kernel_size": list(kernel),
        "stride": list(pair(get(call, "stride"), 0) if get(call, "stride") else kernel),
        "padding": list(pair(get(call, "padding"), 0)),
    }
    if node.name == "max_pool2d":
        arguments["dilation"] = list(pair(get(call, "dilation"), 1))
    else:
        arguments["count_include_pad"] = bool(get(call, "count_include_pad"))
    arguments["ceil_mode"] = bool(get(call, "ceil_mode"))
    place = state.preparations.bundle(state.site(node), {}, {"arguments": arguments})
    state.emit(
        node,
        node.outputs,
        parts(f"{node.name}(", state.device(node, x, "rows"), ", ", Place(place), ")"),
        ROWS,
        hint="pooled",
    )
    return True


def adaptive_pool(node: Node, state: State) -> bool:
    """A pool to a given size; to one it is a mean."""
    x = ref(node.call, "self") or ref(node.call, "input")
    size = pair(get(node.call, "output_size"), 1)
    if len(state.shape(x)) != 4:
        return False
    if size == (1, 1):
        return _mean_of_rows(node, state, x, keepdim=True)
    batch, channels, height, width = state.shape(x)
    if size == (height, width):
        same = state.device(node, x, "rows")
        state.emit(node, node.outputs, (same,), state.held[same.value], is_view=True, is_heavy=False)
        return True
    if any(o > i for o, i in zip(size, (height, width), strict=True)):
        return False
    arguments = {
        "batch_size": batch,
        "input_h": height,
        "input_w": width,
        "channels": channels,
        "output_size": list(size),
    }
    place = state.preparations.bundle(state.site(node), {}, {"arguments": arguments})
    state.emit(
        node,
        node.outputs,
        parts(f"{node.name}(", state.device(node, x, "rows"), ", ", Place(place), ")"),
        ROWS,
        hint="pooled",
    )
    return True


def mean(node: Node, state: State) -> bool:
    """A mean over both spatial dimensions."""
    x = ref(node.call, "self")
    dims = get(node.call, "dim")
    rank = len(state.shape(x))
    if (
        rank != 4
        or state.form(x) != "rows"
        or not isinstance(dims, tuple)
        or {d % 4 for d in dims if isinstance(d, int)} != {2, 3}
    ):
        return False
    return _mean_of_rows(node, state, x, keepdim=bool(get(node.call, "keepdim")))


def _mean_of_rows(node: Node, state: State, x: str, *, keepdim: bool) -> bool:
    batch, channels, height, width = state.shape(x)
    operand: Parts = (state.device(node, x, "rows", "TILE"),)
    if batch != 1:
        operand = parts("ttnn.reshape(", *operand, ", ", Literal("shape", (batch, 1, height * width, channels)), ")")
    mean = parts("ttnn.mean(", *operand, ", dim=2, keepdim=True)")
    if keepdim:
        shape = (1, 1, batch, channels)
        held = ROWS
    else:
        shape, held = (batch, channels), TILED  # type: ignore[assignment]
    if keepdim and batch == 1:
        state.emit(node, node.outputs, mean, held, hint="mean")
    else:
        state.emit(
            node, node.outputs, parts("ttnn.reshape(", *mean, ", ", Literal("shape", shape), ")"), held, hint="mean"
        )
    return True


def upsample(node: Node, state: State) -> bool:
    """Nearest neighbours by whole factors."""
    x = node.refs()[0]
    batch, channels, height, width = state.shape(x)
    out = state.shape(node.outputs[0])
    factors = out[2] / height, out[3] / width
    is_nearest = "nearest" in node.name
    if not all(f.is_integer() for f in factors) or not is_nearest:
        return False
    place = state.preparations.bundle(
        state.site(node, "upsample"),
        {},
        {"arguments": {"shape": (batch, height, width, channels), "scale_factor": [int(f) for f in factors]}},
    )
    state.emit(
        node,
        node.outputs,
        parts("upsample(", state.device(node, x, "rows"), ", ", Place(place), ")"),
        ROWS,
        hint="upsampled",
    )
    return True
