"""Of an op with several results, each that the model reads is written in its modules; indices are compared by what they pick."""

from __future__ import annotations

from pathlib import Path

import pytest

from bringup.plan.folder import text_files
from tests.modules.test_generated_modules import MODELS, run_tests

pytest.importorskip("ttnn")
CASES = {
    "all, first or second": ("Many", "4x12"),
    "indices of a pool": ("Unpool", "2x8x8x12"),
    "a top-k at the end": ("TopK", "4x12"),
    "parts at the end": ("Parts", "4x12"),
}


def made(analysed, to: Path, name: str, shape: str) -> Path:
    for path, text in text_files(analysed(f"{MODELS}/results.py:{name}", inputs=(shape,))).items():
        (to / path).parent.mkdir(parents=True, exist_ok=True)
        (to / path).write_text(text)
    return to


@pytest.mark.torch
@pytest.mark.parametrize("case", CASES)
def test_each_result_that_is_read_is_on_the_device_and_right(case, analysed, tmp_path):
    name, shape = CASES[case]
    folder = made(analysed, tmp_path, name, shape)
    assert "Fallback" not in next((folder / "tt").glob("ttnn_*.py")).read_text()
    done = run_tests(folder, "tests/test_model.py", "tests/ops", mode="exact")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.torch
def test_a_result_of_another_index_is_found(analysed, tmp_path):
    """The planted fault: the k-th largest indices one off in `tt/`."""
    folder = made(analysed, tmp_path, "Many", "4x12")
    path = next((folder / "tt").glob("ttnn_*.py"))
    text = path.read_text()
    planted = text.replace("ttnn.slice(place, [0, 2], [4, 3])", "ttnn.slice(place, [0, 3], [4, 4])")
    assert planted != text
    path.write_text(planted)
    done = run_tests(folder, "tests/test_model.py", mode="exact")
    assert done.returncode == 1 and "output[4]" in done.stdout, done.stdout
