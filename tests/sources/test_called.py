"""Methods and functions as models and loaders; what a folder is called, and that its load_model.py makes the same model."""

from __future__ import annotations

import runpy
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from bringup.analysis import analyse
from bringup.cli_options import load_options
from bringup.modules.folder import module_files
from bringup.modules.reference_model import copied_file
from bringup.ops.routes import registry_rows
from bringup.sources import LoadOptions, load
from bringup.sources.given import INPUTS_FILE, inputs_file
from bringup.trace import trace

pytestmark = pytest.mark.torch

MODEL = '''
from enum import Enum

import torch
from torch import nn


class BertTiny(nn.Module):
    def __init__(self, width=4):
        super().__init__()
        self.linear = nn.Linear(4, width)

    @classmethod
    def small(cls):
        return cls(2)

    @staticmethod
    def wide(width=9):
        return BertTiny(width)

    @classmethod
    def from_config(cls, size="s"):
        return cls({"s": 3, "l": 7}[size])

    def forward(self, x):
        return torch.relu(self.linear(x))

    def example_inputs(self, batch=1):
        return torch.ones(batch, 4)


class DetectionModel(BertTiny):
    """As ultralytics has it."""

    def __init__(self, cfg="yolov8n.yaml"):
        super().__init__(8 if "n" in cfg else 16)
        self.yaml = {"yaml_file": cfg}


class Model(BertTiny):
    pass


class Outer:
    class Inner(BertTiny):
        pass

    @staticmethod
    def yolov10n():
        return DetectionModel("yolov10n.yaml")


class Kind(Enum):
    TINY = "tiny"
    BIG = "big"

    def __str__(self):
        return self.value


class ModelLoader:
    _VARIANTS = {Kind.TINY: 3, Kind.BIG: 6}

    def __init__(self, variant=Kind.TINY):
        self._variant = variant

    def load_model(self):
        return BertTiny(self._VARIANTS[self._variant])

    def load_inputs(self, batch_size=1):
        return torch.ones(batch_size, 4)


class Described(ModelLoader):
    class Info:
        model, task = "Swin", "cv_image_cls"

    def get_model_info(self, variant=None):
        info = self.Info()
        info.variant = variant
        return info


class OfMethods:
    @classmethod
    def load_model(cls):
        return DetectionModel("yolo11s.yaml")

    @classmethod
    def load_inputs(cls):
        return torch.ones(1, 4)


def yolov10n():
    return DetectionModel("yolov10n.yaml")


def create_model(width=5):
    return BertTiny(width)


def make_bert():
    return BertTiny()


model, loader = BertTiny(), ModelLoader(Kind.BIG)
'''
FUNCTIONS = """

def load_model(width=6, dtype_override=None):
    return BertTiny(width)


def load_inputs(batch_size=1):
    return {"x": torch.full((batch_size, 4), 3.0)}
"""
FILES = {
    "zoo.py": MODEL,
    "loader.py": MODEL + FUNCTIONS,
    "alone.py": MODEL + FUNCTIONS.partition("def load_inputs")[0],
    "yolov9/pytorch/loader.py": MODEL + FUNCTIONS.replace("BertTiny(width)", "Model(width)"),
    "load_model.py": MODEL + FUNCTIONS,
    "my-net.py": MODEL + FUNCTIONS,
    "pack/__init__.py": "",
    "pack/net.py": MODEL + FUNCTIONS,
}

# spec, settings, name, width
MADE = [
    ("zoo.py:BertTiny.small", (), "berttiny_small", 2),
    ("zoo:BertTiny.small", (), "berttiny_small", 2),
    ("pack.net:BertTiny.small", (), "berttiny_small", 2),
    ("zoo.py:BertTiny.wide", ("width=5",), "berttiny_wide", 5),
    ("zoo.py:BertTiny.from_config", (), "berttiny", 3),
    ("zoo.py:BertTiny.from_config", ("size=l",), "berttiny_l", 7),
    ("zoo.py:Outer.Inner", (), "inner", 4),
    ("zoo.py:Outer.yolov10n", (), "yolov10n", 8),
    ("zoo.py:yolov10n", (), "yolov10n", 8),
    ("zoo.py:make_bert", (), "make_bert", 4),
    ("zoo.py:create_model", (), "bert_tiny", 5),
    ("zoo.py:model", (), "bert_tiny", 4),
    ("zoo.py:Model", (), "zoo", 4),
    ("zoo.py:DetectionModel", (), "yolov8n", 8),
    ("zoo.py:DetectionModel", ("cfg=yolov10x.yaml",), "yolov10x", 16),
    ("zoo.py:ModelLoader", (), "bert_tiny", 3),
    ("zoo.py:ModelLoader", ("variant=big",), "bert_tiny_big", 6),
    ("zoo.py:ModelLoader.load_model", (), "bert_tiny", 3),
    ("zoo.py:loader", (), "bert_tiny_big", 6),
    ("zoo.py:Described", ("variant=big",), "swin_big", 6),
    ("zoo.py:OfMethods", (), "yolo11s", 16),
    ("zoo.py:OfMethods.load_model", (), "yolo11s", 16),
    ("loader.py", (), "bert_tiny", 6),
    ("loader.py", ("width=3",), "bert_tiny", 3),
    ("loader.py:load_model", (), "bert_tiny", 6),
    ("loader", (), "bert_tiny", 6),
    ("pack.net", (), "bert_tiny", 6),
    ("pack.net:load_model", (), "bert_tiny", 6),
    ("alone.py", (), "bert_tiny", 6),
    ("alone.py:load_model", ("width=3",), "bert_tiny", 3),
    ("yolov9/pytorch/loader.py", (), "yolov9", 6),
    ("load_model.py", (), "bert_tiny", 6),
    ("load_model.py:BertTiny", (), "berttiny", 4),
    ("my-net.py:BertTiny.small", (), "berttiny_small", 2),
]  # fmt: skip


