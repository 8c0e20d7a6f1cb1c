"""Matrix products."""

from __future__ import annotations

from bringup.inventory import Operand, Variation
from bringup.ops.constraints import floats_only, limit, shape_of
from bringup.ops.lowering import FLOAT32, operand, plain, row
from bringup.ops.spec import Constraint, Lowering, OpSpec

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


def _addmm(v: Variation) -> Lowering:
    """A linear where the first operand is a bias; else a matmul, scaled, and an add."""
    is_bias = len(shape_of(v, "self")) == 1 and all(v.get(name) in (None, 1, 1.0) for name in ("beta", "alpha"))
    is_float = floats_only("self").holds(v)
    if is_bias and is_float:
        inputs = (operand(v, "self", to=_BIAS), operand(v, "mat1"), operand(v, "mat2"))
        return Lowering(
            inputs,
            "torch.addmm(torch_input, torch_mat1, torch_mat2)",
            ("output = ttnn.linear(mat1, mat2, bias=input)",),
        )
    to = "" if is_float else FLOAT32
    lines = (
        "output = ttnn.multiply(ttnn.matmul(mat1, mat2), {alpha})",
        "output = ttnn.add(ttnn.multiply(input, {beta}), output)",
    )
    values = {"alpha": plain(v.get("alpha")), "beta": plain(v.get("beta"))}
    torch = "torch.addmm(torch_input, torch_mat1, torch_mat2, beta={beta}, alpha={alpha})"
    return Lowering(
        tuple(operand(v, name, to=to) for name in ("self", "mat1", "mat2")), torch, lines, values, route="scaled"
    )


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
    row("aten.mm.default", "torch.mm(torch_input, torch_mat2)", "ttnn.matmul(input, mat2)", promotes="float32"),
    row("aten.bmm.default", "torch.bmm(torch_input, torch_mat2)", "ttnn.matmul(input, mat2)", promotes="float32"),
    row("aten.dot.default", "torch.dot(torch_input, torch_tensor)", "ttnn.matmul(input, tensor)", promotes="float32"),
    OpSpec("aten.addmm.default", "native", ("ttnn.linear", "ttnn.matmul", "ttnn.multiply", "ttnn.add"), "", (), _addmm),
    row(
        "aten.baddbmm.default",
        "torch.baddbmm(torch_input, torch_batch1, torch_batch2, beta={beta}, alpha={alpha})",
        "ttnn.add(ttnn.multiply(input, {beta}), ttnn.multiply(ttnn.matmul(batch1, batch2), {alpha}))",
        status="composite",
        reason="a matmul, two scalings and an add",
        promotes="float32",
    ),
    row(
        "aten.mv.default",
        "torch.mv(torch_input, torch_vec)",
        "ttnn.matmul(input, vec)",
        promotes="float32",
    ),
)
