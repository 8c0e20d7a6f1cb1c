"""Activations that ttnn fuses into other ops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
import ttnn

_BY_NAME: dict[str, Callable[..., torch.Tensor]] = {
    "RELU": lambda x: F.relu(x),
    "RELU6": lambda x: F.relu6(x),
    "LEAKY_RELU": lambda x, slope=0.01: F.leaky_relu(x, slope),
    "SILU": lambda x: F.silu(x),
    "MISH": lambda x: F.mish(x),
    "GELU": lambda x, *_: F.gelu(x),
    "GELU_TANH": lambda x: F.gelu(x, approximate="tanh"),
    "SIGMOID": lambda x, *_: torch.sigmoid(x),
    "HARDSIGMOID": lambda x: F.hardsigmoid(x),
    "HARDSWISH": lambda x: F.hardswish(x),
    "HARDTANH": lambda x, low=-1.0, high=1.0: F.hardtanh(x, low, high),
    "TANH": lambda x, *_: torch.tanh(x),
    "ELU": lambda x, alpha=1.0: F.elu(x, alpha),
    "SELU": lambda x, *_: F.selu(x),
    "SOFTPLUS": lambda x, beta=1.0, threshold=20.0: F.softplus(x, beta, threshold),
    "LOG": lambda x: torch.log(x),
    "EXP": lambda x, *_: torch.exp(x),
    "SQRT": lambda x, *_: torch.sqrt(x),
    "SQUARE": lambda x: x * x,
    "NEG": lambda x: -x,
    "ABS": lambda x: x.abs(),
    "RELU_MAX": lambda x, high: F.relu(x).clamp(max=high),
}


def activate(value: torch.Tensor, activation: Any) -> torch.Tensor:
    """Apply a fused activation.

    Args:
        value: float32.
        activation: None, a name (`relu`), a `ttnn.UnaryOpType` or a `ttnn.UnaryWithParam`.

    Raises:
        ValueError: we have no reference for it.
    """
    if activation is None or activation == "":
        return value
    op_type = getattr(activation, "op_type", activation)
    name = op_type.upper() if isinstance(op_type, str) else str(op_type).rpartition(".")[2]
    function = _BY_NAME.get(name.removesuffix("_APPROX"))
    if function is None:
        raise ValueError(f"no reference for the fused activation {name}")
    return function(value, *_parameters(activation))


def _parameters(activation: Any) -> list[float]:
    if not isinstance(activation, ttnn.UnaryWithParam):
        return []
    return [float(value) for value in getattr(activation, "params", [])]
