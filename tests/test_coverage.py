"""Verdicts with their reasons, and the moves that gaps force."""

from __future__ import annotations

import pytest

from bringup.analysis import analyse
from bringup.coverage import judge_variation
from bringup.inventory import Operand, Variation, VariationArgument
from bringup.ir import Argument, Frame, Graph, OpCall, Ref, TensorType, Value
from bringup.layout_moves import LayoutMoves, layout_moves
from bringup.ops.registry import registry
from bringup.plan.coverage_report import plan_coverage_report
from bringup.render import render
from bringup.sources.loaded import ModelInfo


def variation(op: str, kind: str = "activation", **arguments) -> Variation:
    named = tuple(VariationArgument(name, value) for name, value in arguments.items())
    return Variation("x", op, named, (Operand((2, 4), "float32", kind),), 3, ())


X = Operand((2, 4), "float32", "activation")
CASES = [
    (variation("aten.gelu.default", self=X, approximate="none"), "native", ""),
    (variation("aten.masked_fill.Scalar", self=Operand((2, 2, 2, 2, 2, 2, 3), "float32", "activation"), mask=Operand((3,), "bool", "activation"), value=1.0), "rejected", "ttnn.where needs: equal sizes in all dimensions but the last six, which alone are broadcast (got [2, 2, 2, 2, 2, 2, 3] and [3])"),
    (variation("aten.nonzero.default", self=X), "missing", "depends on values"),
    (variation("aten.nonesuch.default", self=X), "unknown", "the registry has no row for aten.nonesuch.default"),
    (variation("aten.dropout.default", input=X, p=0.1, train=False), "folded", "does nothing in eval mode"),
    (variation("aten.nonzero.default", "constant", self=X, dims=(0,)), "folded", "once on the host"),
    (variation("aten.nonzero.default", "prologue", self=X, dims=(0,)), "folded", "integer inputs alone"),
    (variation("aten.view.default", self=X, size=(2, 4)), "folded", "stays as it is"),
    (variation("aten.log_softmax.int", self=X, dim=-1), "composite", "the log of a softmax"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "status", "reason"), CASES, ids=[f"{c[0].op}-{c[1]}" for c in CASES])
def test_a_verdict_says_why(case, status, reason):
    verdict = judge_variation(case, registry().get(case.op))
    assert verdict.status == status
    assert reason in verdict.reason
    assert verdict.evidence == "table"


def test_a_route_names_only_its_own_ops():
    image = Operand((1, 8, 7, 7), "float32", "activation")
    pooled = variation("aten.adaptive_avg_pool2d.default", self=image, output_size=(1, 1))
    assert judge_variation(pooled, registry()[pooled.op]).ttnn == ("ttnn.mean",)


def chain(*ops: str) -> Graph:
    """x through unary ops, one after the other."""
    frame = Frame("", "", "m.M", None)
    type_ = TensorType((2, 4), "float32")
    values = [Value("x", type_, "activation", "x")]
    calls = []
    for index, op in enumerate(ops):
        values.append(Value(f"v{index}", type_, "activation"))
        argument = Argument("self", Ref(values[index].name))
        calls.append(OpCall(f"v{index}", op, (argument, Argument("dims", (0,))), (f"v{index}",), ""))
    return Graph("ttnn", tuple(calls), tuple(values), (frame,), ("x",), (values[-1].name,))


@pytest.mark.parametrize(
    ("ops", "down", "up"),
    [
        (("relu", "relu"), 0, 0),
        (("relu", "nonzero", "relu"), 1, 1),
        (("relu", "nonzero", "nonzero", "relu"), 1, 1),
        (("nonzero", "relu"), 0, 1),
        (("relu", "nonzero"), 1, 0),
        (("relu", "nonzero", "relu", "nonzero", "relu"), 2, 2),
    ],
)
def test_gaps_force_moves(ops, down, up):
    coverage = analyse(ModelInfo("m", "m"), chain(*(f"aten.{op}.default" for op in ops))).coverage
    assert (coverage.moves.from_device, coverage.moves.to_device) == (down, up)
    assert coverage.moves.bytes == (down + up) * 8 * 4
    assert coverage.calls == len(ops)
    assert coverage.supported_calls == ops.count("relu")


