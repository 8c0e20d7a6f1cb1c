"""Generated modules run on the emulated board as they are, and every fault planted in them fails its module's own test."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bringup.plan.folder import text_files

pytest.importorskip("ttnn")

GOLDEN = Path(__file__).parent.parent / "golden"
MODELS = Path(__file__).parent.parent / "models"


def folder_of(case: str, to: Path) -> Path:
    """A golden folder in another place; layers' own source file is in it."""
    return Path(shutil.copytree(GOLDEN / case / "expected", to / case))


def run_tests(folder: Path, *paths: str, mode: str = "both") -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-rfE",
        "--tb=line",
        "-p",
        "bringup.target.emulate",
        "-p",
        "no:cacheprovider",
    ]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "TT_METAL"))}
    return subprocess.run(
        [*command, "--emulate-mode", mode, "-c", os.devnull, "--rootdir", str(folder), *paths],
        cwd=folder, capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip


@pytest.mark.parametrize("case", ["layers", "lstm", "transformer"])
def test_generated_modules_agree_with_torch(case, tmp_path):
    folder = folder_of(case, tmp_path)
    paths = [p for p in ("tests/modules", "tests/test_model.py", "tests/test_functional.py") if (folder / p).exists()]
    done = run_tests(folder, *paths)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^\d+ passed in", done.stdout.splitlines()[-1]), done.stdout


@pytest.mark.torch
@pytest.mark.parametrize(
    ("model", "inputs"),
    [("awkward.py:Twice", "2x4"), ("awkward.py:Levels", "2x4"), ("awkward.py:Numbers", "2x4"), ("awkward.py:InPlace", "2x4"), ("awkward.py:Guarded", "8x4"),
     ("awkward.py:Hostile", "2x4"), ("endings.py:Moments", "2x4"), ("awkward.py:Grouped", "1x32x64"), ("video.py:Clip", "1x129x32"), ("video.py:Spectrum", "1x16x32"),
     ("waves.py:LlamaRotary", "2x16x64"), ("waves.py:Waves", "2x4x32"), ("waves.py:ComplexInput", "4x8:complex64"),
     ("layouts.py:Copied", "2x5x16")],
)  # fmt: skip
def test_awkward_models(model, inputs, analysed, tmp_path):
    """A module called twice, also with other sizes, in-place ops, constants, grouped heads, hostile names, volumes, complex tensors."""
    for path, text in text_files(analysed(f"{MODELS}/{model}", inputs=(inputs,))).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    done = run_tests(tmp_path, "tests/test_model.py", "tests/test_functional.py")
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^[34] passed in", done.stdout.splitlines()[-1]), done.stdout


@pytest.mark.torch
@pytest.mark.parametrize(
    ("model", "inputs", "outputs"),
    [("Kept", ("x=4x8", "ids=4:int64"), 8), ("Cache", ("x=2x3x16", "pos=3:int64"), 2), ("Trained", ("2x3x8x8",), 4),
     ("Bags", ("tags=2x5:int64", "words=7:int64", "offsets=2:int64", "fields=2x3:int64", "weights=7"), 1),
     ("Padded", ("ids=2x5:int64",), 1),
     ("Returned", ("ids=2x5:int64", "mask=2x5:bool"), 6), ("Constant", ("1x8",), 1)],
)  # fmt: skip
def test_what_a_call_leaves_behind(model, inputs, outputs, analysed, tmp_path):
    """Outputs that no op on the device makes, written buffers, kept constants, and ids within their tables."""
    analysis = analysed(f"{MODELS}/kept.py:{model}", inputs=inputs)
    for path, text in text_files(analysis).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    assert len(analysis.graph.results) == outputs
    assert model != "Padded" or "device=parameters.device)" in (tmp_path / "tt/ttnn_padded.py").read_text()
    done = run_tests(tmp_path, "tests/test_model.py", "tests/test_functional.py")
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^[34] passed in", done.stdout.splitlines()[-1]), done.stdout


@pytest.mark.torch
@pytest.mark.parametrize(
    ("model", "inputs"), [("LSTM", ("2x3x8",)), ("Decoder", ("x=3x2x8", "y=4x2x6", "start=2x2x5"))]
)
def test_recurrent_layers_with_their_states(model, inputs, analysed, tmp_path):
    """Last states that are read and first states that are given; neither a class nor a value hides a helper."""
    texts = text_files(analysed(f"{MODELS}/recurrent.py:{model}", inputs=inputs))
    for path, text in texts.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    assert "Fallback" not in texts[f"tt/ttnn_{model.lower()}.py"]
    done = run_tests(tmp_path, "tests/test_model.py", "tests/test_functional.py")
    assert done.returncode == 0, done.stdout + done.stderr
    layers = tmp_path / "tt/layers.py"
    right, wrong = ("last.append(states)", "last.append(first)")
    assert right in layers.read_text()
    layers.write_text(layers.read_text().replace(right, wrong))
    assert run_tests(tmp_path, "tests/test_model.py", mode="exact").returncode == 1


@pytest.mark.torch
def test_complex_rotary_embeddings_run_on_the_device(analysed):
    """Llama's own freqs_cis: no fallback, and one line for each product of complex tensors."""
    text = text_files(analysed(f"{MODELS}/waves.py:LlamaRotary", inputs=("2x16x64",)))["tt/ttnn_llamarotary.py"]
    assert text.count("complex_multiply(") == 2 and "Fallback" not in text


@pytest.mark.torch
def test_repeated_heads_are_left_out(analysed):
    """TT-NN's attention takes fewer heads of keys and values than of queries."""
    text = text_files(analysed(f"{MODELS}/awkward.py:Grouped", inputs=("1x32x64",)))["tt/ttnn_grouped.py"]
    assert "ttnn.transformer.scaled_dot_product_attention(query, " in text
    assert "ttnn.repeat" not in text


BLOCK, HEAD, DENSE, GROWTH = (f"tests/modules/test_{name}.py" for name in ("block", "head", "dense", "growth"))
FAULTS = {
    "fused activation dropped": ("tt/ttnn_layers.py", "conv2d(x, parameters.conv1, activation=RELU)", "conv2d(x, parameters.conv1)", BLOCK),
    "activation after the residual dropped": ("tt/ttnn_layers.py", "ttnn.add(out, shortcut, activations=[RELU])", "ttnn.add(out, shortcut)", BLOCK),
    "residual from the wrong place": ("tt/ttnn_layers.py", "ttnn.add(out, shortcut", "ttnn.add(out, out", BLOCK),
    "convolutions swapped": ("tt/ttnn_layers.py", "conv2d(out, parameters.conv2)", "conv2d(out, parameters.conv1)", BLOCK),
    "deallocated too early": ("tt/ttnn_layers.py", "    shortcut = x\n", "    ttnn.deallocate(x)\n    shortcut = x\n", BLOCK),
    "batch norm not folded": ("tt/parameters.py", "weight * scale.reshape(shape)", "weight", BLOCK),
    "epsilon of the batch norm": ("tt/parameters.py", "(1e-05, 0)", "(1e-02, 0)", BLOCK),
    "scale and shift swapped": ("tt/parameters.py", '("scale", scale), ("shift", shift)', '("scale", shift), ("shift", scale)', GROWTH),
    "order of the concat": ("tt/ttnn_layers.py", "[x, output]", "[output, x]", DENSE),
    "wrong member of a loop": ("tt/ttnn_layers.py", "conv2d(y, unit[2])", "conv2d(y, unit[0])", DENSE),
    "weight not transposed": ("tt/parameters.py", "tensor.T", "tensor", HEAD),
    "fallback to another op": ("tt/ttnn_layers.py", "torch.ops.aten.angle.default(torch_angle)", "torch.ops.aten.abs.default(torch_angle)", HEAD),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_fails_its_own_modules_test(name, tmp_path):
    path, right, wrong, test = FAULTS[name]
    folder = folder_of("layers", tmp_path)
    text = (folder / path).read_text()
    assert right in text
    (folder / path).write_text(text.replace(right, wrong))
    done = run_tests(folder, test, mode="exact")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "FAILED" in done.stdout


@pytest.mark.parametrize("case", ["layers", "lstm", "transformer"])
def test_generated_code_passes_mypy(case, tmp_path):
    """Its own types; torch and ttnn are not looked into, and the demo's star arguments are beyond mypy."""
    options = ["--config-file=", "--check-untyped-defs", "--explicit-package-bases", "--follow-imports=skip"]
    command = [sys.executable, "-m", "mypy", *options, "--ignore-missing-imports", "--cache-dir", str(tmp_path)]
    folder = GOLDEN / case / "expected"
    done = subprocess.run(
        [*command, "tt", "reference", "tests/module_run.py"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
