"""Elements by their place in the flattened tensor, by their rank, and at places that shapes decide."""

from __future__ import annotations

import math

from bringup.inventory import Variation
from bringup.ops.constraints import dtype_of, limit, numbers, shape_of
from bringup.ops.lowering import FLOAT32, INDICES_TILE, INT32_ROW_MAJOR, operand, plain, row
from bringup.ops.results import Made
from bringup.ops.rows.movement import WITHIN
from bringup.ops.rows.scatter import NO_SUMS, different, own
from bringup.ops.spec import Lowering, OpSpec, Result

_WITH_NANS = "torch.randn({shape}).masked_fill(torch.rand({shape}) < 0.3, float('nan'))"


def _count(v: Variation, argument: str = "self") -> int:
    return math.prod(shape_of(v, argument))


def _take(v: Variation) -> Lowering:
    ids = operand(v, "index", make=f"torch.randint(0, {_count(v)}, {{shape}})", to=INDICES_TILE)
    lines = (
        "output = ttnn.gather(ttnn.reshape(input, (1, {count})), 1, ttnn.reshape(index, (1, {taken})))",
        "output = ttnn.reshape(output, {shape})",
    )
    values = {"count": _count(v), "taken": _count(v, "index"), "shape": shape_of(v, "index")}
    return Lowering((operand(v, "self"), ids), "torch.take(torch_input, torch_index)", lines, values, "exact")


def _put(v: Variation) -> Lowering:
    adds = bool(v.get("accumulate"))
    made = f"torch.randint(0, {_count(v)}, {{shape}})" if adds else different(_count(v), _count(v, "index"))
    ids = operand(v, "index", make=made, to=INT32_ROW_MAJOR)
    call = "ttnn.scatter_add" if adds else "ttnn.scatter"
    lines = (
        "index, source = ttnn.reshape(index, (1, {new})), ttnn.reshape(source, (1, {new}))",
        f"output = {call}(ttnn.reshape(input, (1, {{count}})), 1, index, source)",
        "output = ttnn.reshape(output, {shape})",
    )
    values = {"count": _count(v), "new": _count(v, "index"), "shape": shape_of(v, "self")}
    torch = f"torch_input.put(torch_index, torch_source, {adds})"
    return Lowering((own(v, "self"), ids, own(v, "source")), torch, lines, values, route="add" if adds else "")


_CAN_DIFFER = limit(
    "indices that can all differ, or accumulate",
    lambda v: bool(v.get("accumulate")) or _count(v, "index") <= _count(v),
    lambda v: f"{list(shape_of(v, 'index'))} on {list(shape_of(v, 'self'))}",
    unasked="torch leaves open which of two values stays",
)

_MEDIAN = (
    "is_number = ttnn.logical_not(ttnn.isnan(input))",
    'ordered, places = ttnn.sort(ttnn.where(is_number, input, float("inf")), dim={dim})',
    "count = ttnn.sum(is_number, dim={dim}, keepdim=True)",
    "middle = ttnn.clamp(ttnn.floor(ttnn.multiply(ttnn.subtract(count, 1.0), 0.5)), min=0.0)",
    "middle = ttnn.typecast(middle, ttnn.uint32)",
)
_VALUE = 'ttnn.reshape(ttnn.where(ttnn.eqz(count), float("nan"), ttnn.gather(ordered, {dim}, middle)), {shape})'
_PLACE = "ttnn.reshape(ttnn.gather(ttnn.typecast(places, ttnn.uint32), {dim}, middle), {shape})"


def _median_lines(v: Variation) -> tuple[str, ...]:
    return ("input = ttnn.reshape(input, {row})", *_MEDIAN) if _is_flat(v) else _MEDIAN


def _is_flat(v: Variation) -> bool:
    return v.get("dim") is None or len(shape_of(v, "self")) < 2


def _picked(v: Variation) -> Result:
    if _is_flat(v):
        return Result("picks", "torch_input.reshape(1, -1)", "1", ".reshape(1, 1)")
    return Result("picks", view="" if v.get("keepdim") else ".unsqueeze({dim})")


