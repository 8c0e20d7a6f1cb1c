"""Look-ups: embedding, gather, indexing."""

from __future__ import annotations

from bringup.inventory import Operand, Variation
from bringup.ops.constraints import dtype_of, limit, rank_at_most, shape_of
from bringup.ops.lowering import INDICES, INDICES_TILE, INT32, ROW_MAJOR, missing, operand, row
from bringup.ops.spec import Lowering, OpSpec
from bringup.ops.spec import TestInput as Tensor


def _embedding(v: Variation) -> Lowering:
    """Ids of rank 2 as they are; others as one row, for ttnn gives a wrong shape for ids of rank 3."""
    rows = shape_of(v, "weight")[0]
    ids = operand(v, "indices", make=f"torch.randint(0, {rows}, {{shape}})", to=INDICES)
    inputs = (operand(v, "weight", to=ROW_MAJOR), ids)
    torch = "torch.nn.functional.embedding(torch_indices, torch_weight)"
    if len(ids.shape) == 2:
        return Lowering(inputs, torch, ("output = ttnn.embedding(indices, weight)",), compare="exact")
    lines = (
        "output = ttnn.embedding(ttnn.reshape(indices, (1, {count})), weight)",
        "output = ttnn.reshape(output, {shape})",
    )
    values = {"count": _product(v.outputs[0].shape[:-1]), "shape": v.outputs[0].shape}
    return Lowering(inputs, torch, lines, values, compare="exact", route="any_rank")


def _product(shape: tuple[int, ...]) -> int:
    total = 1
    for size in shape:
        total *= size
    return total


def _index_tensors(v: Variation) -> tuple[Operand | None, ...]:
    value = v.get("indices")
    return tuple(item if isinstance(item, Operand) else None for item in value) if isinstance(value, tuple) else ()


def _single_dim(v: Variation) -> int | None:
    """The dimension of the one index tensor; None when there are several."""
    dims = [i for i, item in enumerate(_index_tensors(v)) if item is not None]
    return dims[0] if len(dims) == 1 else None


def _can_index(v: Variation) -> bool:
    """One index tensor on any dimension, or several on the first ones: integers all."""
    found = _index_tensors(v)
    if not any(found) or any(item is not None and item.dtype in ("bool", "uint8") for item in found):
        return False
    return _single_dim(v) is not None or all(item is not None for item in found)


def _take_lines(index: str) -> tuple[str, ...]:
    """A look-up along one dimension: it comes first, is looked up as rows, and goes back."""
    return (
        "table = ttnn.reshape(ttnn.permute(input, {front}), ({rows}, {width}))",
        f"output = ttnn.embedding(ttnn.reshape({index}, (1, {{count}})), table)",
        "output = ttnn.permute(ttnn.reshape(output, {moved}), {back})",
    )


def _take_values(shape: tuple[int, ...], dim: int, index: tuple[int, ...]) -> dict[str, object]:
    front = (dim, *(i for i in range(len(shape)) if i != dim))
    rest = tuple(shape[i] for i in front[1:])
    where = len(index)
    back = (*range(where, where + dim), *range(where), *range(where + dim, where + len(rest)))
    return {
        "front": front,
        "rows": shape[dim],
        "width": _product(rest),
        "count": _product(index),
        "moved": (*index, *rest),
        "back": back,
    }


def _index(v: Variation) -> Lowering:
    table = shape_of(v, "self")
    dim = _single_dim(v)
    if dim is None:
        return _index_several(v)
    index = _index_tensors(v)[dim]
    assert index is not None
    ids = Tensor("indices", index.shape, f"torch.randint(0, {table[dim]}, {{shape}})", INDICES)
    torch = f"torch_input[{':, ' * dim}torch_indices]"
    if dim == 0:
        lines: tuple[str, ...] = (
            "table = ttnn.reshape(input, ({rows}, {width}))",
            "output = ttnn.embedding(ttnn.reshape(indices, (1, {count})), table)",
            "output = ttnn.reshape(output, {shape})",
        )
        values: dict[str, object] = {
            "rows": table[0],
            "width": _product(table[1:]),
            "count": _product(index.shape),
            "shape": v.outputs[0].shape,
        }
    else:
        lines, values = _take_lines("indices"), _take_values(table, dim, index.shape)
    route = "" if dim == 0 else f"dim_{dim}"
    return Lowering((operand(v, "self", to=ROW_MAJOR), ids), torch, lines, values, compare="exact", route=route)


def _index_several(v: Variation) -> Lowering:
    """Several index tensors on the first dimensions: one index into all of them, worked out on the device."""
    table = shape_of(v, "self")
    found = [item for item in _index_tensors(v) if item is not None]
    sizes = table[: len(found)]
    ids = [
        Tensor(f"index{i}", item.shape, f"torch.randint(0, {size}, {{shape}})", INT32)
        for i, (item, size) in enumerate(zip(found, sizes, strict=True))
    ]
    torch = f"torch_input[{', '.join(f'torch_{t.name}' for t in ids)}]"
    lines = ["index = index0"]
    for i, size in enumerate(sizes[1:], 1):
        lines.append(f"index = ttnn.add(ttnn.multiply(index, {size}), index{i})")
    lines += [
        "index = ttnn.to_layout(ttnn.typecast(index, ttnn.uint32), ttnn.ROW_MAJOR_LAYOUT)",
        "table = ttnn.reshape(input, ({rows}, {width}))",
        "output = ttnn.embedding(ttnn.reshape(index, (1, {count})), table)",
        "output = ttnn.reshape(output, {shape})",
    ]
    rest = table[len(found) :]
    shape = v.outputs[0].shape
    values = {
        "rows": _product(sizes),
        "width": _product(rest),
        "count": _product(shape[: len(shape) - len(rest)]),
        "shape": shape,
    }
    return Lowering(
        (operand(v, "self", to=ROW_MAJOR), *ids),
        torch,
        tuple(lines),
        values,
        compare="exact",
        route=f"{len(found)}_indices",
    )


