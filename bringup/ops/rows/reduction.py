"""Reductions, cumulative ops and sorting."""

from __future__ import annotations

from functools import partial

from bringup.inventory import Operand, Variation
from bringup.ops.constraints import limit, one_of, rank_at_most, shape_of
from bringup.ops.lowering import missing, positive_dims
from bringup.ops.lowering import row as any_row
from bringup.ops.spec import OpSpec, Status

row = partial(any_row, promotes="float32")
"""ttnn reduces and sorts floats: integers go as float32."""


def _dims(v: Variation) -> dict[str, object]:
    rank = len(shape_of(v, "self"))
    return {"dim": list(positive_dims(v, "dim", rank)), "keepdim": bool(v.get("keepdim"))}


def _over_dims(op: str, torch_name: str, ttnn_name: str) -> OpSpec:
    return row(op, f"torch.{torch_name}(torch_input, dim={{dim}}, keepdim={{keepdim}})", f"{ttnn_name}(input, dim={{dim}}, keepdim={{keepdim}})",
               values=_dims, constraints=(rank_at_most("self", 8),), only=("self",))  # fmt: skip


def _variance(op: str, name: str) -> OpSpec:
    unbiased = limit(
        "correction 0 or 1",
        lambda v: v.get("correction") in (None, 0, 1, 0.0, 1.0),
        lambda v: repr(v.get("correction")),
    )

    def torch(v: Variation) -> str:
        return f"torch.{name}(torch_input, dim={{dim}}, correction={_correction(v)}, keepdim={{keepdim}})"

    def ttnn(v: Variation) -> str:
        return f"ttnn.{name}(input, dim={{dim}}, keepdim={{keepdim}}, correction={bool(_correction(v))})"

    return row(op, torch, ttnn, names=(f"ttnn.{name}",), values=_dims, constraints=(unbiased,))


def _correction(v: Variation) -> int:
    value = v.get("correction")
    return 1 if value is None else int(str(value).partition(".")[0])


def _arg(name: str, ttnn: str, status: Status = "native", reason: str = "") -> OpSpec:
    def torch(v: Variation) -> str:
        return (
            f"torch.{name}(torch_input)"
            if v.get("dim") is None
            else f"torch.{name}(torch_input, dim={{dim}}, keepdim={{keepdim}})"
        )

    def lines(v: Variation) -> str:
        source = "ttnn.reshape(input, (1, -1))" if v.get("dim") is None else "input"
        operand = source if ttnn == "argmax" else f"ttnn.neg({source})"
        if v.get("dim") is None:
            return f"ttnn.reshape(ttnn.argmax({operand}, dim=-1), ())"
        return f"ttnn.argmax({operand}, dim={{dim}}, keepdim={{keepdim}})"

    names = ("ttnn.argmax",) if ttnn == "argmax" else ("ttnn.neg", "ttnn.argmax")
    return row(
        f"aten.{name}.default",
        torch,
        lines,
        names=names,
        status=status,
        reason=reason,
        compare="exact",
    )


def _max_dim(name: str) -> OpSpec:
    return row(f"aten.{name}.dim", f"torch.{name}(torch_input, dim={{dim}}, keepdim={{keepdim}}).values",
               f"ttnn.{name}(input, dim={{dim}}, keepdim={{keepdim}})")  # fmt: skip


def _any(op: str, is_all: bool) -> OpSpec:
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

    return row(op, torch, lines, names=(f"ttnn.{reduce}", "ttnn.nez"), status="composite",
               reason=f"the {reduce} of what is not zero", compare="exact")  # fmt: skip


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
    _over_dims("aten.sum.dim_IntList", "sum", "ttnn.sum"),
    _over_dims("aten.amax.default", "amax", "ttnn.max"),
    _over_dims("aten.amin.default", "amin", "ttnn.min"),
    row("aten.mean.default", "torch.mean(torch_input)", "ttnn.mean(input)"),
    row("aten.sum.default", "torch.sum(torch_input)", "ttnn.sum(input)"),
    row("aten.max.default", "torch.max(torch_input)", "ttnn.max(input)"),
    row("aten.min.default", "torch.min(torch_input)", "ttnn.min(input)"),
    _max_dim("max"),
    _max_dim("min"),
    _variance("aten.var.correction", "var"),
    _variance("aten.std.correction", "std"),
    _arg("argmax", "argmax"),
    _arg("argmin", "argmin", "composite", "the argmax of the negative"),
    _any("aten.any.default", is_all=False),
    _any("aten.any.dim", is_all=False),
    _any("aten.all.default", is_all=True),
    _any("aten.all.dim", is_all=True),
    row("aten.prod.dim_int", "torch.prod(torch_input, dim={dim}, keepdim={keepdim})", "ttnn.prod(input, dim={dim}, keepdim={keepdim})"),
    row("aten.cumsum.default", "torch.cumsum(torch_input, dim={dim})", "ttnn.cumsum(input, dim={dim})"),
    row("aten.cumprod.default", "torch.cumprod(torch_input, dim={dim})", "ttnn.cumprod(input, dim={dim})"),
    row("aten.logsumexp.default", "torch.logsumexp(torch_input, dim={dim}, keepdim={keepdim})",
        "ttnn.log(ttnn.sum(ttnn.exp(input), dim={dim}, keepdim={keepdim}))", values=_dims, status="composite", reason="exp, sum and log"),
    row("aten.linalg_vector_norm.default", "torch.linalg.vector_norm(torch_input, ord=2, dim={dim}, keepdim={keepdim})",
        "ttnn.sqrt(ttnn.sum(ttnn.square(input), dim={dim}, keepdim={keepdim}))", values=_dims, status="composite", reason="square, sum and square root",
        constraints=(one_of("ord", 2, 2.0),)),
    row("aten.topk.default", "torch.topk(torch_input, {k}, dim={dim}, largest={largest}).values",
        lambda v: "ttnn.topk(input, k={k}, dim={dim})[0]" if v.get("largest") is not False else "ttnn.neg(ttnn.topk(ttnn.neg(input), k={k}, dim={dim})[0])",
        names=("ttnn.topk", "ttnn.neg")),
    row("aten.sort.default", "torch.sort(torch_input, dim={dim}, descending={descending}).values", "ttnn.sort(input, dim={dim}, descending={descending})[0]",
        names=("ttnn.sort",)),
    row("aten.diff.default", "torch.diff(torch_input, dim={dim})",
        "ttnn.subtract(ttnn.slice(input, {ones}, {shape}), ttnn.slice(input, {zeros}, {last}))", values=_diff,
        status="composite", reason="two slices and a subtraction", constraints=(_NO_EXTRAS,)),
    missing("aten.histc.default", "ttnn has no histogram: one comparison and one sum per bin"),
    missing("aten.bincount.default", "ttnn has no histogram: one comparison and one sum per bin"),
    missing("aten.nonzero.default", "the shape of its output depends on values; a graph on the device has fixed shapes"),
)  # fmt: skip
