"""The label of every case follows from its program: native is one ttnn op, composite several."""

from __future__ import annotations

import json
from dataclasses import replace

from cases import CASES
from cases.lines import t

from bringup.coverage import judge_variation, label_of
from bringup.lines.read import read_line
from bringup.ops.lowering import counted_calls
from bringup.ops.registry import registry


def labels(rows):
    """(line, status, the ttnn ops named, the calls of the program) of what runs."""
    for line in CASES:
        variation = read_line(1, json.dumps(line)).variation
        row = rows[line["op"]]
        verdict = judge_variation(variation, row)
        if verdict.status in ("native", "composite"):
            yield line, verdict, row.lower(variation).ttnn


def disagreements(rows):
    """Lines whose label is not that of their program."""
    found = []
    for line, verdict, lines in labels(rows):
        every, computing = counted_calls(lines, with_forms=True), counted_calls(lines)
        allowed = {"native"} if len(every) == 1 else {"composite"} if len(computing) > 1 else {"native", "composite"}
        is_told = verdict.reason == "" if verdict.status == "native" else verdict.reason != ""
        if verdict.status not in allowed or not is_told or not set(verdict.ttnn) <= set(every):
            found.append((line, verdict.status, verdict.ttnn))
        if verdict.status == "native" and len(verdict.ttnn) != 1:
            found.append((line, verdict.status, verdict.ttnn))
    return found


def test_the_label_of_every_case_is_that_of_its_program():
    assert disagreements(registry()) == []


def test_labels_of_programs():
    def label(op, *args, **kwargs):
        variation = read_line(1, json.dumps({"op": op, "args": args, "kwargs": kwargs})).variation
        return label_of(registry()[op].lower(variation), registry()[op])

    heads = [t(1, 2, 3, 32, 64)] * 3
    assert label("aten.scaled_dot_product_attention.default", *heads).status == "composite"
    divided = label("aten.avg_pool2d.default", t(1, 16, 8, 8), [2, 2], [2, 2], [0, 0], False, True, 3)
    assert divided.status == "composite" and "ttnn.matmul" in divided.ttnn
    assert label("aten.conv2d.default", t(1, 8, 8, 8), t(8, 8, 3, 3)) == label_of_one("ttnn.conv2d")
    assert label("aten.relu.default", t(3, 5)) == label_of_one("ttnn.relu")
    assert label("aten.select.int", t(3, 5), 0, 1).status == "composite"


def label_of_one(name):
    from bringup.coverage import Label

    return Label("native", "", (name,))


def test_a_label_that_the_program_does_not_have_is_found():
    """The planted fault: a second call in a row that says native."""
    row = registry()["aten.relu.default"]

    def twice(variation):
        lowered = row.lower(variation)
        return replace(lowered, ttnn=(*lowered.ttnn, "output = ttnn.relu(output)"))

    planted = {**registry(), row.op: replace(row, lower=twice)}
    variation = read_line(1, json.dumps({"op": row.op, "args": [t(3)]})).variation
    verdict = judge_variation(variation, planted[row.op])
    assert (verdict.status, verdict.reason) == ("composite", "2 calls of ttnn: relu")
