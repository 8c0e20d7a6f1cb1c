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


def write_odd_files() -> None:
    """Checkpoints that torch reads and that are none of a model."""
    state, itself = ones(), dict[str, Any]()
    itself["state_dict"] = itself
    around: dict[str, Any] = {"model": {"net": {}}}
    around["model"]["net"]["module"] = around
    key = "layer.weight"
    odd = {
        "itself": itself, "around": around, "integers": {0: torch.ones(1), 1: torch.ones(1)}, "none": {None: torch.ones(1)},
        "tuple": {("a", 1): torch.ones(1)}, "mixed": {**state, 7: torch.ones(1)}, "value": {**state, key: None}, "empty": {},
        "dicts": {"layer": {"weight": torch.ones(4, 4)}}, "tensor": torch.ones(3), "text": "text", "number": 3, "nothing": None,
        "huge": {"k" * 1_000_000: torch.ones(1)}, "sparse": {**state, key: torch.eye(4).to_sparse()},
        "csr": {**state, key: torch.eye(4).to_sparse_csr()}, "complex": {**state, key: torch.ones(4, 4, dtype=torch.complex64)},
        "quantized": {**state, key: torch.quantize_per_tensor(torch.ones(4, 4), 0.1, 0, torch.qint8)},
        "nested": {**state, key: torch.nested.nested_tensor([torch.ones(4), torch.ones(4)])},
        "meta": {**state, key: torch.ones(4, 4, device="meta")}, "scalar": {**state, key: torch.tensor(1.0)},
    }  # fmt: skip
    for name, value in odd.items():
        torch.save(value, f"{name}.pt")
    deep: Any = {}
    for _ in range(200):
        deep = {"model": deep}
    torch.save(deep, "deep.pt")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("file", "what"),
    [
        ("itself", "contains itself"), ("around", "contains itself"), ("integers", "(0 is the name of a weight in it)"),
        ("none", "(None is the name"), ("tuple", "is the name of a weight in it"), ("mixed", "(7 is the name"),
        ("value", "layer.weight is no tensor, but of type NoneType"), ("empty", "it is empty"), ("dicts", "(its keys: layer)"),
        ("tensor", "(Tensor)"), ("text", "(str)"), ("number", "(int)"), ("nothing", "(NoneType)"), ("huge", "(kkk"), ("deep", "it is empty"),
        ("sparse", "layer.weight is a sparse_coo tensor"), ("csr", "layer.weight is a sparse_csr tensor"),
        ("complex", "layer.weight is torch.complex64 in the file"), ("quantized", "layer.weight is a quantized tensor"),
        ("nested", "_rebuild_nested_tensor"), ("meta", "layer.weight is a meta tensor"), ("scalar", "is [] in the file"),
    ],
)  # fmt: skip
def test_odd_checkpoints_are_refused_in_words(file: str, what: str) -> None:
    write_odd_files()
    with pytest.raises(SourceError) as caught:
        load_net(f"{file}.pt")
    assert what in caught.value.what and len(str(caught.value)) < 1000 and caught.value.next_step


def test_numbers_of_other_dtypes_are_taken() -> None:
    torch.save({name: tensor.to(torch.float64) for name, tensor in ones().items()}, "double.pt")
    assert all((p == 1).all() and p.dtype is torch.float32 for p in load_net("double.pt").model.parameters())
