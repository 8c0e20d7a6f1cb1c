"""Matrix products."""

from __future__ import annotations

import math
from collections.abc import Callable

from bringup.inventory import Operand, Variation
from bringup.ops.accumulation import compute_config
from bringup.ops.constraints import floats_only, shape_of
from bringup.ops.dtypes import WIDE
from bringup.ops.lowering import FLOAT32, operand, plain, row
from bringup.ops.spec import Lowering, OpSpec

_WEIGHT = "ttnn.from_torch({torch}.T, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)"
_BIAS = "ttnn.from_torch({torch}.reshape(1, -1), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)"


def _has_bias(v: Variation) -> bool:
    return isinstance(v.get("bias"), Operand)


def _batches(v: Variation) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return shape_of(v, "self")[:-2], shape_of(v, "other")[:-2]


def _is_direct(v: Variation) -> bool:
    """Whether ttnn.matmul takes the batches as they are: equal, one matrix beside many, or many beside one of their rank."""
    first, second = _batches(v)
    return first == second or math.prod(second) == 1 or (math.prod(first) == 1 and 0 < len(first) == len(second))


def _matmul_lines(v: Variation) -> str | tuple[str, ...]:
    """Batches that differ are repeated to one."""
    if _is_direct(v):
        return f"ttnn.matmul(input, other{compute_config(v)})"
    first, second = _batches(v)
    repeated = _batch(v)
    lines = tuple(
        f"{name} = ttnn.repeat(ttnn.reshape({name}, {{{name}_shape}}), {{{name}_repeats}})"
        for name, batch in (("input", first), ("other", second))
        if batch != repeated
    )
    product = f"output = ttnn.matmul(input, other{compute_config(v)})"
    return (*lines, product) if len(shape_of(v, "self")) > 1 else (*lines, product, "output = ttnn.squeeze(output, -2)")


def _batch(v: Variation) -> tuple[int, ...]:
    is_row = len(shape_of(v, "self")) == 1
    return v.outputs[0].shape[: -1 if is_row else -2]


def _matmul_values(v: Variation) -> dict[str, object]:
    if _is_direct(v):
        return {}
    batch = _batch(v)
    found: dict[str, object] = {}
    for name, shape in (("input", shape_of(v, "self")), ("other", shape_of(v, "other"))):
        matrix = (1, *shape)[-2:]
        lined_up = (1,) * (len(batch) - len(shape[:-2])) + shape[:-2]
        found[f"{name}_shape"] = (*lined_up, *matrix)
        found[f"{name}_repeats"] = (*(b // size if size else 1 for b, size in zip(batch, lined_up, strict=True)), 1, 1)
    return found


def _linear(v: Variation) -> str:
    """A vector goes as a row: beside a bias, ttnn gives it two dimensions."""
    if not _has_bias(v):
        return f"ttnn.linear(input, weight{compute_config(v)})"
    if len(shape_of(v, "input")) > 1:
        return f"ttnn.linear(input, weight, bias=bias{compute_config(v)})"
    return f"ttnn.reshape(ttnn.linear(ttnn.reshape(input, (1, -1)), weight, bias=bias{compute_config(v)}), {{shape}})"


def _addmm(v: Variation) -> Lowering:
    """A linear where the first operand is a bias; else a matmul, scaled, and an add."""
    is_bias = len(shape_of(v, "self")) == 1 and all(v.get(name) in (None, 1, 1.0) for name in ("beta", "alpha"))
    is_float = floats_only("self").holds(v)
    if is_bias and is_float:
        inputs = (operand(v, "self", to=_BIAS), operand(v, "mat1"), operand(v, "mat2"))
        return Lowering(
            inputs,
            "torch.addmm(torch_input, torch_mat1, torch_mat2)",
            (f"output = ttnn.linear(mat1, mat2, bias=input{compute_config(v)})",),
        )
    to = "" if is_float else FLOAT32
    lines = (
        f"output = ttnn.multiply(ttnn.matmul(mat1, mat2{compute_config(v)}), {{alpha}})",
        "output = ttnn.add(ttnn.multiply(input, {beta}), output)",
    )
    values = {"alpha": plain(v.get("alpha")), "beta": plain(v.get("beta"))}
    torch = "torch.addmm(torch_input, torch_mat1, torch_mat2, beta={beta}, alpha={alpha})"
    return Lowering(
        tuple(operand(v, name, to=to) for name in ("self", "mat1", "mat2")), torch, lines, values, route="scaled"
    )


def _product(second: str) -> Callable[[Variation], str]:
    return lambda v: f"ttnn.matmul(input, {second}{compute_config(v)})"


DTYPES = WIDE
ROWS = (
    row(
        "aten.linear.default",
        lambda v: "torch.nn.functional.linear(torch_input, torch_weight" + (", torch_bias)" if _has_bias(v) else ")"),
        _linear,
        names=("ttnn.linear", "ttnn.reshape"),
        values=lambda v: {"shape": v.outputs[0].shape},
        to={"weight": _WEIGHT, "bias": _BIAS},
        constraints=(floats_only("input"),),
        route=lambda v: "" if _has_bias(v) else "no_bias",
    ),
    row(
        "aten.matmul.default",
        "torch.matmul(torch_input, torch_other)",
        _matmul_lines,
        names=("ttnn.matmul", "ttnn.repeat", "ttnn.reshape", "ttnn.squeeze"),
        values=_matmul_values,
        promotes="float32",
        route=lambda v: "" if _is_direct(v) else f"repeated_{len(_batch(v))}",
    ),
    row(
        "aten.mm.default",
        "torch.mm(torch_input, torch_mat2)",
        _product("mat2"),
        names=("ttnn.matmul",),
        promotes="float32",
    ),
    row(
        "aten.bmm.default",
        "torch.bmm(torch_input, torch_mat2)",
        _product("mat2"),
        names=("ttnn.matmul",),
        promotes="float32",
    ),
    row(
        "aten.dot.default",
        "torch.dot(torch_input, torch_tensor)",
        _product("tensor"),
        names=("ttnn.matmul",),
        promotes="float32",
    ),
    OpSpec("aten.addmm.default", "native", ("ttnn.linear", "ttnn.matmul", "ttnn.multiply", "ttnn.add"), "", (), _addmm),
    row(
        "aten.baddbmm.default",
        "torch.baddbmm(torch_input, torch_batch1, torch_batch2, beta={beta}, alpha={alpha})",
        lambda v: (
            f"ttnn.add(ttnn.multiply(input, {{beta}}), ttnn.multiply(ttnn.matmul(batch1, batch2{compute_config(v)}), {{alpha}}))"
        ),
        names=("ttnn.matmul", "ttnn.multiply", "ttnn.add"),
        status="composite",
        reason="a matmul, two scalings and an add",
        promotes="float32",
    ),
    row(
        "aten.addbmm.default",
        "torch.addbmm(torch_input, torch_batch1, torch_batch2, beta={beta}, alpha={alpha})",
        lambda v: (
            "ttnn.add(ttnn.multiply(input, {beta}), "
            f"ttnn.multiply(ttnn.sum(ttnn.matmul(batch1, batch2{compute_config(v)}), dim=0), {{alpha}}))"
        ),
        names=("ttnn.matmul", "ttnn.sum", "ttnn.multiply", "ttnn.add"),
        status="composite",
        reason="a matmul and its sum over the batch, two scalings and an add",
        promotes="float32",
    ),
    row(
        "aten.mv.default",
        "torch.mv(torch_input, torch_vec)",
        _product("vec"),
        names=("ttnn.matmul",),
        promotes="float32",
    ),
)
