"""Look-ups: embedding, gather, indexing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bringup.inventory import Operand, Variation
from bringup.ops.constraints import dtype_of, limit, shape_of
from bringup.ops.dtypes import MOVED
from bringup.ops.lowering import INDICES, INDICES_TILE, INT32, ROW_MAJOR, ROW_MAJOR_MASK, made_as, operand, row
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
    values = {"count": math.prod(v.outputs[0].shape[:-1]), "shape": v.outputs[0].shape}
    return Lowering(inputs, torch, lines, values, compare="exact", route="any_rank")


def index_tensors(v: Variation) -> tuple[Operand | None, ...]:
    """The index of each dimension; None for a whole one."""
    value = v.get("indices")
    return tuple(item if isinstance(item, Operand) else None for item in value) if isinstance(value, tuple) else ()


def _can_index(v: Variation) -> bool:
    found = index_tensors(v)
    return any(found) and not any(item is not None and item.dtype in ("bool", "uint8") for item in found)


@dataclass(frozen=True, slots=True)
class Place:
    """Where indices point: the indexed dimensions come first and are one, the others follow as one.

    Args:
        dims: The indexed dimensions.
        sizes: Of these.
        rest: The shape of the others.
        index: The shape of the indices together.
        front: The permutation that brings the indexed dimensions to the front.
        back: The one that takes (index, rest) to the result's order.
    """

    dims: tuple[int, ...]
    sizes: tuple[int, ...]
    rest: tuple[int, ...]
    index: tuple[int, ...]
    front: tuple[int, ...]
    back: tuple[int, ...]

    @property
    def moved(self) -> tuple[int, ...]:
        """The result before it is permuted back."""
        return (*self.index, *self.rest)


def place(shape: tuple[int, ...], dims: tuple[int, ...], index: tuple[int, ...]) -> Place:
    """Adjacent indexed dimensions keep their place in the result; others come first, as torch has it."""
    others = tuple(i for i in range(len(shape)) if i not in dims)
    adjacent = dims == tuple(range(dims[0], dims[0] + len(dims)))
    before, width = (dims[0] if adjacent else 0), len(index)
    back = (*range(width, width + before), *range(width), *range(width + before, width + len(others)))
    return Place(dims, tuple(shape[i] for i in dims), tuple(shape[i] for i in others), index, (*dims, *others), back)


def in_order(dims: tuple[int, ...]) -> bool:
    """Whether a permutation changes nothing."""
    return dims == tuple(range(len(dims)))


def combined_index(names: tuple[str, ...], sizes: tuple[int, ...]) -> tuple[str, ...]:
    """Statements for one index into several dimensions taken together."""
    lines = [f"index = {names[0]}"]
    for name, size in zip(names[1:], sizes[1:], strict=True):
        lines.append(f"index = ttnn.add(ttnn.multiply(index, {size}), {name})")
    return tuple(lines) if len(names) > 1 else ()


def is_float(v: Variation, argument: str) -> bool:
    """Whether an operand is of a floating dtype."""
    return dtype_of(v, argument).startswith(("float", "bfloat"))


def _look_up(v: Variation, found: Place, names: tuple[str, ...]) -> tuple[tuple[str, ...], dict[str, object]]:
    """Rows of a table: with ttnn.embedding for floats and booleans, with ttnn.gather for integers."""
    by_rows = _is_table(v)
    values: dict[str, object] = {
        "rows": (math.prod(found.sizes), math.prod(found.rest)),
        "count": math.prod(found.index),
    }
    lines = list(combined_index(names, found.sizes))
    source, index = "input", "index" if lines else names[0]
    if not in_order(found.front):
        source, values["front"] = "ttnn.permute(input, {front})", found.front
    lines.append(f"table = ttnn.reshape({source}, {{rows}})")
    if by_rows:
        if len(names) > 1:
            lines.append("index = ttnn.to_layout(ttnn.typecast(index, ttnn.uint32), ttnn.ROW_MAJOR_LAYOUT)")
        lines.append(f"output = ttnn.embedding(ttnn.reshape({index}, (1, {{count}})), table)")
    else:
        cast = "ttnn.typecast(index, ttnn.uint32)" if len(names) > 1 else index
        lines.append(f"index = ttnn.repeat(ttnn.reshape({cast}, ({{count}}, 1)), (1, {{rows}}[1]))")
        lines.append("output = ttnn.gather(table, 0, index)")
    values["moved"] = found.moved
    if in_order(found.back):
        lines.append("output = ttnn.reshape(output, {moved})")
    else:
        lines.append("output = ttnn.permute(ttnn.reshape(output, {moved}), {back})")
        values["back"] = found.back
    return tuple(lines), values


def _is_table(v: Variation) -> bool:
    """Whether ttnn.embedding takes it as a table: bfloat16 alone, which booleans are on the device too."""
    return is_float(v, "self") or dtype_of(v, "self") == "bool"


def _table(v: Variation) -> Tensor:
    return operand(v, "self", to=(ROW_MAJOR if is_float(v, "self") else ROW_MAJOR_MASK) if _is_table(v) else "")


def _index(v: Variation) -> Lowering:
    table, given = shape_of(v, "self"), index_tensors(v)
    dims = tuple(i for i, item in enumerate(given) if item is not None)
    indices = [item for item in given if item is not None]
    found = place(table, dims, broadcast([item.shape for item in indices]))
    single = len(dims) == 1
    moved_to = (INDICES if _is_table(v) else INDICES_TILE) if single else INT32
    names = ("indices",) if single else tuple(f"index{i}" for i in range(len(dims)))
    ids = tuple(
        Tensor(name, item.shape, made_as(item.dtype, f"torch.randint(0, {table[dim]}, {{shape}})"), moved_to)
        for name, item, dim in zip(names, indices, dims, strict=True)
    )
    by_dim = dict(zip(dims, names, strict=True))
    torch = ", ".join(f"torch_{by_dim[i]}" if i in by_dim else ":" for i in range(dims[-1] + 1))
    lines, values = _look_up(v, found, names)
    route = "_".join(map(str, dims)) if dims != (0,) else ""
    return Lowering(
        (_table(v), *ids), f"torch_input[{torch}]", lines, values, "exact", route=f"dim_{route}" if route else ""
    )


def broadcast(shapes: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """The shape of several together."""
    rank = max(map(len, shapes), default=0)
    lined_up = [(1,) * (rank - len(shape)) + shape for shape in shapes]
    return tuple(0 if 0 in sizes else max(sizes) for sizes in zip(*lined_up, strict=True))


def _index_text(v: Variation) -> str:
    found = ("all" if item is None else f"{list(item.shape)} {item.dtype}" for item in index_tensors(v))
    return f"{', '.join(found)} on {list(shape_of(v, 'self'))}"


INTEGER_INDICES = limit(
    "integer indices",
    _can_index,
    _index_text,
    "a mask picks a number of elements that depends on values; a graph on the device has fixed shapes",
    unasked="the shape of the output is not known, so there is no call to write",
)


def _gather(v: Variation) -> Lowering:
    """Sizes beside the gathered dimension are cut to the index's first; ranks below 2 as one row."""
    shape, index = shape_of(v, "self") or (1,), shape_of(v, "index") or (1,)
    dim = int(str(v.get("dim"))) % len(shape)
    ids = operand(v, "index", make=f"torch.randint(0, {shape[dim]}, {{shape}})", to=INDICES_TILE)
    values: dict[str, object] = {"dim": dim}
    lines: tuple[str, ...] = ("output = ttnn.gather(input, {dim}, index)",)
    route = ""
    if len(shape) < 2:
        lines = (
            "output = ttnn.gather(ttnn.reshape(input, (1, {size})), 1, ttnn.reshape(index, (1, {count})))",
            "output = ttnn.reshape(output, {shape})",
        )
        values |= {"size": shape[0], "count": index[0], "shape": v.outputs[0].shape}
        route = "row"
    elif any(i != dim and index[i] < shape[i] for i in range(len(shape))):
        values |= {"zeros": [0] * len(shape), "ends": [shape[i] if i == dim else index[i] for i in range(len(shape))]}
        lines = ("output = ttnn.gather(ttnn.slice(input, {zeros}, {ends}), {dim}, index)",)
        route = "cut"
    return Lowering(
        (operand(v, "self"), ids), "torch.gather(torch_input, {dim}, torch_index)", lines, values, "exact", route=route
    )


