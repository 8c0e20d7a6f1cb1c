"""Look-ups: embedding, gather, indexing."""

from __future__ import annotations

from bringup.inventory import Operand, Variation
from bringup.ops.constraints import dtype_of, limit, rank_at_most, shape_of
from bringup.ops.lowering import INDICES, INDICES_TILE, ROW_MAJOR, missing, operand, row
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


def _indexes_rows(v: Variation) -> bool:
    """One index tensor of integers on the first dimension: a look-up of rows."""
    found = _index_tensors(v)
    return len(found) == 1 and found[0] is not None and found[0].dtype != "bool" and len(shape_of(v, "self")) >= 2


def _index(v: Variation) -> Lowering:
    table = shape_of(v, "self")
    index = _index_tensors(v)[0]
    assert index is not None
    ids = Tensor("indices", index.shape, f"torch.randint(0, {table[0]}, {{shape}})", INDICES)
    lines = (
        "table = ttnn.reshape(input, ({rows}, {width}))",
        "output = ttnn.embedding(ttnn.reshape(indices, (1, {count})), table)",
        "output = ttnn.reshape(output, {shape})",
    )
    values = {
        "rows": table[0],
        "width": _product(table[1:]),
        "count": _product(index.shape),
        "shape": v.outputs[0].shape,
    }
    return Lowering(
        (operand(v, "self", to=ROW_MAJOR), ids), "torch_input[torch_indices]", lines, values, compare="exact"
    )


def _index_text(v: Variation) -> str:
    found = ("all" if item is None else f"{list(item.shape)} {item.dtype}" for item in _index_tensors(v))
    return f"{', '.join(found)} on {list(shape_of(v, 'self'))}"


_ROWS_ONLY = limit(
    "one tensor of integer indices, on the first of two or more dimensions",
    _indexes_rows,
    _index_text,
    "ttnn.embedding looks up rows; other forms need gather, a mask or the host",
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
    size = shape_of(v, "self")[0]
    ids = operand(v, "index", make=f"torch.randint(0, {size}, {{shape}})", to=INDICES)
    lines = (
        "output = ttnn.embedding(ttnn.reshape(index, (1, {count})), input)",
        "output = ttnn.reshape(output, {shape})",
    )
    values = {"count": shape_of(v, "index")[0], "shape": v.outputs[0].shape}
    torch = "torch.index_select(torch_input, 0, torch_index)"
    return Lowering((operand(v, "self", to=ROW_MAJOR), ids), torch, lines, values, "exact")


_FIRST_DIM = limit(
    "the first of two dimensions",
    lambda v: v.get("dim") == 0 and len(shape_of(v, "self")) == 2,
    lambda v: f"dim {v.get('dim')}",
)
_FLOAT_TABLE = limit(
    "a floating table", lambda v: dtype_of(v, "self").startswith(("float", "bfloat")), lambda v: dtype_of(v, "self")
)

ROWS = (
    OpSpec("aten.embedding.default", "native", ("ttnn.embedding",), "", (), _embedding),
    OpSpec("aten.index.Tensor", "composite", ("ttnn.embedding", "ttnn.reshape"), "a look-up of rows, with reshapes around it", (_ROWS_ONLY, _FLOAT_TABLE), _index),
    OpSpec("aten._unsafe_index.Tensor", "composite", ("ttnn.embedding", "ttnn.reshape"), "a look-up of rows, with reshapes around it", (_ROWS_ONLY, _FLOAT_TABLE), _index),
    OpSpec("aten.gather.default", "native", ("ttnn.gather",), "", (rank_at_most("self", 4),), _gather),
    OpSpec("aten.index_select.default", "composite", ("ttnn.embedding", "ttnn.reshape"), "a look-up of rows", (_FIRST_DIM, _FLOAT_TABLE), _index_select),
    row("aten.tril.default", "torch.tril(torch_input, {diagonal})", "ttnn.tril(input, diagonal={diagonal})", compare="exact"),
    row("aten.triu.default", "torch.triu(torch_input, {diagonal})", "ttnn.triu(input, diagonal={diagonal})", compare="exact"),
    missing("aten.index_put.default", "ttnn writes no elements: as a where with a mask when the mask is known, else on the host"),
    missing("aten.scatter.value", "ttnn.scatter takes tensors: the value has to be filled into one first"),
    missing("aten.isin.Tensor_Tensor", "ttnn has no isin: one comparison per test element and a logical or"),
    missing("aten.bucketize.Tensor", "ttnn has no search: one comparison per boundary and a sum"),
    missing("aten.searchsorted.Tensor", "ttnn has no search: one comparison per boundary and a sum"),
    missing("transformers.grouped_mm_fallback.default",
            "a matmul per expert over a number of rows that depends on values: dense over all experts it is one matmul per expert with the router's weights as a mask"),
)  # fmt: skip
