"""Checkpoints: what fits is loaded, everything else is refused with the names that do not fit."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
from torch import nn

from bringup.errors import SourceError
from bringup.sources import Loaded, LoadOptions, load

pytestmark = pytest.mark.torch

MODEL = """
from torch import nn


class Net(nn.Module):
    def __init__(self, width=4):
        super().__init__()
        self.layer = nn.Linear(width, 4)
        self.norm = nn.BatchNorm1d(4)

    def forward(self, x):
        return self.norm(self.layer(x))


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(5, 4)
        self.head = nn.Linear(4, 5, bias=False)
        self.head.weight = self.embedding.weight

    def forward(self, x):
        return self.head(x)
"""


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.py").write_text(MODEL)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "model", raising=False)


def load_net(weights: str = "", name: str = "Net", **options: Any) -> Loaded:
    return load(f"model.py:{name}", LoadOptions(inputs=("2x4",), weights=weights, **options))


def ones() -> dict[str, torch.Tensor]:
    state = load_net().model.state_dict()
    return {name: torch.ones_like(tensor) for name, tensor in state.items()}


@pytest.mark.parametrize(
    ("file", "wrap"),
    [
        ("plain.pt", lambda state: state),
        ("trained.pth", lambda state: {"epoch": 3, "state_dict": state}),
        ("nested.bin", lambda state: {"model": {"state_dict": state}}),
        ("parallel.pt", lambda state: {f"module.{name}": tensor for name, tensor in state.items()}),
        ("compiled.pt", lambda state: {f"_orig_mod.{name}": tensor for name, tensor in state.items()}),
    ],
)
def test_checkpoints_in_their_usual_wrappings(file: str, wrap: Any) -> None:
    torch.save(wrap(ones()), file)
    loaded = load_net(file, dtype="bfloat16")
    assert all((p == 1).all() and p.dtype is torch.bfloat16 for p in loaded.model.parameters())
    assert loaded.info.weights == file


def test_safetensors_with_one_name_of_tied_weights() -> None:
    safetensors.torch.save_file({"embedding.weight": torch.ones(5, 4)}, "tied.safetensors")
    model: Any = load_net("tied.safetensors", "Tied").model
    assert (model.head.weight == 1).all()


def test_old_checkpoints_without_batch_counts() -> None:
    torch.save({name: t for name, t in ones().items() if not name.endswith("num_batches_tracked")}, "old.pt")
    assert (load_net("old.pt").model.get_parameter("layer.weight") == 1).all()


class Harmful:
    def __reduce__(self) -> Any:
        return Path.touch, (Path("harm"),)


def write_bad_files() -> None:
    Path("text.pt").write_text("not a checkpoint")
    Path("empty.pt").touch()
    Path("text.safetensors").write_text("not a checkpoint")
    Path("pointer.pt").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
    Path("folder.pt").mkdir()
    Path("harmful.pt").write_bytes(pickle.dumps(Harmful(), protocol=2))
    torch.save(nn.Linear(2, 2), "module.pt")
    torch.save({"epoch": 3}, "epoch.pt")
    torch.save([1, 2], "list.pt")
    state = ones()
    torch.save({**state, "more": torch.ones(1)}, "more.pt")
    del state["layer.bias"]
    torch.save(state, "less.pt")
    torch.save({**ones(), "layer.weight": torch.ones(4, 7)}, "wide.pt")


@pytest.mark.parametrize(
    ("file", "what"),
    [
        ("no.pt", "there is no file no.pt"),
        ("folder.pt", "there is no file folder.pt"),
        ("text.pt", "text.pt is no checkpoint that can be read safely"),
        ("empty.pt", "empty.pt is no checkpoint that can be read safely"),
        ("text.safetensors", "text.safetensors is no checkpoint that can be read safely"),
        ("harmful.pt", "harmful.pt is no checkpoint that can be read safely"),
        ("module.pt", "it holds an object of torch.nn.modules.linear.Linear"),
        ("pointer.pt", "pointer.pt is a pointer of Git LFS"),
        ("epoch.pt", "epoch.pt holds no state_dict (its keys: epoch)"),
        ("list.pt", "list.pt holds no state_dict (list)"),
        ("more.pt", "more.pt is of another model: 0 missing, 1 unexpected (more)"),
        ("less.pt", "less.pt is of another model: 1 missing (layer.bias), 0 unexpected"),
        ("wide.pt", "wide.pt is of another model: layer.weight is [4, 7] in the file, [4, 4] in the model"),
    ],
)
def test_what_is_no_checkpoint_of_the_model_is_refused(file: str, what: str) -> None:
    write_bad_files()
    with pytest.raises(SourceError) as caught:
        load_net(file)
    assert what in caught.value.what
    assert "weights_only=False" not in str(caught.value)
    assert caught.value.next_step
    assert not Path("harm").exists()
