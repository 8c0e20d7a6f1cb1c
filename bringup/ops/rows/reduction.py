"""Reductions and cumulative ops."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial

from bringup.inventory import Operand, Variation
from bringup.ops.constraints import dtype_of, floats_only, limit, not_below_zero, shape_of
from bringup.ops.lowering import FACTORS, FEW, Promotion, plain, positive_dims
from bringup.ops.lowering import row as any_row
from bringup.ops.pairs import has_complex
from bringup.ops.results import Made
from bringup.ops.spec import Constraint, OpSpec

row = partial(any_row, promotes="float32")
"""ttnn reduces floats: integers go as float32."""


def _dims(v: Variation) -> dict[str, object]:
    rank = len(shape_of(v, "self"))
    return {"dim": list(positive_dims(v, "dim", rank)), "keepdim": bool(v.get("keepdim"))}


_SUMS = limit(
    "rank 8 or less where other dimensions than the last two are summed",
    lambda v: (
        len(shape_of(v, "self")) <= 8
        or min(positive_dims(v, "dim", len(shape_of(v, "self")))) >= len(shape_of(v, "self")) - 2
    ),
    lambda v: f"rank {len(shape_of(v, 'self'))}",
)


def _over_dims(op: str, torch_name: str, ttnn_name: str, *limits: Constraint) -> OpSpec:
    def torch(v: Variation) -> str:
        """torch has no mean of integers without a dtype, which is a floating one."""
        is_integer = not floats_only("self").holds(v) and not has_complex(v)
        source = "torch_input.float()" if torch_name == "mean" and is_integer else "torch_input"
        return f"torch.{torch_name}({source}, dim={{dim}}, keepdim={{keepdim}})"

    return row(op, torch, f"{ttnn_name}(input, dim={{dim}}, keepdim={{keepdim}})",
               values=_dims, constraints=limits, only=("self",))  # fmt: skip


def _variance(op: str, name: str) -> OpSpec:
    """ttnn divides by n or by n - 1; other corrections are a factor."""

    def torch(v: Variation) -> str:
        return f"torch.{name}(torch_input, dim={{dim}}, correction={{correction}}, keepdim={{keepdim}})"

    def ttnn(v: Variation) -> str:
        correction = _correction(v)
        call = f"ttnn.{name}(input, dim={{dim}}, keepdim={{keepdim}}, correction={correction == 1})"
        return call if correction in (0, 1) else f"ttnn.multiply({call}, {{factor}})"

    return row(op, torch, ttnn, names=(f"ttnn.{name}", "ttnn.multiply"), values=partial(_spread_values, name),
               route=lambda v: "" if _correction(v) in (0, 1) else "corrected")  # fmt: skip


def _spread_values(name: str, v: Variation) -> dict[str, object]:
    """What ttnn's division by n is multiplied with: n / (n - correction)."""
    found, correction = _dims(v), _correction(v)
    shape = shape_of(v, "self")
    count = math.prod(shape[i] for i in positive_dims(v, "dim", len(shape)))
    factor = count / (count - correction) if count > correction else math.inf
    return {**found, "correction": correction, "factor": factor if name == "var" else factor**0.5}


def _with_mean(op: str, name: str) -> OpSpec:
    """Variance or standard deviation, and the mean."""
    given = "input, dim={dim}, keepdim={keepdim}"

    def spread(v: Variation) -> str:
        call = f"ttnn.{name}({given}, correction={_correction(v) == 1})"
        return call if _correction(v) in (0, 1) else f"ttnn.multiply({call}, {{factor}})"

    torch = f"torch.{name}_mean(torch_input, dim={{dim}}, correction={{correction}}, keepdim={{keepdim}})"
    return row(op, torch, lambda v: (), names=(f"ttnn.{name}", "ttnn.mean", "ttnn.multiply"), values=partial(_spread_values, name), status="composite",
               reason="two reductions", results=(Made(name, lines=spread), Made("mean", lines=f"ttnn.mean({given})")),
               route=lambda v: "" if _correction(v) in (0, 1) else "corrected")  # fmt: skip


def _correction(v: Variation) -> float:
    value = v.get("correction")
    return (
        1 if value is None else float(str(value)) if isinstance(value, float) and value % 1 else int(float(str(value)))
    )


_LOGSUMEXP = (
    "largest = ttnn.max(input, dim={dim}, keepdim=True)",
    "output = ttnn.log(ttnn.sum(ttnn.exp(ttnn.subtract(input, largest)), dim={dim}, keepdim=True))",
    "output = ttnn.reshape(ttnn.add(output, largest), {shape})",
)


def _log_values(v: Variation) -> dict[str, object]:
    return {**_dims(v), "shape": v.outputs[0].shape}


def _norm(v: Variation) -> tuple[str, ...]:
    """A p-norm: the powers that ttnn has an op for are written with it."""
    order = float(str(plain(v.get("ord"))))
    over = "dim={dim}, keepdim={keepdim}"
    if order == 2:
        return (f"output = ttnn.sqrt(ttnn.sum(ttnn.square(input), {over}))",)
    if order == 1:
        return (f"output = ttnn.sum(ttnn.abs(input), {over})",)
    if order == 0:
        return (f"output = ttnn.sum(ttnn.nez(input), {over})",)
    if math.isinf(order):
        return (f"output = ttnn.{'max' if order > 0 else 'min'}(ttnn.abs(input), {over})",)
    return (f"output = ttnn.pow(ttnn.sum(ttnn.pow(ttnn.abs(input), {{ord}}), {over}), 1 / {{ord}})",)


