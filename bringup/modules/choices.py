"""Whether a model chooses by values: which elements are largest, on which side of a bound a number is."""

from __future__ import annotations

from bringup.modules.flow import Flow
from bringup.variations import short_name

_CHOOSING = frozenset(
    {
        "topk", "sort", "argsort", "argmax", "argmin", "max", "min", "kthvalue", "median", "gt", "lt", "ge", "le", "eq",
        "ne", "to", "to_copy", "floor", "ceil", "trunc", "round", "cummax", "cummin", "max_pool2d_with_indices",
        "max_pool3d_with_indices", "adaptive_max_pool2d", "adaptive_max_pool3d",
    }
)  # fmt: skip
_INDICES_MATTER = frozenset(
    {
        "max", "min", "cummax", "cummin", "max_pool2d_with_indices", "max_pool3d_with_indices", "adaptive_max_pool2d",
        "adaptive_max_pool3d",
    }
)  # fmt: skip
"""Ops whose values alone are no choice: another element of the same size gives the same."""
_FLOATS = ("float", "bfloat")


def has_choices(flow: Flow) -> bool:
    """Whether an op on the device decides by numbers that are rounded there."""
    return any(
        short_name(call.target) in _CHOOSING
        and flow.roles[call.outputs[0]] == "device"
        and any(flow.values[ref].type.dtype.startswith(_FLOATS) for ref in call.refs())
        and (short_name(call.target) not in _INDICES_MATTER or not flow.read.isdisjoint(call.outputs[1:]))
        for call in flow.calls
    )
