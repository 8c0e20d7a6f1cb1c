"""What an op's operands are on the device, by dtype, read off its row's lowering of an example call."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bringup.errors import UsageError
from bringup.inventory import Variation
from bringup.lines.read import read_variation
from bringup.ops.asked import asked_lowering
from bringup.ops.lowering import own_name
from bringup.ops.spec import OpSpec, TestInput
from bringup.verify.witnesses import example_of

_DTYPES = ("float32", "int64", "int16", "uint32", "bool", "float8_e4m3fn", "complex64")
"""One of each family that rows tell apart."""
_DTYPE = re.compile(r"dtype=(ttnn\.\w+)")


@dataclass(frozen=True, slots=True)
class OpForms:
    """The forms of an op's operands; empty where no example call can be made up, or nothing runs.

    Args:
        dtypes: `float32 as ttnn.bfloat16`, `int64 refused`, of the operands whose dtype is free.
        layouts: `self TILE`, `weight ROW_MAJOR`, `weight on the host`.
    """

    dtypes: tuple[str, ...] = ()
    layouts: tuple[str, ...] = ()


def find_forms(row: OpSpec) -> OpForms:
    """The forms of a row. Imports torch."""
    values = example_of(row) if row.lower else None
    example = _read(row, values) if values else None
    if values is None or example is None or row.lower is None:
        return OpForms()
    free = [name for name, value in values.items() if _is_free(value)]
    dtypes = tuple(text for dtype in _DTYPES if free and (text := _dtype_text(row, values, free, dtype)))
    return OpForms(dtypes, tuple(_layout_text(given) for given in row.lower(example).inputs if given.to_ttnn))


def _is_free(value: Any) -> bool:
    return isinstance(value, dict) and value.get("dtype", "float32") == "float32"


def _read(row: OpSpec, values: Mapping[str, Any]) -> Variation | None:
    """The call; None where torch refuses it."""
    try:
        return read_variation({"op": row.op, "args": [], "kwargs": dict(values)})
    except UsageError:
        return None


def _dtype_text(row: OpSpec, values: Mapping[str, Any], free: list[str], dtype: str) -> str:
    """What becomes of a dtype; empty where torch itself does not take it."""
    changed = {name: {**value, "dtype": dtype} if name in free else value for name, value in values.items()}
    variation = _read(row, changed)
    if variation is None or row.lower is None:
        return ""
    if row.beyond(variation) or not asked_lowering(variation, row):
        return f"{dtype} refused"
    own = {own_name(name) for name in free}
    moved = [_DTYPE.search(given.to_ttnn) for given in row.lower(variation).inputs if given.name in own]
    names = dict.fromkeys(match[1] for match in moved if match)
    return f"{dtype} as {' and '.join(names)}" if names else ""


def _layout_text(given: TestInput) -> str:
    name = "self" if given.name == "input" else given.name
    if "device=device" not in given.to_ttnn:
        return f"{name} on the host"
    return f"{name} {'ROW_MAJOR' if 'ROW_MAJOR_LAYOUT' in given.to_ttnn else 'TILE'}"