def _median_values(v: Variation) -> dict[str, object]:
    dim = 1 if _is_flat(v) else int(str(v.get("dim"))) % len(shape_of(v, "self"))
    keepdim = bool(v.get("keepdim"))
    return {"dim": dim, "asked": v.get("dim"), "keepdim": keepdim, "row": (1, _count(v)), "shape": v.outputs[0].shape}


_MEDIANS = (
    "ttnn.logical_not", "ttnn.isnan", "ttnn.where", "ttnn.sort", "ttnn.sum", "ttnn.gather", "ttnn.subtract", "ttnn.multiply", "ttnn.floor",
    "ttnn.clamp", "ttnn.eqz",
)  # fmt: skip


def _nanmedian(op: str, torch: str, *results: Made) -> OpSpec:
    return row(op, torch, _median_lines, values=_median_values, make={"input": _WITH_NANS}, to={"input": FLOAT32}, only=("self",), status="composite",
               names=_MEDIANS, reason="a sort with nan last, and the middle of the numbers, whose count says where it is",
               route=lambda v: "flat" if _is_flat(v) else "", results=(Made("values", lines=_VALUE), *results))  # fmt: skip


def _coordinate(shape: tuple[int, ...], dim: int) -> str:
    """A coordinate of `place`, which counts all elements."""
    step = math.prod(shape[dim + 1 :])
    found = "place" if step == 1 else f"ttnn.floor(ttnn.multiply(place, 1 / {step}))"
    return found if dim == 0 else f"ttnn.remainder({found}, {float(shape[dim])})"


def _nonzero_static(v: Variation) -> Lowering:
    """The place of the k-th is the count of elements before which fewer than k + 1 were seen."""
    shape, size = shape_of(v, "self"), int(str(v.get("size")))
    coordinates = [_coordinate(shape, i) for i in range(len(shape))]
    found = coordinates[0] if len(shape) == 1 else f"ttnn.concat([{', '.join(coordinates)}], dim=1)"
    lines = (
        "seen = ttnn.cumsum(ttnn.reshape(ttnn.nez(input), (1, {count})), dim=1)",
        "slots = torch.arange({size}, dtype=torch.float32).reshape({size}, 1)",
        "slots = ttnn.from_torch(slots, dtype=ttnn.float32, layout=ttnn.TILE_LAYOUT, device=device)",
        "place = ttnn.sum(ttnn.typecast(ttnn.le(seen, slots), ttnn.float32), dim=1, keepdim=True)",
        f"output = ttnn.where(ttnn.lt(place, {{count}}), {found}, {{fill}})",
    )
    values = {"count": _count(v), "size": size, "fill": plain(v.get("fill_value"))}
    torch = "torch.ops.aten.nonzero_static(torch_input, size={size}, fill_value={fill})"
    given = operand(v, "self", make="torch.randint(-1, 2, {shape}).float()", to=FLOAT32)
    return Lowering((given,), torch, lines, values, "exact", route=f"rank_{len(shape)}")


def _resize_lines(v: Variation) -> tuple[str, ...]:
    if _count(v) == math.prod(numbers(v, "size")):
        return ("output = ttnn.reshape(input, {size})",)
    return (
        "output = ttnn.slice(ttnn.reshape(input, ({count},)), [0], [{kept}])",
        "output = ttnn.reshape(output, {size})",
    )


def _resize_values(v: Variation) -> dict[str, object]:
    size = numbers(v, "size")
    return {"count": _count(v), "kept": math.prod(size), "size": size}


_FEWER = limit(
    "no more elements than the tensor has",
    lambda v: math.prod(numbers(v, "size")) <= _count(v),
    lambda v: f"{list(numbers(v, 'size'))} of {list(shape_of(v, 'self'))}",
    "the others are whatever memory holds",
    unasked="torch does not say which values they have",
)


