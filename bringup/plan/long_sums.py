"""Which calls of a model add up long sums, and what they are added up with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bringup.coverage import Verdict
from bringup.inventory import Variation
from bringup.ops.accumulation import Sum, sum_of
from bringup.plural import counted


def long_sums(variations: Iterable[Variation], verdicts: Mapping[str, Verdict]) -> tuple[tuple[str, str], ...]:
    """(op, what its calls add up and with which compute config), for each op of which some calls add up long sums.

    Args:
        variations: Of the model.
        verdicts: By the variation's id: only what runs on the device counts.
    """
    by_op: dict[str, list[tuple[Variation, Sum]]] = {}
    for variation in variations:
        verdict, found = verdicts.get(variation.id), sum_of(variation)
        if found and verdict and verdict.status in ("native", "composite"):
            by_op.setdefault(variation.op, []).append((variation, found))
    return tuple((op, _told(sums)) for op, sums in by_op.items() if any(found.is_long for _, found in sums))


def _told(sums: list[tuple[Variation, Sum]]) -> str:
    longest, of = max(sums, key=lambda pair: pair[1].terms)
    calls = sum(variation.count for variation, _ in sums)
    long = sum(variation.count for variation, found in sums if found.is_long)
    module = longest.sites[0].module if longest.sites else ""
    where = f", in {module}" if module else ""
    rest = f"; the others keep ttnn's default ({of.default.config}, in bfloat16)" if long < calls else ""
    return (
        f"{long:,} of {counted(calls, 'call')} add up more than {of.default.limit:,} products "
        f"(at most {of.terms:,}{where}) "
        f"and run with HiFi4, fp32_dest_acc_en and packer_l1_acc{rest}"
    )
