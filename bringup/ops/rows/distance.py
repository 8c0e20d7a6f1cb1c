"""Distances between rows, and products of three tensors: everything beside everything, and a sum."""

from __future__ import annotations

import math

from bringup.inventory import Variation
from bringup.ops.constraints import numbers, shape_of, torch_floats
from bringup.ops.lowering import ROW_MAJOR, plain, row
from bringup.ops.spec import OpSpec


def _order(v: Variation) -> float:
    return float(str(plain(v.get("p"))))


def _distance(v: Variation) -> str:
    """The p-norm of `difference` over its last dimension: the powers that ttnn has an op for are written with it."""
    order = _order(v)
    if order == 0:
        return "ttnn.sum(ttnn.nez(difference), dim=-1)"
    if order == 1:
        return "ttnn.sum(ttnn.abs(difference), dim=-1)"
    if order == 2:
        return "ttnn.sqrt(ttnn.sum(ttnn.square(difference), dim=-1))"
    if math.isinf(order):
        return "ttnn.max(ttnn.abs(difference), dim=-1)"
    return "ttnn.pow(ttnn.sum(ttnn.pow(ttnn.abs(difference), {p}), dim=-1), 1 / {p})"


def _route(v: Variation) -> str:
    return f"order_{plain(v.get('p'))}"


_NAMES = ("ttnn.subtract", "ttnn.reshape", "ttnn.sqrt", "ttnn.square", "ttnn.sum", "ttnn.abs", "ttnn.nez", "ttnn.max", "ttnn.pow")  # fmt: skip


def _cdist_lines(v: Variation) -> tuple[str, ...]:
    return (
        "difference = ttnn.subtract(ttnn.reshape(x1, {rows}), ttnn.reshape(x2, {columns}))",
        f"output = {_distance(v)}",
    )


def _cdist_values(v: Variation) -> dict[str, object]:
    first, second = shape_of(v, "x1"), shape_of(v, "x2")
    return {
        "p": plain(v.get("p")),
        "rows": (*first[:-2], first[-2], 1, first[-1]),
        "columns": (*second[:-2], 1, second[-2], second[-1]),
    }


def _pdist_lines(v: Variation) -> tuple[str, ...]:
    look_up = "ttnn.reshape(ttnn.embedding({ids}, input, layout=ttnn.TILE_LAYOUT), {{pairs}})"
    return (
        "first, second = torch.triu_indices({count}, {count}, 1)",
        "first, second = (ttnn.from_torch(ids.reshape(1, -1), dtype=ttnn.uint32, device=device) for ids in (first, second))",
        f"difference = ttnn.subtract({look_up.format(ids='first')}, {look_up.format(ids='second')})",
        f"output = {_distance(v)}",
    )


def _pdist_values(v: Variation) -> dict[str, object]:
    count, width = shape_of(v, "self")
    return {"p": plain(v.get("p")), "count": count, "pairs": (count * (count - 1) // 2, width)}


def _aligned(shape: tuple[int, ...], expand: tuple[int, ...]) -> tuple[int, ...]:
    """A shape with new dimensions of 1 at some places of the result."""
    rest = list(shape)
    return tuple(1 if place in expand else rest.pop(0) for place in range(len(shape) + len(expand)))


def _trilinear_lines(v: Variation) -> tuple[str, ...]:
    first, second, third = (
        f"ttnn.reshape({name}, {{{shape}}})" if numbers(v, f"expand{name[1]}") else name
        for name, shape in (("i1", "first"), ("i2", "second"), ("i3", "third"))
    )
    lines = (f"output = ttnn.multiply({first}, {second})", f"output = ttnn.multiply(output, {third})")
    return (*lines, "output = ttnn.sum(output, dim={sumdim})") if numbers(v, "sumdim") else lines


def _trilinear_values(v: Variation) -> dict[str, object]:
    names = (("first", "i1", "expand1"), ("second", "i2", "expand2"), ("third", "i3", "expand3"))
    shapes = {name: _aligned(shape_of(v, operand), numbers(v, expand)) for name, operand, expand in names}
    given = {name: list(numbers(v, name)) for name in ("expand1", "expand2", "expand3", "sumdim")}
    return {**shapes, **given}


_TRILINEAR = "torch.ops.aten._trilinear(torch_i1, torch_i2, torch_i3, {expand1}, {expand2}, {expand3}, {sumdim})"
_COST = "each row beside each other one, and a norm of the difference: their width times the memory of the result"


def _pairs() -> OpSpec:
    return row("aten._pdist_forward.default", "torch.pdist(torch_input, p={p})", _pdist_lines, values=_pdist_values, names=("ttnn.embedding", *_NAMES),
               to={"input": ROW_MAJOR}, route=_route, status="composite", constraints=(torch_floats("self"),),
               reason="the two rows of each pair looked up, and a norm of their difference: their width times the memory of the result")  # fmt: skip


ROWS = (
    row("aten._cdist_forward.default", "torch.cdist(torch_x1, torch_x2, p={p})", _cdist_lines, values=_cdist_values, names=_NAMES, route=_route,
        status="composite", reason=_COST, constraints=(torch_floats("x1"),)),
    _pairs(),
    row("aten._trilinear.default", _TRILINEAR, _trilinear_lines, values=_trilinear_values, names=("ttnn.multiply", "ttnn.reshape", "ttnn.sum"),
        status="composite", reason="all products at once, and a sum: the memory of the three shapes together"),
)  # fmt: skip
