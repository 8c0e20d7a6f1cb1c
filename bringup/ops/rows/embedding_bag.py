"""Sums, means and maxima of bags of embeddings: one look-up, and a matrix that says which row is in which bag."""

from __future__ import annotations

import math

from bringup.inventory import Operand, Variation
from bringup.ops.constraints import limit, shape_of
from bringup.ops.lowering import INDICES, ROW_MAJOR, operand
from bringup.ops.spec import Lowering, OpSpec
from bringup.ops.spec import TestInput as Tensor

_MODES = ("sum", "mean", "max")
_TILES = "dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device"
_LOWEST = -1e30


def _bag_count(v: Variation) -> int:
    return shape_of(v, "offsets")[0] - bool(v.get("include_last_offset"))


def _offsets(v: Variation, count: int) -> Tensor:
    """Where bags begin, moved as what it says: the rows of each bag, for a mean each by its share, or those outside."""
    bags, (given,), mode = _bag_count(v), shape_of(v, "offsets"), _mode(v)
    # The bag of each index is the last one that begins before it or at it.
    bag = f"torch.bucketize(torch.arange({count}), {{torch}}, right=True) - 1"
    inside = f"({bag} == torch.arange({bags})[:, None])"
    moved = {
        "sum": f"{inside}.float()",
        "mean": f"torch.nn.functional.normalize({inside}.float(), p=1.0)",
        "max": f"(~{inside}).float()[:, :, None] * {_LOWEST}",
    }[mode]
    make = f"torch.arange({given}) * {count} // {max(1, bags)}"
    if not v.get("include_last_offset"):
        make = f"torch.randint(0, {count + 1}, {{shape}}).sort().values * (torch.arange({given}) > 0)"
    return operand(v, "offsets", make=make, to=f"ttnn.from_torch({moved}, {_TILES})")


def _mode(v: Variation) -> str:
    mode = v.get("mode")
    return _MODES[mode if isinstance(mode, int) else 0]


def _embedding_bag(v: Variation) -> Lowering:
    count, (rows, width), mode = math.prod(shape_of(v, "indices")), shape_of(v, "weight"), _mode(v)
    inputs = [
        operand(v, "weight", to=ROW_MAJOR),
        operand(v, "indices", make=f"torch.randint(0, {rows}, {{shape}})", to=INDICES),
        _offsets(v, count),
    ]
    lines = [
        "rows = ttnn.embedding(ttnn.reshape(indices, (1, {count})), weight, layout=ttnn.TILE_LAYOUT)",
        "rows = ttnn.reshape(rows, {table})",
    ]
    values: dict[str, object] = {"count": count, "table": (count, width)}
    torch = f'torch_indices, torch_weight, torch_offsets, mode="{mode}"'
    if isinstance(v.get("per_sample_weights"), Operand):
        inputs.append(operand(v, "per_sample_weights"))
        lines.append("rows = ttnn.multiply(rows, ttnn.reshape(per_sample_weights, ({count}, 1)))")
        torch += ", per_sample_weights=torch_per_sample_weights"
    if mode == "max":
        values |= {"table": (1, count, width), "lowest": _LOWEST / 2}
        lines += [
            "output = ttnn.max(ttnn.add(rows, offsets), dim=1)",
            "output = ttnn.where(ttnn.lt(output, {lowest}), 0.0, output)",
        ]
    else:
        lines.append("output = ttnn.matmul(offsets, rows)")
    torch += ", include_last_offset=True" if v.get("include_last_offset") else ""
    weighted = "_weighted" if len(inputs) > 3 else ""
    return Lowering(
        tuple(inputs), f"torch.nn.functional.embedding_bag({torch})", tuple(lines), values, route=f"{mode}{weighted}"
    )


_LIMITS = (
    limit(
        "no padding_idx",
        lambda v: v.get("padding_idx") in (None, -1),
        lambda v: str(v.get("padding_idx")),
        unasked="which rows are left out follows from the indices",
    ),
    limit(
        "where each bag begins",
        lambda v: isinstance(v.get("offsets"), Operand) and len(shape_of(v, "offsets")) == 1,
        lambda v: str(v.get("offsets")),
        unasked="torch itself makes offsets of ids of rank 2",
    ),
    limit(
        "indices",
        lambda v: bool(math.prod(shape_of(v, "indices"))) and bool(_bag_count(v)),
        lambda v: f"{list(shape_of(v, 'indices'))} in {_bag_count(v)} bags",
        unasked="there is nothing to look up",
    ),
)
_NAMES = (
    "ttnn.embedding",
    "ttnn.matmul",
    "ttnn.reshape",
    "ttnn.multiply",
    "ttnn.add",
    "ttnn.max",
    "ttnn.where",
    "ttnn.lt",
)
_REASON = "an embedding, and a matmul with a matrix of which row is in which bag; for a maximum a mask and a max"

ROWS = (
    OpSpec("aten._embedding_bag.default", "composite", _NAMES, _REASON, _LIMITS, _embedding_bag),
    OpSpec("aten._embedding_bag_forward_only.default", "composite", _NAMES, _REASON, _LIMITS, _embedding_bag),
)
