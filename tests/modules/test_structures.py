"""What the user gives is what is used, in its own structure; what the model gives keeps its structure and names."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bringup.init import init
from bringup.progress import Progress
from bringup.sources import LoadOptions
from tests.modules.test_generated_modules import MODELS, run_tests

pytest.importorskip("ttnn")
STRUCTURES = f"{MODELS}/structures.py"
WHOLE = ("tests/test_model.py", "tests/test_functional.py")
CASES = {
    "Step": ("step_inputs", ("caches[0].key", 'extra["bias"]["first"]'), ('scale=0.5, mode="mul"', "return Scores(", "attention=None, steps=1")),
    "Loose": ("loose_inputs", ("rest[0]", "image"), ('*inputs["rest"], dtype=torch.float32, image=inputs["image"]', '"given": (input_')),
    "Pool": ("pool_inputs", ("batch.ids", "batch.lengths"), ("Batch(ids=", "pooling=Pooling.MEAN", "return Pooled(", 'hidden={"last": hidden, 2: [')),
}  # fmt: skip


def made(folder: Path, spec: str, **options) -> Path:
    flags = tuple((f"--{'inputs' if key == 'inputs_from' else key}", str(value)) for key, value in options.items())
    init(
        spec, LoadOptions(**options), out=folder, level="ttnn", flags=flags, dry_run=False,
        progress=Progress(1, enabled=False),
    )  # fmt: skip
    return folder


@pytest.fixture(scope="module", params=CASES)
def case(request, tmp_path_factory):
    function, paths, texts = CASES[request.param]
    folder = tmp_path_factory.mktemp("structures") / request.param
    return made(folder, f"{STRUCTURES}:{request.param}", inputs_from=f"{STRUCTURES}:{function}"), function, paths, texts


@pytest.mark.torch
def test_structures_run_as_the_user_calls(case):
    folder, _, paths, texts = case
    code = "".join(path.read_text() for part in ("reference", "tt") for path in (folder / part).glob("*.py"))
    for text in (*paths, *texts):
        assert text in code, text
    done = run_tests(folder, *WHOLE, mode="exact")
    assert done.returncode == 0 and "2 passed" in done.stdout, done.stdout + done.stderr


@pytest.mark.torch
def test_the_inputs_are_those_that_were_given(case):
    """Also the bytes of the file, which another process makes again."""
    folder, function, paths, _ = case
    script = f"""
import sys, torch
sys.path[:0] = [{str(folder)!r}, {str(MODELS)!r}]
from bringup.sources.given import inputs_file
from bringup.trace.structure import tensors_of
from reference.load_model import example_inputs
import structures
given, made = list(tensors_of(structures.{function}())), list(tensors_of(example_inputs()))
assert len(given) == len(made) and all(map(torch.equal, given, made))
kept = torch.load({str(folder / "reference/inputs.pt")!r}, weights_only=True)
assert set(kept) >= {set(paths)!r}, list(kept)
assert inputs_file(dict(zip(kept, given))) == open({str(folder / "reference/inputs.pt")!r}, "rb").read()
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
