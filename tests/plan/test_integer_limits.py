"""What a report says of integers: the narrowest dtype that each goes in, and the ids of tables."""

from __future__ import annotations

import json

from bringup.coverage import judge_variation
from bringup.lines.read import read_line
from bringup.ops.registry import registry
from bringup.plan.integer_limits import integer_limits

LONG = {"shape": [2, 7], "dtype": "int64"}
FLOAT = {"shape": [2, 7], "dtype": "float32"}


def limits(*lines):
    read = [read_line(1, json.dumps({"op": f"aten.{op}", "args": args})).variation for op, args in lines]
    verdicts = {variation.id: judge_variation(variation, registry()[variation.op]) for variation in read}
    return integer_limits(read, verdicts, registry())


def test_integers_are_stated_by_the_dtype_that_they_go_in():
    found = limits(
        ("add.Tensor", [LONG, FLOAT]),
        ("to.dtype", [LONG, "float32"]),
        ("amax.default", [LONG, [1]]),
        ("eq.Scalar", [LONG, 3]),
    )
    assert [(what, text.split(": ")[-1]) for what, text in found] == [
        ("aten.add.Tensor, aten.to.dtype (2 calls)", "exact up to 256"),
        ("aten.amax.default (1 call)", "exact up to 2**24 (16,777,216)"),
        ("aten.eq.Scalar (1 call)", "exact up to 2**31 - 1"),
    ]


def test_ids_are_stated_by_the_largest_table():
    table, larger = {"shape": [30, 8], "kind": "parameter"}, {"shape": [50257, 8], "kind": "parameter"}
    found = dict(limits(("embedding.default", [table, LONG]), ("embedding.default", [larger, LONG])))
    assert found["aten.embedding.default"].startswith("ids 0 to 50,256, of the largest table")
    found = dict(limits(("gather.default", [{"shape": [9, 100]}, -1, LONG])))
    assert found["aten.gather.default"].startswith("ids 0 to 99,")


def test_floats_and_what_stays_on_the_host_say_nothing():
    assert limits(("add.Tensor", [FLOAT, FLOAT]), ("nonzero.default", [LONG]), ("clone.default", [LONG])) == ()
