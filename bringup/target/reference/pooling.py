"""Pools: input NHWC or [1, 1, N*H*W, C], output [1, 1, N*OH*OW, C], or [N, OH, OW, C] where ttnn pools in slices.

ttnn's golden functions need files that its wheel lacks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F

from bringup.target.reference.convolution import _pair, _torch_padding


def max_pool2d(
    input_tensor: torch.Tensor,
    batch_size: int,
    input_h: int,
    input_w: int,
    channels: int,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    ceil_mode: bool = False,
    return_indices: bool = False,
    **_: Any,
) -> list[torch.Tensor]:
    """Value of ttnn.max_pool2d; indices count within one padded-free image, as torch's do."""
    value = _nchw(input_tensor, batch_size, input_h, input_w, channels)
    left, right, top, bottom = _torch_padding(padding)
    if left == right and top == bottom:
        out, indices = F.max_pool2d(
            value, _pair(kernel_size), _pair(stride), (top, left), _pair(dilation), ceil_mode, return_indices=True
        )
    else:
        value = F.pad(value, (left, right, top, bottom), value=float("-inf"))
        out, indices = F.max_pool2d(
            value, _pair(kernel_size), _pair(stride), 0, _pair(dilation), ceil_mode, return_indices=True
        )
    return [_flat(out), _flat(indices)] if return_indices else [_flat(out)]


def avg_pool2d(
    input_tensor: torch.Tensor,
    batch_size: int,
    input_h: int,
    input_w: int,
    channels: int,
    kernel_size: Any,
    stride: Any,
    padding: Any = (0, 0),
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
    **_: Any,
) -> torch.Tensor:
    """Value of ttnn.avg_pool2d."""
    value = _nchw(input_tensor, batch_size, input_h, input_w, channels)
    left, right, top, bottom = _torch_padding(padding)
    if left == right and top == bottom:
        out = F.avg_pool2d(
            value, _pair(kernel_size), _pair(stride), (top, left), ceil_mode, count_include_pad, divisor_override
        )
        return _flat(out)
    padded = F.pad(value, (left, right, top, bottom))
    sums = F.avg_pool2d(padded, _pair(kernel_size), _pair(stride), 0, ceil_mode, True, divisor_override or 1)
    if divisor_override:
        return _flat(sums)
    ones = torch.ones_like(value) if not count_include_pad else None
    counted = F.pad(ones, (left, right, top, bottom)) if ones is not None else torch.ones_like(padded)
    return _flat(sums / F.avg_pool2d(counted, _pair(kernel_size), _pair(stride), 0, ceil_mode, True, 1))


def adaptive_avg_pool2d(
    input_tensor: torch.Tensor, batch_size: int, input_h: int, input_w: int, channels: int, output_size: Any, **_: Any
) -> torch.Tensor:
    """Value of ttnn.adaptive_avg_pool2d."""
    return _flat(F.adaptive_avg_pool2d(_nchw(input_tensor, batch_size, input_h, input_w, channels), _pair(output_size)))


def adaptive_max_pool2d(
    input_tensor: torch.Tensor, batch_size: int, input_h: int, input_w: int, channels: int, output_size: Any, **_: Any
) -> torch.Tensor:
    """Value of ttnn.adaptive_max_pool2d."""
    value = _nchw(input_tensor, batch_size, input_h, input_w, channels)
    return _flat(F.adaptive_max_pool2d(value, _pair(output_size)))


def grid_sample(
    input_tensor: torch.Tensor,
    grid: torch.Tensor,
    *,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool = False,
    use_precomputed_grid: bool = False,
    batch_output_channels: bool = False,
    **_: Any,
) -> torch.Tensor:
    """Value of ttnn.grid_sample on an NHWC input and a torch-like grid [N, H, W, 2].

    Raises:
        ValueError: for precomputed or packed grids, of which we know no value.
    """
    if use_precomputed_grid or batch_output_channels or grid.shape[-1] != 2:
        raise ValueError("no reference for precomputed or packed grids")
    value = input_tensor.float().permute(0, 3, 1, 2)
    out = F.grid_sample(value, grid.float(), mode, padding_mode, align_corners)
    return out.permute(0, 2, 3, 1)


def _nchw(value: torch.Tensor, batch: int, height: int, width: int, channels: int) -> torch.Tensor:
    return value.float().reshape(batch, height, width, -1)[..., :channels].permute(0, 3, 1, 2)


def _flat(value: torch.Tensor) -> torch.Tensor:
    return value.permute(0, 2, 3, 1).reshape(1, 1, -1, value.shape[1])


ROWS_OR_IMAGES = frozenset(
    {"ttnn.max_pool2d", "ttnn.avg_pool2d", "ttnn.adaptive_avg_pool2d", "ttnn.adaptive_max_pool2d"}
)
"""Ops whose output's shape tells how they were run: rows of pixels, or images where they were sliced in DRAM."""

REFERENCES: dict[str, Callable[..., Any]] = {
    "ttnn.max_pool2d": max_pool2d,
    "ttnn.avg_pool2d": avg_pool2d,
    "ttnn.adaptive_avg_pool2d": adaptive_avg_pool2d,
    "ttnn.adaptive_max_pool2d": adaptive_max_pool2d,
    "ttnn.grid_sample": grid_sample,
}
