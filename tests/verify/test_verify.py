"""`bringup ops verify`: planted changes of ttnn and of the registry are found, and nothing else."""

from __future__ import annotations

import importlib.util
from dataclasses import replace

import pytest

from bringup.check.results import Result
from bringup.ops.constraints import floats_only, rank_at_most, shape_of
from bringup.ops.registry import registry
from bringup.ops.spec import OpSpec
from bringup.verify.verify import limit_findings, listed_names, name_findings, verify
from bringup.verify.witnesses import find_witnesses

needs_ttnn = pytest.mark.skipif(importlib.util.find_spec("ttnn") is None, reason="ttnn is not installed")
ROWS = registry()


def words(findings) -> list[tuple[str, str]]:
    return [(finding.word, finding.subject) for finding in findings]


def test_names_that_come_and_go():
    _, known = listed_names()
    used = {name for row in ROWS.values() for name in row.ttnn}
    missing = next(
        row for row in ROWS.values() if row.status == "missing" and f"ttnn.{row.op.split('.')[1]}" not in known
    )
    new = f"ttnn.{missing.op.split('.')[1]}"
    assert name_findings(ROWS, known, known) == ()
    found = words(name_findings(ROWS, known, known - {"ttnn.relu"} | {new, "ttnn.brand_new"}))
    assert ("name vanished", "ttnn.relu") in found
    assert "ttnn.relu" in used
    assert ("name gone from ttnn", "ttnn.relu") in found
    assert ("name appeared", "ttnn.brand_new") in found
    assert ("gap may be closed", missing.op) in found
    assert {word for word, _ in found} == {"name vanished", "name gone from ttnn", "name appeared", "gap may be closed"}


def test_a_witness_stands_on_each_side_of_its_limit():
    witnesses = find_witnesses(ROWS.values())
    for witness in witnesses:
        row = ROWS[witness.op]
        if witness.inside and witness.outside:
            assert all(each.holds(witness.inside) for each in row.constraints)
            assert [each for each in row.constraints if not each.holds(witness.outside)] == [witness.limit]
    silent = [f"{w.op}: {w.limit.needs}" for w in witnesses if not (w.can_be_asked or w.limit.unasked)]
    can = [w for w in witnesses if not w.limit.unasked]
    assert len(silent) <= 0.1 * len(can), f"these want a line in bringup/verify/examples.py, or a reason: {silent}"


def test_a_limit_that_ttnn_cannot_be_asked_about_says_why():
    relu = ROWS["aten.relu.default"]
    told = replace(rank_at_most("self", 5), unasked="nobody knows")
    (witness,) = find_witnesses([replace(relu, constraints=(told,))])
    assert (witness.can_be_asked, witness.why_not) == (False, "nobody knows")
    (witness,) = find_witnesses([replace(relu, constraints=(rank_at_most("self", 99),))])
    assert (witness.can_be_asked, witness.why_not) == (False, "no variation of the row's example breaks it alone")


def test_a_call_that_ends_torchs_process_is_none_that_ttnn_is_asked_about():
    """Its kernels divide by the heads, of which a walk tries 0."""
    attention = ROWS["aten._native_multi_head_attention.default"]
    witnesses = find_witnesses([attention])
    assert len(witnesses) == len(attention.constraints)
    assert 0 not in {side.get("num_head") for w in witnesses for side in (w.inside, w.outside) if side}


def test_the_witnesses_are_next_to_the_limit():
    (witness,) = find_witnesses([replace(ROWS["aten.relu.default"], constraints=(rank_at_most("self", 5),))])
    assert (len(shape_of(witness.inside, "self")), len(shape_of(witness.outside, "self"))) == (5, 6)
    (witness,) = find_witnesses([ROWS["aten.searchsorted.Tensor"]])
    assert not witness.can_be_asked, "the row writes no sorter, so ttnn is never asked about it"


@pytest.mark.parametrize(
    ("inside", "outside", "word"),
    [
        (Result("t", "exact", "v", "passed"), Result("t", "exact", "v", "failed", "rejected"), None),
        (Result("t", "exact", "v", "passed"), Result("t", "exact", "v", "failed", "wrong value"), None),
        (Result("t", "exact", "v", "passed"), Result("t", "exact", "v", "passed"), "limit lifted"),
        (Result("t", "exact", "v", "passed"), Result("t", "exact", "v", "failed", "error", "torch's"), "not settled"),
        (
            Result("t", "exact", "v", "failed", "rejected"),
            Result("t", "exact", "v", "failed", "rejected"),
            "refused now",
        ),
        (Result("t", "exact", "v", "failed", "crash"), Result("t", "exact", "v", "failed", "crash"), "crashes now"),
        (
            Result("t", "exact", "v", "failed", "wrong value"),
            Result("t", "exact", "v", "failed", "rejected"),
            "wrong value now",
        ),
        (None, Result("t", "exact", "v", "failed", "rejected"), "not settled"),
    ],
)
def test_what_the_answers_say(inside, outside, word):
    (witness,) = find_witnesses([replace(ROWS["aten.relu.default"], constraints=(rank_at_most("self", 5),))])
    results = {witness.inside.id: [inside] if inside else [], witness.outside.id: [outside] if outside else []}
    assert [finding.word for finding in limit_findings([witness], results)] == ([word] if word else [])


@needs_ttnn
def test_planted_limits_are_found(tmp_path, monkeypatch):
    from bringup.check.results import Environment
    from bringup.lines.judge import LineOptions

    monkeypatch.setenv("BRINGUP_CACHE", str(tmp_path))
    rows: dict[str, OpSpec] = {
        "aten.relu.default": replace(ROWS["aten.relu.default"], constraints=(rank_at_most("self", 3),)),
        "aten.softmax.int": ROWS["aten.softmax.int"],
        # Its lowering calls what ttnn refuses for any operand: the side inside is refused.
        "aten.tanh.default": replace(
            ROWS["aten.tanh.default"],
            constraints=(floats_only("self"),),
            lower=lambda v: replace(ROWS["aten.tanh.default"].lower(v), ttnn=("output = ttnn.transpose(input, 9, 8)",)),
        ),
        "aten.sin.default": replace(ROWS["aten.sin.default"], ttnn=("ttnn.no_such_op",)),
    }
    environment = Environment("emulate", "n150", "0.81.1", "2.15.0", "stand-in")
    verified = verify(rows, LineOptions(environment, 1, 120.0, False), lambda text: None)
    assert ("limit lifted", "aten.relu.default") in words(verified.findings)
    assert ("refused now", "aten.tanh.default") in words(verified.findings)
    assert ("name vanished", "ttnn.no_such_op") in words(verified.findings)
    assert not any(subject == "aten.softmax.int" for _, subject in words(verified.findings))
