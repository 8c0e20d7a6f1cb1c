"""Linear layers and what stands around them in a transformer."""

from __future__ import annotations

from bringup.modules.flow import get
from bringup.modules.fuse_node import Node
from bringup.modules.lowerings.common import (
    TILED,
    is_weight,
    ref,
)
from bringup.modules.program import Literal, Part, parts
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
