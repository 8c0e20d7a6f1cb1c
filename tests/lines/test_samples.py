"""Calls of torch's own operator samples: each has an answer. `benchmarks/samples.py` asks about all of them."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest
import torch

from bringup.lines.judge import LineOptions, judge_lines
from bringup.ops.families import family_row

SAMPLES = Path(__file__).parent / "samples.jsonl"
"""Recorded by benchmarks/samples.py: calls of ops without a row, and of some with one, in four dtypes."""
TABLE = LineOptions(None, 2, 60.0, use_cache=False)


def load_benchmark():
    spec = importlib.util.spec_from_file_location("samples", Path(__file__).parents[2] / "benchmarks/samples.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["samples"] = module
    spec.loader.exec_module(module)
    return module


def answers(*lines):
    return list(judge_lines(map(json.dumps, lines), TABLE, lambda text: None))


@pytest.mark.skipif(importlib.util.find_spec("ttnn") is None, reason="ttnn is not installed")
def test_every_sample_has_an_answer():
    from bringup.check.results import Environment

    lines = SAMPLES.read_text().splitlines()
    options = LineOptions(Environment("emulate", "n150", "0.81.1", "2.15", "stand-in"), 2, 60.0, use_cache=False)
    found = list(judge_lines(lines, options, lambda text: None))
    fault_of = load_benchmark().fault_of
    assert [(fault, a) for a in found if (fault := fault_of(a))] == []
    assert [a["line"] for a in found] == list(range(1, len(lines) + 1))
    assert sum(a["evidence"] == "emulated" for a in found) >= 50


def test_what_is_no_answer_is_found():
    """The control: an op of nobody's, what ttnn left open, a line that got lost."""
    fault_of = load_benchmark().fault_of
    assert fault_of({"status": "unknown", "reason": ""}) == "unknown"
    assert fault_of({"status": "native", "reason": "not settled by the check: error"}) == "not settled"
    assert fault_of(None) == "no answer"
    assert fault_of({"status": "missing", "reason": "ttnn has no mode"}) == ""


def test_calls_are_written_as_lines_that_can_be_read():
    recorder = load_benchmark().Recorder()
    x = torch.rand(3, 4)
    with recorder:
        torch.clamp(x, max=float("inf"))
        torch.cat([x, x]).to(torch.bfloat16)
        x.to_sparse_csr()
        x.transpose_(0, 1)
        x.bernoulli_(0.5, generator=torch.Generator())
    written = [json.loads(line) for line in recorder.lines]
    assert written[0] == {
        "op": "aten.clamp.default",
        "args": [{"shape": [3, 4], "dtype": "float32"}, None, "inf"],
        "kwargs": {},
    }
    assert {line["op"] for line in written} >= {"aten.cat.default", "aten._to_copy.default", "aten.transpose_.default"}
    assert "invalid" not in {answer["status"] for answer in answers(*written)}


