"""torchviz and torchinfo are bounded in time, and can be left out: the rest of the folder is there without them."""

from __future__ import annotations

import threading
import time

import pytest

from bringup.sources import LoadOptions, load
from bringup.views import torchviz_graph
from bringup.views.pictures import start_views
from bringup.views.time_limit import TookTooLong, at_most

SLOW = """
import time
import torch
from torch import nn


class Slow(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 4)

    def forward(self, x):
        try:
            for _ in range(3000):
                time.sleep(0.01)
        except Exception:
            pass
        return self.layer(x)
"""


@pytest.mark.torch
def test_a_slow_model_has_no_views_and_a_word_why(tmp_path):
    (tmp_path / "slow.py").write_text(SLOW)
    loaded = load(f"{tmp_path / 'slow.py'}:Slow", LoadOptions(inputs=("2x4",)))
    started = time.monotonic()
    views = start_views(loaded, 0.3)
    assert time.monotonic() - started < 10
    assert (
        views.torchviz.problem
        == "torchviz took longer than 0.3 s and was left out (--views-timeout SECONDS gives it more)"
    )
    assert views.table.problem.startswith("torchinfo took longer than 0.3 s")
    assert all(parameter.requires_grad for parameter in loaded.model.parameters())
    left_out = start_views(loaded, 0.0)
    assert left_out.table.problem == left_out.torchviz.problem == "left out by --no-views"


def test_what_is_quick_is_done_and_what_is_slow_is_left():
    done = []
    with at_most(5):
        done.append("quick")
    with at_most(0.05):
        try:
            time.sleep(5)
        except Exception:
            done.append("kept")
        done.append("late")
    assert done == ["quick"]
    time.sleep(0.1)


def test_a_thread_of_torchviz_ends_too():
    before = threading.active_count()

    def forever():
        while True:
            time.sleep(0.001)

    with at_most(0.1), pytest.raises(TookTooLong):
        torchviz_graph._run_deep(forever)
    assert threading.active_count() == before
