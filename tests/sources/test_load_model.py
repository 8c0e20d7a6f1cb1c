"""Models of every source load, in eval mode, and run on the inputs that come with them."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils._pytree import tree_leaves

from bringup.sources import Loaded, LoadOptions, load

pytestmark = pytest.mark.torch

MODEL = """
import torch
from torch import nn

print("a model that prints while it is imported")


class Net(nn.Module):
    def __init__(self, width: int = 4) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3)
        self.blocks = nn.ModuleList(nn.Linear(width, width) for _ in range(2))

    def forward(self, x, scale=1.0):
        x = self.conv(x).mean((2, 3)) * scale
        for block in self.blocks:
            x = block(x)
        return x


class Tied(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(10, 4)
        self.head = nn.Linear(4, 10, bias=False)
        self.head.weight = self.embedding.weight

    def forward(self, ids):
        return self.head(self.embedding(ids % 10))

    def example_inputs(self, batch):
        return {"ids": torch.zeros(batch, 3, dtype=torch.int64)}


def factory(width: int = 5) -> Net:
    return Net(width)


def image():
    return torch.ones(2, 3, 8, 8)


def image_and_scale():
    return (torch.ones(2, 3, 8, 8),), {"scale": 2.0}


net, tied = Net(6), Tied()


class Task:
    def __str__(self):
        return "cv_image_cls"


class Description:
    model, task = "Tiny Net", Task()


class ModelLoader:
    _VARIANTS = {"small": 1}

    def __init__(self, variant=None):
        self.variant = variant

    @classmethod
    def get_model_info(cls, variant=None):
        return Description

    def load_model(self, *, dtype_override=None, **kwargs):
        return Net().to(dtype_override) if dtype_override else Net()

    def load_inputs(self, dtype_override=None, batch_size=1):
        return {"x": torch.ones(batch_size, 3, 8, 8, dtype=dtype_override)}
"""

BERT = ("num_hidden_layers=1", "hidden_size=64", "num_attention_heads=4", "intermediate_size=64")
WHISPER = (
    "encoder_layers=1",
    "decoder_layers=1",
    "d_model=64",
    "encoder_attention_heads=4",
    "decoder_attention_heads=4",
    "max_source_positions=50",
)
CLIP = tuple(
    f"{part}.{entry}"
    for part in ("text_config", "vision_config")
    for entry in ("num_hidden_layers=1", "hidden_size=64", "num_attention_heads=4", "intermediate_size=64")
)
T5 = ("num_layers=1", "d_model=64", "d_kv=16", "num_heads=4", "d_ff=64")

GOOD: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    ("torchvision:resnet18", {}, {"0": "1x3x224x224 float32"}),
    ("torchvision:inception_v3", {}, {"0": "1x3x299x299 float32"}),
    ("torchvision:googlenet", {"batch": 2}, {"0": "2x3x224x224 float32"}),
    ("torchvision:r3d_18", {}, {"0": "1x3x16x112x112 float32"}),
    ("torchvision:lraspp_mobilenet_v3_large", {}, {"0": "1x3x520x520 float32"}),
    ("torchvision:ssdlite320_mobilenet_v3_large", {"batch": 2}, {"0": "3x320x320 float32", "1": "3x320x320 float32"}),
    ("timm:mobilenetv3_small_050", {"dtype": "bfloat16"}, {"0": "1x3x224x224 bfloat16"}),
    ("timm:test_vit", {"settings": ("img_size=64", "in_chans=1")}, {"0": "1x1x64x64 float32"}),
    ("hf-config:bert", {"settings": BERT}, {"attention_mask": "1x128 int64", "input_ids": "1x128 int64"}),
    (
        "hf-config:llama",
        {"settings": (*BERT, "num_key_value_heads=2"), "sequence": 9, "dtype": "bfloat16"},
        {"attention_mask": "1x9 int64", "input_ids": "1x9 int64"},
    ),
    (
        "hf-config:t5",
        {"settings": T5},
        {"attention_mask": "1x128 int64", "decoder_input_ids": "1x16 int64", "input_ids": "1x128 int64"},
    ),
    (
        "hf-config:whisper",
        {"settings": WHISPER},
        {"decoder_input_ids": "1x16 int64", "input_features": "1x80x100 float32"},
    ),
    (
        "hf-config:clip",
        {"settings": CLIP, "batch": 2},
        {"attention_mask": "2x77 int64", "input_ids": "2x77 int64", "pixel_values": "2x3x224x224 float32"},
    ),
    ("example:lstm", {}, {"0": "1x20x64 float32"}),
    ("model.py:Net", {"inputs": ("1x3x8x8",), "settings": ("width=8",)}, {"0": "1x3x8x8 float32"}),
    ("model.py:Net", {"inputs": ("x=1x3x8x8:float32", "scale=scalar")}, {"scale": " float32", "x": "1x3x8x8 float32"}),
    ("model.py:Net", {"inputs_from": "model.py:image", "dtype": "float16"}, {"0": "2x3x8x8 float16"}),
    ("model.py:Net", {"inputs_from": "model.py:image_and_scale"}, {"0": "2x3x8x8 float32"}),
    ("model.py:factory", {"inputs": ("1x3x8x8",)}, {"0": "1x3x8x8 float32"}),
    ("model.py:net", {"inputs": ("1x3x8x8",)}, {"0": "1x3x8x8 float32"}),
    ("model.py:Tied", {"batch": 3}, {"ids": "3x3 int64"}),
    ("model:Net", {"inputs": ("1x3x8x8",)}, {"0": "1x3x8x8 float32"}),
    (
        "model.py:ModelLoader",
        {"batch": 2, "dtype": "bfloat16", "settings": ("variant=small",)},
        {"x": "2x3x8x8 bfloat16"},
    ),
]


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "model.py").write_text(MODEL)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.delitem(sys.modules, "model", raising=False)
    return tmp_path


def shapes(loaded: Loaded) -> dict[str, str]:
    named = [*((str(i), t) for i, t in enumerate(tree_leaves(loaded.args))), *loaded.kwargs.items()]
    return {
        name: f"{'x'.join(map(str, t.shape))} {str(t.dtype).removeprefix('torch.')}"
        for name, t in sorted(named)
        if isinstance(t, torch.Tensor)
    }


@pytest.mark.parametrize(("spec", "options", "inputs"), GOOD, ids=[f"{i}-{case[0]}" for i, case in enumerate(GOOD)])
def test_model_runs_on_its_inputs(spec: str, options: dict[str, Any], inputs: dict[str, str]) -> None:
    loaded = load(spec, LoadOptions(**options))
    assert shapes(loaded) == inputs
    assert not loaded.model.training
    with torch.no_grad():
        output = loaded.model(*loaded.args, **loaded.kwargs)
    values = output.to_tuple() if hasattr(output, "to_tuple") else output
    tensors = [leaf for leaf in tree_leaves(values) if isinstance(leaf, torch.Tensor)]
    assert tensors and all(t.isfinite().all() for t in tensors)


def test_weights_and_inputs_are_the_same_every_time() -> None:
    for spec, options in (("model.py:Net", {"inputs": ("1x3x8x8",)}), ("hf-config:bert", {"settings": BERT})):
        torch.rand(7)
        first = load(spec, LoadOptions(**options))
        torch.rand(3)
        second = load(spec, LoadOptions(**options))
        assert all(torch.equal(a, b) for a, b in zip(first.model.parameters(), second.model.parameters(), strict=True))
        leaves = zip(tree_leaves((first.args, first.kwargs)), tree_leaves((second.args, second.kwargs)), strict=True)
        assert all(torch.equal(a, b) for a, b in leaves)


@pytest.mark.parametrize(
    ("spec", "settings"),
    [("torchvision:vit_h_14", ()), ("timm:vit_huge_patch14_224", ()), ("hf-config:gpt2", ()), ("example:yolov4", ())],
)
def test_no_weights_take_no_memory(spec: str, settings: tuple[str, ...]) -> None:
    loaded = load(spec, LoadOptions(settings=settings, no_weights=True, dtype="bfloat16"))
    assert all(p.is_meta and p.dtype is torch.bfloat16 for p in loaded.model.parameters())
    assert all(leaf.is_meta for leaf in tree_leaves((loaded.args, loaded.kwargs)))
    assert loaded.info.weights == "none (meta device)"
    assert torch.get_default_dtype() is torch.float32


def test_tied_weights_stay_tied_on_meta() -> None:
    model: Any = load("model.py:tied", LoadOptions(no_weights=True)).model
    assert model.head.weight.is_meta
    assert model.head.weight is model.embedding.weight


@pytest.mark.parametrize("no_weights", [False, True])
@pytest.mark.parametrize(
    ("spec", "settings", "path", "shape"),
    [
        ("torchvision:resnet18", (), "layer2.0", [1, 64, 56, 56]),
        ("hf-config:llama", (*BERT, "num_key_value_heads=2"), "model.layers.0", [1, 128, 64]),
    ],
)
def test_submodule_gets_the_inputs_of_a_run(
    spec: str, settings: tuple[str, ...], path: str, shape: list[int], no_weights: bool
) -> None:
    loaded = load(spec, LoadOptions(settings=settings, submodule=path, no_weights=no_weights))
    assert list(loaded.args[0].shape) == shape
    assert loaded.args[0].is_meta == no_weights
    assert type(loaded.args[0]) is torch.Tensor
    assert loaded.info.name.endswith(path.replace(".", "_"))
    with torch.no_grad():
        loaded.model(*loaded.args, **loaded.kwargs)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("model.py:Net", ("net", "model.py:Net", "python", "model.Net", "", "random")),
        ("model.py:factory", ("net", "model.py:factory", "python", "model.Net", "", "as the code makes them")),
        ("{folder}/model.py:Net", ("net", "model.py:Net", "python", "model.Net", "", "random")),
        (
            "model.py:ModelLoader",
            ("tiny_net", "model.py:ModelLoader", "loader", "model.Net", "cv_image_cls", "as the loader makes them"),
        ),
    ],
)
def test_info_says_what_the_model_is_without_paths_of_the_machine(
    spec: str, expected: tuple[str, ...], in_folder: Path
) -> None:
    info = load(spec.format(folder=in_folder), LoadOptions(inputs=("1x3x8x8",))).info
    assert (info.name, info.spec, info.source, info.class_name, info.task, info.weights) == expected


def test_a_file_outside_the_folder_is_named_without_its_path(in_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (in_folder / "work").mkdir()
    monkeypatch.chdir(in_folder / "work")
    assert load("../model.py:Net", LoadOptions(inputs=("1x3x8x8",))).info.spec == "model.py:Net"


def test_two_files_of_one_name_keep_their_own_source(in_folder: Path) -> None:
    (in_folder / "other").mkdir()
    (in_folder / "other" / "model.py").write_text(MODEL.replace("class Net", "# the other one\nclass Net"))
    options = LoadOptions(inputs=("1x3x8x8",))
    first, second = load("model.py:Net", options).model, load("other/model.py:Net", options).model
    assert type(first).__module__ == "model"
    assert type(second).__module__ != "model"
    assert inspect.getsourcelines(type(second))[1] == inspect.getsourcelines(type(first))[1] + 1


def test_a_printing_model_leaves_stdout_alone(capsys: pytest.CaptureFixture[str]) -> None:
    load("model.py:Net", LoadOptions(inputs=("1x3x8x8",)))
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "a model that prints" in captured.err


def test_only_the_library_of_the_source_is_imported() -> None:
    code = (
        "import sys; from bringup.sources import LoadOptions, load; load('example:lstm', LoadOptions());"
        "sys.exit(', '.join({'torchvision', 'timm', 'transformers', 'ttnn'} & set(sys.modules)) or 0)"
    )
    result = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
