"""Matrix products."""

from __future__ import annotations

from bringup.inventory import Operand, Variation
from bringup.ops.constraints import floats_only, limit, one_of, rank_is, shape_of
from bringup.ops.lowering import TILE, row
from bringup.ops.spec import Constraint

_WEIGHT = "ttnn.from_torch({torch}.T, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)"
_BIAS = "ttnn.from_torch({torch}.reshape(1, -1), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)"


def _has_bias(v: Variation) -> bool:
    return isinstance(v.get("bias"), Operand)


def _batches_agree(first: str, second: str) -> Constraint:
    def holds(v: Variation) -> bool:
        a, b = shape_of(v, first)[:-2], shape_of(v, second)[:-2]
        return not b or a == b or all(size == 1 for size in b)

    def got(v: Variation) -> str:
        return f"{list(shape_of(v, first))} and {list(shape_of(v, second))}"

    return limit("equal batch dimensions, or none in the second operand", holds, got)


_FLOATS = (floats_only("self"),)
_UNSCALED = (one_of("beta", 1, 1.0), one_of("alpha", 1, 1.0))

ROWS = (
    row(
        "aten.linear.default",
        lambda v: "torch.nn.functional.linear(torch_input, torch_weight" + (", torch_bias)" if _has_bias(v) else ")"),
        lambda v: f"ttnn.linear(input, weight{', bias=bias' if _has_bias(v) else ''})",
        names=("ttnn.linear",),
        to={"weight": _WEIGHT, "bias": _BIAS},
        constraints=(floats_only("input"),),
        route=lambda v: "" if _has_bias(v) else "no_bias",
    ),
    row(
        "aten.matmul.default",
        "torch.matmul(torch_input, torch_other)",
        "ttnn.matmul(input, other)",
        constraints=(*_FLOATS, _batches_agree("self", "other")),
    ),
    row("aten.mm.default", "torch.mm(torch_input, torch_mat2)", "ttnn.matmul(input, mat2)", constraints=_FLOATS),
    row("aten.bmm.default", "torch.bmm(torch_input, torch_mat2)", "ttnn.matmul(input, mat2)", constraints=_FLOATS),
    row(
        "aten.addmm.default",
        "torch.addmm(torch_input, torch_mat1, torch_mat2)",
        "ttnn.linear(mat1, mat2, bias=input)",
        to={"input": _BIAS},
        constraints=(*_FLOATS, *_UNSCALED, rank_is("self", 1)),
    ),
    row(
        "aten.baddbmm.default",
        "torch.baddbmm(torch_input, torch_batch1, torch_batch2, beta={beta}, alpha={alpha})",
        "ttnn.add(ttnn.multiply(input, {beta}), ttnn.multiply(ttnn.matmul(batch1, batch2), {alpha}))",
        status="composite",
        reason="a matmul, two scalings and an add",
        constraints=_FLOATS,
    ),
    row(
        "aten.mv.default",
        "torch.mv(torch_input, torch_vec)",
        "ttnn.matmul(input, vec)",
        constraints=_FLOATS,
        to={"vec": TILE},
    ),
)
