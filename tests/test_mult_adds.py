"""Multiply-adds and parameters, against counts made by hand."""

from __future__ import annotations

import pytest

from bringup.mult_adds import total_mult_adds
from bringup.plan.card import parameter_count

TOKENS = 128


def bert() -> int:
    """Twelve layers of four projections, two attention products and two linears of 3072; the pooler reads one token."""
    projections, mlp = 4 * 768 * 768, 2 * 768 * 3072
    return 12 * (TOKENS * (projections + mlp) + 2 * TOKENS * TOKENS * 768) + 768 * 768


def gpt2() -> int:
    """The same layers, and the head over the vocabulary for every token."""
    return 12 * (TOKENS * 12 * 768 * 768 + 2 * TOKENS * TOKENS * 768) + TOKENS * 768 * 50257


def lstm() -> int:
    """Two layers of two directions: 4 x 128 gates of 64 (then 256) inputs and 128 states a step; a head of 10."""
    first, second = 4 * 128 * (64 + 128), 4 * 128 * (256 + 128)
    return 20 * (2 * first + 2 * second + 256 * 10)


HAND = [
    # torchvision's table has 4.09 G and 25,557,032 for ResNet-50
    ("torchvision:resnet50", 4_089_184_256, 25_557_032),
    ("hf-config:bert", bert(), 109_482_240),
    ("hf-config:gpt2", gpt2(), 124_439_808),
    ("example:lstm", lstm(), 4 * 128 * (64 + 128 + 2) * 2 + 4 * 128 * (256 + 128 + 2) * 2 + 256 * 10 + 10),
]


@pytest.mark.parametrize(("spec", "mult_adds", "parameters"), HAND, ids=[case[0] for case in HAND])
def test_counts(analysed, spec, mult_adds, parameters):
    analysis = analysed(spec, no_weights=spec.startswith("hf"))
    assert total_mult_adds(analysis.inventory) == mult_adds
    assert parameter_count(analysis.graph) == parameters
