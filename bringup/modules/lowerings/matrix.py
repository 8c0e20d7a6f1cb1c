"""Linear layers and what stands around them in a transformer; recurrent layers."""

from __future__ import annotations

from bringup.ir import Ref
from bringup.modules.flow import get
from bringup.modules.fuse_node import Node
from bringup.modules.lowerings.common import (
    TILED,
    is_weight,
    ref,
)
from bringup.modules.preparation import Prepared
from bringup.modules.program import Literal, Part, Place, parts
from bringup.modules.ttnn_state import TILE_HOW, Held, State
from bringup.ops.accumulation import IN_REGISTER, compute_config
from bringup.ops.accumulation import NAME as LONG_SUM
from bringup.ops.lowering import INDICES, ROW_MAJOR
from bringup.ops.rows.matmul import _BIAS as ROW_HOW
from bringup.ops.rows.matmul import _WEIGHT as TRANSPOSED_HOW
from bringup.variations import variation_of_call


def linear(node: Node, state: State) -> bool:
    """A linear layer, or an addmm with a weight, with its activation fused."""
    call = node.call
    is_addmm = node.name == "addmm"
    x, weight, bias = (
        (ref(call, "mat1"), ref(call, "mat2"), ref(call, "self"))
        if is_addmm
        else (ref(call, "input"), ref(call, "weight"), ref(call, "bias"))
    )
    if not is_weight(state, weight, bias) or (is_addmm and (get(call, "beta") != 1 or get(call, "alpha") != 1)):
        return False
    if len(state.shape(weight)) != 2 or not state.is_device(x):
        return False
    given: list[Part] = ["ttnn.linear(", state.device(node, x, "native", "TILE"), ", "]
    given.append(state.weight(node, weight, TILE_HOW if is_addmm else TRANSPOSED_HOW, "weight"))
    if bias:
        given += [", bias=", state.weight(node, bias, ROW_HOW, "bias")]
    if node.activation is not None:
        given.append(f', activation="{node.activation.target.split(".")[1].strip("_")}"')
    given.append(compute_config(variation_of_call(call, state.flow.values, state.flow.read)))
    state.emit(node, node.outputs, parts(*given, ")"), TILED, hint="output")
    return True


def lstm(node: Node, state: State) -> bool:
    """The whole layer in one call of a helper; its last states are not made."""
    call = node.call
    hx, params = get(call, "hx"), get(call, "params")
    x = ref(call, "input")
    used = {ref for other in state.flow.calls for ref in other.refs()} | set(state.flow.outputs)
    if not isinstance(hx, tuple) or not isinstance(params, tuple) or used & set(node.outputs[1:]):
        return False
    weights = [item.ref for item in params if isinstance(item, Ref)]
    states = [item.ref for item in hx if isinstance(item, Ref)]
    names = [state.flow.values[ref].source.rpartition(".")[2] for ref in weights]
    if not is_weight(state, *weights, *states) or not all(name.startswith(("weight_", "bias_")) for name in names):
        return False
    prepared = {
        name: Prepared(TRANSPOSED_HOW if name.startswith("weight") else ROW_HOW, state.source(ref))
        for name, ref in zip(names, weights, strict=True)
    }
    prepared |= {
        name: Prepared(TILE_HOW, state.source(ref)) for name, ref in zip(("hidden", "cell"), states, strict=True)
    }
    batch_first = bool(get(call, "batch_first"))
    out = state.shape(node.outputs[0])
    batch = out[0 if batch_first else 1]
    arguments: dict[str, object] = {
        "num_layers": get(call, "num_layers"),
        "num_directions": 2 if get(call, "bidirectional") else 1,
        "batch_size": batch,
        "hidden_size": state.shape(states[0])[-1],
        "step_dim": 1 if batch_first else 0,
        "step_shape": (batch, 1, out[2]) if batch_first else (1, batch, out[2]),
    }
    place = state.preparations.bundle(state.site(node), prepared, {"arguments": arguments})
    state.emit(
        node,
        node.outputs[:1],
        parts("lstm(", state.device(node, x, "native", "TILE"), ", ", Place(place), ")"),
        TILED,
        hint="output",
    )
    return True


def embedding(node: Node, state: State) -> bool:
    """A look-up of rows by ids of rank 2."""
    weight, ids = ref(node.call, "weight"), ref(node.call, "indices")
    if not is_weight(state, weight) or state.is_device(ids) or len(state.shape(ids)) != 2:
        return False

    indices = state.operand(node, ids, INDICES)
    table = state.weight(node, weight, ROW_MAJOR, "weight")
    state.emit(
        node,
        node.outputs,
        parts("ttnn.embedding(", indices, ", ", table, ", layout=ttnn.TILE_LAYOUT)"),
        TILED,
        hint="embedded",
    )
    return True


def rms_norm(node: Node, state: State) -> bool:
    """The pattern of ops that is one RMS norm."""
    x, weight = ref(node.call, "input"), ref(node.call, "weight")
    if not state.is_device(x):
        return False
    is_long = state.shape(x)[-1] > IN_REGISTER
    expression = parts(
        "ttnn.rms_norm(", state.device(node, x, "native", "TILE"), ", weight=", state.weight(node, weight, TILE_HOW, "weight"),
        ", epsilon=", Literal("epsilon", get(node.call, "eps")), f", compute_kernel_config={LONG_SUM}" if is_long else "", ")",
    )  # fmt: skip
    state.emit(node, node.outputs, expression, TILED, hint="normalized")
    return True


def gelu_tanh(node: Node, state: State) -> bool:
    """The pattern of ops that is GELU in its tanh form."""
    x = ref(node.call, "self")
    form = state.form(x)
    expression = parts("ttnn.gelu(", state.device(node, x, form, "TILE"), ", variant=ttnn.GeluVariant.Tanh)")
    state.emit(node, node.outputs, expression, Held(form, "TILE", "bfloat16"), hint="gelu")
    return True
