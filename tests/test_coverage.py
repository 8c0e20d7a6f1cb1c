"""Verdicts with their reasons, and the moves that gaps force."""

from __future__ import annotations

import pytest

from bringup.analysis import analyse
from bringup.coverage import judge_variation
from bringup.inventory import Operand, Variation, VariationArgument
from bringup.ir import Argument, Frame, Graph, OpCall, Ref, TensorType, Value
from bringup.ops.registry import registry
from bringup.sources.loaded import ModelInfo


def variation(op: str, kind: str = "activation", **arguments) -> Variation:
    named = tuple(VariationArgument(name, value) for name, value in arguments.items())
    return Variation("x", op, named, (Operand((2, 4), "float32", kind),), 3, ())


X = Operand((2, 4), "float32", "activation")
CASES = [
    (variation("aten.gelu.default", self=X, approximate="none"), "native", ""),
    (variation("aten.gelu.default", self=X, approximate="erf"), "rejected", "ttnn.gelu needs: approximate is 'none' or 'tanh' (got 'erf')"),
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
