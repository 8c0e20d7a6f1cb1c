"""A ttnn call for people: operands by shape, dtype and layout, arguments as they were given."""

from __future__ import annotations

from typing import Any

import torch
import ttnn

_LONGEST = 120


def describe_call(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """`ttnn.add([1, 64, 96] bfloat16 TILE, [96] bfloat16 TILE)`; long arguments are cut."""
    parts = [_text(value) for value in args] + [f"{key}={_text(value)}" for key, value in kwargs.items()]
    return f"{name}({', '.join(parts)})"


def describe(tensor: ttnn.Tensor) -> str:
    """A tensor for people: `[1, 64, 96] bfloat16 TILE`."""
    dtype = str(tensor.dtype).removeprefix("DataType.").lower()
    return f"{list(tensor.shape)} {dtype} {str(tensor.layout).removeprefix('Layout.')}"


def _text(value: Any) -> str:
    if isinstance(value, ttnn.Tensor):
        return describe(value) if value.is_allocated() else "deallocated tensor"
    if isinstance(value, torch.Tensor):
        return f"torch {list(value.shape)}"
    if isinstance(value, (list, tuple)) and any(isinstance(item, ttnn.Tensor) for item in value):
        return f"[{', '.join(_text(item) for item in value)}]"
    if isinstance(value, ttnn.MeshDevice):
        return "device"
    text = " ".join(repr(value).split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
