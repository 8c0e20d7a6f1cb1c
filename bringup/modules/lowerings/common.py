"""What the ways of writing an op share."""

from __future__ import annotations

from bringup.ir import OpCall, Ref
from bringup.modules.flow import get
from bringup.modules.ttnn_state import Held, State

TILED = Held("native", "TILE", "bfloat16")
ROWS = Held("rows", "TILE", "bfloat16")
CHANNEL_HOW = (
    "ttnn.from_torch({torch}.reshape(1, 1, 1, -1), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)"
)
HOST_BIAS_HOW = "ttnn.from_torch({torch}.reshape(1, 1, 1, -1), dtype=ttnn.bfloat16)"


def ref(call: OpCall, name: str) -> str:
    """The tensor argument of that name; empty when it is not given."""
    value = get(call, name)
    return value.ref if isinstance(value, Ref) else ""


def pair(value: object, default: int) -> tuple[int, int]:
    """A size for both spatial dimensions."""
    listed = value if isinstance(value, tuple) else (value,)
    numbers = [v for v in listed if isinstance(v, int)]
    if not numbers:
        return default, default
    return (numbers[0], numbers[0]) if len(numbers) == 1 else (numbers[0], numbers[1])


def activation_text(call: OpCall | None) -> str:
    """A fused activation by the name of its constant in the generated file; empty for none."""
    if call is None:
        return ""
    name = call.target.split(".")[1].strip("_").upper()
    if name == "HARDTANH":
        low, high = get(call, "min_val"), get(call, "max_val")
        if (low, high) == (0, 6) or (low, high) == (0.0, 6.0):
            return "RELU6"
        return f"ttnn.UnaryWithParam(ttnn.UnaryOpType.HARDTANH, {float(str(low))}, {float(str(high))})"
    if name == "LEAKY_RELU":
        return f"ttnn.UnaryWithParam(ttnn.UnaryOpType.LEAKY_RELU, {float(str(get(call, 'negative_slope')))})"
    if name == "GELU" and get(call, "approximate") == "tanh":
        return "ttnn.UnaryWithParam(ttnn.UnaryOpType.GELU_TANH)"
    return name


def is_weight(state: State, *values: str) -> bool:
    """Whether all of the given values are known before the model runs; empty names count as such."""
    return all(state.flow.roles[value] == "weight" for value in values if value)


def is_complex(state: State, *values: str) -> bool:
    """Whether one of some values is complex."""
    return any(state.flow.values[value].type.dtype.startswith("complex") for value in values)


def is_float(state: State, value: str) -> bool:
    """Whether a value has a floating dtype."""
    return state.flow.values[value].type.dtype.startswith(("float", "bfloat"))
