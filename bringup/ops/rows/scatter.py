"""Writing elements at indices: scatter, index_put, index_add and their like."""

from __future__ import annotations

import math
from dataclasses import replace

from bringup.inventory import Operand, Variation
from bringup.ops.constraints import dtype_of, limit, shape_of
from bringup.ops.dtypes import WIDE
from bringup.ops.lowering import FLOAT32, INT32, INT32_MASK, INT32_ROW_MAJOR, MASK, made_as, operand, plain, row
from bringup.ops.rows.index import INTEGER_INDICES, broadcast, combined_index, in_order, index_tensors, is_float, place
from bringup.ops.rows.reduce_at import BY_COMPARISON, REDUCE_MEAN, REDUCE_NAMES, scatter_reduce
from bringup.ops.spec import Lowering, OpSpec
from bringup.ops.spec import TestInput as Tensor

_NUMBERS = ("float", "integer", "narrow", "unsigned")
"""Without booleans, whose sums and fills torch keeps at 0 and 1."""
_ADDS = "ttnn.scatter_add"
_SETS = "ttnn.scatter"
_DIFFERENT = "torch.rand({{shape}}).argsort({dim})"
"""Indices that do not meet: torch leaves open which of two values stays."""


_REDUCING = ("reduce", "include_self")


def _dim(v: Variation) -> int:
    return int(str(v.get("dim"))) % max(1, len(shape_of(v, "self")))


def _source(v: Variation, name: str) -> tuple[Tensor, ...]:
    return (own(v, name),) if isinstance(v.get(name), Operand) else ()


def own(v: Variation, name: str) -> Tensor:
    """Integers in rows: in tiles ttnn scatters them along no more than 256."""
    return operand(v, name, to=INT32_ROW_MAJOR if dtype_of(v, name).startswith(("int", "uint")) else "")


def _layout(v: Variation) -> str:
    return "ROW_MAJOR" if _device_dtype(v) == "ttnn.int32" else "TILE"


def _device_dtype(v: Variation) -> str:
    return "ttnn.bfloat16" if is_float(v, "self") or dtype_of(v, "self") == "bool" else "ttnn.int32"


def _scatter(v: Variation, source: str, call: str, torch: str) -> Lowering:
    """The source is cut to the index's shape; a number is a tensor of it, made on the host."""
    shape, index = shape_of(v, "self"), shape_of(v, "index")
    dim = _dim(v)
    made = f"torch.randint(0, {shape[dim]}, {{shape}})" if call == _ADDS else _DIFFERENT.format(dim=dim)
    inputs = (own(v, "self"), operand(v, "index", make=made, to=INT32_ROW_MAJOR), *_source(v, source))
    values: dict[str, object] = {
        "dim": dim,
        **{name: plain(v.get(name)) for name in _REDUCING if f"{{{name}}}" in torch},
    }
    lines: list[str] = []
    if len(inputs) == 2:
        values |= {"index_shape": index, "value": plain(v.get("value"))}
        lines.append(
            f"{source} = ttnn.from_torch(torch.full({{index_shape}}, {{value}}), dtype={_device_dtype(v)}, "
            f"layout=ttnn.{_layout(v)}_LAYOUT, device=device)"
        )
    elif shape_of(v, source) != index:
        values |= {"zeros": [0] * len(index), "index_shape": index}
        lines.append(f"{source} = ttnn.slice({source}, {{zeros}}, {{index_shape}})")
    lines.append(f"output = {call}(input, {{dim}}, index, {source})")
    route = "value" if len(inputs) == 2 else "cut" if len(lines) > 1 else ""
    return Lowering(inputs, torch, tuple(lines), values, "close", route=route)


def _scatter_row(op: str, source: str, torch: str, call: str = _SETS) -> OpSpec:
    return OpSpec(op, "native", (call,), "", (_WITHIN,), lambda v: _scatter(v, source, call, torch), dtypes=_NUMBERS)


_WITHIN = limit(
    "indices that can all differ",
    lambda v: (
        shape_of(v, "index") == () or "add" in v.op or shape_of(v, "index")[_dim(v)] <= shape_of(v, "self")[_dim(v)]
    ),
    lambda v: f"{list(shape_of(v, 'index'))} on {list(shape_of(v, 'self'))}",
    unasked="torch leaves open which of two values stays",
)


