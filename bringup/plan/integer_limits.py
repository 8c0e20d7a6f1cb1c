"""Up to which values a model's integers stay exact on the device, and which ids its tables have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bringup.coverage import Verdict
from bringup.inventory import Operand, Variation
from bringup.ops.lowering import own_name
from bringup.ops.spec import CANNOT_WRITE, Lowering, OpSpec

_EXACT = {
    "ttnn.bfloat16": "as ttnn.bfloat16, with floats: exact up to 256",
    "ttnn.float32": "as ttnn.float32: exact up to 2**24 (16,777,216)",
    "ttnn.int32": "as ttnn.int32: exact up to 2**31 - 1",
}
_TABLES = {"embedding": ("weight", "indices"), "gather": ("self", "index"), "index_select": ("self", "index")}
_MOST_OPS = 6


def integer_limits(
    variations: Iterable[Variation], verdicts: Mapping[str, Verdict], rows: Mapping[str, OpSpec]
) -> tuple[tuple[str, str], ...]:
    """(what, limit) for the integers that go to the device, the narrowest first; then the tables' ids.

    Args:
        variations: Of the model.
        verdicts: By the variation's id: only what runs on the device counts.
        rows: The registry.
    """
    ops: dict[str, dict[str, int]] = {}
    tables: dict[str, int] = {}
    for variation in variations:
        verdict, row = verdicts.get(variation.id), rows.get(variation.op)
        if verdict is None or verdict.status not in ("native", "composite") or row is None or row.lower is None:
            continue
        try:
            dtype = _integer_dtype(variation, row.lower(variation))
        except CANNOT_WRITE:
            continue  # such a variation is judged by its parts
        if dtype:
            calls = ops.setdefault(dtype, {})
            calls[variation.op] = calls.get(variation.op, 0) + variation.count
        if size := _table_size(variation):
            tables[variation.op] = max(size, tables.get(variation.op, 0))
    found = [(_listed(ops[dtype]), text) for dtype, text in _EXACT.items() if dtype in ops]
    found += [
        (op, f"ids 0 to {size - 1:,}, of the largest table: ttnn checks none, and what others give is not defined")
        for op, size in sorted(tables.items())
    ]
    return tuple(found)


def _integer_dtype(variation: Variation, lowering: Lowering) -> str:
    """The narrowest dtype that a variation's integers have on the device; ids of look-ups have none of these."""
    integers = {own_name(name) for name, operand in variation.operands() if _is_integer(operand)}
    moved = {i.to_ttnn for i in lowering.inputs if i.name in integers}
    if integers and any("ttnn.typecast(input, ttnn.bfloat16)" in line for line in lowering.ttnn):
        return "ttnn.bfloat16"
    return next((dtype for dtype in _EXACT if any(f"dtype={dtype}" in text for text in moved)), "")


def _table_size(variation: Variation) -> int:
    """Rows of the table that ids point into; 0 for other ops."""
    names = _TABLES.get(variation.op.split(".")[1])
    table = variation.get(names[0]) if names else None
    if not isinstance(table, Operand) or not table.shape:
        return 0
    dim = variation.get("dim") if "embedding" not in variation.op else 0
    return table.shape[dim % len(table.shape)] if isinstance(dim, int) else 0


def _is_integer(operand: Operand) -> bool:
    return operand.dtype.startswith(("int", "uint"))


def _listed(calls: Mapping[str, int]) -> str:
    names = sorted(calls, key=lambda op: (-calls[op], op))
    total = sum(calls.values())
    more = f" and {len(names) - _MOST_OPS} more ops" if len(names) > _MOST_OPS else ""
    return f"{', '.join(names[:_MOST_OPS])}{more} ({total:,} call{'s' if total > 1 else ''})"