def _at_places(v: Variation, places: str, torch: str, values: dict[str, object]) -> Lowering:
    """The source written where the elements of a view lie: the same view of a range says where that is."""
    lines = (
        f"index = torch.arange({{count}}).reshape({{shape}}).{places}.reshape(1, -1)",
        "index = ttnn.from_torch(index, dtype=ttnn.int32, device=device)",
        "src = ttnn.reshape(src, (1, {new}))",
        "output = ttnn.reshape(ttnn.scatter(ttnn.reshape(input, (1, {count})), 1, index, src), {shape})",
    )
    values = {**values, "count": _count(v), "shape": shape_of(v, "self"), "new": _count(v, "src")}
    return Lowering((own(v, "self"), own(v, "src")), torch, lines, values, "exact")


def _diagonal_scatter(v: Variation) -> Lowering:
    values: dict[str, object] = {name: v.get(name) for name in ("offset", "dim1", "dim2")}
    given = "{offset}, {dim1}, {dim2}"
    return _at_places(v, f"diagonal({given})", f"torch.diagonal_scatter(torch_input, torch_src, {given})", values)


def _strided_scatter(v: Variation) -> Lowering:
    values: dict[str, object] = {
        "size": numbers(v, "size"),
        "stride": numbers(v, "stride"),
        "start": v.get("storage_offset") or 0,
    }
    given = "{size}, {stride}, {start}"
    return _at_places(v, f"as_strided({given})", f"torch.as_strided_scatter(torch_input, torch_src, {given})", values)


_OWN_PLACES = limit(
    "each place once",
    lambda v: _are_apart(v),
    lambda v: f"sizes {list(numbers(v, 'size'))} with strides {list(numbers(v, 'stride'))}",
    unasked="torch leaves open which of two values stays",
)


def _are_apart(v: Variation) -> bool:
    reach = 0
    for stride, size in sorted(zip(numbers(v, "stride"), numbers(v, "size"), strict=True)):
        if size > 1 and stride <= reach:
            return False
        reach += (size - 1) * stride
    return True


_RANKED = limit(
    "rank 1 or more",
    lambda v: len(shape_of(v, "self")) > 0,
    lambda v: f"{list(shape_of(v, 'self'))} {dtype_of(v, 'self')}",
    unasked="its output has no elements",
)
_PICKS = ("ttnn.gather", "ttnn.reshape")
_WRITES = ("ttnn.scatter", "ttnn.reshape")
_FLAT = "all elements as one row, and a {} of it"
_SHAPED = "all elements as one row, and a scatter at places that the shapes decide"

ROWS = (
    OpSpec("aten.take.default", "composite", _PICKS, _FLAT.format("gather"), (), _take),
    OpSpec("aten.put.default", "composite", ("ttnn.scatter", "ttnn.scatter_add", "ttnn.reshape"), _FLAT.format("scatter"), (_CAN_DIFFER, NO_SUMS), _put),
    _nanmedian("aten.nanmedian.default", "torch.nanmedian(torch_input)"),
    _nanmedian("aten.nanmedian.dim", "torch.nanmedian(torch_input, dim={asked}, keepdim={keepdim})", Made("indices", _picked, _PLACE)),
    OpSpec("aten.nonzero_static.default", "composite",
           ("ttnn.nez", "ttnn.cumsum", "ttnn.le", "ttnn.sum", "ttnn.floor", "ttnn.remainder", "ttnn.concat", "ttnn.lt", "ttnn.where"),
           "the count of elements seen so far, compared with each slot, and a sum: slots times the memory", (_RANKED,), _nonzero_static),
    row("aten.resize.default", "torch.ops.aten.resize(torch_input, {size})", _resize_lines, values=_resize_values, names=("ttnn.reshape", "ttnn.slice"), compare="exact",
        status="composite", reason="the leading elements in another shape", constraints=(_FEWER,), route=lambda v: "" if _count(v) == math.prod(numbers(v, "size")) else "cut"),
    OpSpec("aten.diagonal_scatter.default", "composite", _WRITES, _SHAPED, (), _diagonal_scatter),
    OpSpec("aten.as_strided_scatter.default", "composite", _WRITES, _SHAPED, (WITHIN, _OWN_PLACES), _strided_scatter),
)  # fmt: skip
