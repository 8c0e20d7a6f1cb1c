"""Faults planted in the rows' lowerings: the tables of cases have to see them.

`pytest -m mutation -s` runs every mutant of every row, some minutes, and prints the share caught and each that was not.
"""

from __future__ import annotations

import importlib.util
from collections import Counter

import pytest
from cases import CASES

from bringup.ops.lowering import calls_in

pytestmark = pytest.mark.skipif(importlib.util.find_spec("ttnn") is None, reason="ttnn is not installed")
REQUIRED = 0.95
EVERY_ROW = 1
SOME_ROWS = 12


def mutants_of_rows(step):
    """The mutants of every so-manieth row, each with the lowerings of its table."""
    from mutate import mutants, routes_of

    ops = set(sorted({case["op"] for case in CASES})[::step])
    routes = routes_of([case for case in CASES if case["op"] in ops])
    return [(mutant, routes[key]) for key in sorted(routes, key=repr) for mutant in mutants(*key)]


def test_a_sample_of_mutants_is_caught():
    """And, as the control, lowerings as they are pass: what is caught is the fault."""
    from mutate import Mutant, share_caught, try_mutants

    work = mutants_of_rows(SOME_ROWS)[::4]
    right = [(Mutant(m.op, m.route, "none", m.route), lowerings) for m, lowerings in work[::8]]
    outcomes = list(try_mutants([*work, *right]))
    mutated, controls = outcomes[: len(work)], outcomes[len(work) :]
    assert len(mutated) >= 50
    assert share_caught(mutated) >= REQUIRED - 0.05, [o for o in mutated if o.standing == "missed"]
    assert {outcome.standing for outcome in controls} == {"missed"}


@pytest.mark.mutation
@pytest.mark.timeout(3600)
def test_mutants_of_every_row_are_caught():
    from mutate import share_caught, try_mutants

    from bringup.ops.registry import registry

    outcomes = list(try_mutants(mutants_of_rows(EVERY_ROW)))
    counts = Counter(outcome.standing for outcome in outcomes)
    rows = {outcome.mutant.op for outcome in outcomes}
    running = {op for op, row in registry().items() if row.lower is not None}
    print(
        f"\n{len(outcomes)} mutants of {len(rows)} of {len(running)} rows that run: {dict(counts)}; share caught {share_caught(outcomes):.4f}"
    )
    for outcome in outcomes:
        if outcome.standing == "missed":
            print("missed:", outcome.mutant.op, "|", outcome.mutant.fault, "|", outcome.mutant.statements[0])
    from mutate import NEUTRAL, routes_of

    calls = {op: set(calls_in(route)) for op, route in routes_of(CASES)}
    silent = {op for op in running if op in calls and calls[op] <= NEUTRAL}
    assert rows | silent == running, "rows without a mutant, though their calls can be mutated"
    assert share_caught(outcomes) >= REQUIRED
