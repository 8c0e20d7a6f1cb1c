"""How the tables of cases are written: `add("relu.default", t(3, 5))` is a line of a JSON file."""

from __future__ import annotations

from typing import Any

Line = dict[str, Any]
CASES: list[Line] = []


def t(*shape: int, dtype: str = "float32") -> Line:
    """A tensor."""
    return {"shape": list(shape), "dtype": dtype}


def i(*shape: int) -> Line:
    """Integers."""
    return t(*shape, dtype="int64")


def b(*shape: int) -> Line:
    """Booleans."""
    return t(*shape, dtype="bool")


def p(*shape: int) -> Line:
    """A weight."""
    return {**t(*shape), "kind": "parameter"}


def add(op: str, *args: Any, **kwargs: Any) -> None:
    """A case of an ATen op."""
    CASES.append({"op": f"aten.{op}", "args": list(args), "kwargs": kwargs})


RANKS = [t(33), t(6, 37), t(3, 6, 37), t(2, 3, 6, 37), t(2, 2, 3, 6, 7)]