def _reducing(op: str, torch: str) -> OpSpec:
    """A sum is one ttnn op; of other reductions ttnn has none."""

    def lower(v: Variation) -> Lowering:
        is_sum = (
            v.get("reduce") in ("sum", "add")
            and v.get("include_self") is not False
            and isinstance(v.get("src"), Operand)
        )
        return _scatter(v, "src", _ADDS, torch) if is_sum else scatter_reduce(v)

    return OpSpec(op, "composite", (_ADDS, *REDUCE_NAMES), BY_COMPARISON, (REDUCE_MEAN,), lower, dtypes=WIDE)


def _along(v: Variation, source: str, call: str, torch: str) -> Lowering:
    """One index for whole slices: repeated over the other dimensions."""
    shape, count = shape_of(v, "self") or (1,), math.prod(shape_of(v, "index"))
    dim = _dim(v)
    rank = range(len(shape))
    made = (
        f"torch.randint(0, {shape[dim]}, {{shape}})"
        if call == _ADDS
        else f"torch.randperm({shape[dim]})[: {count}].reshape({{shape}})"
    )
    inputs = (own(v, "self"), operand(v, "index", make=made, to=INT32_ROW_MAJOR), *_source(v, source))
    values: dict[str, object] = {
        "dim": dim,
        "column": [count if i == dim else 1 for i in rank],
        "repeats": [1 if i == dim else shape[i] for i in rank],
    }
    lines = ["index = ttnn.repeat(ttnn.reshape(index, {column}), {repeats})"]
    alpha = v.get("alpha")
    if len(inputs) == 2 or not shape_of(v, source):
        values["slices"] = [count if i == dim else shape[i] for i in rank]
        if len(inputs) == 2:
            values["value"] = plain(v.get("value"))
            lines.append(
                f"{source} = ttnn.from_torch(torch.full({{slices}}, {{value}}), dtype={_device_dtype(v)}, layout=ttnn.{_layout(v)}_LAYOUT, device=device)"
            )
        else:
            lines.append(f"{source} = ttnn.repeat(ttnn.reshape({source}, {[1] * len(shape)}), {{slices}})")
    elif call == _ADDS and alpha not in (None, 1):
        values["alpha"] = plain(alpha)
        lines.append(f"{source} = ttnn.multiply({source}, {{alpha}})")
    lines.append(f"output = {call}(input, {{dim}}, index, {source})")
    if not shape_of(v, "self"):
        lines = ["input = ttnn.reshape(input, (1,))", *lines, "output = ttnn.reshape(output, ())"]
    torch = torch if "{alpha}" not in torch or "alpha" in values else torch.replace(", alpha={alpha}", "")
    return Lowering(inputs, torch, tuple(lines), values, route="_".join(str(len(lines))))


def _along_row(op: str, source: str, torch: str, call: str = _SETS) -> OpSpec:
    names = (call, "ttnn.repeat", "ttnn.reshape", "ttnn.multiply")
    reason = "the index is repeated over the other dimensions, then one scatter"
    dtypes = () if op.startswith("aten.index_copy") or op.endswith("int_Tensor") else _NUMBERS
    return OpSpec(op, "composite", names, reason, (), lambda v: _along(v, source, call, torch), dtypes=dtypes)


def _mask(v: Variation) -> Operand | None:
    """The one mask on the leading dimensions, where that is what the indices are."""
    found = index_tensors(v)
    only = [item for item in found if item is not None]
    return only[0] if len(only) == 1 and found[0] is only[0] and only[0].dtype == "bool" else None


def _index_put(v: Variation) -> Lowering:
    return _put_mask(v) if _mask(v) else _put_at(v)


def _put_mask(v: Variation) -> Lowering:
    """With one value for all that the mask picks: a where."""
    mask, shape = _mask(v), shape_of(v, "self")
    assert mask
    to = MASK if is_float(v, "self") or dtype_of(v, "self") == "bool" else INT32_MASK
    inputs = (
        operand(v, "self"),
        Tensor("mask", mask.shape, "torch.randint(0, 2, {shape}).bool()", to),
        operand(v, "values"),
    )
    lead, tail = mask.shape, shape[len(mask.shape) :]
    values: dict[str, object] = {
        "whole": (*lead, *[1] * len(tail)),
        "ones": (1,) * len(lead) + (1,) * (len(tail) - len(_tail(v))) + _tail(v),
    }
    lines = (
        "mask = ttnn.reshape(mask, {whole})",
        "output = ttnn.where(mask, ttnn.reshape(values, {ones}), input)",
    )
    torch = f"torch_input.index_put((torch_mask,), torch_values, {bool(v.get('accumulate'))})"
    if v.get("accumulate"):
        lines = (*lines[:1], "output = ttnn.add(input, ttnn.multiply(mask, ttnn.reshape(values, {ones})))")
    return Lowering(inputs, torch, lines, values, route="mask_add" if v.get("accumulate") else "mask")


