"""Integer inputs are drawn so that what they index has as many rows; torch itself is asked about each end of a range."""

from __future__ import annotations

import math

import pytest
import torch

from bringup.index_ranges import Draw, integer_draws
from bringup.modules.reference_model import draw_text
from bringup.sources import LoadOptions, load
from bringup.sources.guesses import draw_again, drawn

NAMES = (
    "plain", "shifted", "scaled", "halved", "lowered", "wrapped", "flipped", "field", "picked", "high", "low", "kept", "along", "place",
)  # fmt: skip
EXPECTED = {
    "plain": Draw(0, 10), "shifted": Draw(0, 7), "scaled": Draw(0, 5), "halved": Draw(0, 40), "lowered": Draw(2, 12),
    "wrapped": Draw(0, 100), "flipped": Draw(0, 10), "field": Draw(0, 4), "picked": Draw(0, 10), "high": Draw(0, 2),
    "low": Draw(0, 2), "kept": Draw(0, 9), "along": Draw(0, 10), "place": Draw(0, 10, is_distinct=True),
}  # fmt: skip
INPUTS = tuple(f"{name}=3:int64" for name in NAMES)


@pytest.fixture(scope="module")
def loaded():
    return load("tests/models/indices.py:Indices", LoadOptions(inputs=INPUTS))


@pytest.fixture
def graph(analysed):
    return analysed("tests/models/indices.py:Indices", inputs=INPUTS).graph


def test_each_range_is_the_widest_that_stays_within_the_table(graph, loaded):
    draws = integer_draws(graph)
    assert draws == EXPECTED

    def run(**changed):
        values = {name: changed.get(name, draw.stop - 1) for name, draw in draws.items()}
        loaded.model(**{name: torch.full((3,), value) for name, value in values.items()})

    run()
    run(**{name: draw.low for name, draw in draws.items()})
    for name in set(NAMES) - {"wrapped", "along", "high", "low"}:  # remainders, unchecked by torch; two that meet
        with pytest.raises((IndexError, RuntimeError)):
            run(**{name: draws[name].stop})
    with pytest.raises(IndexError):
        run(lowered=draws["lowered"].low - 1)


def test_guessed_inputs_are_drawn_again(graph, loaded):
    with pytest.raises((IndexError, RuntimeError)):
        loaded.model(*loaded.args, **loaded.kwargs)
    again = draw_again(loaded, graph)
    again.model(*again.args, **again.kwargs)
    assert again.kwargs["place"].unique().numel() == 3


@pytest.mark.parametrize(
    "draw",
    [Draw(0, 10), Draw(3, 5), Draw(2, 9, is_distinct=True), Draw(0, 7, bags=3), Draw(0, 7, bags=4, has_end=True)],
)
@pytest.mark.parametrize("dtype", ["int64", "int32"])
def test_the_generated_text_draws_the_same(draw, dtype, graph):
    shape = (draw.bags,) if draw.bags else (2, 3)
    type_ = type(graph.values[0].type)(shape, dtype)
    torch.manual_seed(0)
    made = eval(draw_text(draw, type_), {"torch": torch})
    torch.manual_seed(0)
    assert made.dtype == getattr(torch, dtype) and torch.equal(made, drawn(draw, shape).to(made.dtype))
    assert draw.bags or (made.min() >= draw.low and made.max() < draw.stop)
    assert not draw.is_distinct or made.unique().numel() == math.prod(shape)
    assert not draw.bags or (made[0] == 0 and (made.diff() >= 0).all() and made.max() <= draw.stop)
