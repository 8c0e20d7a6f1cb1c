"""Variations from JSON lines: what is read, what is refused and why, and what comes out on the emulated board."""

from __future__ import annotations

import importlib.util
import json
from collections import Counter

import pytest
from cases import CASES

from bringup.coverage import judge_variation
from bringup.inventory import Operand
from bringup.ir import Symbol
from bringup.lines.judge import LineOptions, judge_lines
from bringup.lines.read import read_line

TABLE = LineOptions(None, 1, 60.0, use_cache=False)
needs_ttnn = pytest.mark.skipif(importlib.util.find_spec("ttnn") is None, reason="ttnn is not installed")


def read(**data):
    line = read_line(1, json.dumps(data))
    assert line.variation, line.problem
    return line.variation


def test_a_line_is_a_variation_with_the_schemas_names_defaults_and_outputs():
    made = read(op="aten.add.Tensor", args=[{"shape": [1, 64], "dtype": "float32"}, 2.0], kwargs={"alpha": 1})
    assert made.op == "aten.add.Tensor"
    assert made.get("self") == Operand((1, 64), "float32", "activation")
    assert (made.get("other"), made.get("alpha")) == (2.0, 1)
    assert made.outputs == (Operand((1, 64), "float32", "activation"),)
    assert made.id == read(op="aten::add.Tensor", args=[{"shape": [1, 64]}, 2.0]).id


def test_forms_of_names_and_values():
    assert read(op="aten.relu_", args=[{"shape": [2]}]).op == "aten.relu.default"
    assert (
        read(op="torch.ops.aten.relu.default", args=[{"shape": [2], "dtype": "torch.bfloat16"}]).outputs[0].dtype
        == "bfloat16"
    )
    cast = read(op="aten._to_copy.default", args=[{"shape": [2]}], kwargs={"dtype": "float16"})
    assert cast.get("dtype") == Symbol("dtype", "float16")
    assert cast.outputs[0].dtype == "float16"
    assert read(op="aten.masked_fill.Scalar", args=[{"shape": [2]}, {"shape": [2], "dtype": "bool"}, "-inf"]).get(
        "value"
    ) == Symbol("float", "-inf")
    assert read(
        op="aten.contiguous.default", args=[{"shape": [2]}], kwargs={"memory_format": "contiguous_format"}
    ).outputs
    index = read(op="aten.index.Tensor", args=[{"shape": [4, 5]}, [None, {"shape": [3], "dtype": "int64"}]])
    assert index.outputs[0].shape == (4, 3)
    assert read(op="aten.arange.default", args=[5]).outputs[0].kind == "constant"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nonsense", "not JSON"),
        ("[]", "not of the form"),
        ('{"op": "aten.nosuch.default"}', "torch has no op aten.nosuch.default"),
        ('{"op": "relu"}', "is no op"),
        ('{"op": "aten.relu.default"}', "needs self"),
        ('{"op": "aten.to.device", "args": [{"shape": [2]}, "nowhere", "int32"]}', "torch refuses the call"),
        ('{"op": "aten.relu.default", "args": [{"shape": [2]}, 1]}', "takes 1 arguments, got 2"),
        ('{"op": "aten.relu.default", "args": [{"shape": [2]}], "kwargs": {"x": 1}}', "has no argument 'x'"),
        ('{"op": "aten.relu.default", "args": [{"shape": [-2]}]}', "a tensor's shape is a list of sizes"),
        ('{"op": "aten.relu.default", "args": [{"shape": [2], "dtype": "float7"}]}', "torch has no dtype float7"),
        ('{"op": "aten.relu.default", "args": [{"shape": [2], "kind": "x"}]}', "a tensor's kind is one of"),
        ('{"op": "aten.mm.default", "args": [{"shape": [2, 3]}, {"shape": [4, 5]}]}', "torch refuses the call"),
    ],
)
def test_what_is_wrong_with_a_line_is_said(text, words):
    (record,) = judge_lines([text], TABLE, lambda text: None)
    assert record["status"] == "invalid"
    assert words in record["reason"]


def test_lines_come_out_in_order_with_equal_ones_judged_once():
    relu, bad, gap = (
        '{"op": "aten.relu.default", "args": [{"shape": [2]}]}',
        "x",
        '{"op": "aten.nonzero.default", "args": [{"shape": [2]}]}',
    )
    said = []
    records = list(judge_lines([relu, "", bad, gap, relu], TABLE, said.append))
    assert [record["line"] for record in records] == [1, 3, 4, 5]
    assert [record["status"] for record in records][:2] == ["native", "invalid"]
    assert records[0]["evidence"] == "table"
    assert said == ["4 lines, 1 distinct variations"] or said == ["4 lines, 2 distinct variations"]


@needs_ttnn
def test_every_case_is_taken_and_right_on_the_emulated_board():
    from bringup.check.results import Environment

    environment = Environment("emulate", "n150", "0.81.1", "2.15", "stand-in")
    options = LineOptions(environment, 2, 60.0, use_cache=False)
    records = list(judge_lines(map(json.dumps, CASES), options, lambda text: None))
    odd = [(CASES[r["line"] - 1], r) for r in records if r["evidence"] != "emulated" and r["status"] != "folded"]
    assert odd == []
    counts = Counter(record["status"] for record in records)
    assert counts["native"] + counts["composite"] >= 400
    assert counts["folded"] <= 15


def test_ops_that_differ_in_an_underscore_have_files_of_their_own():
    from bringup.lines.judge import _plan
    from bringup.ops.registry import registry

    variations = tuple(
        read(op=op, args=[{"shape": [2, 32]}], kwargs={"dim": -1} | extra)
        for op, extra in (("aten._softmax.default", {"half_to_float": False}), ("aten.softmax.int", {}))
    )
    doubles = tuple(
        read(op=op, args=[{"shape": [1, 8, 16, 16]}, [4, 4]])
        for op in ("aten._adaptive_avg_pool2d.default", "aten.adaptive_avg_pool2d.default")
    )
    rows = registry()
    every = (*variations, *doubles)
    verdicts = tuple(judge_variation(variation, rows[variation.op]) for variation in every)
    planned = _plan(every, verdicts, rows)
    assert len({file.path for file in planned}) == len({variation.op for variation in every})
