"""A dtype is part of the question: what the table says, what tests make, what rows claim, and that comparisons see it."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import replace
from typing import Any

import pytest
import torch
from cases import CASES
from cases.lines import t

from bringup.coverage import judge_variation
from bringup.inventory import Operand
from bringup.lines.read import read_line
from bringup.ops.asked import asked_lowering
from bringup.ops.dtypes import DEVICE_DTYPES, family
from bringup.ops.lowering import own_name
from bringup.ops.registry import registry
from bringup.plan.op_tests import fill, tensor_lines
from bringup.python_text import literal

needs_ttnn = pytest.mark.skipif(importlib.util.find_spec("ttnn") is None, reason="ttnn is not installed")
CARRIED = [entry.torch for entry in DEVICE_DTYPES if entry.family != "none"]
SOME = 97


def of_dtype(value: Any, dtype: str) -> Any:
    """A line's argument with its floats as another dtype."""
    if isinstance(value, list):
        return [of_dtype(item, dtype) for item in value]
    is_float = isinstance(value, dict) and value.get("dtype", "float32") == "float32"
    return {**value, "dtype": dtype} if is_float else value


def lines_of_all_dtypes() -> list[dict[str, Any]]:
    """For each row a case of floats, in each dtype that the device holds and torch itself takes."""
    first: dict[str, dict[str, Any]] = {}
    for case in CASES:
        if '"float32"' in json.dumps(case):
            first.setdefault(case["op"], case)
    return [
        {"op": op, "args": of_dtype(case["args"], dtype), "kwargs": {k: of_dtype(v, dtype) for k, v in case["kwargs"].items()}}
        for op, case in first.items()
        for dtype in CARRIED
    ]  # fmt: skip


def read(line: dict[str, Any]):
    return read_line(1, json.dumps(line)).variation


def test_every_dtype_of_torch_is_in_the_table_once():
    known = {name for name in dir(torch) if isinstance(getattr(torch, name), torch.dtype)}
    named = [entry.torch for entry in DEVICE_DTYPES]
    by_dtype = {getattr(torch, name) for name in named}
    assert {getattr(torch, name) for name in known} - by_dtype == set()
    assert len(named) == len(by_dtype)
    assert family("no_such_dtype") == "none"


def made_dtypes(line: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(operand, its dtype, the one that the generated test makes); reduced floats are made as what they hold."""
    variation = read(line)
    lowering = asked_lowering(variation, registry()[variation.op]) if variation else None
    inputs = {given.name: given for given in lowering.inputs} if lowering else {}
    found = []
    for argument in variation.arguments if variation else ():
        given = inputs.get(own_name(argument.name))
        if given is None or not isinstance(argument.value, Operand):
            continue
        scope: dict[str, Any] = {"torch": torch, "shape": given.shape}
        exec(tensor_lines(given, "shape").torch, scope)
        made = str(scope[f"torch_{given.name}"].dtype).removeprefix("torch.")
        if argument.value.dtype in ("bfloat16", "float16") and f"torch.{argument.value.dtype}" in given.make:
            made = argument.value.dtype
        found.append((f"{variation.op} {argument.name}", argument.value.dtype, made))
    return found


def test_op_tests_make_tensors_of_the_operands_dtypes():
    made = [entry for line in [*lines_of_all_dtypes()[::29], *CASES[::29]] for entry in made_dtypes(line)]
    assert len(made) > 150
    assert [entry for entry in made if entry[1] != entry[2]] == []


def test_a_dtype_that_no_row_was_asked_about_is_refused_with_the_reason():
    for dtype in ("complex64", "float8_e4m3fn"):
        row = replace(registry()["aten.relu.default"], op="aten.abs.default")
        variation = read({"op": "aten.abs.default", "args": [t(3, 5, dtype="int16")], "kwargs": {}})
        operand = replace(variation.arguments[0].value, dtype=dtype)
        changed = replace(variation, arguments=(replace(variation.arguments[0], value=operand),))
        verdict = judge_variation(changed, row)
        assert verdict.status == "rejected"
        assert f"self is {dtype}" in verdict.reason and "int16" in verdict.reason
        assert asked_lowering(changed, row) is None


@pytest.mark.parametrize(
    ("op", "args", "words"),
    [
        ("aten.rsub.Scalar", [t(5, dtype="bool"), 1], "bool tensor is not supported"),
        ("aten.mm.default", [t(4, 3, dtype="bfloat16"), t(3, 2, dtype="int64")], "same dtype"),
        ("aten.argmax.default", [t(3, 3, dtype="bool")], "does not support bool"),
        ("aten.add.Tensor", [t(3, dtype="float8_e5m2"), t(3, dtype="float8_e5m2")], "not implemented for"),
        ("aten.relu.default", [t(3, dtype="complex64")], "complex"),
    ],
)
def test_what_torchs_own_kernels_refuse_is_no_question(op, args, words):
    line = read_line(1, json.dumps({"op": op, "args": args}))
    assert line.variation is None and words in line.problem


@needs_ttnn
def test_rows_take_the_dtypes_that_they_claim():
    from audit import audit

    claimed = [line for line in lines_of_all_dtypes()[::SOME] if read(line)]
    assert len(claimed) > 20
    assert _too_much(audit(registry(), claimed)) == []


@needs_ttnn
@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_every_row_takes_every_dtype_that_it_claims():
    from audit import audit

    lines = [line for line in lines_of_all_dtypes() if read(line)]
    assert _too_much(audit(registry(), lines)) == []


@needs_ttnn
def test_a_row_that_claims_a_dtype_too_much_is_found():
    """The planted fault: torch wraps sums of bytes, int32 does not."""
    from audit import audit

    row = registry()["aten.mm.default"]
    line = {"op": row.op, "args": [t(8, 64, dtype="uint8"), t(64, 8, dtype="uint8")], "kwargs": {}}
    assert audit(registry(), [line]) == []
    planted = {**registry(), row.op: replace(row, dtypes=("uint8",))}
    (finding,) = audit(planted, [line])
    assert finding.startswith("aten.mm.default claims more")


def _too_much(findings: list[str]) -> list[str]:
    """Without references: of equal integers a sort may pick any, and test_limits.py compares references with ops."""
    too_much = (finding for finding in findings if "claims more" in finding or "ended" in finding)
    return [finding for finding in too_much if "is not the op" not in finding]


def test_comparisons_see_imaginary_parts():
    """The planted fault: real parts that agree."""
    from trial import difference

    expected = torch.randn(3, 5, dtype=torch.complex64)
    assert difference(expected, torch.view_as_real(expected), False) == ""
    assert "shape" in difference(expected, expected.real, False)
    assert "error" in difference(expected, torch.view_as_real(expected.conj().resolve_conj()), False)


def test_a_reference_of_a_test_is_filled_with_literals():
    line = {"op": "aten.add.Tensor", "args": [t(3, dtype="float16"), 2.0], "kwargs": {"alpha": 3}}
    lowering = asked_lowering(read(line), registry()["aten.add.Tensor"])
    assert lowering and lowering.inputs[0].make == "torch.randn({shape}, dtype=torch.float16).float()"
    assert "{" not in fill(lowering.torch, {name: literal(value) for name, value in lowering.values.items()})
