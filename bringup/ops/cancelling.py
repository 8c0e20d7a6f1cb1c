"""Sums that give one value or two: where their terms cancel, no bound on the relative error tells right from wrong.

The mean of some random numbers is near zero by chance: what bfloat16 loses of each of them is then large beside it.
Many sums do not all come out near zero, so that only the tests of few need terms of one sign.
"""

from __future__ import annotations

import math
from dataclasses import replace

from bringup.inventory import Variation
from bringup.ops.spec import Lowering

_FEW = 2
_SUMS = frozenset(
    {
        "sum", "nansum", "mean", "nanmean", "var_mean", "std_mean", "dot", "vdot", "mv", "mm", "bmm", "matmul",
        "linear", "addmm", "addmv", "baddbmm", "addbmm",
    }
)  # fmt: skip


def with_terms_of_one_sign(v: Variation, lowering: Lowering) -> Lowering:
    """A test of few sums on numbers from 0 to 1; any other as it is."""
    op = v.op.split(".")[1]
    if op not in _SUMS or sum(math.prod(output.shape) for output in v.outputs) > _FEW * len(v.outputs):
        return lowering
    inputs = tuple(replace(given, make=given.make.replace("randn(", "rand(")) for given in lowering.inputs)
    return replace(lowering, inputs=inputs)
