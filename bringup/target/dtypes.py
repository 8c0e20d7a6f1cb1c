"""ttnn's dtypes and what they do to values."""

from __future__ import annotations

import torch
import ttnn

from bringup.target.modes import Mode

FLOATS = (ttnn.bfloat16, ttnn.float32, ttnn.bfloat8_b, ttnn.bfloat4_b)
_INTEGERS = {
    ttnn.uint8: torch.uint8,
    ttnn.uint16: torch.uint16,
    ttnn.uint32: torch.uint32,
    ttnn.int32: torch.int32,
}


def as_stored(value: torch.Tensor, dtype: ttnn.DataType, mode: Mode) -> torch.Tensor:
    """A value as a buffer of a dtype holds it: float32 for floats (rounded unless `exact`), integers as they are."""
    value = value.detach()
    if dtype not in FLOATS:
        return _as_integer(value, dtype)
    value = value.to(torch.float32)
    return round_to(value, dtype) if mode != "exact" else value


def _as_integer(value: torch.Tensor, dtype: ttnn.DataType) -> torch.Tensor:
    wanted = _INTEGERS.get(dtype)
    if wanted is None or value.dtype == wanted:
        return value
    if value.dtype in (torch.uint16, torch.uint32):
        value = value.to(torch.int64)
    if value.is_floating_point():
        value = value.to(torch.int64)
    return value.to(wanted)


def round_to(value: torch.Tensor, dtype: ttnn.DataType) -> torch.Tensor:
    """Float32 values rounded as ttnn packs them: block floats share an exponent per 16 values of a row."""
    if dtype == ttnn.bfloat16:
        return value.to(torch.bfloat16).to(torch.float32)
    if dtype in (ttnn.bfloat8_b, ttnn.bfloat4_b) and value.numel():
        packed = ttnn.Tensor(tensor=_at_least_2d(value).contiguous(), data_type=dtype, layout=ttnn.TILE_LAYOUT)
        rounded: torch.Tensor = packed.to_torch().to(torch.float32).reshape(value.shape)
        return rounded
    return value


def _at_least_2d(value: torch.Tensor) -> torch.Tensor:
    return value if value.dim() >= 2 else value.reshape(1, -1)
