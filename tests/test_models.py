"""`make test-slow`: `bringup init` ends well for every model of the table, and says what it finds."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

NARROW = ["hidden_size=512", "intermediate_size=1024", "num_attention_heads=8", "num_key_value_heads=4"]
TORCHVISION = "mobilenet_v2 resnet50 vgg16 densenet121 efficientnet_b0 convnext_tiny swin_t vit_b_16 inception_v3 deeplabv3_resnet50"
MODELS = [
    *((f"torchvision:{name}", []) for name in TORCHVISION.split()),
    ("timm:mobilenetv3_large_100", []),
    ("timm:deit_tiny_patch16_224", []),
    *((f"hf-config:{name}", []) for name in ["bert", "albert", "distilbert", "gpt2", "t5", "whisper", "clip"]),
    ("hf-config:llama", ["num_hidden_layers=2", *NARROW]),
    ("hf-config:mistral", ["num_hidden_layers=2", "head_dim=64", *NARROW]),
    ("hf-config:mixtral", ["num_hidden_layers=2", "num_local_experts=4", *NARROW]),
    *((f"example:{name}", []) for name in ["yolov4", "unet", "lstm"]),
]


@pytest.mark.parametrize(("spec", "settings"), MODELS, ids=[spec for spec, _ in MODELS])
def test_init(spec, settings, tmp_path):
    flags = [text for setting in settings for text in ("--set", setting)]
    command = [sys.executable, "-m", "bringup", "init", spec, *flags, "--json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert summary["complete"]
    assert summary["supported_calls"] + sum(gap["calls"] for gap in summary["gaps"]) == summary["op_calls"]
    assert all(gap["reason"] and gap["status"] != "unknown" for gap in summary["gaps"])
    folder = tmp_path / summary["folder"]
    assert len((folder / "COVERAGE.md").read_text().splitlines()) < 400
    for checked in (
        ["ruff", "check", "--isolated", "--select", "E,F,I,B", "--line-length", "120"],
        ["ruff", "format", "--isolated", "--check", "--line-length", "120"],
    ):
        lint = subprocess.run(
            [sys.executable, "-m", *checked, str(folder / "tests")], capture_output=True, text=True, check=False
        )
        assert lint.returncode == 0, lint.stdout


def test_llama_3_70b_without_weights(tmp_path):
    flags = (
        "--no-weights --dtype bfloat16 --set hidden_size=8192 --set intermediate_size=28672 --set num_hidden_layers=80 "
    )
    flags += "--set num_attention_heads=64 --set num_key_value_heads=8 --set vocab_size=128256"
    command = [sys.executable, "-m", "bringup", "init", "hf-config:llama", *flags.split(), "--json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["parameters"] == 70_553_706_496
