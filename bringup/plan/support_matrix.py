"""torch to TT-NN, op by op: what the registry's rows say, for people and programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bringup.errors import UsageError
from bringup.ops.spec import OpSpec


@dataclass(frozen=True, slots=True)
class Limit:
    """What ttnn needs of a call, and how we know."""

    needs: str
    source: str


@dataclass(frozen=True, slots=True)
class Support:
    """One op.

    Args:
        op: `aten.gelu.default`.
        status: `native`, `composite`, `folded` or `missing`.
        ttnn: The ttnn ops that it lowers to.
        reason: Why it is composite, folded or missing.
        limits: What ttnn refuses.
    """

    op: str
    status: str
    ttnn: tuple[str, ...]
    reason: str
    limits: tuple[Limit, ...]


def support_matrix(rows: Mapping[str, OpSpec], search: str = "") -> tuple[Support, ...]:
    """The rows whose op or ttnn ops hold a text.

    Raises:
        UsageError: none does.
    """
    found = tuple(
        Support(row.op, row.status, row.ttnn, row.reason, tuple(Limit(c.needs, c.source) for c in row.constraints))
        for row in rows.values()
        if search in row.op or any(search in name for name in row.ttnn)
    )
    if not found:
        raise UsageError(f"no row is about {search!r}", next_step="see all with `bringup ops`")
    return found
