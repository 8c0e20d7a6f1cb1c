"""Faults planted in the rows' lowerings: the tables of cases have to see them.

`pytest -m mutation -s` runs every mutant of every row, some minutes, and prints the share caught and each that was not.
"""

from __future__ import annotations

import importlib.util
from collections import Counter

import pytest
from cases import CASES

pytestmark = pytest.mark.skipif(importlib.util.find_spec("ttnn") is None, reason="ttnn is not installed")
REQUIRED = 0.95
SAMPLE = 60


def every_mutant():
    from mutate import mutants, routes_of

    routes = routes_of(CASES)
    return [(mutant, routes[key]) for key in sorted(routes, key=repr) for mutant in mutants(*key)]


def test_a_sample_of_mutants_is_caught():
    from mutate import share_caught, try_mutants

    work = every_mutant()
    outcomes = list(try_mutants(work[:: max(1, len(work) // SAMPLE)]))
    assert len(outcomes) >= SAMPLE
    assert share_caught(outcomes) >= REQUIRED - 0.05, [o for o in outcomes if o.standing == "missed"]


def test_the_right_lowering_is_no_mutant():
    """The control: statements as they are pass, so what is caught is the fault."""
    from mutate import Mutant, try_mutants

    work = [
        (Mutant(mutant.op, mutant.route, "none", mutant.route), lowerings)
        for mutant, lowerings in every_mutant()[::200]
    ]
    assert {outcome.standing for outcome in try_mutants(work)} == {"missed"}


@pytest.mark.mutation
@pytest.mark.timeout(3600)
def test_mutants_of_every_row_are_caught():
    from mutate import share_caught, try_mutants

    from bringup.ops.registry import registry

    outcomes = list(try_mutants(every_mutant()))
    counts = Counter(outcome.standing for outcome in outcomes)
    rows = {outcome.mutant.op for outcome in outcomes}
    running = {op for op, row in registry().items() if row.lower is not None}
    print(
        f"\n{len(outcomes)} mutants of {len(rows)} of {len(running)} rows that run: {dict(counts)}; share caught {share_caught(outcomes):.4f}"
    )
    for outcome in outcomes:
        if outcome.standing == "missed":
            print("missed:", outcome.mutant.op, "|", outcome.mutant.fault, "|", outcome.mutant.statements[0])
    assert rows == running
    assert share_caught(outcomes) >= REQUIRED