T = {"shape": [3, 4]}
FORMS = [
    ("aten.add.out", [T, T], {"out": T}, "aten.add.Tensor", "native", ""),
    ("aten.max.dim_max", [T, 1], {"max": T, "max_values": T}, "aten.max.dim", "composite", ""),
    ("aten.arange.start_out", [0, 3], {"out": {"shape": [3]}}, "aten.arange.start_step", "folded", ""),
    ("aten.transpose_.default", [T, 0, 1], {}, "aten.transpose.int", "native", ""),
    ("aten.__iand__.Tensor", [{**T, "dtype": "bool"}, {**T, "dtype": "bool"}], {}, "aten.__and__.Tensor", "native", ""),
    ("aten.bernoulli_.float", [T], {}, "aten.bernoulli.p", "missing", "random values"),
    ("aten.normal_.default", [T], {}, "aten.normal_.default", "missing", "random values"),
    ("aten.rand.default", [[3]], {}, "aten.rand.default", "missing", "random values"),
    ("aten._foreach_add_.List", [[T, T], [T, T]], {}, "aten._foreach_add.List", "composite", "aten.add.Tensor"),
    ("aten._foreach_norm.Scalar", [[T, T]], {}, "aten._foreach_norm.Scalar", "composite", "linalg_vector_norm"),
    ("aten.select_copy.int", [T, 0, 1], {}, "aten.select_copy.int", "composite", "aten.select.int"),
    ("aten._is_all_true.default", [{**T, "dtype": "bool"}], {}, "aten._is_all_true.default", "composite", "aten.all.default"),
    ("aten.renorm.default", [{**T, "dtype": "bfloat16"}, 2, 0, 1.0], {}, "aten.renorm.default", "composite", "_to_copy"),
    ("aten.relu.default", [{**T, "layout": "sparse_csr"}], {}, "aten.relu.default", "missing", "no sparse tensors"),
    ("aten._to_sparse_csr.default", [T], {}, "aten._to_sparse_csr.default", "missing", "no sparse tensors"),
    ("aten.dequantize.self", [{**T, "dtype": "qint8"}], {}, "aten.dequantize.self", "missing", "qint8 [3, 4]"),
    ("aten.resize_.default", [T, [5, 5]], {}, "aten.resize.default", "rejected", "no more elements"),
    ("aten.as_strided.default", [T, [2, 2], [1, 2], 10], {}, "aten.as_strided.default", "rejected", "own elements"),
    ("aten.set_.source_Tensor", [T, T], {}, "aten.set.source_Tensor", "missing", "where a tensor's memory is"),
    ("aten.im2col.default", [{"shape": [0, 1, 5, 5]}, [2, 2], [1, 1], [1, 1], [1, 1]], {}, "aten.im2col.default", "folded", "no elements"),
    ("aten._linalg_check_errors.default", [{"shape": [], "dtype": "int32"}, "x"], {"is_matrix": True}, "aten._linalg_check_errors.default", "folded", "a check"),
    ("aten.allclose.default", [T, T], {}, "aten.allclose.default", "missing", "gives a number to the host"),
    ("aten.linalg_pinv.atol_rtol_tensor", [T], {}, "aten.linalg_pinv.atol_rtol_tensor", "missing", "solver"),
    ("aten.avg_pool2d_backward.default", [{"shape": [1, 2, 4, 4]}, {"shape": [1, 2, 8, 8]}, [2, 2], [2, 2], [0, 0], False, True, None], {},
     "aten.avg_pool2d_backward.default", "missing", "training is not brought up"),
    ("aten.cudnn_convolution.default", [{"shape": [1, 3, 8, 8]}, {"shape": [4, 3, 3, 3]}, [0, 0], [1, 1], [1, 1], 1, False, False, False], {},
     "aten.cudnn_convolution.default", "missing", "another device's library"),
    ("aten.put.default", [{"shape": [3]}, {"shape": [5], "dtype": "int64"}, {"shape": [5]}], {}, "aten.put.default", "rejected", "can all differ"),
    ("aten.var.correction", [{"shape": [0], "dtype": "bfloat16"}], {"correction": 0}, "aten.var.correction", "folded", "the same for every input"),
    ("aten.mm.dtype", [T, {"shape": [4, 5]}, "float32"], {}, "aten.mm.dtype", "missing", "dtype of its result"),
    ("aten.as_strided_scatter.default", [T, {"shape": [2]}, [2], [0]], {}, "aten.as_strided_scatter.default", "rejected", "each place once"),
]  # fmt: skip


def test_forms_of_ops_and_what_holds_for_families():
    found = answers(*({"op": op, "args": args, "kwargs": kwargs} for op, args, kwargs, *_ in FORMS))
    for (op, _, _, judged_as, status, words), answer in zip(FORMS, found, strict=True):
        assert (answer.get("op"), answer["status"]) == (judged_as, status), (op, answer)
        assert words in answer["reason"], (op, answer)


def test_a_family_is_asked_by_the_whole_name_and_of_aten_alone():
    assert family_row("aten.sparse_mask.default").status == "missing"
    assert family_row("aten.is_pinned.default").status == "folded"
    for op in (
        "aten.relu.default",
        "aten.is_nonzero.default",
        "aten.log_normalise.default",
        "torchvision.nms_backward.default",
    ):
        assert family_row(op) is None, op
