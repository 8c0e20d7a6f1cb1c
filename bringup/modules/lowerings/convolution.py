"""Convolutions with what is folded and fused into them, and batch norms that stand alone: channels last."""

from __future__ import annotations

from bringup.modules.flow import get
from bringup.modules.fuse_node import Node
from bringup.modules.lowerings.common import (
    CHANNEL_HOW,
    HOST_BIAS_HOW,
    ROWS,
    activation_text,
    is_weight,
    pair,
    ref,
)
from bringup.modules.preparation import Prepared
from bringup.modules.program import Parts, Place, parts
from bringup.modules.ttnn_state import Held, State
from bringup.ops.lowering import HOST


def convolution(node: Node, state: State) -> bool:
    """A 2-D convolution, transposed or not, with its batch norm folded in and its activation fused."""
    call = node.call
    x, weight, bias = ref(call, "input"), ref(call, "weight"), ref(call, "bias")
    if len(state.shape(x)) != 4 or not is_weight(state, weight, bias):
        return False
    is_transposed = node.name == "conv_transpose2d"
    batch, channels, height, width = state.shape(x)
    arguments: dict[str, object] = {
        "batch_size": batch,
        "input_height": height,
        "input_width": width,
        "in_channels": channels,
        "out_channels": state.shape(node.outputs[0])[1],
        "kernel_size": state.shape(weight)[2:],
        "stride": pair(get(call, "stride"), 1),
        "padding": _padding(node, state),
        "dilation": pair(get(call, "dilation"), 1),
        "groups": get(call, "groups"),
    }
    if is_transposed:
        arguments["output_padding"] = pair(get(call, "output_padding"), 0)
    place = state.preparations.bundle(state.site(node), _conv_weights(node, state), {"arguments": arguments})
    activation = activation_text(node.activation)
    given: Parts = (f", activation={activation}",) if activation else ()
    operand = state.device(node, x, "rows")
    state.emit(
        node, node.outputs, parts(f"{node.name}(", operand, ", ", Place(place), *given, ")"), ROWS, hint="output"
    )
    return True


def conv1d(node: Node, state: State) -> bool:
    """A 1-D convolution on (N, L, C)."""
    call = node.call
    x, weight, bias = ref(call, "input"), ref(call, "weight"), ref(call, "bias")
    if len(state.shape(x)) != 3 or not is_weight(state, weight, bias):
        return False
    batch, channels, length = state.shape(x)
    out = state.shape(node.outputs[0])
    padding = _padding(node, state)
    arguments: dict[str, object] = {
        "batch_size": batch,
        "input_length": length,
        "in_channels": channels,
        "out_channels": out[1],
        "kernel_size": state.shape(weight)[2],
        "stride": pair(get(call, "stride"), 1)[0],
        "padding": padding if len(padding) > 1 else padding[0],
        "dilation": pair(get(call, "dilation"), 1)[0],
        "groups": get(call, "groups"),
    }
    given: dict[str, object] = {"arguments": arguments, "output_shape": (batch, out[2], out[1])}
    place = state.preparations.bundle(state.site(node), _conv_weights(node, state), given)
    operand = state.device(node, x, "sequence")
    activation = activation_text(node.activation)
    tail = f", activation={activation})" if activation else ")"
    state.emit(
        node,
        node.outputs,
        parts("conv1d(", operand, ", ", Place(place), tail),
        Held("sequence", "TILE", "bfloat16"),
        hint="output",
    )
    return True


def _padding(node: Node, state: State) -> tuple[int, ...]:
    """Padding as numbers, one for each dimension; two where `same` is uneven: before and after."""
    given = get(node.call, "padding")
    kernel = state.shape(ref(node.call, "weight"))[2:]
    if not isinstance(given, str):
        return pair(given, 0)[: len(kernel)]
    dilation = pair(get(node.call, "dilation"), 1)
    total = [step * (size - 1) if given == "same" else 0 for step, size in zip(dilation, kernel, strict=False)]
    before = tuple(amount // 2 for amount in total)
    if all(amount % 2 == 0 for amount in total):
        return before
    return tuple(side for amount in total for side in (amount // 2, amount - amount // 2))


def _conv_weights(node: Node, state: State) -> dict[str, Prepared]:
    weight, bias = state.source(ref(node.call, "weight")), ref(node.call, "bias")
    bias_source = state.source(bias) if bias else ""
    if node.batch_norm is None:
        found = {"weight": Prepared(HOST, weight), "bias": Prepared(HOST_BIAS_HOW, bias_source)}
        return found if bias else {"weight": found["weight"]}
    norm = node.batch_norm
    names = tuple(
        state.source(ref(norm, n)) if ref(norm, n) else "" for n in ("weight", "bias", "running_mean", "running_var")
    )
    channel_dim = 1 if node.name == "conv_transpose2d" else 0
    fold = (weight, bias_source, *names, get(norm, "eps"), channel_dim, get(node.call, "groups"))
    return {"weight": Prepared(HOST, "fold.weight", fold), "bias": Prepared(HOST_BIAS_HOW, "fold.bias", fold)}


def batch_norm(node: Node, state: State) -> bool:
    """On NHWC a batch norm is a product and a sum with one row each."""
    call = node.call
    x = ref(call, "input")
    stats = [ref(call, name) for name in ("weight", "bias", "running_mean", "running_var")]
    if len(state.shape(x)) != 4 or get(call, "training") or not all(stats[2:]) or not is_weight(state, *stats):
        return False
    fold = ("", "", *(state.source(value) if value else "" for value in stats), get(call, "eps"), 0, 1)
    weights = {"scale": Prepared(CHANNEL_HOW, "fold.scale", fold), "shift": Prepared(CHANNEL_HOW, "fold.shift", fold)}
    place = state.preparations.bundle(state.site(node), weights, {})
    scaled = parts("ttnn.multiply(", state.device(node, x, "rows", "TILE"), ", ", Place(f"{place}.scale"), ")")
    activation = f", activations=[{activation_text(node.activation)}]" if node.activation else ""
    state.emit(
        node,
        node.outputs,
        parts("ttnn.add(", *scaled, ", ", Place(f"{place}.shift"), f"{activation})"),
        ROWS,
        hint="normalized",
    )
    return True
