"""reference/load_model.py of models that a name and flat settings do not say: it loads from any folder, and asks no hub."""

from __future__ import annotations

import runpy
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from bringup.analysis import Analysis, analyse
from bringup.cli_options import load_options
from bringup.modules.folder import module_files
from bringup.ops.routes import registry_rows
from bringup.sources import load
from bringup.trace import trace

pytestmark = pytest.mark.torch
BERT = {"num_hidden_layers": 2, "hidden_size": 32, "num_attention_heads": 2, "intermediate_size": 64, "vocab_size": 99}


def made(spec: str, *, settings=(), weights="", inputs=(), sequence=None, class_name="") -> tuple[Analysis, dict]:
    """A model's analysis, and what its load_model.py defines, in a folder below the current one."""
    options, flags = load_options(list(settings), list(inputs), "", 1, sequence, None, weights, False, "", class_name)
    loaded = load(spec, options)
    info = replace(loaded.info, options=flags)
    analysis = analyse(info, trace(loaded, "ttnn", rows=registry_rows()))
    for path, text in module_files(analysis).items():
        if path.startswith("reference/"):
            Path("made", path).parent.mkdir(parents=True, exist_ok=True)
            Path("made", path).write_text(text)
    return analysis, runpy.run_path(str(Path("made/reference/load_model.py").resolve()))


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """The model is loaded in one folder, and its file is used in another, without a hub."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.delenv("GIVEN_PATH", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    return lambda: monkeypatch.chdir(tmp_path / "elsewhere")


def test_nested_settings_are_those_of_the_folder(elsewhere):
    small = "hidden_size=32", "intermediate_size=64", "num_attention_heads=2", "num_hidden_layers=1"
    settings = [f"{part}.{entry}" for part in ("vision_config", "text_config") for entry in small]
    settings += ["vision_config.image_size=32", "text_config.vocab_size=99", "projection_dim=16"]
    analysis, file = made("hf-config:clip", settings=settings, sequence=8)
    elsewhere()
    config = file["load_model"]().config
    assert (config.vision_config.num_hidden_layers, config.text_config.hidden_size, config.projection_dim) == (
        1,
        32,
        16,
    )
    weights = {name: tuple(tensor.shape) for name, tensor in file["load_model"]().named_parameters()}
    assert weights == {w.name: w.type.shape for w in analysis.graph.weights if w.kind == "parameter"}


def test_a_local_model_keeps_its_path(elsewhere, tmp_path, monkeypatch):
    from transformers import BertConfig, BertModel

    torch.manual_seed(3)
    kept = BertModel(BertConfig(**BERT))
    kept.save_pretrained("models/tiny")
    _, file = made("hf:models/tiny", sequence=8)
    assert (
        str(tmp_path)
        not in Path("made/reference/load_model.py").read_text() + Path("made/reference/config.json").read_text()
    )
    elsewhere()
    assert file["load_model"]().config.num_hidden_layers == 2
    name = "embeddings.word_embeddings.weight"
    loaded = file["load_model"](pretrained=True)
    assert torch.equal(loaded.get_parameter(name), kept.get_parameter(name))
    (tmp_path / "models").rename(tmp_path / "moved")
    with pytest.raises(
        FileNotFoundError, match="models/tiny is not there: put it beside this folder, or set GIVEN_PATH"
    ):
        file["load_model"](pretrained=True)
    monkeypatch.setenv("GIVEN_PATH", str(tmp_path / "moved/tiny"))
    assert torch.equal(file["load_model"](pretrained=True).get_parameter(name), kept.get_parameter(name))


def test_a_config_file_and_a_checkpoint_are_found_from_elsewhere(elsewhere):
    from transformers import BertConfig, BertModel

    kept = BertModel(BertConfig(**BERT))
    BertConfig(**BERT).save_pretrained("configs")
    Path("weights").mkdir()
    torch.save(kept.state_dict(), "weights/kept.pt")
    analysis, file = made("hf-config:configs/config.json", weights="weights/kept.pt", sequence=8)
    assert analysis.command == "bringup init hf-config:configs/config.json --sequence 8 --weights weights/kept.pt"
    elsewhere()
    name = "embeddings.word_embeddings.weight"
    assert torch.equal(file["load_model"]().get_parameter(name), kept.get_parameter(name))


def test_the_command_is_what_a_shell_takes():
    _, flags = load_options(
        ["a=[1, 2]", "b=it's"], [], "in puts.py:make", 2, 7, None, "/else where/w.pt", False, "a b", "Name"
    )
    from bringup.ir import Graph
    from bringup.sources.loaded import ModelInfo

    analysis = analyse(ModelInfo("m", "my model.py:Net", options=flags), Graph("ttnn", (), (), (), (), ()))
    import shlex

    assert shlex.split(analysis.command) == [
        "bringup", "init", "my model.py:Net", "--set", "a=[1, 2]", "--set", "b=it's", "--inputs", "in puts.py:make",
        "--batch", "2", "--sequence", "7", "--weights", "w.pt", "--submodule", "a b", "--class", "Name",
    ]  # fmt: skip
