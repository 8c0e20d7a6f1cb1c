"""`bringup ops verify`: planted changes of ttnn and of the registry are found, and nothing else."""

from __future__ import annotations

import importlib.util
from dataclasses import replace

import pytest

from bringup.check.results import Result
from bringup.ops.constraints import floats_only, one_of, rank_at_most, shape_of
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
    reached = 0
    limits = [(row, each) for row in ROWS.values() for each in row.constraints]
    for row in ROWS.values():
        for witness in find_witnesses(row) if row.constraints else ():
            if witness.inside and witness.outside:
                reached += 1
                assert all(each.holds(witness.inside) for each in row.constraints)
                assert [each for each in row.constraints if not each.holds(witness.outside)] == [witness.limit]
    # 114 of 202: rows that came since want a line in bringup/verify/examples.py each. The number may only grow.
    assert reached >= 114 and len(limits) <= 202, f"{reached} of {len(limits)} limits have a witness on each side"


def test_the_witnesses_are_next_to_the_limit():
    (witness,) = find_witnesses(replace(ROWS["aten.relu.default"], constraints=(rank_at_most("self", 5),)))
    assert (len(shape_of(witness.inside, "self")), len(shape_of(witness.outside, "self"))) == (5, 6)
    (witness,) = find_witnesses(replace(ROWS["aten.elu.default"], constraints=(one_of("input_scale", 1, 1.0),)))
    assert witness.is_own, "the row writes no input_scale, so ttnn is never asked about it"
    assert not witness.can_be_asked


@pytest.mark.parametrize(
    ("inside", "outside", "word"),
    [
        (Result("t", "exact", "v", "passed"), Result("t", "exact", "v", "failed", "rejected"), None),
        (Result("t", "exact", "v", "passed"), Result("t", "exact", "v", "failed", "wrong value"), None),
        (Result("t", "exact", "v", "passed"), Result("t", "exact", "v", "passed"), "limit lifted"),
        (
            Result("t", "exact", "v", "failed", "rejected"),
            Result("t", "exact", "v", "failed", "rejected"),
            "refused now",
        ),
        (Result("t", "exact", "v", "failed", "crash"), Result("t", "exact", "v", "failed", "crash"), "crashes now"),
        (Result("t", "exact", "v", "failed", "wrong value"), None, "wrong value now"),
        (None, None, "not settled"),
    ],
)
def test_what_the_answers_say(inside, outside, word):
    (witness,) = find_witnesses(replace(ROWS["aten.relu.default"], constraints=(rank_at_most("self", 5),)))
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
