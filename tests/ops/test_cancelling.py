"""Tests of sums that give one value: no right program may fail them by chance."""

import pytest
import torch

from bringup.inventory import Operand, Variation, VariationArgument
from bringup.ops.asked import asked_lowering
from bringup.ops.registry import registry

ONE, MANY = (1, 64), (64, 64)
SUMS = {
    "mean": ("aten.mean.default", {"self": ONE}, ()),
    "sum": ("aten.sum.default", {"self": ONE}, ()),
    "a single logit": ("aten.linear.default", {"input": ONE, "weight": (1, 64), "bias": (1,)}, (1, 1)),
}


def lowered(op, shapes, output):
    arguments = tuple(
        VariationArgument(name, Operand(shape, "float32", "activation")) for name, shape in shapes.items()
    )
    variation = Variation("x", op, arguments, (Operand(output, "float32", "activation"),), 1, ())
    lowering = asked_lowering(variation, registry()[op])
    assert lowering is not None
    return lowering


def losses(lowering, makes, seeds=400):
    """The relative error of the reference where its inputs are rounded to bfloat16, by seed."""
    found = []
    for seed in range(seeds):
        torch.manual_seed(seed)
        given = {f"torch_{t.name}": eval(make.format(shape=t.shape), {"torch": torch}) for t, make in makes}
        text = lowering.torch.format(**{name: repr(value) for name, value in lowering.values.items()})
        exact = eval(text, {"torch": torch, **given})
        rounded = eval(text, {"torch": torch, **{name: t.bfloat16().float() for name, t in given.items()}})
        found.append(float((rounded - exact).norm() / exact.norm()))
    return found


@pytest.mark.parametrize("name", SUMS)
def test_one_sum_does_not_come_out_near_zero(name):
    """With terms of both signs, some seed in 400 breaks the bound; with those of the test, none."""
    lowering = lowered(*SUMS[name])
    makes = [(t, t.make) for t in lowering.inputs]
    assert max(losses(lowering, makes)) < lowering.relative_error / 2
    both_signs = [(t, t.make.replace("rand(", "randn(")) for t in lowering.inputs]
    assert max(losses(lowering, both_signs)) > lowering.relative_error


def test_many_sums_keep_terms_of_both_signs():
    lowering = lowered("aten.linear.default", {"input": MANY, "weight": MANY, "bias": (64,)}, MANY)
    assert all("randn(" in t.make for t in lowering.inputs)
