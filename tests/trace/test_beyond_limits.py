"""What a row does not take is taken apart where the rows take the parts, and left alone where they do not."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from bringup.ops.routes import ALL_ROWS, Rows, registry_rows
from bringup.sources.loaded import Loaded, ModelInfo
from bringup.trace import trace


class Called(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


def calls_of(function, x, rows: Rows) -> list[str]:
    graph = trace(Loaded(Called(function).eval(), (x,), {}, ModelInfo("m", "m")), rows=rows)
    assert graph.is_complete, graph.attempts
    assert all(value in {v.name for v in graph.values} for value in graph.outputs)
    assert all(call.source and call.source.function for call in graph.calls)
    return [call.target for call in graph.calls]


@pytest.mark.parametrize(
    ("function", "shape", "taken_apart", "into"),
    [
        (lambda x: nn.functional.pad(x, (1, 2), mode="reflect"), (2, 3, 16), "aten.pad.default", "aten._unsafe_index.Tensor"),
        (lambda x: nn.functional.pad(x, (1, 2), mode="replicate") * 2, (2, 3, 16), "aten.pad.default", "aten._unsafe_index.Tensor"),
        (lambda x: torch.diff(x, n=2), (4, 16), "aten.diff.default", "aten.sub.Tensor"),
    ],
)  # fmt: skip
def test_a_call_beyond_a_limit_is_taken_apart(function, shape, taken_apart, into):
    before = calls_of(function, torch.randn(shape), ALL_ROWS)
    after = calls_of(function, torch.randn(shape), registry_rows())
    assert taken_apart in before and taken_apart not in after
    assert into in after


@pytest.mark.parametrize(
    ("function", "shape", "kept"),
    [
        (lambda x: nn.functional.pad(x, (1, 2)), (2, 3, 16), "aten.pad.default"),
        (lambda x: torch.diff(x), (4, 16), "aten.diff.default"),
        (lambda x: x + torch.ones(2, 1, 1, 1, 1, 1, 1, 1), (1,) * 7 + (4,), "aten.add.Tensor"),
        (lambda x: x.scatter_reduce(0, x.long().clamp(0, 3), x, "amax"), (4, 4), "aten.scatter_reduce.two"),
    ],
)
def test_what_the_row_takes_and_what_has_no_other_way_stays(function, shape, kept):
    assert kept in calls_of(function, torch.randn(shape), registry_rows())
