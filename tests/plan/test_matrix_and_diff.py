"""The support matrix, and what differs between two coverages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bringup.coverage import Coverage, Moves, Verdict
from bringup.errors import UsageError
from bringup.ops.registry import registry
from bringup.plan.coverage_diff import diff_coverages
from bringup.plan.support_matrix import about, support_matrix, with_forms
from bringup.report.matrix_tables import matrix_markdown


def verdict(id_: str, status: str = "native", evidence: str = "emulated") -> Verdict:
    return Verdict(id_, f"aten.{id_}.default", status, evidence, "because", ("ttnn.x",), "registry", 2, status)


def coverage(*verdicts: Verdict) -> Coverage:
    return Coverage(verdicts, (), Moves(0, 0, 0), "hash", "0.81.1", "ttnn 0.81.1, emulated n150")


def test_differences_are_named_losses_first():
    a, b, c = verdict("a"), verdict("b"), verdict("c", "missing", "table")
    before = coverage(a, b, c, verdict("old"), verdict("same"))
    after = coverage(
        replace(a, evidence="accepted"), replace(b, status="rejected"), verdict("c"), verdict("new"), verdict("same")
    )
    found = diff_coverages(before, after)
    assert [(change.word, change.variation) for change in found.changes] == [
        ("lost", "b"), ("gained", "c"), ("changed", "a"), ("only in A", "old"), ("only in B", "new"),
    ]  # fmt: skip
    assert found.changes[0].before == "native (emulated)"
    assert found.changes[0].after == "rejected (emulated)"
    assert found.same == 1
    assert diff_coverages(before, before).changes == ()


def test_the_matrix_has_every_row_with_its_limits():
    everything = support_matrix(registry())
    assert len(everything) == len(registry())
    (gelu,) = support_matrix(registry(), "aten.gelu")
    assert (gelu.status, gelu.ttnn) == ("native", ("ttnn.gelu",))
    assert "self is of a floating dtype" in [limit.needs for limit in gelu.limits]
    assert all(limit.source for support in everything for limit in support.limits)
    text = matrix_markdown(everything, "0.81.1")
    assert text.count("\n| `aten.") + text.count("\n| `trans") >= 270
    (line,) = (line for line in text.splitlines() if line.startswith("| `aten.gelu.default`"))
    assert line.endswith("| probed on a mock n150, ttnn 0.81.1 |")
    assert len({line.count(" | ") for line in text.splitlines() if line.startswith("| ")}) == 1
    with pytest.raises(UsageError, match="no row is about 'nosuch'"):
        support_matrix(registry(), "nosuch")


@pytest.mark.torch
def test_the_matrix_says_what_becomes_of_dtypes_layouts_and_ranks():
    asked = (
        "aten._softmax.default", "aten.conv2d.default", "aten.floor_divide.Scalar", "aten.detach.default", "aten.mm.default"
    )  # fmt: skip
    rows = {op: registry()[op] for op in asked}
    softmax, conv, divide, detach, product = with_forms(support_matrix(rows), rows)
    assert softmax.dtypes == ("float32 as ttnn.bfloat16",), "torch's own kernels refuse the others"
    assert {"int64 as ttnn.float32", "int16 refused"} <= set(product.dtypes)
    assert conv.layouts == ("self ROW_MAJOR", "weight on the host") and conv.needs("rank") == ()
    assert "int64 as ttnn.int32" in divide.dtypes
    assert (detach.status, detach.dtypes, detach.layouts) == ("folded", (), ())
    line = matrix_markdown((softmax,), "0.81.1").splitlines()[-1]
    assert "| float32 as ttnn.bfloat16, self is of a floating dtype | self TILE |" in line


@pytest.mark.parametrize(
    ("needs", "kind"),
    [("self has rank 3 or 4", "rank"), ("tensors of one dtype", "dtype"), ("integer indices", "dtype"),
     ("padding_mode is 0", "argument"), ("rank 6 or less where it broadcasts", "rank")],
)  # fmt: skip
def test_what_a_limit_is_about(needs, kind):
    assert about(needs) == kind
