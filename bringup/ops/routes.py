"""What tracing has to know of the registry: what the rows take, and what has to be taken apart for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bringup.inventory import Variation
from bringup.ops.registry import registry


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows.

    Args:
        has: Whether an op has a row.
        has_limits: Whether that row has limits, so that its calls have to be looked at one by one.
        takes: Whether a row takes a variation.
    """

    has: Callable[[str], bool]
    has_limits: Callable[[str], bool]
    takes: Callable[[Variation], bool]


ALL_ROWS = Rows(lambda op: True, lambda op: False, lambda variation: True)
"""Rows for everything, without limits."""


def registry_rows() -> Rows:
    """The registry's."""
    rows = registry()
    return Rows(rows.__contains__, lambda op: op in rows and bool(rows[op].constraints), _takes)


def _takes(variation: Variation) -> bool:
    row = registry().get(variation.op)
    return row is not None and row.status != "missing" and not row.beyond(variation)
