"""Searching and counting: one comparison of everything with everything, and a sum."""

from __future__ import annotations

import math

from bringup.inventory import Variation
from bringup.ops.constraints import is_absent, limit, shape_of
from bringup.ops.lowering import FLOAT32, missing, row
from bringup.ops.spec import OpSpec

_SORTED = "torch.randn({shape}).sort().values"
_BOTH = {"input": FLOAT32, "boundaries": FLOAT32, "sorted_sequence": FLOAT32}


def _is_right(v: Variation) -> bool:
    return bool(v.get("right")) or v.get("side") == "right"


def _bucket_lines(v: Variation) -> tuple[str, ...]:
    compare = "ge" if _is_right(v) else "gt"
    return (
        f"output = ttnn.{compare}(ttnn.reshape(input, ({{count}}, 1)), ttnn.reshape(boundaries, (1, {{buckets}})))",
        "output = ttnn.reshape(ttnn.sum(ttnn.typecast(output, ttnn.float32), dim=-1), {shape})",
    )


def _bucket_values(v: Variation) -> dict[str, object]:
    shape = shape_of(v, "self")
    return {
        "count": math.prod(shape),
        "buckets": math.prod(shape_of(v, "boundaries")),
        "shape": shape,
        "right": _is_right(v),
    }


def _search_lines(v: Variation) -> tuple[str, ...]:
    compare = "ge" if _is_right(v) else "gt"
    return (
        f"output = ttnn.{compare}(ttnn.reshape(input, {{column}}), ttnn.reshape(sorted_sequence, {{row}}))",
        "output = ttnn.reshape(ttnn.sum(ttnn.typecast(output, ttnn.float32), dim=-1), {shape})",
    )


def _search_values(v: Variation) -> dict[str, object]:
    shape, boundaries = shape_of(v, "self"), shape_of(v, "sorted_sequence")
    lead = math.prod(shape[:-1])
    is_one = len(boundaries) == 1
    column = (math.prod(shape), 1) if is_one else (lead, shape[-1], 1)
    line = (1, boundaries[0]) if is_one else (lead, 1, boundaries[-1])
    return {"column": column, "row": line, "shape": shape, "right": _is_right(v)}


def _one_lines(v: Variation) -> str:
    return f"ttnn.sum(ttnn.typecast(ttnn.{'le' if _is_right(v) else 'lt'}(sorted_sequence, {{self}}), ttnn.float32))"


_NO_RANGE = (
    "lowest, highest = ttnn.min(input), ttnn.max(input)",
    "input = ttnn.reshape(input, ({count}, 1))",
    "position = ttnn.divide(ttnn.subtract(input, lowest), ttnn.subtract(highest, lowest))",
    "position = ttnn.floor(ttnn.multiply(position, {bins}))",
    "position = ttnn.where(ttnn.eq(input, highest), {bins} - 1.0, position)",
)
_RANGE = (
    "input = ttnn.reshape(input, ({count}, 1))",
    "position = ttnn.floor(ttnn.multiply(ttnn.subtract(input, {min}), {bins} / ({max} - {min})))",
    "position = ttnn.where(ttnn.eq(input, {max}), {bins} - 1.0, position)",
)
_COUNT = (
    "places = torch.arange({bins}, dtype=torch.float32).reshape(1, {bins})",
    "places = ttnn.from_torch(places, dtype=ttnn.float32, layout=ttnn.TILE_LAYOUT, device=device)",
    "output = ttnn.sum(ttnn.typecast(ttnn.eq(position, places), ttnn.float32), dim=0)",
)


def _histc_lines(v: Variation) -> tuple[str, ...]:
    return (*(_NO_RANGE if v.get("min") == v.get("max") else _RANGE), *_COUNT)


_SPREAD = limit(
    "a range, or more than one value",
    lambda v: v.get("min") != v.get("max") or math.prod(shape_of(v, "self")) > 1,
    lambda v: str(list(shape_of(v, "self"))),
)


def _histc() -> OpSpec:
    return row("aten.histc.default", "torch.histc(torch_input.float(), {bins}, {min}, {max})", _histc_lines,
               values=lambda v: {"count": math.prod(shape_of(v, "self"))}, to={"input": FLOAT32}, constraints=(_SPREAD,),
               names=("ttnn.min", "ttnn.max", "ttnn.divide", "ttnn.subtract", "ttnn.multiply", "ttnn.floor", "ttnn.where", "ttnn.eq", "ttnn.sum"), status="composite",
               reason="each value's bin, compared with all bins, and a sum: bins times the memory", compare="exact",
               route=lambda v: "" if v.get("min") != v.get("max") else "own_range")  # fmt: skip


_REASON = "one comparison with each boundary, and a sum: boundaries times the memory"

ROWS = (
    row("aten.bucketize.Tensor", "torch.bucketize(torch_input, torch_boundaries, right={right})", _bucket_lines, values=_bucket_values, make={"boundaries": _SORTED},
        to=_BOTH, names=("ttnn.gt", "ttnn.ge", "ttnn.sum", "ttnn.reshape"), status="composite", reason=_REASON, compare="exact"),
    row("aten.searchsorted.Tensor", "torch.searchsorted(torch_sorted_sequence, torch_input, right={right})", _search_lines, values=_search_values,
        make={"sorted_sequence": _SORTED}, to=_BOTH, names=("ttnn.gt", "ttnn.ge", "ttnn.sum", "ttnn.reshape"), status="composite", reason=_REASON, compare="exact",
        constraints=(is_absent("sorter"),), only=("sorted_sequence", "self")),
    row("aten.searchsorted.Scalar", "torch.searchsorted(torch_sorted_sequence, {self}, right={right})", _one_lines, values=lambda v: {"right": _is_right(v)},
        make={"sorted_sequence": _SORTED}, to=_BOTH, names=("ttnn.lt", "ttnn.le", "ttnn.sum"), status="composite", reason="one comparison with each boundary, and a sum",
        compare="exact", constraints=(is_absent("sorter"),), only=("sorted_sequence",)),
    _histc(),
    missing("aten.bincount.default", "the size of its output depends on values; with a known number of bins it is aten.histc: one comparison and one sum per bin"),
)  # fmt: skip
