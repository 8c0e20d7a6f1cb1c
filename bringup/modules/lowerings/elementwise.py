"""Element-wise ops: whatever form a tensor has stays, activations are fused."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bringup.ir import OpCall, Ref
from bringup.modules.flow import get
from bringup.modules.fuse_node import Node
from bringup.modules.lowerings.common import (
    CHANNEL_HOW,
    activation_text,
)
from bringup.modules.program import Literal, Part, Parts, parts
from bringup.modules.ttnn_state import TILE_HOW, Form, Held, State

UNARY = frozenset(
    {
        "relu", "relu6", "hardtanh", "silu", "gelu", "sigmoid", "tanh", "leaky_relu", "mish", "hardswish", "hardsigmoid", "exp", "sqrt",
        "rsqrt", "neg", "abs", "elu", "selu", "softplus", "clamp", "clamp_min", "clamp_max", "pow", "square", "log", "reciprocal", "erf",
    }
)  # fmt: skip


_UNARY_TEXT: Mapping[str, str] = {"hardtanh": "ttnn.hardtanh", "clamp_min": "ttnn.clamp", "clamp_max": "ttnn.clamp"}


def unary(node: Node, state: State) -> bool:
    """Element-wise: whatever form the tensor has stays."""
    refs = node.refs()
    if len(refs) != 1 or state.form(refs[0]) == "native" or not state.is_device(refs[0]):
        return False
    call = node.call
    keywords: list[Part] = []
    if node.name == "hardtanh" and (get(call, "min_val"), get(call, "max_val")) == (0.0, 6.0):
        name = "ttnn.relu6"
    else:
        name = _UNARY_TEXT.get(node.name, f"ttnn.{node.name}")
        if node.name == "gelu" and get(call, "approximate") == "tanh":
            keywords = [", variant=ttnn.GeluVariant.Tanh"]
        elif node.name == "pow":
            keywords = [", ", Literal("exponent", get(call, "exponent"))]
        else:
            together = _of_one_kind(call)
            for argument in call.arguments[1:]:
                if (
                    argument.name
                    in ("negative_slope", "min", "max", "min_val", "max_val", "beta", "threshold", "alpha")
                    and argument.value is not None
                ):
                    number = together(argument.value)
                    keywords += [f", {argument.name}=", Literal(argument.name, number)]
    form = state.form(refs[0])
    state.emit(
        node,
        node.outputs,
        parts(f"{name}(", state.device(node, refs[0], form, "TILE"), *keywords, ")"),
        Held(form, "TILE", "bfloat16"),
        hint=node.name,
    )
    return True


def _of_one_kind(call: OpCall) -> Callable[[object], object]:
    """Bounds are all ints or all floats: ttnn takes no others together."""
    bounds = [a.value for a in call.arguments if a.name in ("min", "max")]
    if not any(isinstance(bound, float) for bound in bounds):
        return lambda value: value
    return lambda value: float(value) if isinstance(value, int) else value


BINARY = {
    "add": "ttnn.add",
    "sub": "ttnn.subtract",
    "mul": "ttnn.multiply",
    "div": "ttnn.divide",
    "maximum": "ttnn.maximum",
    "minimum": "ttnn.minimum",
}


def binary(node: Node, state: State) -> bool:
    """An element-wise op of two operands, with its activation; False when one of them cannot be broadcast in this form."""
    call = node.call
    first, second = (a.value for a in call.arguments[:2])
    if get(call, "rounding_mode") is not None or (node.name in ("add", "sub") and get(call, "alpha") not in (None, 1)):
        return False
    if not all(state.flow.values[ref].type.dtype.startswith(("float", "bfloat")) for ref in node.refs()):
        return False
    device = [v.ref for v in (first, second) if isinstance(v, Ref) and state.is_device(v.ref)]
    form: Form = next(
        (
            state.form(v)
            for v in device
            if state.form(v) != "native" and len(state.shape(v)) == len(state.shape(node.outputs[0]))
        ),
        "native",
    )
    if form == "native" and node.activation is None:
        return False
    operands = [_binary_operand(node, state, value, form) for value in (first, second)]
    if any(operand is None for operand in operands):
        return False
    given: list[Part] = [f"{BINARY[node.name]}("]
    for index, operand in enumerate(operands):
        given += [*([", "] if index else []), *(operand or ())]
    if node.activation is not None:
        given.append(f", activations=[{activation_text(node.activation)}]")
    state.emit(node, node.outputs, parts(*given, ")"), Held(form, "TILE", "bfloat16"), hint=node.name)
    return True


def _binary_operand(node: Node, state: State, value: object, form: Form) -> Parts | None:
    """An operand of an element-wise op in a form; None when it cannot be broadcast there."""
    if not isinstance(value, Ref):
        return (Literal("other", value),)
    shape, out = state.shape(value.ref), state.shape(node.outputs[0])
    if state.flow.roles[value.ref] == "weight":
        if form == "native":
            return (state.weight(node, value.ref, TILE_HOW, "other"),)
        per_channel = (len(shape) <= 1 and len(shape) == 0) or tuple(
            s for s in (1,) * (4 - len(shape)) + shape if s != 1
        ) in ((), (out[1],))
        is_channel = len(shape) >= 3 and shape[-3] == out[1] and shape[-2:] == (1, 1)
        if form == "rows" and (is_channel or (not shape and per_channel)):
            return (state.weight(node, value.ref, CHANNEL_HOW, "other"),)
        return None
    if state.flow.roles[value.ref] == "host":
        return None if form != "native" else (state.operand(node, value.ref, TILE_HOW),)
    if shape == out or form == "native":
        return (state.device(node, value.ref, form, "TILE"),)
    if (
        form == "rows"
        and len(shape) == 4
        and shape[0] == out[0] == 1
        and shape[1] in (1, out[1])
        and shape[2:] == (1, 1)
    ):
        return (state.device(node, value.ref, "rows", "TILE"),)
    return None
