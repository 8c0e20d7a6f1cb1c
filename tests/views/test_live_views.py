"""torchinfo's table and torchviz's graph of models with all forms of inputs and outputs."""

from __future__ import annotations

import gc
import os
import re
import subprocess
import sys
import weakref
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import nn

from bringup.sources.loaded import Loaded, ModelInfo
from bringup.views.torchinfo_table import torchinfo_table
from bringup.views.torchviz_graph import torchviz_dot

EVIL = 'a"b\n\\N<x>\x1b[31m'


@dataclass
class Answer:
    scores: torch.Tensor
    more: dict[str, list[torch.Tensor]]


class Forms(nn.Module):
    """Gives its output in the form asked for; `mode` is a word of torchinfo's own."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 4)
        self.dropout = nn.Dropout()

    def forward(self, x: torch.Tensor, mode: torch.Tensor | None = None, form: str = "tensor") -> Any:
        y = self.dropout(self.linear(x if mode is None else x + mode))
        forms = {"tensor": y, "tuple": (y, None, 3), "dict": {"a": [y]}, "dataclass": Answer(y, {"b": [y * 2]})}
        return forms[form]


def load(model: nn.Module, *args: Any, **kwargs: Any) -> Loaded:
    return Loaded(model.eval(), args, kwargs, ModelInfo("m", "m"))


@pytest.mark.parametrize("form", ["tensor", "tuple", "dict", "dataclass"])
def test_torchviz_draws_every_form_of_output(form: str) -> None:
    result = torchviz_dot(load(Forms(), torch.randn(2, 3), form=form))
    assert result.problem == ""
    assert "linear.weight" in result.text
    assert result.nodes == len(re.findall(r"^\tn\d+ \[", result.text, re.MULTILINE))


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        ((torch.zeros(2, 3),), {}),
        ((), {"x": torch.zeros(2, 3)}),
        ((torch.zeros(2, 3),), {"mode": torch.zeros(2, 3)}),
        ((torch.zeros(2, 3), torch.zeros(2, 3)), {}),
    ],
    ids=["tensor", "dict", "keyword of torchinfo's own", "two"],
)
def test_torchinfo_takes_every_form_of_input(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    result = torchinfo_table(load(Forms(), *args, **kwargs))
    assert result.problem == ""
    assert re.search(r"Linear \(linear\): 1-1 +\[2, 3\] +\[2, 4\] +-- +16$", result.text, re.MULTILINE)
    assert "Total" not in result.text and "Mult" not in result.text


def test_both_work_on_meta() -> None:
    with torch.device("meta"):
        loaded = load(Forms(), torch.zeros(2, 3))
    assert torchinfo_table(loaded).problem == torchviz_dot(loaded).problem == ""


class Fails(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        raise ValueError(f"cannot do {object()}\nsecond line")


@pytest.mark.parametrize("view", [torchinfo_table, torchviz_dot])
def test_a_failing_model_gives_the_reason_on_one_line(view: Any) -> None:
    result = view(load(Fails(), torch.zeros(1)))
    assert result.text == ""
    assert re.fullmatch(r"torch\w+ failed: ValueError: cannot do <object object at 0x\.\.\.>", result.problem)


def test_no_gradient_is_a_problem_not_an_empty_picture() -> None:
    assert "no output depends on a parameter" in torchviz_dot(load(nn.ReLU(), torch.zeros(1))).problem


def test_the_model_is_left_as_it_was() -> None:
    model = Forms().eval()
    model.linear.weight.requires_grad_(False)
    model.dropout.train()
    loaded = Loaded(model, (torch.zeros(2, 3),), {}, ModelInfo("m", "m"))
    assert torchinfo_table(loaded).text and "linear.weight" in torchviz_dot(loaded).text
    assert [model.training, model.dropout.training] == [False, True]
    assert [p.requires_grad for p in model.parameters()] == [False, True]


def test_nothing_keeps_the_model_or_its_activations() -> None:
    kept: list[weakref.ref[torch.Tensor]] = []

    class Spied(Forms):
        def forward(self, *args: Any, **kwargs: Any) -> Any:
            y = super().forward(*args, **kwargs)
            kept.append(weakref.ref(y))
            return y

    loaded = load(Spied(), torch.zeros(2, 3))
    model = weakref.ref(loaded.model)
    torchviz_dot(loaded)
    assert kept[0]() is None
    torchinfo_table(loaded)
    del loaded
    gc.collect()
    assert model() is None


class Deep(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x * self.scale
        for _ in range(5000):
            x = x + 1
        return x


def test_a_deep_graph_does_not_end_in_a_recursion_error() -> None:
    limit = sys.getrecursionlimit()
    result = torchviz_dot(load(Deep(), torch.zeros(1)))
    assert (result.problem, result.nodes > 5000, sys.getrecursionlimit()) == ("", True, limit)


def test_hostile_names_stay_on_their_line() -> None:
    model = nn.Sequential()
    model.add_module(EVIL, nn.Linear(3, 3))
    loaded = load(model, torch.zeros(1, 3))
    table, graph = torchinfo_table(loaded).text, torchviz_dot(loaded).text
    assert len(table.splitlines()) == 6 and "\x1b" not in table
    assert all(re.match(r"\t(n\d+ (\[label=|-> n\d)|graph|node)", line) for line in graph.splitlines()[1:-1])
    assert "\x1b" not in graph


PRINT = """
import torch
from torch import nn
from bringup.sources.loaded import Loaded, ModelInfo
from bringup.views.torchviz_graph import torchviz_dot
waste = [object() for _ in range({waste})]
model = nn.Sequential(nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 3))
print(torchviz_dot(Loaded(model, (torch.zeros(1, 3),), {{}}, ModelInfo("m", "m"))).text)
"""


def test_two_processes_give_the_same_bytes() -> None:
    texts = {
        subprocess.run(
            [sys.executable, "-c", PRINT.format(waste=waste)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed, waste in (("0", 10), ("1", 100_003))
    }
    assert len(texts) == 1 and texts.pop().startswith(b"digraph {")
