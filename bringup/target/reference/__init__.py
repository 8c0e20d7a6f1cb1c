"""Reference values of our own, for ops whose golden function in ttnn is missing or wrong."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any


def own_reference(name: str) -> Callable[..., Any] | None:
    """Our reference function of a ttnn op; None where ttnn's golden function is right."""
    return _table().get(name)


@cache
def _table() -> dict[str, Callable[..., Any]]:
    from bringup.target.reference import convolution, convolution3d, heads, matrix, pooling, various

    families = (convolution, convolution3d, heads, matrix, pooling, various)
    return {name: function for family in families for name, function in family.REFERENCES.items()}
