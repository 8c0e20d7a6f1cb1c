"""Bad input ends in a sentence that says what, where and what to do: these are the sentences that users read most."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from bringup.errors import BringupError, SourceError, UsageError
from bringup.sources import LoadOptions, load

pytestmark = pytest.mark.torch

MODEL = """
from torch import nn


class Net(nn.Module):
    def __init__(self, width=4):
        super().__init__()
        self.blocks = nn.ModuleList([nn.Linear(4, 4)])

    def forward(self, x, mask=None):
        return self.blocks[0](x)


class Needs(nn.Module):
    def __init__(self, width, *, depth):
        super().__init__()


class Loader:
    def load_model(self):
        return 3

    def load_inputs(self):
        return None


class Weightless(Loader):
    def load_model(self):
        return Net()


def number():
    return 3


def nothing():
    return None


def fails():
    raise ValueError("two\\nlines")


def leaves():
    raise SystemExit(0)


net = Net()
"""

FILES = {
    "model.py": MODEL,
    "leaves.py": "raise SystemExit(0)",
    "syntax.py": "x = (",
    "needs.py": "import no_such_library",
    "package/__init__.py": "",
    "package/part.py": "from .other import x",
    "untyped.json": "{}",
    "broken.json": "{",
}
ONE = ("1x4",)

BAD: list[tuple[str, dict[str, Any], str, str]] = [
    # models that are not there
    ("torchvision:resnet5", {}, "torchvision has no model 'resnet5'", "did you mean resnet50"),
    ("torchvision:../../x", {}, "torchvision has no model '../../x'", "bringup models"),
    ("timm:mobilenetv3_larg_100", {}, "timm has no model 'mobilenetv3_larg_100'", "mobilenetv3_large_100"),
    ("example:yolo", {}, "there is no example 'yolo'", "did you mean yolov4?"),
    ("hf-config:brt", {}, "has no config type 'brt'", "bert"),
    ("hf-config:no/config.json", {}, "there is no file no/config.json", "current folder"),
    ("hf-config:untyped.json", {}, "untyped.json names no model_type", "model_type"),
    ("hf-config:broken.json", {}, "broken.json is no transformers config", "JSON"),
    ("hf:nobody/no-such-model", {}, "is not in the cache of the hub, and the hub cannot be reached", "hf-config:"),
    ("modle.py:Net", {}, "there is no file modle.py", "did you mean model.py"),
    ("model.py:Nett", {}, "model.py:Nett: there is no Nett", "Net"),
    ("model.py:Zzzzz", {}, "there is no Zzzzz", "it has: Net, Needs"),
    (
        "model.py",
        {},
        "model.py: no class is named, and it has no function load_model()",
        "model.py:Net; it has: Net, Needs",
    ),
    ("modle.py", {}, "there is no file modle.py", "did you mean model.py"),
    ("model", {}, "model: no class is named", "model:Net; it has: Net"),
    ("model.py:Net.smal", {}, "model.py:Net.smal: Net has no smal", "a staticmethod or a class"),
    ("model.py:Net.forward", {}, "model.py:Net.forward: forward is a method of Net's instances", "staticmethod"),
    ("model.py:Nett.small", {}, "there is no Nett", "Net"),
    ("no_such_module:Net", {}, "there is no module no_such_module", "run from the folder that holds it"),
    # code that does not import or does not give a model
    ("leaves.py:Net", {}, "leaves.py cannot be imported: SystemExit", "run it with python"),
    ("syntax.py:Net", {}, "syntax.py cannot be imported: SyntaxError", "run it with python"),
    ("needs.py:Net", {}, "No module named 'no_such_library'", "install no_such_library"),
    ("package/part.py:Net", {}, "attempted relative import", "write package.module:Name"),
    ("model.py:number", {}, "model.py:number gave an object of type int, not a torch.nn.Module", "nn.Module class"),
    ("model.py:fails", {}, "fails cannot be built: ValueError: two lines", "run it by itself"),
    ("model.py:leaves", {}, "leaves cannot be built: SystemExit", "run it by itself"),
    ("model.py:Loader", {}, "load_model() of model.py:Loader gave an object of type int", ""),
    ("model.py:Weightless", {}, "load_inputs() gave no tensor: NoneType", "a tensor, a tuple, a dict"),
    ("model.py:Weightless", {"batch": 2}, "load_inputs() takes no batch size", "batch_size"),
    # arguments
    ("model.py:Needs", {}, "Needs needs arguments: width, depth", "--set width=... --set depth=..."),
    ("model.py:Net", {"settings": ("wdth=3",)}, "Net has no argument 'wdth'", "did you mean width?"),
    ("model.py:Net", {"settings": ("width",)}, "--set width: not of the form key=value", "--set num_layers=2"),
    ("model.py:Net", {"settings": ("width=1", "width=2")}, "--set width is given twice", "once"),
    ("model.py:net", {"settings": ("width=3",)}, "net is a finished model", "leave --set out"),
    ("torchvision:resnet18", {"settings": ("weights=DEFAULT",)}, "--set weights=... is not for settings", "--weights"),
    ("torchvision:resnet18", {"settings": ("nam=1",)}, "unexpected keyword argument 'nam'", "--set"),
    (
        "hf-config:bert",
        {"settings": ("num_hidden_layer=1",)},
        "the config has no entry num_hidden_layer",
        "num_hidden_layers",
    ),
    ("hf-config:bert", {"settings": ("to_dict=1",)}, "the config has no entry to_dict", ""),
    ("hf-config:bert", {"settings": ("num_hidden_layers=two",)}, "expected int, got str", "check --set"),
    ("hf-config:bert", {"settings": ("hidden_size=65",)}, "BertModel cannot be built", "number of heads"),
    (
        "hf-config:clip",
        {"settings": ("num_hidden_layers=1",)},
        "the config has no entry num_hidden_layers",
        "text_config.num_hidden",
    ),
    ("hf-config:clip", {"settings": ("txt_config.x=1",)}, "has no part 'txt_config'", "did you mean text_config"),
    ("hf-config:bert", {"class_name": "BertForMaskLM"}, "no model class 'BertForMaskLM'", "BertForMaskedLM"),
    ("hf-config:bert", {"class_name": "BertConfig"}, "no model class 'BertConfig'", "BertModel"),
    # inputs
    (
        "model.py:Net",
        {},
        "no example inputs are known for model.py:Net: its forward takes x, mask (optional)",
        "--input",
    ),
    ("model.py:Net", {"inputs": ("1x3x",)}, "--input 1x3x: not of the form", "for example 1x3x320x320"),
    ("model.py:Net", {"inputs": ("1x0",)}, "with sizes of at least 1", "for example"),
    ("model.py:Net", {"inputs": ("1:flot32",)}, "no dtype 'flot32'", "did you mean float32"),
    ("model.py:Net", {"inputs": ("9" * 30,)}, "a tensor of that size cannot be made", "--no-weights"),
    ("model.py:Net", {"inputs": ("1x4", "msk=1")}, "the model's forward has no input 'msk'", "did you mean mask?"),
    ("model.py:Net", {"inputs": ("mask=1",)}, "missing a required argument: 'x'", "it takes: x, mask"),
    ("model.py:Net", {"inputs": ("1", "1", "1")}, "too many positional arguments", "it takes: x, mask"),
    ("model.py:Net", {"inputs": ("x=1", "x=2")}, "x is given twice", "once"),
    (
        "model.py:Net",
        {"inputs_from": "model.py"},
        "--inputs model.py: not of the form path.py:function",
        "inputs.py:make",
    ),
    ("model.py:Net", {"inputs_from": "no.py:make"}, "there is no file no.py", ""),
    ("model.py:Net", {"inputs_from": "model.py:nothin"}, "model.py has no function 'nothin'", "did you mean nothing"),
    ("model.py:Net", {"inputs_from": "model.py:nothing"}, "nothing() gave no tensor: NoneType", "a tensor, a tuple"),
    ("model.py:Net", {"inputs_from": "model.py:fails"}, "fails() failed: ValueError: two lines", "must return"),
    ("hf-config:bert", {"sequence": 513}, "--sequence 513: the model has 512 positions", "at most --sequence 512"),
    # options that would be ignored
    ("model.py:Net", {"dtype": "float8", "inputs": ONE}, "--dtype float8: no such dtype", "float"),
    ("model.py:Net", {"inputs": ONE, "inputs_from": "model.py:x"}, "exclude each other", "one of them"),
    ("model.py:Net", {"weights": "x.pt", "no_weights": True}, "exclude each other", "one of them"),
    ("model.py:Net", {"inputs": ONE, "batch": 2}, "--batch is for the inputs that bringup makes", "first size"),
    ("model.py:Net", {"inputs": ONE, "sequence": 2}, "--sequence is for transformers models", "leave --sequence out"),
    ("model.py:Net", {"inputs": ONE, "class_name": "X"}, "--class is for transformers models", "leave --class out"),
    # weights and submodules
    ("model.py:Net", {"inputs": ONE, "weights": "no.pt"}, "there is no file no.pt", "current folder"),
    ("torchvision:resnet18", {"weights": "V7"}, "torchvision's resnet18 has no weights 'V7'", "it has IMAGENET1K_V1"),
    ("model.py:Net", {"inputs": ONE, "submodule": "blocks.3"}, "no submodule 'blocks.3'", "did you mean blocks.0"),
    ("model.py:Net", {"inputs": ONE, "submodule": "blocks"}, "never calls blocks (ModuleList)", "blocks.0"),
]


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "model", raising=False)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


@pytest.mark.parametrize(
    ("spec", "options", "what", "next_step"), BAD, ids=[f"{i}-{case[0]}" for i, case in enumerate(BAD)]
)
def test_bad_input_is_said_in_a_sentence(spec: str, options: dict[str, Any], what: str, next_step: str) -> None:
    with pytest.raises(BringupError) as caught:
        load(spec, LoadOptions(**options))
    error = caught.value
    assert isinstance(error, (SourceError, UsageError))
    assert error.exit_code == 2
    assert what in error.what
    assert next_step in error.next_step
    assert "\n" not in error.what
    assert str(Path.cwd()) not in str(error)


def test_the_line_of_the_users_code_is_named() -> None:
    with pytest.raises(SourceError) as caught:
        load("model.py:fails", LoadOptions())
    line = MODEL.splitlines().index('    raise ValueError("two\\nlines")') + 1
    assert caught.value.where == f'model.py:{line} in fails: raise ValueError("two\\nlines")'


def test_a_library_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(SourceError) as caught:
        load("timm:resnet18", LoadOptions())
    assert caught.value.what == "timm is not installed"
    assert caught.value.next_step == "install it: pip install 'bringup[models]'"


def test_a_failed_import_leaves_no_module_behind() -> None:
    with pytest.raises(SourceError):
        load("needs.py:Net", LoadOptions())
    assert "needs" not in sys.modules
