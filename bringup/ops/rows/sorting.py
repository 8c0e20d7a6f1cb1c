"""Sorting and picking: ops that give values and where they stand."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from bringup.inventory import Variation
from bringup.ops.constraints import shape_of
from bringup.ops.lowering import FLOAT32
from bringup.ops.lowering import row as any_row
from bringup.ops.results import Made
from bringup.ops.spec import OpSpec, Result, Status

row = partial(any_row, promotes="float32")
"""ttnn sorts floats: integers go as float32."""
_PICKS = Result("picks")


def _reduced(v: Variation) -> Result:
    """Indices along a dimension that is gone, unless it was kept."""
    is_kept = bool(v.get("keepdim")) or not shape_of(v, "self")
    return Result("picks", view="" if is_kept else ".unsqueeze({dim})")


def _in_order(op: str, name: str, given: str, ttnn_given: str = "") -> OpSpec:
    """A sort or a top-k: one call gives both results."""
    return row(op, f"torch.{name}(torch_input, {given})", f"ttnn.{name}(input, {ttnn_given or given})",
               results=(Made("values"), Made("indices", _PICKS)))  # fmt: skip


def _sorted_at(op: str, torch: str, position: Callable[[Variation, int], int], *, has_indices: bool = True) -> OpSpec:
    """One element of each sorted row."""

    def values(v: Variation) -> dict[str, object]:
        shape = shape_of(v, "self")
        whole = v.get("dim") is None
        size = math.prod(shape) if whole else shape[int(str(v.get("dim"))) % len(shape)] if shape else 1
        at = position(v, size)
        rank = 1 if whole or not shape else len(shape)
        dim = 0 if whole or not shape else int(str(v.get("dim"))) % rank
        sizes = (size,) if whole or not shape else shape
        return {
            "dim": dim,
            "k": v.get("k"),
            "keepdim": bool(v.get("keepdim")),
            "starts": [at if i == dim else 0 for i in range(rank)],
            "ends": [at + 1 if i == dim else sizes[i] for i in range(rank)],
            "count": size,
            "shape": v.outputs[0].shape,
        }

    def lines(v: Variation) -> tuple[str, ...]:
        source = "ttnn.reshape(input, ({count},))" if v.get("dim") is None or not shape_of(v, "self") else "input"
        sort = f"ttnn.sort({source}, dim={{dim}})"
        if len(v.read) > 1:
            return (f"ordered, places = {sort}",)
        return (f"places = {sort}[1]",) if v.read == (1,) else (f"ordered = {sort}[0]",)

    at = "ttnn.slice({name}, {{starts}}, {{ends}})"
    value = f"ttnn.reshape({at.format(name='ordered')}, {{shape}})"
    place = f"ttnn.reshape(ttnn.typecast({at.format(name='places')}, ttnn.uint32), {{shape}})"
    results = (Made("values", lines=value), *((Made("indices", _reduced, place),) if has_indices else ()))
    return row(op, torch, lines, names=("ttnn.sort", "ttnn.slice", "ttnn.reshape", "ttnn.typecast"), values=values, status="composite",
               reason="a sort, and a slice of it", results=results)  # fmt: skip


_UP_TO = (
    "earlier = torch.ones({size}, {size}).tril().bool()",
    'earlier = torch.zeros({size}, {size}).masked_fill(~earlier, {worst} * float("inf"))',
    "earlier = ttnn.from_torch(earlier.reshape({square}), dtype=ttnn.float32, layout=ttnn.TILE_LAYOUT, device=device)",
    "so_far = ttnn.add(ttnn.reshape(input, {row}), earlier)",
)


def _running(op: str, name: str) -> OpSpec:
    """The largest or smallest so far: over all earlier ones, the others masked out."""

    def values(v: Variation) -> dict[str, object]:
        shape = shape_of(v, "self") or (1,)
        dim = int(str(v.get("dim"))) % len(shape)
        size, after = shape[dim], math.prod(shape[dim + 1 :])
        lead = math.prod(shape[:dim])
        return {
            "dim": dim, "size": size, "worst": -1 if name == "max" else 1, "square": (1, size, size, 1),
            "row": (lead, 1, size, after), "shape": shape_of(v, "self"),
        }  # fmt: skip

    picked = "so_far" if name == "max" else "ttnn.neg(so_far)"
    results = (
        Made("values", lines=f"ttnn.reshape(ttnn.{name}(so_far, dim=2), {{shape}})"),
        Made("indices", _PICKS, f"ttnn.reshape(ttnn.argmax({picked}, dim=2), {{shape}})"),
    )
    return row(op, f"torch.cum{name}(torch_input, dim={{dim}})", _UP_TO, values=values,
               names=("ttnn.add", f"ttnn.{name}", "ttnn.argmax", "ttnn.neg", "ttnn.reshape"), status="composite",
               reason=f"each row beside itself with what comes later masked, and the {name} of it: n times the memory",
               to={"input": FLOAT32}, results=results)  # fmt: skip


def _arg(name: str, ttnn: str, status: Status = "native", reason: str = "") -> OpSpec:
    """The place of the largest or smallest; without a dim, of all elements as one row."""

    def torch(v: Variation) -> str:
        given = "keepdim={keepdim}" if v.get("dim") is None else "dim={dim}, keepdim={keepdim}"
        return f"torch.{name}(torch_input, {given})"

    def lines(v: Variation) -> str:
        source = "ttnn.reshape(input, (1, -1))" if v.get("dim") is None else "input"
        operand = source if ttnn == "argmax" else f"ttnn.neg({source})"
        if v.get("dim") is None:
            return f"ttnn.reshape(ttnn.argmax({operand}, dim=-1), {{shape}})"
        return f"ttnn.argmax({operand}, dim={{dim}}, keepdim={{keepdim}})"

    def check(v: Variation) -> Result:
        whole = Result("picks", "torch_input.flatten()", "0", ".reshape(1)")
        return whole if v.get("dim") is None else _reduced(v)

    names = ("ttnn.argmax",) if ttnn == "argmax" else ("ttnn.neg", "ttnn.argmax")
    return row(f"aten.{name}.default", torch, lambda v: (), names=names, status=status, reason=reason,
               values=lambda v: {"shape": v.outputs[0].shape}, results=(Made("indices", check, lines),))  # fmt: skip


def _max_dim(name: str) -> OpSpec:
    picked = "input" if name == "max" else "ttnn.neg(input)"
    given = "dim={dim}, keepdim={keepdim}"
    results = (
        Made("values", lines=f"ttnn.{name}(input, {given})"),
        Made("indices", _reduced, f"ttnn.argmax({picked}, {given})"),
    )
    return row(f"aten.{name}.dim", f"torch.{name}(torch_input, {given})", lambda v: (),
               names=(f"ttnn.{name}", "ttnn.argmax", "ttnn.neg"), results=results)  # fmt: skip


def _middle(v: Variation, size: int) -> int:
    return (size - 1) // 2


ROWS = (
    _max_dim("max"),
    _max_dim("min"),
    _arg("argmax", "argmax"),
    _arg("argmin", "argmin", "composite", "the argmax of the negative"),
    _running("aten.cummax.default", "max"),
    _running("aten.cummin.default", "min"),
    _sorted_at("aten.median.default", "torch.median(torch_input)", _middle, has_indices=False),
    _sorted_at("aten.median.dim", "torch.median(torch_input, dim={dim}, keepdim={keepdim})", _middle),
    _sorted_at("aten.kthvalue.default", "torch.kthvalue(torch_input, {k}, dim={dim}, keepdim={keepdim})", lambda v, size: int(str(v.get("k"))) - 1),
    _in_order("aten.sort.stable", "sort", "dim={dim}, descending={descending}"),
    _in_order("aten.sort.default", "sort", "dim={dim}, descending={descending}"),
    _in_order("aten.topk.default", "topk", "{k}, dim={dim}, largest={largest}", "k={k}, dim={dim}, largest={largest}"),
)  # fmt: skip
