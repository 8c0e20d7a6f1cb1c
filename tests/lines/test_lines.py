"""Variations from JSON lines: what is read, what is refused and why, and what comes out on the emulated board."""

from __future__ import annotations

import importlib.util
import json
from collections import Counter
from pathlib import Path

import pytest
from cases import CASES

from bringup.analysis import analyse
from bringup.coverage import judge_variation
from bringup.inventory import Operand
from bringup.ir import Graph, Symbol
from bringup.json_files import from_json
from bringup.lines.judge import LineOptions, judge_lines
from bringup.lines.read import read_line
from bringup.lines.write import line_of
from bringup.sources.loaded import ModelInfo

GOLDEN = Path(__file__).parent.parent / "golden"

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
    ids, weight = {"shape": [3], "dtype": "int64", "kind": "prologue"}, {"shape": [3], "kind": "parameter"}
    assert read(op="aten.add.Tensor", args=[ids, 1]).outputs[0].kind == "prologue"
    assert read(op="aten.add.Tensor", args=[ids, weight]).outputs[0].kind == "activation"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nonsense", "not JSON"),
        ("[]", "not of the form"),
        ('{"op": "aten.nosuch.default"}', "torch has no op aten.nosuch.default"),
        ('{"op": "relu"}', "is no op"),
        ('{"op": "aten.relu.default"}', "needs self"),
        ('{"op": "aten.to.device", "args": [{"shape": [2]}, "nowhere", "int32"]}', "torch has no device 'nowhere'"),
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


def test_an_op_without_a_row_is_judged_by_its_parts():
    """By torch's decomposition: supported when every part is, else the part that is not is named."""
    lines = [
        '{"op": "aten.std_mean.dim", "args": [{"shape": [3, 5]}, [1]]}',
        '{"op": "aten.einsum.default", "args": ["bij,bjk->bik", [{"shape": [2, 3, 4]}, {"shape": [2, 4, 5]}]]}',
        '{"op": "aten.fft_fftn.default", "args": [{"shape": [4, 8]}]}',
    ]
    _, einsum, fourier = judge_lines(lines, TABLE, lambda text: None)
    assert einsum["status"] == "composite"
    assert "aten.bmm.default" in einsum["reason"]
    assert fourier["status"] == "missing"
    assert (
        "aten._fft_c2c.default is missing" in fourier["reason"]
        or "aten._fft_r2c.default is missing" in fourier["reason"]
    )


def test_what_depends_on_values_is_missing_and_says_so():
    line = '{"op": "aten.unique_dim.default", "args": [{"shape": [6, 7], "dtype": "int64"}, 0]}'
    (record,) = judge_lines([line], TABLE, lambda text: None)
    assert record["status"] == "missing"
    assert "depends on values" in record["reason"]


def test_a_row_that_cannot_write_a_variation_ends_nothing():
    """The planted fault: a lowering that raises is a verdict, and the lines behind it are judged."""
    from dataclasses import replace

    from bringup.ops.registry import registry

    def broken(variation):
        raise IndexError("tuple index out of range")

    variation = read_line(1, '{"op": "aten.relu.default", "args": [{"shape": [2]}]}').variation
    verdict = judge_variation(variation, replace(registry()["aten.relu.default"], lower=broken))
    assert verdict.status == "unknown"
    assert "cannot write this variation" in verdict.reason


@needs_ttnn
def test_a_sample_of_cases_is_taken_and_right_on_the_emulated_board():
    """The way of the command: generated tests in child processes. All cases run in test_limits.py and by `-m slow`."""
    records, sample = judged(CASES[::12])
    odd = [(sample[r["line"] - 1], r) for r in records if r["evidence"] != "emulated" and r["status"] not in NEVER_RUN]
    assert odd == []
    assert Counter(record["status"] for record in records)["native"] >= 40


@needs_ttnn
@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_every_case_is_taken_and_right_on_the_emulated_board():
    records, _ = judged(CASES)
    odd = [(CASES[r["line"] - 1], r) for r in records if r["evidence"] != "emulated" and r["status"] not in NEVER_RUN]
    assert odd == []
    counts = Counter(record["status"] for record in records)
    assert counts["native"] + counts["composite"] >= 1400
    assert counts["missing"] <= 70