def _index_select(v: Variation) -> Lowering:
    shape = shape_of(v, "self") or (1,)
    dim = int(str(v.get("dim"))) % len(shape)
    found = place(shape, (dim,), (math.prod(shape_of(v, "index")),))
    ids = operand(
        v, "index", make=f"torch.randint(0, {shape[dim]}, {{shape}})", to=INDICES if _is_table(v) else INDICES_TILE
    )
    lines, values = _look_up(v, found, ("index",))
    if not shape_of(v, "self"):
        lines, values = (*lines, "output = ttnn.reshape(output, ())"), values
    torch = "torch.index_select(torch_input, {dim}, torch_index)"
    return Lowering((_table(v), ids), torch, lines, {**values, "dim": dim}, "exact")


def _isin(v: Variation) -> Lowering:
    """A comparison with each test element, and the largest of them."""
    shape, count = shape_of(v, "elements"), math.prod(shape_of(v, "test_elements"))
    lines: tuple[str, ...] = (
        "elements = ttnn.reshape(elements, {column})",
        "output = ttnn.eq(elements, ttnn.reshape(test_elements, (1, {count})))",
        "output = ttnn.max(ttnn.typecast(output, ttnn.bfloat16), dim=-1)",
        "output = ttnn.reshape(output, {shape})",
    )
    torch = "torch.isin(torch_elements, torch_test_elements" + (", invert=True)" if v.get("invert") else ")")
    if v.get("invert"):
        lines = (*lines, "output = ttnn.logical_not(output)")
    values = {"column": (math.prod(shape), 1), "count": count, "shape": shape}
    inputs = (operand(v, "elements"), operand(v, "test_elements"))
    return Lowering(inputs, torch, lines, values, "exact", route="inverted" if v.get("invert") else "")