def test_sums_agree(analysed):
    analysis = analysed("torchvision:resnet18")
    calls = len(analysis.graph.calls)
    assert calls == analysis.inventory.calls == analysis.coverage.calls
    assert calls == sum(kind.calls for kind in analysis.coverage.kinds)
    assert calls == sum(site.calls for v in analysis.inventory.variations for site in v.sites)


def crowd(kinds: int, calls: int) -> Graph:
    """Many op kinds without a row, each called on other shapes in other modules."""
    values = [Value("x", TensorType((2, 4), "float32"), "activation", "x")]
    frames, made = [Frame("", "", "m.M", None)], []
    for index in range(calls):
        name = f"v{index}"
        values.append(Value(name, TensorType((2, 4 + index), "float32"), "activation"))
        frames.append(Frame(str(index), f"blocks.{index}", "m.Block", ""))
        source = Argument("self", Ref(values[-2].name))
        made.append(OpCall(name, f"aten.unheard_of_{index % kinds}.default", (source,), (name,), str(index)))
    return Graph("ttnn", tuple(made), tuple(values), tuple(frames), ("x",), (values[-1].name,))


def test_the_report_is_bounded_for_any_model():
    analysis = analyse(ModelInfo("m", "m"), crowd(300, 3000))
    text = render("COVERAGE.md.jinja", report=plan_coverage_report(analysis))
    assert len(text.splitlines()) < 450
    assert text.splitlines()[2].startswith("Cannot run on the device: none of the 3,000 op calls")
    assert "240 more op kinds are in [coverage.json]" in text
    assert "228 more gaps are in [coverage.json]" in text


@pytest.mark.parametrize(
    ("ops", "words"),
    [
        (("relu", "relu"), "Runs fully on the device: each of the 2 op calls"),
        (("relu", "nonzero", "relu"), "Needs 1 fallback to the host: that many of 3 op calls, of 1 op kind,"),
        (("nonzero",), "Cannot run on the device: none of the 1 op calls has a way."),
        ((), "The model has no ops: its outputs are inputs, weights or constants as they are"),
    ],
)
def test_the_answer_comes_first(ops, words):
    analysis = analyse(ModelInfo("m", "m"), chain(*(f"aten.{op}.default" for op in ops)))
    assert plan_coverage_report(analysis).answer.startswith(words)


def test_gaps_come_in_the_order_of_what_they_unlock():
    ops = ("relu", "mode", "nonzero", "relu", "nonzero", "relu", "nonzero")
    analysis = analyse(ModelInfo("m", "m"), chain(*(f"aten.{op}.default" for op in ops)))
    first, second = plan_coverage_report(analysis).first
    assert (first.name, first.value) == (
        "aten.nonzero.default",
        "missing: makes 3 calls in 1 module native, 3 tensor moves fewer; 6 of 7 (85.7 %) of all op calls then",
    )
    assert (second.name, second.value) == (
        "aten.mode.default",
        "missing: makes 1 call in 1 module native, 2 tensor moves fewer; the model then runs fully on the device",
    )


CONV = variation(
    "aten.conv2d.default", input=Operand((1, 8, 16, 16), "float32", "activation"),
    weight=Operand((8, 8, 3, 3), "float32", "parameter"), bias=None, stride=(1, 1), padding=(1, 1), dilation=(1, 1), groups=1,
)  # fmt: skip


def test_moves_between_forms_are_counted():
    conv, relu = (layout_moves(v, registry()[v.op].lower(v)) for v in (CONV, variation("aten.relu.default", self=X)))
    assert (conv.layout, conv.axes) == (1, 2), "row-major NHWC in, NCHW tiles out"
    assert conv.bytes == 2 * 8 * 32 * 32 * 2 + 32 * 32 * 2
    assert relu == LayoutMoves()
    assert conv.times(3) + relu == LayoutMoves(3, 6, 3 * conv.bytes)


def test_moves_of_a_model_are_those_of_its_calls(analysed):
    moves = analysed("torchvision:resnet18").coverage.moves.on_device
    assert (moves.layout, moves.axes) == (21, 42), "20 convolutions and a pool"
