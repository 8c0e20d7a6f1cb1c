"""Reductions of what belongs together: by an index, by segments. One comparison with each place, and a reduction."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from bringup.inventory import Operand, Variation
from bringup.ops.constraints import dtype_of, floats_only, limit, numbers, shape_of
from bringup.ops.dtypes import WIDE
from bringup.ops.lowering import FLOAT32, operand, plain
from bringup.ops.spec import Lowering, OpSpec
from bringup.ops.spec import TestInput as Tensor

_PLACES = (
    "places = torch.arange({size}, dtype=torch.float32).reshape({along})",
    "places = ttnn.from_torch(places, dtype=ttnn.float32, layout=ttnn.TILE_LAYOUT, device=device)",
)
_COUNT = "count = ttnn.sum(ttnn.typecast(hit, ttnn.float32), dim=2)"


@dataclass(frozen=True, slots=True)
class _Reduction:
    """How what is hit is reduced.

    Args:
        call: The ttnn op.
        neutral: What stands for what is not hit.
        joins: The op that adds one more.
    """

    call: str
    neutral: str
    joins: str

    def line(self, source: str) -> str:
        return f"output = ttnn.{self.call}(ttnn.where(hit, {source}, {self.neutral}), dim=2)"


_SUM = _Reduction("sum", "0.0", "add")
_LARGEST = _Reduction("max", 'float("-inf")', "maximum")
_SMALLEST = _Reduction("min", 'float("inf")', "minimum")
_REDUCTIONS = {
    "sum": _SUM, "add": _SUM, "mean": _SUM, "prod": _Reduction("prod", "1.0", "multiply"),
    "amax": _LARGEST, "max": _LARGEST, "amin": _SMALLEST, "min": _SMALLEST,
}  # fmt: skip
_REDUCTIONS["multiply"] = _REDUCTIONS["prod"]
REDUCE_NAMES = ("ttnn.eq", "ttnn.where", "ttnn.sum", "ttnn.prod", "ttnn.max", "ttnn.min", "ttnn.add", "ttnn.multiply", "ttnn.maximum", "ttnn.minimum",
          "ttnn.divide", "ttnn.reshape", "ttnn.pad", "ttnn.slice")  # fmt: skip


def _joined(kind: str, include_self: bool) -> tuple[str, ...]:
    """What was there before is one more, or stays where nothing came."""
    if include_self and kind == "mean":
        return (_COUNT, "output = ttnn.divide(ttnn.add(output, input), ttnn.add(count, 1.0))")
    if include_self:
        return (f"output = ttnn.{_REDUCTIONS[kind].joins}(output, input)",)
    mean = ("output = ttnn.divide(output, count)",) if kind == "mean" else ()
    return (_COUNT, *mean, "output = ttnn.where(ttnn.eqz(count), input, output)")


def _includes_self(v: Variation) -> bool:
    return v.get("include_self") is not False


def scatter_reduce(v: Variation) -> Lowering:
    """The source is cut to the index's sizes; where these are below the tensor's, both are padded, by no place at all."""
    shape, index = shape_of(v, "self") or (1,), shape_of(v, "index") or (1,)
    dim, kind = int(str(v.get("dim"))) % len(shape), str(v.get("reduce"))
    values: dict[str, object] = {"zeros": [0] * len(index), "cut": list(index)}
    lines: list[str] = []
    has_source = isinstance(v.get("src"), Operand)
    if not has_source:
        values["value"] = plain(v.get("value"))
        lines.append(
            "src = ttnn.from_torch(torch.full({cut}, {value}), dtype=ttnn.float32, layout=ttnn.TILE_LAYOUT, device=device)"
        )
    elif (shape_of(v, "src") or (1,)) != index:
        lines.append("src = ttnn.slice(src, {zeros}, {cut})")
    around = [(0, 0 if i == dim else shape[i] - index[i]) for i in range(len(shape))]
    if any(after for _, after in around):
        values["around"] = around
        lines.append("index, src = (ttnn.pad(given, {around}, value=-1.0) for given in (index, src))")
    made = f"torch.randint(0, {shape[dim]}, {{shape}})"
    inputs: tuple[Tensor, ...] = (operand(v, "self", to=FLOAT32), operand(v, "index", make=made, to=FLOAT32))
    inputs = (*inputs, operand(v, "src", to=FLOAT32)) if has_source else inputs
    source = "torch_src" if has_source else "torch.full({cut}, {value})"
    torch = f"torch_input.scatter_reduce({{dim}}, torch_index, {source}, {{reduce}}, include_self={_includes_self(v)})"
    values |= {"dim": dim, "reduce": {"multiply": "prod", "add": "sum"}.get(kind, kind)}
    padded = tuple(index[i] if i == dim else shape[i] for i in range(len(shape)))
    whole = _Operands("src", padded, "index", padded, "sources")
    return _reduced(v, dim, index[dim], Lowering(inputs, torch, tuple(lines), values), whole)


def _index_reduce(v: Variation) -> Lowering:
    shape, count = shape_of(v, "self") or (1,), math.prod(shape_of(v, "index"))
    dim = int(str(v.get("dim"))) % len(shape)
    made = f"torch.randint(0, {shape[dim]}, {{shape}})"
    inputs = (
        operand(v, "self", to=FLOAT32),
        operand(v, "index", make=made, to=FLOAT32),
        operand(v, "source", to=FLOAT32),
    )
    torch = (
        f"torch_input.index_reduce({{dim}}, torch_index, torch_source, {{reduce}}, include_self={_includes_self(v)})"
    )
    values: dict[str, object] = {"dim": dim, "reduce": v.get("reduce"), "column": (1, 1, count, 1)}
    whole = _Operands("source", shape_of(v, "source"), "index", shape_of(v, "index"), "column")
    return _reduced(v, dim, count, Lowering(inputs, torch, (), values), whole)


@dataclass(frozen=True, slots=True)
class _Operands:
    """The names and shapes of what is reduced and of its index, and the value that says how the index lies."""

    source: str
    source_shape: tuple[int, ...]
    index: str
    index_shape: tuple[int, ...]
    index_as: str


def _beside(name: str, shape: tuple[int, ...], values: dict[str, object], wanted: str) -> str:
    """The same beside an operand of that rank: leading ones come by themselves."""
    aligned = values[wanted]
    assert isinstance(aligned, tuple)
    return _as(name, (*(1,) * (len(aligned) - len(shape)), *shape), values, wanted)


def _as(name: str, shape: tuple[int, ...], values: dict[str, object], wanted: str) -> str:
    """An operand in the shape of a value, where it has another."""
    return name if shape == values[wanted] else f"ttnn.reshape({name}, {{{wanted}}})"


def _reduced(v: Variation, dim: int, count: int, given: Lowering, whole: _Operands) -> Lowering:
    """The rest of a lowering: what is hit, reduced, and joined with what was there."""
    shape, kind = shape_of(v, "self") or (1,), str(v.get("reduce"))
    size, lead, tail = shape[dim], math.prod(shape[:dim]), math.prod(shape[dim + 1 :])
    values: dict[str, object] = {
        **given.values, "size": size, "along": (1, size, 1, 1), "sources": (lead, 1, count, tail), "columns": (lead, size, tail),
        "shape": shape_of(v, "self"),
    }  # fmt: skip
    before = _as("input", shape_of(v, "self"), values, "columns")
    lines = (
        *given.ttnn,
        *_PLACES,
        f"hit = ttnn.eq({_beside(whole.index, whole.index_shape, values, whole.index_as)}, places)",
        _REDUCTIONS[kind].line(_beside(whole.source, whole.source_shape, values, "sources")),
        *(() if before == "input" else (f"input = {before}",)),
        *_joined(kind, _includes_self(v)),
        *(() if before == "input" else ("output = ttnn.reshape(output, {shape})",)),
    )
    route = f"{kind}{'' if _includes_self(v) else '_alone'}" + "".join(
        "_cut" if "slice" in s else "_padded" for s in given.ttnn
    )
    return replace(given, ttnn=lines, values=values, route=route)


def _segments(v: Variation) -> Lowering:
    """A segment's places are from its start to its end: the lengths summed up, or the offsets."""
    data, axis = shape_of(v, "data"), int(str(v.get("axis") or 0)) % max(1, len(shape_of(v, "data")))
    by = "lengths" if isinstance(v.get("lengths"), Operand) else "offsets"
    given = shape_of(v, by)
    segments = given[-1] - (by == "offsets")
    lead, size, tail = math.prod(data[:axis]), data[axis], math.prod(data[axis + 1 :])
    values: dict[str, object] = {
        "size": size, "along": (1, 1, size, 1), "sources": (lead, 1, size, tail), "bounds": (lead, given[-1]), "last": (lead, segments),
        "column": (lead, segments, 1, 1), "reduce": v.get("reduce"), "axis": axis, "initial": plain(v.get("initial")),
        "shape": (*data[:axis], segments, *data[axis + 1 :]),
    }  # fmt: skip
    rows = _as(by, given, values, "bounds")
    cut = (
        ("ends = ttnn.cumsum(lengths, dim=1)", "starts = ttnn.subtract(ends, lengths)")
        if by == "lengths"
        else ("starts = ttnn.slice(offsets, [0, 0], {last})", "ends = ttnn.slice(offsets, [0, 1], {bounds})")
    )
    is_flat = values["shape"] == (lead, segments, tail)
    lines = (
        *(() if rows == by else (f"{by} = {rows}",)),
        *cut,
        *_PLACES,
        "hit = ttnn.ge(places, ttnn.reshape(starts, {column}))",
        "hit = ttnn.logical_and(hit, ttnn.lt(places, ttnn.reshape(ends, {column})))",
        _REDUCTIONS[str(v.get("reduce"))].line(_beside("data", data, values, "sources")),
        *_from_the_start(v),
        *(() if is_flat else ("output = ttnn.reshape(output, {shape})",)),
    )
    made = f"torch.nn.functional.one_hot(torch.randint({segments}, ({lead}, {size})), {segments}).sum(1)"
    made = (
        f"{made}.reshape({{shape}})"
        if by == "lengths"
        else f"torch.nn.functional.pad({made}.cumsum(1), (1, 0)).reshape({{shape}})"
    )
    torch = f"torch.ops.aten.segment_reduce(torch_data, {{reduce}}, {by}=torch_{by}, axis={{axis}}, unsafe=True, initial={{initial}})"
    inputs = (operand(v, "data", to=FLOAT32), operand(v, by, make=made, to=FLOAT32))
    return Lowering(
        inputs, torch, lines, values, route=f"{v.get('reduce')}_{by}" + ("" if v.get("initial") is None else "_initial")
    )