NEVER_RUN = ("folded", "missing")


def judged(lines):
    from bringup.check.results import Environment

    environment = Environment("emulate", "n150", "0.81.1", "2.15", "stand-in")
    options = LineOptions(environment, 2, 60.0, use_cache=False)
    return list(judge_lines(map(json.dumps, lines), options, lambda text: None)), lines


def test_ops_that_differ_in_an_underscore_have_files_of_their_own():
    from bringup.lines.work import judge_by_row, plan_files
    from bringup.ops.registry import registry

    variations = tuple(
        read(op=op, args=[{"shape": [2, 32]}], kwargs={"dim": -1} | extra)
        for op, extra in (("aten._softmax.default", {"half_to_float": False}), ("aten.softmax.int", {}))
    )
    doubles = tuple(
        read(op=op, args=[{"shape": [1, 8, 16, 16]}, [4, 4]])
        for op in ("aten._adaptive_avg_pool2d.default", "aten.adaptive_avg_pool2d.default")
    )
    every = (*variations, *doubles)
    planned = plan_files(tuple(map(judge_by_row, every)), registry())
    assert len({file.path for file in planned}) == len({variation.op for variation in every})


def test_routes_whose_names_end_in_a_number_have_functions_of_their_own():
    from bringup.plan.op_tests import _function_names

    names = _function_names("index", ["dim_1", "dim_1", "dim_1_2", "dim_1", ""])
    assert names == [
        "test_index_dim_1",
        "test_index_dim_1_2",
        "test_index_dim_1_2_2",
        "test_index_dim_1_3",
        "test_index",
    ]


@pytest.mark.parametrize("model", ["transformer", "layers", "lstm"])
def test_a_variation_written_as_a_line_is_read_as_itself(model):
    texts = {name: (GOLDEN / model / f"{name}.json").read_text() for name in ("model", "graph")}
    analysis = analyse(from_json(ModelInfo, texts["model"], "model"), from_json(Graph, texts["graph"], "graph"))
    assert len(analysis.inventory.variations) > 2
    for variation in analysis.inventory.variations:
        line = json.dumps({**line_of(variation), "calls": 3})
        made = read_line(1, line).variation
        assert made and made.id == variation.id, line
        assert made.outputs == variation.outputs or made.outputs[0].kind != variation.outputs[0].kind


@pytest.mark.parametrize(
    ("line", "reference"),
    [
        ({"op": "aten.pad.default", "args": [{"shape": [1, 5, 6]}, [1, 2], "reflect"]}, 'mode="reflect"'),
        ({"op": "aten.diff.default", "args": [{"shape": [6, 7]}, 2]}, "n=2"),
        ({"op": "aten.relu.default", "args": [{"shape": [6, 7]}]}, "torch.relu(torch_input)"),
        ({"op": "aten.softmax.int", "args": [{"shape": [6, 7], "dtype": "int64"}, 1, "float32"]}, None),
        ({"op": "aten.searchsorted.Tensor", "args": [{"shape": [7]}, {"shape": [3]}], "kwargs": {"sorter": {"shape": [7], "dtype": "int64"}}}, None),
    ],
)  # fmt: skip
def test_beyond_a_limit_the_reference_is_the_op_itself(line, reference):
    """A row's own reference leaves out what its limit rules out: compared with it, every limit would look lifted."""
    from bringup.ops.asked import asked_lowering
    from bringup.ops.registry import registry

    variation = read(**line)
    lowering = asked_lowering(variation, registry()[variation.op])
    assert (lowering is None) == (reference is None)
    assert reference is None or reference in lowering.torch


@needs_ttnn
def test_a_limit_is_not_lifted_by_a_test_of_another_op():
    (reflected, constant), _ = judged(
        [
            {"op": "aten.pad.default", "args": [{"shape": [1, 5, 6]}, [1, 2], "reflect"]},
            {"op": "aten.pad.default", "args": [{"shape": [1, 5, 6]}, [1, 2], "constant", 0.5]},
        ]
    )
    assert (constant["status"], constant["ttnn"]) == ("native", ["ttnn.pad"])
    assert reflected["status"] == "composite" and "ttnn.pad" not in reflected["ttnn"]
