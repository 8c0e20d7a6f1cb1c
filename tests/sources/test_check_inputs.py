"""A model that does not run on its inputs: which input, where in the model, what to try."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from bringup.errors import SourceError
from bringup.sources import LoadOptions, load
from bringup.sources.verify import check_inputs

pytestmark = pytest.mark.torch

MODEL = """
import torch
from torch import nn


class Two(nn.Module):
    def __init__(self):
        super().__init__()
        self.left = nn.Linear(4, 4)
        self.right = nn.Sequential(nn.Linear(6, 4))

    def forward(self, x, y):
        return self.left(x) + self.right(y)


class Add(nn.Module):
    def forward(self, x, y):
        return x + y


class Embed(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(10, 4)

    def forward(self, ids):
        return self.table(ids)


class Swallow(Embed):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 1, 1)

    def forward(self, x):
        try:
            self.table(x)
        except RuntimeError:
            pass
        return self.conv(x)


class SwallowThenFail(Embed):
    def forward(self, x):
        try:
            self.table(x)
        except RuntimeError:
            return x @ x


class Empty(nn.Module):
    pass


class Reads(Embed):
    def forward(self, x):
        return x if x.sum().item() > 0 else -x
"""


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.py").write_text(MODEL)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "model", raising=False)


@pytest.mark.parametrize(
    ("spec", "options"),
    [
        ("model.py:Two", {"inputs": ("1x4", "1x6")}),
        ("model.py:Swallow", {"inputs": ("1x3x2x2",)}),
        (
            "model.py:Reads",
            {"inputs": ("4",), "no_weights": True},
        ),  # meta has no values: nothing is known of the inputs
        ("hf-config:llama", {"settings": ("num_hidden_layers=1",), "no_weights": True}),
    ],
)
def test_a_model_that_runs_passes(spec: str, options: dict[str, Any]) -> None:
    loaded = load(spec, LoadOptions(**options))
    check_inputs(loaded)


FAILS: list[tuple[str, dict[str, Any], str, str, str]] = [
    (
        "model.py:Two",
        {"inputs": ("1x4", "y=1x7")},
        "the model does not run on its input y: [1, 7] float32: RuntimeError",
        "module right.0 (Linear), which takes 6 features and was given [1, 7] float32; model.py:13 in forward",
        "try --input 1x4 --input y=1x6",
    ),
    (
        "model.py:Two",
        {"inputs": ("1x4", "y=1x7"), "no_weights": True},
        "the model does not run on its input y: [1, 7] float32: RuntimeError",
        "module right.0 (Linear)",
        "try --input 1x4 --input y=1x6",
    ),
    (
        "model.py:Add",
        {"inputs": ("1x3", "1x4")},
        "the model does not run on its inputs x: [1, 3] float32; y: [1, 4] float32: RuntimeError",
        "the model's own forward; model.py:18 in forward: return x + y",
        "give inputs that fit with --input",
    ),
    (
        "model.py:Embed",
        {"inputs": ("1x40:int64",)},
        "the model does not run on its input ids: [1, 40] int64: IndexError",
        "module table (Embedding), which takes whole numbers below 10",
        "--inputs file.py:function",
    ),
    ("model.py:Embed", {"inputs": ("1x4",)}, "input ids: [1, 4] float32", "module table", "try --input 1x4:int64"),
    ("model.py:Swallow", {"inputs": ("1x4x2x2",)}, "input x: [1, 4, 2, 2]", "module conv (Conv2d)", "--input 1x3x2x2"),
    (
        "model.py:SwallowThenFail",
        {"inputs": ("1x4",)},
        "input x: [1, 4]",
        "the model's own forward; model.py:48",
        "--input",
    ),
    ("model.py:Empty", {"inputs": ("1",)}, "NotImplementedError", "the model's own forward", "--input"),
    (
        "torchvision:resnet18",
        {"inputs": ("1x4x64x64",)},
        "the model does not run on its input x: [1, 4, 64, 64] float32: RuntimeError",
        "takes 3 channels in 4 dimensions and was given [1, 4, 64, 64] float32; torchvision/models/resnet.py:",
        "try --input 1x3x64x64",
    ),
    (
        "torchvision:resnet18",
        {"inputs": ("3x64",)},
        "input x: [3, 64] float32",
        "takes 3 channels in 4 dimensions",
        "give inputs that fit",
    ),
    (
        "torchvision:vit_b_16",
        {"inputs": ("1x3x200x200",), "no_weights": True},
        "input x: [1, 3, 200, 200] float32: AssertionError: Wrong image height! Expected 224 but got 200!",
        "torchvision/models/vision_transformer.py:",
        "--input",
    ),
]


@pytest.mark.parametrize(
    ("spec", "options", "what", "where", "next_step"), FAILS, ids=[f"{i}-{case[0]}" for i, case in enumerate(FAILS)]
)
def test_a_wrong_input_is_found_and_named(
    spec: str, options: dict[str, Any], what: str, where: str, next_step: str
) -> None:
    loaded = load(spec, LoadOptions(**options))
    with pytest.raises(SourceError) as caught:
        check_inputs(loaded)
    error = caught.value
    assert what in error.what
    assert where in error.where
    assert next_step in error.next_step
    assert not any("\n" in part for part in (error.what, error.where, error.next_step))
