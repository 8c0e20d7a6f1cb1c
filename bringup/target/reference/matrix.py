"""Matrix products; ttnn's golden functions drop leading ones and the parameters of fused activations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from bringup.target.accumulation import MATMUL, accumulation_of, multiply
from bringup.target.modes import Mode
from bringup.target.reference.activation import activate


def matmul(
    input_tensor_a: torch.Tensor,
    input_tensor_b: torch.Tensor,
    transpose_a: bool = False,
    transpose_b: bool = False,
    *,
    bias: torch.Tensor | None = None,
    activation: Any = None,
    program_config: Any = None,
    compute_kernel_config: Any = None,
    mode: Mode = "exact",
    **_: Any,
) -> torch.Tensor:
    """Value of ttnn.matmul and ttnn.linear; the program config's activation takes the place of the argument's."""
    a = input_tensor_a.mT if transpose_a else input_tensor_a
    b = input_tensor_b.mT if transpose_b else input_tensor_b
    if mode == "accumulated" and min(a.dim(), b.dim()) > 1:
        output = multiply(a.float(), b.float(), accumulation_of(compute_kernel_config, MATMUL))
    else:
        output = torch.matmul(a.float(), b.float())
    if bias is not None:
        output = output + _as_row(bias, output)
    return activate(output, getattr(program_config, "fused_activation", None) or activation)


def _as_row(bias: torch.Tensor, output: torch.Tensor) -> torch.Tensor:
    """A bias of one row is added to every row, however many leading ones it has."""
    while bias.dim() > max(1, output.dim()) and bias.shape[0] == 1:
        bias = bias[0]
    if bias.dim() == 2 and bias.shape[0] == 1:
        bias = bias[0]
    return bias.float()


matmul.takes_mode = True  # type: ignore[attr-defined]

REFERENCES: dict[str, Callable[..., Any]] = {"ttnn.matmul": matmul, "ttnn.linear": matmul}