def _tail(v: Variation) -> tuple[int, ...]:
    """The values' shape without the dimension that the mask's elements stand along."""
    mask, shape = _mask(v), shape_of(v, "values")
    rest = len(shape_of(v, "self")) - len(mask.shape) if mask else 0
    return shape[len(shape) - rest :] if len(shape) > rest else shape


def _put_at(v: Variation) -> Lowering:
    """Rows of a table are written: indexed dimensions first, all indices as one, each value at its place."""
    table, given = shape_of(v, "self"), index_tensors(v)
    dims = tuple(i for i, item in enumerate(given) if item is not None)
    indices = [item for item in given if item is not None]
    found = place(table, dims, broadcast([item.shape for item in indices]))
    call = _ADDS if v.get("accumulate") else _SETS
    names = tuple(f"index{i}" for i in range(len(dims)))
    ids = tuple(
        Tensor(name, item.shape, made_as(item.dtype, different(table[dim], math.prod(item.shape))), INT32)
        for name, item, dim in zip(names, indices, dims, strict=True)
    )
    count, width = math.prod(found.index), math.prod(found.rest)
    result = tuple(found.moved[i] for i in found.back)
    new = shape_of(v, "values")
    aligned = (1,) * (len(result) - len(new)) + new
    undo = tuple(found.back.index(i) for i in range(len(found.back)))
    values: dict[str, object] = {
        "rows": (math.prod(found.sizes), width), "count": count, "width": width, "aligned": aligned, "new": (count, width),
        "repeats": tuple(r // a if a else 1 for r, a in zip(result, aligned, strict=True)), "split": (*found.sizes, *found.rest),
    }  # fmt: skip
    lines = [*combined_index(names, found.sizes)] or ["index = index0"]
    lines += [
        "index = ttnn.repeat(ttnn.reshape(index, ({count}, 1)), (1, {width}))",
        "index = ttnn.to_layout(index, ttnn.ROW_MAJOR_LAYOUT)",
    ]
    lines.append("values = ttnn.repeat(ttnn.reshape(values, {aligned}), {repeats})")
    if not in_order(undo):
        lines.append("values = ttnn.permute(values, {undo})")
        values["undo"] = undo
    source = "input"
    if not in_order(found.front):
        source, values["front"] = "ttnn.permute(input, {front})", found.front
    lines.append(f"output = {call}(ttnn.reshape({source}, {{rows}}), 0, index, ttnn.reshape(values, {{new}}))")
    lines.append("output = ttnn.reshape(output, {split})")
    if not in_order(found.front):
        lines.append("output = ttnn.permute(output, {home})")
        values["home"] = tuple(found.front.index(i) for i in range(len(found.front)))
    by_dim = dict(zip(dims, names, strict=True))
    torch = ", ".join(f"torch_{by_dim[i]}" if i in by_dim else "None" for i in range(dims[-1] + 1))
    torch = f"torch.ops.aten.index_put(torch_input, [{torch}], torch_values, {bool(v.get('accumulate'))})"
    route = "_".join(("add" if call == _ADDS else "at", *map(str, dims)))
    return Lowering((own(v, "self"), *ids, own(v, "values")), torch, tuple(lines), values, route=route)


def different(size: int, count: int) -> str:
    """Makes indices that do not meet, where there are places enough."""
    if count > size:
        return f"torch.randint(0, {size}, {{shape}})"
    return f"torch.randperm({size})[: {count}].reshape({{shape}})"


def _can_put(v: Variation) -> bool:
    mask = _mask(v)
    if mask is None:
        return INTEGER_INDICES.holds(v)
    new, rest = shape_of(v, "values"), len(shape_of(v, "self")) - len(mask.shape)
    return len(new) <= rest or math.prod(new[: len(new) - rest]) == 1


_PUT_LIMIT = limit(
    "integer indices, or a mask with one value for all that it picks",
    _can_put,
    INTEGER_INDICES.got,
    INTEGER_INDICES.source,
    unasked="how many values a mask picks depends on it, so that no fixed number of them is right",
)
NO_SUMS = limit(
    "no sum of booleans",
    lambda v: not v.get("accumulate") or dtype_of(v, "self") != "bool",
    lambda v: "accumulate of bool",
    unasked="torch's sum of them is True, and ttnn's a number",
)
_MASKED = (
    "mask = ttnn.reshape(ttnn.add(ttnn.zeros_like(input), mask), (1, {count}))",
    "position = ttnn.subtract(ttnn.cumsum(ttnn.typecast(mask, ttnn.float32), dim=1), 1.0)",
    "position = ttnn.typecast(ttnn.clamp(position, min=0.0), ttnn.uint32)",
    "source = ttnn.reshape(source, (1, {available}))",
    "output = ttnn.where(mask, ttnn.gather(source, 1, position), ttnn.reshape(input, (1, {count})))",
    "output = ttnn.reshape(output, {shape})",
)


def _masked_values(v: Variation) -> dict[str, object]:
    shape = shape_of(v, "self")
    return {"count": math.prod(shape), "available": math.prod(shape_of(v, "source")), "shape": shape}


def _masked_scatter(v: Variation) -> Lowering:
    """Its mask picks no more elements than the source has."""
    made = _MASKED_ROW.lower(v) if _MASKED_ROW.lower else None
    assert made
    count, available = math.prod(shape_of(v, "mask")), math.prod(shape_of(v, "source"))
    most = available * count // max(1, math.prod(shape_of(v, "self")))
    make = f"(torch.randperm({count}) < {most}).reshape({{shape}})"
    picked = most < count
    inputs = tuple(replace(i, make=make) if picked and i.name == "mask" else i for i in made.inputs)
    return replace(made, inputs=inputs)


_WHOLE = limit(
    "a mask that is not larger than the tensor",
    lambda v: v.outputs[0].shape == shape_of(v, "self"),
    lambda v: f"{list(shape_of(v, 'mask'))} on {list(shape_of(v, 'self'))}",
)
_PUT_NAMES = (
    "ttnn.scatter",
    "ttnn.scatter_add",
    "ttnn.where",
    "ttnn.repeat",
    "ttnn.reshape",
    "ttnn.permute",
    "ttnn.add",
    "ttnn.multiply",
)

_MASKED_ROW = row("aten.masked_scatter.default", "torch.masked_scatter(torch_input, torch_mask, torch_source)", _MASKED, values=_masked_values,
        to={"mask": MASK, "input": FLOAT32, "source": FLOAT32}, constraints=(_WHOLE,), status="composite", reason="the count of picked elements so far is each one's place in the source: cumsum, gather and where")  # fmt: skip

ROWS = (
    _scatter_row("aten.scatter.src", "src", "torch.scatter(torch_input, {dim}, torch_index, torch_src)"),
    _scatter_row("aten.scatter.value", "src", "torch.scatter(torch_input, {dim}, torch_index, {value})"),
    _scatter_row("aten.scatter_add.default", "src", "torch.scatter_add(torch_input, {dim}, torch_index, torch_src)", _ADDS),
    _reducing("aten.scatter.reduce", "torch.scatter(torch_input, {dim}, torch_index, torch_src, reduce={reduce})"),
    _reducing("aten.scatter.value_reduce", ""),
    _reducing("aten.scatter_reduce.two", "torch.scatter_reduce(torch_input, {dim}, torch_index, torch_src, {reduce}, include_self={include_self})"),
    _along_row("aten.index_add.default", "source", "torch.index_add(torch_input, {dim}, torch_index, torch_source, alpha={alpha})", _ADDS),
    _along_row("aten.index_copy.default", "source", "torch.index_copy(torch_input, {dim}, torch_index, torch_source)"),
    _along_row("aten.index_fill.int_Scalar", "source", "torch.index_fill(torch_input, {dim}, torch_index, {value})"),
    _along_row("aten.index_fill.int_Tensor", "value", "torch.index_fill(torch_input, {dim}, torch_index, torch_value)"),
    OpSpec("aten.index_put.default", "composite", _PUT_NAMES, "one index into the indexed dimensions, and a scatter of rows; for a mask a where", (_PUT_LIMIT, NO_SUMS), _index_put),
    OpSpec("aten._unsafe_index_put.default", "composite", _PUT_NAMES, "one index into the indexed dimensions, and a scatter of rows; for a mask a where", (_PUT_LIMIT, NO_SUMS), _index_put),
    replace(_MASKED_ROW, lower=_masked_scatter),
)  # fmt: skip
