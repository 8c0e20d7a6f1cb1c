"""Every form of spec gives a model that runs on its inputs."""

from __future__ import annotations

import pytest
import torch

from bringup.errors import BringupError
from bringup.sources import LoadOptions, load
from bringup.sources.catalogue import list_models
from bringup.sources.input_spec import parse_input

SMALL = ("num_hidden_layers=1", "hidden_size=32", "num_attention_heads=2", "intermediate_size=64")
GOOD = [
    ("torchvision:resnet18", {}, "cv_image_cls"),
    ("timm:mobilenetv3_small_050", {}, "cv_image_cls"),
    ("hf-config:bert", {"settings": SMALL}, ""),
    ("hf-config:llama", {"settings": (*SMALL, "num_key_value_heads=1", "vocab_size=99")}, "nlp_causal_lm"),
    ("hf-config:t5", {"settings": ("num_layers=1", "num_decoder_layers=1", "d_model=32", "d_ff=64")}, "nlp_conditional_generation"),
    ("hf-config:whisper", {"settings": ("encoder_layers=1", "decoder_layers=1", "d_model=32", "encoder_attention_heads=2", "decoder_attention_heads=2")}, "nlp_conditional_generation"),
    ("hf-config:vit", {"settings": SMALL}, ""),
    ("hf-config:bert", {"settings": SMALL, "class_name": "BertForMaskedLM"}, "nlp_masked_lm"),
    ("example:lstm", {"batch": 2}, ""),
    ("{models}/awkward.py:NeedsWidth", {"settings": ("width=8", "depth=1"), "inputs": ("2x8",)}, ""),
    ("{models}/awkward.py:Loader", {}, ""),
    ("{models}/awkward.py:instance", {"inputs": ("x=1x3x8x8",)}, ""),
    ("{models}/awkward.py:factory", {"settings": ("channels=5",), "inputs": ("1x5x4x4",)}, ""),
    ("{models}/awkward.py:Block", {"inputs": ("1x3x8x8",), "dtype": "bfloat16"}, ""),
    ("bringup.examples.unet:UNet", {"inputs": ("1x3x32x32",)}, ""),
    ("torchvision:resnet18", {"submodule": "layer2.0"}, "cv_image_cls"),
    ("torchvision:resnet18", {"no_weights": True}, "cv_image_cls"),
    ("torchvision:resnet18", {"no_weights": True, "submodule": "layer1.0"}, "cv_image_cls"),
]  # fmt: skip


@pytest.mark.parametrize(("spec", "options", "task"), GOOD, ids=[f"{s}-{len(o)}" for s, o, _ in GOOD])
def test_a_spec_gives_a_model_that_runs(spec, options, task, models):
    loaded = load(spec.format(models=models), LoadOptions(**options))
    assert not loaded.model.training
    assert loaded.info.name.replace("_", "").isalnum()
    assert not loaded.info.spec.startswith("/")
    assert loaded.info.task == task
    with torch.no_grad():
        loaded.model(*loaded.args, **loaded.kwargs)
    if options.get("no_weights"):
        assert all(parameter.is_meta for parameter in loaded.model.parameters())
    if options.get("dtype"):
        assert {p.dtype for p in loaded.model.parameters()} == {torch.bfloat16}


def test_a_config_file_is_a_spec(tmp_path, monkeypatch):
    from transformers import AutoConfig

    AutoConfig.for_model("bert", num_hidden_layers=1, hidden_size=32, num_attention_heads=2).save_pretrained(
        tmp_path / "tiny"
    )
    monkeypatch.chdir(tmp_path)
    assert load("hf-config:tiny/config.json", LoadOptions()).info.name == "tiny"


def test_weights_are_loaded_and_checked(tmp_path, models):
    spec = f"{models}/awkward.py:Block"
    given = {"inputs": ("1x3x8x8",)}
    block = load(spec, LoadOptions(**given)).model
    torch.manual_seed(5)
    state = {name: torch.randn_like(tensor) for name, tensor in block.state_dict().items()}
    torch.save({"state_dict": {f"module.{name}": tensor for name, tensor in state.items()}}, tmp_path / "block.pt")
    loaded = load(spec, LoadOptions(weights=str(tmp_path / "block.pt"), **given))
    assert all(torch.equal(tensor, state[name]) for name, tensor in loaded.model.state_dict().items())
    assert loaded.info.weights == "block.pt"
    torch.save({"conv.weight": torch.ones(1)}, tmp_path / "other.pt")
    with pytest.raises(BringupError, match="is of another model"):
        load(spec, LoadOptions(weights=str(tmp_path / "other.pt"), **given))


class Sabotage:
    def __reduce__(self):
        return (eval, ("__import__('pathlib').Path('owned').touch()",))


def test_a_checkpoint_runs_no_code(tmp_path, models, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save({"x": Sabotage()}, tmp_path / "evil.pt")
    with pytest.raises(BringupError, match="can be read safely"):
        load(f"{models}/awkward.py:Block", LoadOptions(inputs=("1x3x8x8",), weights="./evil.pt"))
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize(
    ("text", "name", "shape", "dtype"),
    [
        ("1x3x4x4", "", (1, 3, 4, 4), torch.float32),
        ("ids=1x8:int64", "ids", (1, 8), torch.int64),
        ("mask=2x2:bool", "mask", (2, 2), torch.bool),
        ("scalar:float16", "", (), torch.float16),
    ],
)
def test_input_texts(text, name, shape, dtype):
    found, tensor = parse_input(text)
    assert (found, tuple(tensor.shape), tensor.dtype) == (name, shape, dtype)


@pytest.mark.parametrize(("search", "source", "spec"), [
    ("resnet50", "torchvision", "torchvision:resnet50"),
    ("deit_tiny", "timm", "timm:deit_tiny_patch16_224"),
    ("whisper", "hf-config", "hf-config:whisper"),
    ("", "example", "example:yolov4"),
])  # fmt: skip
def test_the_catalogue_lists_what_loads(search, source, spec):
    assert spec in {entry.spec for entry in list_models(search, source)}
