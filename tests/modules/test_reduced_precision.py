"""Models in bfloat16 and float16 are compared with what they compute in float32, with the weights as they hold them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bringup.plan.folder import text_files
from tests.modules.test_generated_modules import MODELS, run_tests

pytest.importorskip("ttnn")
WHOLE = ("tests/test_model.py", "tests/test_functional.py")
CASES = {
    "parts, autocast": ("reduced.py:Mixed", ("4x16",), None),
    "--dtype bfloat16": ("reduced.py:Casts", ("x=2x8x16", "ids=2x8:int64"), "bfloat16"),
}


def made(analysed, to: Path, model: str, inputs: tuple[str, ...], dtype: str | None) -> Path:
    for path, text in text_files(analysed(f"{MODELS}/{model}", inputs=inputs, dtype=dtype)).items():
        (to / path).parent.mkdir(parents=True, exist_ok=True)
        (to / path).write_text(text)
    return to


@pytest.mark.torch
@pytest.mark.parametrize("case", CASES)
def test_exact_mode_holds_for_reduced_models(case, analysed, tmp_path):
    done = run_tests(made(analysed, tmp_path, *CASES[case]), *WHOLE, mode="exact")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout, done.stdout


@pytest.mark.torch
def test_a_reference_that_torch_rounded_is_found(analysed, tmp_path):
    """The control: without float32 the comparison finds what torch rounds, a wrong value in exact mode."""
    folder = made(analysed, tmp_path, *CASES["parts, autocast"])
    path = folder / "reference/float32.py"
    text = path.read_text()
    planted = text.replace("return torch.float32 if isinstance", "return value if isinstance")
    assert planted != text
    path.write_text(planted)
    done = run_tests(folder, "tests/test_model.py", mode="exact")
    assert done.returncode == 1 and "exact mode: relative error" in done.stdout, done.stdout