def _index_text(v: Variation) -> str:
    found = ("all" if item is None else f"{list(item.shape)} {item.dtype}" for item in _index_tensors(v))
    return f"{', '.join(found)} on {list(shape_of(v, 'self'))}"


_ROWS_ONLY = limit(
    "integer indices, on one dimension or on the first ones",
    _can_index,
    _index_text,
    "ttnn.embedding looks up rows; a mask gives a shape that depends on values",
)


def _gather(v: Variation) -> Lowering:
    dim = int(str(v.get("dim"))) % max(1, len(shape_of(v, "self")))
    size = shape_of(v, "self")[dim]
    ids = operand(v, "index", make=f"torch.randint(0, {size}, {{shape}})", to=INDICES_TILE)
    torch = "torch.gather(torch_input, {dim}, torch_index)"
    return Lowering(
        (operand(v, "self"), ids), torch, ("output = ttnn.gather(input, {dim}, index)",), {"dim": dim}, "exact"
    )


def _index_select(v: Variation) -> Lowering:
    shape = shape_of(v, "self")
    dim = int(str(v.get("dim"))) % max(1, len(shape))
    count = _product(shape_of(v, "index"))
    ids = operand(v, "index", make=f"torch.randint(0, {shape[dim]}, {{shape}})", to=INDICES)
    torch = "torch.index_select(torch_input, {dim}, torch_index)"
    values = {**_take_values(shape, dim, (count,)), "dim": dim}
    return Lowering((operand(v, "self", to=ROW_MAJOR), ids), torch, _take_lines("index"), values, "exact")


def _isin(v: Variation) -> Lowering:
    """A comparison with each test element, and the largest of them."""
    shape, count = shape_of(v, "elements"), _product(shape_of(v, "test_elements"))
    lines: tuple[str, ...] = (
        "elements = ttnn.reshape(elements, {column})",
        "output = ttnn.eq(elements, ttnn.reshape(test_elements, (1, {count})))",
        "output = ttnn.max(ttnn.typecast(output, ttnn.bfloat16), dim=-1)",
        "output = ttnn.reshape(output, {shape})",
    )
    torch = "torch.isin(torch_elements, torch_test_elements" + (", invert=True)" if v.get("invert") else ")")
    if v.get("invert"):
        lines = (*lines, "output = ttnn.logical_not(output)")
    values = {"column": (_product(shape), 1), "count": count, "shape": shape}
    inputs = (operand(v, "elements"), operand(v, "test_elements"))
    return Lowering(inputs, torch, lines, values, "exact", route="inverted" if v.get("invert") else "")


_FLOAT_TABLE = limit(
    "a floating table", lambda v: dtype_of(v, "self").startswith(("float", "bfloat")), lambda v: dtype_of(v, "self")
)

ROWS = (
    OpSpec("aten.embedding.default", "native", ("ttnn.embedding",), "", (), _embedding),
    OpSpec("aten.index.Tensor", "composite", ("ttnn.embedding", "ttnn.reshape", "ttnn.permute"), "a look-up of rows, with reshapes around it", (_ROWS_ONLY, _FLOAT_TABLE), _index),
    OpSpec("aten._unsafe_index.Tensor", "composite", ("ttnn.embedding", "ttnn.reshape", "ttnn.permute"), "a look-up of rows, with reshapes around it", (_ROWS_ONLY, _FLOAT_TABLE), _index),
    OpSpec("aten.gather.default", "native", ("ttnn.gather",), "", (rank_at_most("self", 4),), _gather),
    OpSpec("aten.index_select.default", "composite", ("ttnn.embedding", "ttnn.reshape", "ttnn.permute"), "a look-up of rows", (_FLOAT_TABLE,), _index_select),
    row("aten.tril.default", "torch.tril(torch_input, {diagonal})", "ttnn.tril(input, diagonal={diagonal})", compare="exact"),
    row("aten.triu.default", "torch.triu(torch_input, {diagonal})", "ttnn.triu(input, diagonal={diagonal})", compare="exact"),
    missing("aten.index_put.default", "ttnn writes no elements: as a where with a mask when the mask is known, else on the host"),
    missing("aten.scatter.value", "ttnn.scatter takes tensors: the value has to be filled into one first"),
    OpSpec("aten.isin.Tensor_Tensor", "composite", ("ttnn.eq", "ttnn.max", "ttnn.reshape"), "a comparison with each test element, and the largest of them",
           (), _isin),
    missing("aten.bucketize.Tensor", "ttnn has no search: one comparison per boundary and a sum"),
    missing("aten.searchsorted.Tensor", "ttnn has no search: one comparison per boundary and a sum"),
    missing("transformers.grouped_mm_fallback.default",
            "a matmul per expert over a number of rows that depends on values: dense over all experts it is one matmul per expert with the router's weights as a mask"),
)  # fmt: skip
