"""A row that claims more than ttnn takes, or less, is found: shown on all rows as they are, and by planting both."""

from __future__ import annotations

import importlib.util
from dataclasses import replace

import pytest
from cases import CASES
from cases.lines import t
from cases.refused import REFUSED

from bringup.ops.constraints import one_of
from bringup.ops.registry import registry

pytestmark = pytest.mark.skipif(importlib.util.find_spec("ttnn") is None, reason="ttnn is not installed")


def test_every_row_has_a_case():
    assert set(registry()) - {case["op"] for case in CASES} == set()


def test_rows_and_the_board_agree():
    from audit import audit

    assert audit(registry(), [*CASES[::5], *REFUSED]) == []


def test_a_row_that_claims_too_much_is_found():
    from audit import audit

    row = registry()["aten.polygamma.default"]
    planted = {**registry(), row.op: replace(row, constraints=())}
    line = {"op": row.op, "args": [0, t(5)], "kwargs": {}}
    assert audit(registry(), [line]) == []
    (finding,) = audit(planted, [line])
    assert finding.startswith("aten.polygamma.default claims more than ttnn takes")


def test_a_row_that_claims_too_little_is_found():
    from audit import audit

    row = registry()["aten.add.Tensor"]
    planted = {**registry(), row.op: replace(row, constraints=(*row.constraints, one_of("alpha", 1, 1.0)))}
    line = {"op": row.op, "args": [t(3, 5), t(3, 5)], "kwargs": {"alpha": 2}}
    assert audit(registry(), [line]) == []
    (finding,) = audit(planted, [line])
    assert finding.startswith("aten.add.Tensor claims less than ttnn takes")
