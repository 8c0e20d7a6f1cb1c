"""3-D convolutions: input NDHWC, weights as torch has them, output NDHWC."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F

from bringup.target.findings import ArgumentError


def conv3d(
    input_tensor: torch.Tensor,
    weight_tensor: torch.Tensor,
    bias_tensor: torch.Tensor | None = None,
    *,
    output_channels: int,
    kernel_size: Any,
    stride: Any = (1, 1, 1),
    padding: Any = (0, 0, 0),
    dilation: Any = (1, 1, 1),
    groups: int = 1,
    padding_mode: str = "zeros",
    **_: Any,
) -> torch.Tensor:
    """Value of ttnn.experimental.conv3d.

    Raises:
        ArgumentError: the weight contradicts the arguments.
        ValueError: for prepared weights and other padding modes, of which we know no value.
    """
    if weight_tensor.dim() != 5 or padding_mode not in ("zeros", "replicate"):
        raise ValueError("no reference for prepared weights or this padding mode")
    expected = (output_channels, input_tensor.shape[-1] // groups, *kernel_size)
    if tuple(weight_tensor.shape) != expected:
        raise ArgumentError(
            f"ttnn.experimental.conv3d: the weight has shape {list(weight_tensor.shape)}, its arguments say "
            f"{list(expected)} (O, I/groups, D, H, W)"
        )
    value = input_tensor.float().permute(0, 4, 1, 2, 3)
    depth, height, width = padding
    around = (width, width, height, height, depth, depth)
    value = F.pad(value, around, "replicate" if padding_mode == "replicate" else "constant")
    bias = None if bias_tensor is None else bias_tensor.float().reshape(-1)
    out = F.conv3d(value, weight_tensor.float(), bias, tuple(stride), 0, tuple(dilation), groups)
    return out.permute(0, 2, 3, 4, 1)


REFERENCES: dict[str, Callable[..., Any]] = {"ttnn.experimental.conv3d": conv3d}
