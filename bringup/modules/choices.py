"""Whether a model chooses by values: which elements are largest, on which side of a bound a number is."""

from __future__ import annotations

from bringup.modules.flow import Flow
from bringup.variations import short_name

_CHOOSING = frozenset(
    {
        "topk", "sort", "argsort", "argmax", "argmin", "max", "min", "kthvalue", "median", "gt", "lt", "ge", "le", "eq",
        "ne", "to", "to_copy", "floor", "ceil", "trunc", "round",
    }
)  # fmt: skip
_FLOATS = ("float", "bfloat")


def has_choices(flow: Flow) -> bool:
    """Whether an op on the device decides by numbers that are rounded there."""
    return any(
        short_name(call.target) in _CHOOSING
        and flow.roles[call.outputs[0]] == "device"
        and any(flow.values[ref].type.dtype.startswith(_FLOATS) for ref in call.refs())
        and (short_name(call.target) not in ("max", "min") or len(call.outputs) > 1)
        for call in flow.calls
    )
