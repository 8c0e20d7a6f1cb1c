"""Which results of an op a line reads, what its row writes of them, and what it says of those that it does not write."""

from __future__ import annotations

import json

import pytest

from bringup.coverage import judge_variation
from bringup.lines.read import read_line
from bringup.lines.write import line_of
from bringup.ops.registry import registry

TOPK = {"op": "aten.topk.default", "args": [{"shape": [6, 70]}, 5]}
NORM = {"op": "aten.native_layer_norm.default", "args": [{"shape": [6, 32]}, [32], None, None, 1e-5]}


def read(line, **more):
    made = read_line(1, json.dumps({**line, **more}))
    assert made.variation, made.problem
    return made.variation


def lowered(variation):
    return registry()[variation.op].lower(variation)


def test_a_line_reads_all_results_or_those_that_it_says():
    every, indices = read(TOPK), read(TOPK, reads=[1])
    assert (every.read, indices.read) == ((0, 1), (1,))
    assert every.id == read(TOPK, reads=[0, 1]).id != indices.id
    assert read(line_of(indices)).id == indices.id
    parts = {"op": "aten.split.Tensor", "args": [{"shape": [6, 70]}, 2]}
    assert read(parts, reads=[0]).id == read(parts).id


@pytest.mark.parametrize("reads", [[2], [-1], [], 0, "all", [True], [0.0]])
def test_places_that_are_none_are_said(reads):
    assert "reads names places of results, 0 to 1" in read_line(1, json.dumps({**TOPK, "reads": reads})).problem


def test_what_is_read_is_written_and_nothing_else():
    assert lowered(read(TOPK)).ttnn == ("output = ttnn.topk(input, k={k}, dim={dim}, largest={largest})",)
    indices = lowered(read(TOPK, reads=[1]))
    assert indices.ttnn[0].endswith("[1]") and indices.torch.endswith("[1]") and not indices.many_outputs
    assert [result.compare for result in lowered(read(TOPK)).results] == ["close", "picks"]
    some = lowered(read(NORM, reads=[0, 2]))
    assert some.ttnn[-1] == "output = [normalized, rstd]" and "mean" not in " ".join(some.ttnn)


def test_a_row_that_writes_the_first_result_alone_says_so():
    query = {"shape": [1, 4, 64, 32]}
    line = {"op": "aten._scaled_dot_product_flash_attention_for_cpu.default", "args": [query, query, query]}
    verdicts = [judge_variation(v, registry()[v.op]) for v in (read(line), read(line, reads=[0]))]
    assert [verdict.status for verdict in verdicts] == ["rejected", "native"]
    assert "does not write the logarithms of the softmax's sums (got results 0, 1 are read)" in verdicts[0].reason