def _from_the_start(v: Variation) -> tuple[str, ...]:
    """The initial value is one more; a mean of nothing is nan."""
    kind = str(v.get("reduce"))
    joined = () if v.get("initial") is None else (f"output = ttnn.{_REDUCTIONS[kind].joins}(output, {{initial}})",)
    if kind != "mean":
        return joined
    empty = "{initial}" if joined else 'float("nan")'
    return (
        *joined,
        _COUNT,
        f"output = ttnn.where(ttnn.eqz(count), {empty}, ttnn.divide(output, ttnn.clamp(count, min=1.0)))",
    )


_ONE_WAY = limit(
    "lengths or offsets",
    lambda v: isinstance(v.get("lengths"), Operand) != isinstance(v.get("offsets"), Operand),
    lambda v: "indices" if isinstance(v.get("indices"), Operand) else "both",
    unasked="torch itself takes no others",
)
REDUCE_MEAN = limit(
    "a mean of a floating dtype",
    lambda v: v.get("reduce") != "mean" or floats_only("self").holds(v),
    lambda v: dtype_of(v, "self"),
    "torch rounds each quotient down",
    unasked="values decide: torch rounds each quotient down",
)


def _renorm(v: Variation) -> Lowering:
    rows, order = shape_of(v, "self")[0], float(str(plain(v.get("norm_type"))))
    norm = "ttnn.sqrt(ttnn.sum(ttnn.square(input), dim=1, keepdim=True))"
    if order != 2:
        norm = "ttnn.pow(ttnn.sum(ttnn.pow(ttnn.abs(input), {order}), dim=1, keepdim=True), 1 / {order})"
    if math.isinf(order):
        norm = "ttnn.max(ttnn.abs(input), dim=1, keepdim=True)"
    lines = (
        *_PLACES,
        "hit = ttnn.eq(ttnn.reshape(indices, {row}), places)",
        "hit = ttnn.max(ttnn.typecast(hit, ttnn.float32), dim=1, keepdim=True)",
        f"norm = {norm}",
        "hit = ttnn.logical_and(hit, ttnn.gt(norm, {most}))",
        "output = ttnn.where(hit, ttnn.multiply(ttnn.divide(input, norm), {most}), input)",
    )
    values = {
        "size": rows, "along": (rows, 1), "row": (1, math.prod(shape_of(v, "indices"))), "order": order, "most": plain(v.get("max_norm")),
        "norm_type": plain(v.get("norm_type")),
    }  # fmt: skip
    ids = operand(v, "indices", make=f"torch.randint(0, {rows}, {{shape}})", to=FLOAT32)
    torch = "torch.ops.aten.embedding_renorm(torch_input, torch_indices, {most}, {norm_type})"
    return Lowering(
        (operand(v, "self", to=FLOAT32), ids), torch, lines, values, route=f"order_{numbers(v, 'norm_type') or order}"
    )


BY_COMPARISON = "a comparison of each index with each place, and a reduction of what is there: places times the memory"

ROWS = (
    OpSpec("aten.index_reduce.default", "composite", REDUCE_NAMES, BY_COMPARISON, (REDUCE_MEAN,), _index_reduce),
    OpSpec("aten.segment_reduce.default", "composite", ("ttnn.cumsum", "ttnn.ge", "ttnn.lt", "ttnn.logical_and", *REDUCE_NAMES[1:]),
           "a comparison of each place with each segment's bounds, and a reduction of what is between: segments times the memory", (_ONE_WAY,), _segments),
    OpSpec("aten.embedding_renorm.default", "composite",
           ("ttnn.eq", "ttnn.max", "ttnn.sqrt", "ttnn.square", "ttnn.pow", "ttnn.abs", "ttnn.sum", "ttnn.divide", "ttnn.multiply", "ttnn.gt", "ttnn.logical_and", "ttnn.where"),
           "the norm of every row, and a where on the rows that are looked up and too long", (), _renorm),
)  # fmt: skip
DTYPES = WIDE
