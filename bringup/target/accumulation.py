"""What a matrix engine loses while it adds up long sums: a model, fitted to four figures of real kernels.

The engine multiplies parts of the operands' mantissas in one to four passes (the math fidelity), adds a few products
at a time into a destination register, and, block by block of the sum, moves what it has to L1 and back. In bfloat16
each of these additions rounds; what is lost grows with the length of the sum.

Measured with real kernels in Tenstorrent's functional simulator (Wormhole; convolution 512 -> 512, 3x3, at 7x7: sums of
4,608 products, blocks of 192), and what the model gives, as relative errors:

    HiFi4 alone 0.070, 0.087; packer_l1_acc 0.0136, 0.0133; fp32_dest_acc_en 0.0062, 0.0064; both 0.0029, 0.0029
    a whole ResNet-18 with HiFi4 alone 0.287, 0.220

Nothing of it was measured on silicon.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch

STEP = 8
"""Products that are added up before the destination register is rounded; fitted, as GUARD_BITS is, to these figures."""
GUARD_BITS = 4
"""Bits below bfloat16's that an addition into the register still sees; the rest is cut off."""
BLOCK = 192
"""Products of one block: six tiles, as ttnn chose for the measured convolution."""

_PASSES = {"LoFi": 1, "HiFi2": 2, "HiFi3": 3, "HiFi4": 4}
_WEIGHT_BITS, _INPUT_BITS = 4, 6
"""Bits after the leading one that the first pass takes of each operand."""
_BFLOAT16_BITS, _FLOAT32_BITS = 7, 23


@dataclass(frozen=True, slots=True)
class Accumulation:
    """How a kernel adds up.

    Args:
        passes: 1 (LoFi) to 4 (HiFi4).
        is_float32: The destination register is float32 (`fp32_dest_acc_en`).
        is_in_l1: Blocks are added up in L1 (`packer_l1_acc`), else carried on in the register.
    """

    passes: int
    is_float32: bool
    is_in_l1: bool


CONVOLUTION = Accumulation(4, is_float32=False, is_in_l1=False)
"""What ttnn.conv2d runs with when nothing is said: HiFi4, neither option."""
MATMUL = Accumulation(2, is_float32=False, is_in_l1=True)
"""What ttnn.matmul and ttnn.linear run with: HiFi2, packer_l1_acc."""


def accumulation_of(config: Any, default: Accumulation) -> Accumulation:
    """How a call adds up.

    Args:
        config: ttnn's compute kernel config; None for the op's own default.
        default: That default.
    """
    if config is None:
        return default
    passes = _PASSES.get(str(config.math_fidelity).rpartition(".")[2], default.passes)
    return Accumulation(passes, bool(config.fp32_dest_acc_en), bool(config.packer_l1_acc))


def multiply(first: torch.Tensor, second: torch.Tensor, how: Accumulation) -> torch.Tensor:
    """The product of matrices as a kernel adds it up.

    Args:
        first: (..., M, K) float32, what a weight is multiplied with.
        second: (..., K, N) float32, the weight.
        how: Fidelity and accumulation.
    """
    passes = list(_passes(first, second, how.passes))
    if how.is_float32 and how.is_in_l1:
        return sum((a @ b for a, b in passes[1:]), passes[0][0] @ passes[0][1])
    total: torch.Tensor | None = None
    register: torch.Tensor | None = None
    for start in range(0, first.shape[-1], BLOCK):
        block = [(a[..., start : start + BLOCK], b[..., start : start + BLOCK, :]) for a, b in passes]
        register = _add_block(None if how.is_in_l1 else register, block, how)
        if how.is_in_l1:
            total = register if total is None else _bfloat16(total + register)
        else:
            register = _bfloat16(register)
    result = total if how.is_in_l1 else register
    return first @ second if result is None else result


def _add_block(
    register: torch.Tensor | None, block: list[tuple[torch.Tensor, torch.Tensor]], how: Accumulation
) -> torch.Tensor:
    """A block's products added to what the register holds."""
    if how.is_float32:
        products = sum((a @ b for a, b in block[1:]), block[0][0] @ block[0][1])
        return products if register is None else register + products
    for start in range(0, block[0][0].shape[-1], STEP):
        for a, b in block:
            products = a[..., start : start + STEP] @ b[..., start : start + STEP, :]
            register = _in_register(products if register is None else products.add_(register))
    assert register is not None
    return register


def _passes(first: torch.Tensor, second: torch.Tensor, count: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """The operands of each pass, in the order in which fidelities add them."""
    first_high, second_high = _cut(first, _INPUT_BITS), _cut(second, _WEIGHT_BITS)
    first_low, second_low = first - first_high, second - second_high
    every = ((first_high, second_high), (first_high, second_low), (first_low, second_high), (first_low, second_low))
    yield from every[:count]


def _cut(value: torch.Tensor, bits: int) -> torch.Tensor:
    """Float32 without its lower bits: `bits` stay after the leading one."""
    whole = value.contiguous().view(torch.int32)
    return (whole & -(1 << (_FLOAT32_BITS - bits))).view(torch.float32)


def _in_register(value: torch.Tensor) -> torch.Tensor:
    return _bfloat16(_cut(value, _BFLOAT16_BITS + GUARD_BITS))


def _bfloat16(value: torch.Tensor) -> torch.Tensor:
    return value.to(torch.bfloat16).to(torch.float32)
