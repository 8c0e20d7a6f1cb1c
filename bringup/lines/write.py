"""An input variation as the JSON line that `bringup coverage FILE.jsonl` reads."""

from __future__ import annotations

from typing import Any

from bringup.inventory import ItemValue, Operand, Variation
from bringup.ir import Symbol


def line_of(variation: Variation) -> dict[str, Any]:
    """`{"op": "aten.add.Tensor", "kwargs": {"self": {"shape": [1, 64], "dtype": "float32"}, "other": 2.0}}`."""
    given = {argument.name: _value(argument.value) for argument in variation.arguments if argument.value is not None}
    reads = {"reads": [i for i in range(len(variation.outputs)) if i not in variation.unread]}
    return {"op": variation.op, "kwargs": given, **(reads if variation.unread else {})}


def _value(value: ItemValue) -> Any:
    if isinstance(value, tuple):
        return [_value(item) for item in value]
    if isinstance(value, Operand):
        kind = {} if value.kind == "activation" else {"kind": value.kind}
        return {"shape": list(value.shape), "dtype": value.dtype, **kind}
    return value.text if isinstance(value, Symbol) else value
