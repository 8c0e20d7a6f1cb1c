"""How long the sums of an op are, and what it adds them up with: ttnn's own compute config, or one for long sums.

By default ttnn adds up in bfloat16, and what that loses grows with the length of the sum: a 3x3 convolution of 512
channels has relative error 0.070 with real kernels in Tenstorrent's functional simulator, 0.0029 with float32
registers and blocks added up in L1. By the emulated board's model of it (`bringup check --mode accumulated`), no sum
up to the lengths below loses more than LOSS.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from bringup.inventory import Variation
from bringup.ops.constraints import numbers, shape_of
from bringup.ops.dtypes import family

LOSS = 0.015
"""Relative error that a sum may have by ttnn's own compute config."""
IN_REGISTER = 256
"""Products that one bfloat16 register may add up: convolutions (HiFi4), attention (HiFi2) and RMS norms."""
IN_L1 = 4096
"""Products that may be added up in bfloat16 blocks: matmuls (HiFi2, packer_l1_acc)."""
NAME = "LONG_SUM"
"""What generated code calls the config for longer sums."""
DEFINITION = (
    f"{NAME} = ttnn.WormholeComputeKernelConfig("
    "math_fidelity=ttnn.MathFidelity.HiFi4, fp32_dest_acc_en=True, packer_l1_acc=True)"
)
"""That config, for Blackhole too, which has no class of its own."""
COMMENT = (
    f"# ttnn adds up in bfloat16: sums of over {IN_REGISTER} products (matmuls: {IN_L1}) lose more than {LOSS} by it,",
    "# relative error by a model of the kernels. These are added up in float32.",
)
"""Why it is there, as the lines above it."""


@dataclass(frozen=True, slots=True)
class Default:
    """How ttnn 0.81.1 adds up when nothing is said (asked by graph capture).

    Args:
        config: In words.
        limit: The longest sum that keeps it.
    """

    config: str
    limit: int


@dataclass(frozen=True, slots=True)
class Sum:
    """What an op adds up for one element of its output: so many products, and ttnn's own way to."""

    terms: int
    default: Default

    @property
    def is_long(self) -> bool:
        """Whether it runs with LONG_SUM."""
        return self.terms > self.default.limit


def sum_of(v: Variation) -> Sum | None:
    """What a variation adds up; None where ttnn's own config adds up in float32, or nothing is added up."""
    known = _SUMS.get(v.op.split(".")[1])
    if known is None or any(family(operand.dtype) != "float" for _, operand in v.operands()):
        return None
    terms, default = known
    return Sum(terms(v), default)


def compute_config(v: Variation, keyword: str = "compute_kernel_config") -> str:
    """The argument that names the config for long sums, behind a comma; empty for short ones."""
    found = sum_of(v)
    return f", {keyword}={NAME}" if found and found.is_long else ""


def _of_kernel(v: Variation) -> int:
    """A convolution: input channels of a group times the kernel; a transposed one adds up at most as many."""
    weight = shape_of(v, "weight")
    if not (v.get("transposed") or "transpose" in v.op):
        return math.prod(weight[1:])
    groups = v.get("groups")
    return weight[0] // (groups if isinstance(groups, int) else 1) * math.prod(weight[2:])


def _columns(argument: str) -> Callable[[Variation], int]:
    """A matrix product: the length of the first operand's rows."""
    return lambda v: (shape_of(v, argument) or (1,))[-1]


def _of_attention(v: Variation) -> int:
    """The scores' sum over a head, and the values' over the keys."""
    return max(shape_of(v, "query")[-1], shape_of(v, "key")[-2])


def _of_group(v: Variation) -> int:
    shape, groups = shape_of(v, "input"), v.get("num_groups") or v.get("group")
    return math.prod(shape[1:]) // (groups if isinstance(groups, int) else 1)


_CONVOLUTION = Default("HiFi4", IN_REGISTER)
_CONVOLUTION_3D = Default("HiFi2", IN_REGISTER)
_ATTENTION = Default("HiFi2", IN_REGISTER)
_NORM = Default("HiFi4", IN_REGISTER)
_MATMUL = Default("HiFi2, packer_l1_acc", IN_L1)
_SUMS: dict[str, tuple[Callable[[Variation], int], Default]] = {
    **dict.fromkeys(
        ("conv1d", "conv2d", "convolution", "conv_transpose1d", "conv_transpose2d"), (_of_kernel, _CONVOLUTION)
    ),
    **dict.fromkeys(("conv3d", "conv_transpose3d"), (_of_kernel, _CONVOLUTION_3D)),
    **dict.fromkeys(("matmul", "mm", "bmm", "mv", "dot"), (_columns("self"), _MATMUL)),
    **dict.fromkeys(("baddbmm", "addbmm"), (_columns("batch1"), _MATMUL)),
    "linear": (_columns("input"), _MATMUL),
    "addmm": (_columns("mat1"), _MATMUL),
    "scaled_dot_product_attention": (_of_attention, _ATTENTION),
    "_scaled_dot_product_flash_attention_for_cpu": (_of_attention, _ATTENTION),
    "rms_norm": (lambda v: math.prod(numbers(v, "normalized_shape")), _NORM),
    **dict.fromkeys(("group_norm", "native_group_norm"), (_of_group, _NORM)),
}