_TAKES = ("ttnn.embedding", "ttnn.gather", "ttnn.reshape", "ttnn.permute", "ttnn.add", "ttnn.multiply", "ttnn.repeat")
_LOOK_UP = "a look-up of rows, with reshapes and permutes around it"

DTYPES = MOVED
ROWS = (
    OpSpec("aten.embedding.default", "native", ("ttnn.embedding",), "", (), _embedding),
    OpSpec("aten.index.Tensor", "composite", _TAKES, _LOOK_UP, (INTEGER_INDICES,), _index),
    OpSpec("aten._unsafe_index.Tensor", "composite", _TAKES, _LOOK_UP, (INTEGER_INDICES,), _index),
    OpSpec("aten.gather.default", "native", ("ttnn.gather", "ttnn.slice", "ttnn.reshape"), "", (), _gather),
    OpSpec("aten.index_select.default", "composite", _TAKES, _LOOK_UP, (), _index_select),
    row("aten.tril.default", "torch.tril(torch_input, {diagonal})", "ttnn.tril(input, diagonal={diagonal})", compare="exact"),
    row("aten.triu.default", "torch.triu(torch_input, {diagonal})", "ttnn.triu(input, diagonal={diagonal})", compare="exact"),
    OpSpec("aten.isin.Tensor_Tensor", "composite", ("ttnn.eq", "ttnn.max", "ttnn.reshape"), "a comparison with each test element, and the largest of them",
           (), _isin),
)  # fmt: skip