@pytest.fixture(autouse=True)
def in_folder(tmp_path, monkeypatch) -> Path:
    place = tmp_path / "place"
    for path, text in FILES.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_text(text)
    monkeypatch.chdir(place)
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = dict(sys.modules)
    yield place
    for name in set(sys.modules) - set(before):
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


def reference_of(spec: str, settings: tuple[str, ...], to: Path):
    options, flags = load_options(list(settings), [], "", 1, None, None, "", False, "", "")
    loaded = load(spec, options)
    analysis = analyse(replace(loaded.info, options=flags), trace(loaded, "ttnn", rows=registry_rows()))
    for path, text in module_files(analysis).items():
        if path.startswith("reference/"):
            (to / path).parent.mkdir(parents=True, exist_ok=True)
            (to / path).write_text(text)
    (to / INPUTS_FILE).write_bytes(inputs_file(loaded.given))
    return loaded


@pytest.mark.parametrize(("spec", "settings", "name", "width"), MADE, ids=[" ".join((m[0], *m[1])) for m in MADE])
def test_a_model_is_called_after_itself_and_made_again(spec, settings, name, width, tmp_path, monkeypatch):
    loaded = reference_of(spec, settings, tmp_path / "made")
    assert loaded.info.name == name
    assert loaded.info.spec == spec
    if ".py" in spec:  # the folder has the file: it is used where the user's is not
        monkeypatch.chdir(tmp_path)
    for module in ("zoo", "loader", "alone", "my-net"):
        sys.modules.pop(module, None)
    file = runpy.run_path(str(tmp_path / "made/reference/load_model.py"))
    assert loaded.model.linear.out_features == width == file["load_model"]().linear.out_features
    assert list(file["example_inputs"]()) == ["x"]


@pytest.mark.parametrize("spec", ["loader.py", "loader.py:load_model", "pack.net"])
def test_functions_of_a_file_give_the_inputs_too(spec):
    loaded = load(spec, LoadOptions(batch=2, dtype="bfloat16"))
    assert torch.equal(loaded.kwargs["x"], torch.full((2, 4), 3.0, dtype=torch.bfloat16))
    assert loaded.info.source == "loader" and loaded.info.weights == "as the loader makes them"


def test_the_file_that_was_loaded_is_copied_and_no_other(tmp_path, monkeypatch):
    """A utils.py of a library that was loaded before, one beside the current folder, and one that a damaged spec names."""
    for folder in ("library", "elsewhere"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "utils.py").write_text(f"# {folder}\n{MODEL}")
    monkeypatch.syspath_prepend(str(tmp_path / "library"))
    __import__("utils")
    Path("utils.py").write_text(f"# current\n{MODEL}")
    info = load(f"{tmp_path}/elsewhere/utils.py:BertTiny", LoadOptions()).info
    assert info.spec == "utils.py:BertTiny"
    _, path = copied_file(info)
    assert path == str(tmp_path / "elsewhere/utils.py")
    for damaged in ("library/utils.py:BertTiny", f"{tmp_path}/library/utils.py:BertTiny", "../library/utils.py:BertTiny"):  # fmt: skip
        assert copied_file(replace(info, spec=damaged)) is None


@pytest.mark.parametrize("spec", ["utils.py:BertTiny\nimport os", "a b:c", "utils.py:", "", "x;y.z:Net"])
def test_a_damaged_spec_is_not_written_into_code(spec):
    from bringup.errors import FolderError

    with pytest.raises(FolderError, match="no spec of a model"):
        copied_file(replace(load("zoo.py:BertTiny", LoadOptions()).info, spec=spec))
