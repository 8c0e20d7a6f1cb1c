"""transformers: which class a config becomes, what its inputs are, how settings go into a config."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from bringup.sources import Loaded, LoadOptions, load

pytestmark = pytest.mark.torch

CLASSES = [
    ("bert", "BertModel", "nlp_embed_gen"),
    ("distilbert", "DistilBertModel", "nlp_embed_gen"),
    ("gpt2", "GPT2LMHeadModel", "nlp_causal_lm"),
    ("mixtral", "MixtralForCausalLM", "nlp_causal_lm"),
    ("t5", "T5ForConditionalGeneration", "conditional_generation"),
    ("bart", "BartForConditionalGeneration", "conditional_generation"),
    ("whisper", "WhisperForConditionalGeneration", "audio_asr"),
    ("clip", "CLIPModel", ""),
    ("vit", "ViTModel", "cv_image_fe"),
    ("wav2vec2", "Wav2Vec2Model", ""),
    ("depth_anything", "DepthAnythingForDepthEstimation", "cv_depth_est"),
]


def on_meta(target: str, *settings: str, **options: Any) -> Loaded:
    return load(f"hf-config:{target}", LoadOptions(settings=settings, no_weights=True, **options))


@pytest.mark.parametrize(("kind", "class_name", "task"), CLASSES, ids=[case[0] for case in CLASSES])
def test_class_by_the_type_of_the_config(kind: str, class_name: str, task: str) -> None:
    loaded = on_meta(kind)
    assert type(loaded.model).__name__ == class_name
    assert loaded.info.class_name.endswith(f".{class_name}")
    assert loaded.info.task == task
    assert loaded.info.source == "huggingface"


def test_class_by_option_and_by_the_architecture_of_the_file(tmp_path: Path) -> None:
    assert type(on_meta("bert", class_name="BertForMaskedLM").model).__name__ == "BertForMaskedLM"
    path = tmp_path / "tiny" / "config.json"
    path.parent.mkdir()
    path.write_text(json.dumps({"model_type": "bert", "architectures": ["BertForTokenClassification"]}))
    loaded = on_meta(str(path))
    assert type(loaded.model).__name__ == "BertForTokenClassification"
    assert (loaded.info.name, loaded.info.spec) == ("tiny", "hf-config:config.json")


@pytest.mark.parametrize(
    ("kind", "settings", "entry", "value"),
    [
        ("gpt2", ("num_hidden_layers=2",), "n_layer", 2),  # by the name that transformers gives it everywhere
        ("qwen2", ("num_hidden_layers=2",), "layer_types", ["full_attention"] * 2),  # derived from the number of layers
        ("clip", ("text_config.num_hidden_layers=3",), "text_config.num_hidden_layers", 3),
        ("llava", ("vision_config.num_hidden_layers=1",), "vision_config.hidden_size", 1024),  # llava's own, not CLIP's
        ("bert", ("hidden_act=relu",), "hidden_act", "relu"),
        ("llama", ("rope_parameters.rope_theta=5e5",), "rope_parameters.rope_theta", 5e5),
    ],
)
def test_settings_go_in_before_the_config_is_made(kind: str, settings: tuple[str, ...], entry: str, value: Any) -> None:
    found: Any = on_meta(kind, *settings).model.config
    for step in entry.split("."):
        found = found[step] if isinstance(found, dict) else getattr(found, step)
    assert found == value


def test_layers_written_out_in_a_file_are_cut_with_their_number(tmp_path: Path) -> None:
    path = tmp_path / "qwen.json"
    raw = {"model_type": "qwen2", "num_hidden_layers": 4, "layer_types": ["full_attention"] * 4}
    path.write_text(json.dumps(raw))
    config: Any = on_meta(str(path), "num_hidden_layers=1").model.config
    assert config.layer_types == ["full_attention"]


def test_cache_is_off_and_said() -> None:
    loaded = on_meta("gpt2")
    config: Any = loaded.model.config
    assert config.use_cache is False
    assert loaded.info.notes == ("use_cache=False: torch.export cannot return a cache, which is an object",)
    assert on_meta("vit").info.notes == ()


BERT = ("num_hidden_layers=1", "hidden_size=64", "num_attention_heads=4", "intermediate_size=64")


def test_masks_are_padded_for_encoders_only() -> None:
    encoder = load("hf-config:bert", LoadOptions(settings=BERT, sequence=16, batch=2)).kwargs
    assert encoder["attention_mask"].tolist() == [[1] * 14 + [0] * 2] * 2
    decoder = load("hf-config:llama", LoadOptions(settings=(*BERT, "num_key_value_heads=4"), sequence=16)).kwargs
    assert decoder["attention_mask"].tolist() == [[1] * 16]


def test_tokens_are_of_the_vocabulary() -> None:
    loaded = load("hf-config:bert", LoadOptions(settings=(*BERT, "vocab_size=7")))
    assert loaded.kwargs["input_ids"].max() < 7
    given = load("hf-config:bert", LoadOptions(settings=(*BERT, "vocab_size=7"), inputs=("input_ids=1x99:int64",)))
    assert given.kwargs["input_ids"].max() < 7


@pytest.mark.parametrize(
    ("kind", "inputs"),
    [
        ("videomae", {"pixel_values": [1, 16, 3, 224, 224]}),
        ("wav2vec2", {"input_values": [1, 16000]}),
        ("encodec", {"input_values": [1, 1, 16000]}),
        ("xlnet", {"input_ids": [1, 128], "attention_mask": [1, 128]}),
        ("speech_to_text", {"input_features": [1, 512, 80], "decoder_input_ids": [1, 16]}),
        ("gemma3", {"input_ids": [1, 128], "attention_mask": [1, 128]}),
    ],
)
def test_inputs_by_what_the_model_takes(kind: str, inputs: dict[str, list[int]]) -> None:
    loaded = on_meta(kind)
    assert {name: list(tensor.shape) for name, tensor in loaded.kwargs.items()} == inputs
    assert any(note.startswith("text only") for note in loaded.info.notes) == (kind == "gemma3")


def test_weights_of_a_saved_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = load("hf-config:bert", LoadOptions(settings=BERT)).model
    made.save_pretrained(tmp_path / "saved")  # type: ignore[operator]
    monkeypatch.chdir(tmp_path)
    loaded = load("hf:saved", LoadOptions())
    assert all(torch.equal(a, b) for a, b in zip(made.parameters(), loaded.model.parameters(), strict=True))
    assert (loaded.info.spec, loaded.info.weights, loaded.info.url) == ("hf:saved", "saved", "")
    assert next(load("hf:saved", LoadOptions(dtype="bfloat16")).model.parameters()).dtype is torch.bfloat16
    assert next(load("hf:saved", LoadOptions(no_weights=True)).model.parameters()).is_meta
    assert load(str(f"hf:{tmp_path / 'saved'}"), LoadOptions()).info.spec == "hf:saved"


def test_weights_that_the_checkpoint_lacks_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load("hf-config:bert", LoadOptions(settings=BERT)).model.save_pretrained(tmp_path / "saved")  # type: ignore[operator]
    monkeypatch.chdir(tmp_path)
    notes = load("hf:saved", LoadOptions(class_name="BertForSequenceClassification")).info.notes
    assert "random, because the checkpoint lacks them: classifier.bias, classifier.weight" in notes


def test_buffers_that_transformers_keeps_in_float32_stay_so() -> None:
    loaded = load("hf-config:llama", LoadOptions(settings=(*BERT, "num_key_value_heads=4"), dtype="bfloat16"))
    assert {p.dtype for p in loaded.model.parameters()} == {torch.bfloat16}
    assert {b.dtype for b in loaded.model.buffers()} == {torch.float32}
