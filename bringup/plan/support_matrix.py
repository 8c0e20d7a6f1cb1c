"""torch to TT-NN, op by op: what the registry's rows say, for people and programs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from bringup.errors import UsageError
from bringup.near import near_matches
from bringup.ops.spec import OpSpec

About = Literal["rank", "dtype", "argument"]
_RANK = re.compile(r"\brank\b")
_DTYPE = re.compile(r"\bdtypes?\b|\binteger (?:indices|mask)|\bboolean mask")


@dataclass(frozen=True, slots=True)
class Limit:
    """What ttnn needs of a call, what it is about, and how we know."""

    needs: str
    source: str
    about: About


@dataclass(frozen=True, slots=True)
class Support:
    """One op.

    Args:
        op: `aten.gelu.default`.
        status: `native`, `composite`, `folded` or `missing`.
        ttnn: The ttnn ops that it lowers to.
        reason: Why it is composite, folded or missing.
        limits: What ttnn refuses.
        dtypes: What becomes of torch's dtypes: `float32 as ttnn.bfloat16`, `int64 refused`; empty where not asked for.
        layouts: In which layout each operand is handed over: `self TILE`, `weight on the host`.
    """

    op: str
    status: str
    ttnn: tuple[str, ...]
    reason: str
    limits: tuple[Limit, ...]
    dtypes: tuple[str, ...] = ()
    layouts: tuple[str, ...] = ()

    def needs(self, about: About) -> tuple[str, ...]:
        """The limits about one thing."""
        return tuple(limit.needs for limit in self.limits if limit.about == about)


def about(needs: str) -> About:
    """What a limit is about, by its sentence."""
    if _DTYPE.search(needs):
        return "dtype"
    return "rank" if _RANK.search(needs) else "argument"


def with_forms(found: tuple[Support, ...], rows: Mapping[str, OpSpec]) -> tuple[Support, ...]:
    """The same with dtypes and layouts, read off each row's lowering of an example. Imports torch; seconds for all."""
    from bringup.plan.op_forms import find_forms

    forms = {support.op: find_forms(rows[support.op]) for support in found}
    return tuple(replace(s, dtypes=forms[s.op].dtypes, layouts=forms[s.op].layouts) for s in found)


def support_matrix(rows: Mapping[str, OpSpec], search: str = "") -> tuple[Support, ...]:
    """The rows whose op or ttnn ops hold a text.

    Raises:
        UsageError: none does.
    """
    found = tuple(
        Support(
            row.op,
            row.status,
            row.ttnn,
            row.reason,
            tuple(Limit(c.needs, c.source, about(c.needs)) for c in row.constraints),
        )
        for row in rows.values()
        if search in row.op or any(search in name for name in row.ttnn)
    )
    if not found:
        names = {part for row in rows.values() for name in (row.op, *row.ttnn) for part in (name, name.split(".")[1])}
        near = near_matches(search, {*names, "verify"})
        raise UsageError(f"no row is about {search!r}", next_step=f"{near} see all with `bringup ops`".strip())
    return found
