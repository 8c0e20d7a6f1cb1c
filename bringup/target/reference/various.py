"""References for single ops whose golden function is missing or wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F

from bringup.target.findings import ArgumentError


def embedding(input_tensor: torch.Tensor, weight: torch.Tensor, **_: Any) -> torch.Tensor:
    """Value of ttnn.embedding.

    Raises:
        ArgumentError: an index is out of the table, which ttnn lets pass.
    """
    indices = input_tensor.to(torch.int64)
    rows = weight.reshape(-1, weight.shape[-1])
    if indices.numel() and not 0 <= int(indices.min()) <= int(indices.max()) < rows.shape[0]:
        worst = int(indices.min()) if int(indices.min()) < 0 else int(indices.max())
        raise ArgumentError(f"ttnn.embedding: index {worst} is out of a table of {rows.shape[0]} rows")
    return rows[indices]


def pad(input_tensor: torch.Tensor, *args: Any, **kwargs: Any) -> torch.Tensor:
    """Value of ttnn.pad: (before, after) per dimension, or an output shape and where the input starts.

    A shorter list is for the last dimensions.
    """
    padding: Any = kwargs.get("padding", args[0] if args else kwargs.get("output_padded_shape"))
    rest = list(args[1:])
    if padding and isinstance(padding[0], int):
        starts = kwargs.get("input_tensor_start") or rest.pop(0)
        sizes = zip(starts, padding, input_tensor.shape, strict=True)
        padding = [(start, whole - size - start) for start, whole, size in sizes]
    value = kwargs.get("value", rest[0] if rest else 0.0)
    amounts = [amount for pair in reversed(list(padding)) for amount in pair]
    return F.pad(input_tensor, amounts, value=value)


def layer_norm(
    input_tensor: torch.Tensor,
    *,
    epsilon: float = 1e-12,
    weight: torch.Tensor | None = None,
    bias: torch.Tensor | None = None,
    residual_input_tensor: torch.Tensor | None = None,
    **_: Any,
) -> torch.Tensor:
    """Value of ttnn.layer_norm; ttnn's own function fails for a width of 1."""
    whole = input_tensor if residual_input_tensor is None else input_tensor + residual_input_tensor
    scale, shift = (None if one is None else one.reshape(-1).to(whole.dtype) for one in (weight, bias))
    return F.layer_norm(whole, (whole.shape[-1],), scale, shift, eps=epsilon)


REFERENCES: dict[str, Callable[..., Any]] = {
    "ttnn.embedding": embedding,
    "ttnn.pad": pad,
    "ttnn.layer_norm": layer_norm,
}