def _norm_route(v: Variation) -> str:
    return f"order_{plain(v.get('ord'))}"


def _any(op: str, is_all: bool) -> OpSpec:
    """Booleans stay 0 and 1 in bfloat16, as what reads the answer wants them: only other integers go as float32."""
    name, reduce = ("all", "min") if is_all else ("any", "max")

    def torch(v: Variation) -> str:
        return (
            f"torch.{name}(torch_input)"
            if v.get("dim") is None
            else f"torch.{name}(torch_input, dim={{dim}}, keepdim={{keepdim}})"
        )

    def lines(v: Variation) -> str:
        given = "" if v.get("dim") is None else ", dim={dim}, keepdim={keepdim}"
        return f"ttnn.{reduce}(ttnn.nez(input){given})"

    def made(promotes: Promotion, make: dict[str, str]) -> OpSpec:
        return any_row(op, torch, lines, names=(f"ttnn.{reduce}", "ttnn.nez"), status="composite", make=make,
                       reason=f"the {reduce} of what is not zero", compare="exact", promotes=promotes)  # fmt: skip

    numbers, of_booleans = made("float32", {"input": FEW}), made("", {}).lower
    of_numbers = numbers.lower
    assert of_numbers is not None and of_booleans is not None
    return replace(numbers, lower=lambda v: (of_booleans if dtype_of(v, "self") == "bool" else of_numbers)(v))


def _diff(v: Variation) -> dict[str, object]:
    shape = shape_of(v, "self")
    dim = int(str(v.get("dim"))) % len(shape)
    rank = range(len(shape))
    return {
        "ones": [1 if i == dim else 0 for i in rank],
        "zeros": [0] * len(shape),
        "shape": list(shape),
        "last": [size - 1 if i == dim else size for i, size in enumerate(shape)],
    }


_NO_EXTRAS = limit("no prepend, append or n over 1", lambda v: v.get("n") in (None, 1) and not any(
    isinstance(v.get(name), Operand) for name in ("prepend", "append")), lambda v: f"n={v.get('n')}")  # fmt: skip

ROWS = (
    _over_dims("aten.mean.dim", "mean", "ttnn.mean"),
    _over_dims("aten.sum.dim_IntList", "sum", "ttnn.sum", _SUMS),
    _over_dims("aten.amax.default", "amax", "ttnn.max"),
    _over_dims("aten.amin.default", "amin", "ttnn.min"),
    row("aten.mean.default", "torch.mean(torch_input)", "ttnn.mean(input)"),
    row("aten.sum.default", "torch.sum(torch_input)", "ttnn.sum(input)"),
    row("aten.max.default", "torch.max(torch_input)", "ttnn.max(input)"),
    row("aten.min.default", "torch.min(torch_input)", "ttnn.min(input)"),
    _variance("aten.var.correction", "var"),
    _variance("aten.std.correction", "std"),
    _any("aten.any.default", is_all=False),
    _any("aten.any.dim", is_all=False),
    _any("aten.all.default", is_all=True),
    _any("aten.all.dim", is_all=True),
    row("aten.prod.dim_int", "torch.prod(torch_input, dim={dim}, keepdim={keepdim})", "ttnn.prod(input, dim={dim}, keepdim={keepdim})", make={"input": FACTORS}),
    row("aten.cumsum.default", "torch.cumsum(torch_input, dim={dim})", "ttnn.cumsum(input, dim={dim})"),
    row("aten.cumprod.default", "torch.cumprod(torch_input, dim={dim})", "ttnn.cumprod(input, dim={dim})", make={"input": FACTORS}),
    row("aten.logsumexp.default", "torch.logsumexp(torch_input, dim={dim}, keepdim={keepdim})", _LOGSUMEXP, values=_log_values, status="composite",
        reason="the largest is taken off and put back, so that no exp overflows: max, exp, sum and log"),
    row("aten.linalg_vector_norm.default", "torch.linalg.vector_norm(torch_input, ord={ord}, dim={dim}, keepdim={keepdim})", _norm, values=_dims,
        names=("ttnn.sqrt", "ttnn.sum", "ttnn.square", "ttnn.abs", "ttnn.nez", "ttnn.max", "ttnn.min", "ttnn.pow"), status="composite",
        reason="a power, a sum and a root", route=_norm_route, pcc=0.95),  # norms of many random numbers are nearly one constant: the relative error tells
    _with_mean("aten.var_mean.correction", "var"),
    _with_mean("aten.std_mean.correction", "std"),
    row("aten.prod.default", "torch.prod(torch_input)", "ttnn.reshape(ttnn.prod(ttnn.reshape(input, (1, {count})), dim=-1), ())",
        values=lambda v: {"count": math.prod(shape_of(v, "self"))}, make={"input": FACTORS}, status="composite", reason="a prod of one row"),
    row("aten.logcumsumexp.default", "torch.logcumsumexp(torch_input, dim={dim})", "ttnn.log(ttnn.cumsum(ttnn.exp(input), dim={dim}))",
        status="composite", reason="exp, cumsum and log"),
    row("aten.diff.default", "torch.diff(torch_input, dim={dim})",
        "ttnn.subtract(ttnn.slice(input, {ones}, {shape}), ttnn.slice(input, {zeros}, {last}))", values=_diff,
        status="composite", reason="two slices and a subtraction", constraints=(_NO_EXTRAS, not_below_zero()), dtypes=("float", "integer", "narrow", "unsigned")),
)  # fmt: skip
