"""Generated folders, byte for byte: tests/golden/<case>/expected from graph.json and model.json, without torch.

`pytest tests/test_golden.py --update-goldens` writes them again; review the diff like code.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bringup.analysis import analyse
from bringup.ir import Graph
from bringup.json_files import from_json, to_json
from bringup.plan.folder import text_files, tracking_issue
from bringup.plan.module_graph import plan_module_pages
from bringup.plan.repro import repro_script
from bringup.render import environment, render, templates_folder
from bringup.sources.given_path import keep_path
from bringup.sources.loaded import ModelInfo
from bringup.sources.spec import split_target

GOLDEN = Path(__file__).parent / "golden"
AWKWARD = Path(__file__).parent / "models/awkward.py"
LAYERS = Path(__file__).parent / "models/layers.py"
CASES = {
    "lstm": ("example:lstm", {}),
    "recurrent": (f"{LAYERS.with_name('recurrent.py')}:Decoder", {"inputs": ("x=3x2x8", "y=4x2x6", "start=2x2x5")}),
    "hostile": (f"{AWKWARD}:Hostile", {"inputs": ("2x4",)}),
    "partial": (f"{AWKWARD}:Branchy", {"inputs": ("1x3x8x8",)}),
    "layers": (f"{LAYERS}:Layers", {"inputs": ("1x3x32x32",)}),
    "kept": (f"{LAYERS.with_name('kept.py')}:Kept", {"inputs": ("x=4x8", "ids=4:int64")}),
    "reduced": (f"{LAYERS.with_name('reduced.py')}:Mixed", {"inputs": ("4x16",)}),
    "choices": (f"{LAYERS.with_name('results.py')}:Chosen", {"inputs": ("4x16",)}),
    "waves": (f"{LAYERS.with_name('waves.py')}:Waves", {"inputs": ("2x4x32",)}),
    "transformer": (
        "hf-config:bert",
        {"settings": ("num_hidden_layers=2", "hidden_size=64", "num_attention_heads=2", "intermediate_size=128")},
    ),
}


def made(folder: Path) -> dict[str, str]:
    """Everything that follows from the graph, but the JSON that stands in it already."""
    info = from_json(ModelInfo, (folder / "model.json").read_text(), "model.json")
    graph = from_json(Graph, (folder / "graph.json").read_text(), "graph.json")
    path, _ = split_target(info.spec)
    keep_path(path, GOLDEN.parent.parent / path)  # where it was loaded from
    analysis = analyse(info, graph)
    files = {
        path: text for path, text in text_files(analysis).items() if not path.startswith((".bringup/", "coverage.json"))
    }
    files["tracking_issue.md"] = tracking_issue(analysis, {})
    shown = next((v for v in analysis.coverage.verdicts if v.status in ("native", "composite")), None)
    if shown:
        files["repro.py"] = repro_script(analysis, shown.variation)
    for index, page in enumerate(plan_module_pages(graph)):
        path = "graph/model.gv" if index == 0 else f"graph/modules/{page.name}.gv"
        files[path] = render("graph/module.gv.jinja", page=page)
    return files


@pytest.mark.parametrize("case", CASES)
def test_the_folder_is_the_golden(case, request, analysed):
    folder = GOLDEN / case
    expected = folder / "expected"
    if request.config.getoption("--update-goldens"):
        update(folder, analysed(CASES[case][0], **CASES[case][1]))
    files = made(folder)
    stored = {path.relative_to(expected).as_posix(): path for path in expected.rglob("*") if path.is_file()}
    assert set(files) == set(stored)
    for path, text in files.items():
        assert text == stored[path].read_text(encoding="utf-8"), path


def update(folder: Path, analysis) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "graph.json").write_text(to_json(analysis.graph), encoding="utf-8")
    (folder / "model.json").write_text(to_json(analysis.info), encoding="utf-8")
    for path, text in made(folder).items():
        (folder / "expected" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "expected" / path).write_text(text, encoding="utf-8")


def test_generated_python_is_clean_and_needs_nothing_of_ours():
    files = sorted(GOLDEN.rglob("*.py"))
    assert len(files) > 15
    for command in (["check", "--select", "E,F,I,B,UP"], ["format", "--check"]):
        for case in CASES:
            done = subprocess.run(
                [sys.executable, "-m", "ruff", *command, "--isolated", "--no-cache", "--line-length", "120", "."],
                capture_output=True, text=True, check=False, cwd=GOLDEN / case / "expected",
            )  # fmt: skip
            assert done.returncode == 0, f"{case}: {done.stdout}"
    for file in files:
        text = file.read_text(encoding="utf-8")
        compile(text, str(file), "exec")
        assert "import bringup" not in text and "from bringup" not in text


def test_every_template_is_in_a_golden():
    names = {path.relative_to(templates_folder()).as_posix() for path in templates_folder().rglob("*.jinja")}
    names -= {name for name in names if name.startswith("issues/")}  # tests/issues/golden
    cache = environment().cache
    cache.clear()
    for case in CASES:
        made(GOLDEN / case)
    assert names - {name for _, name in list(cache)} == set()


def test_nothing_of_the_machine_is_in_a_golden():
    for path in GOLDEN.rglob("*"):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            assert "site-packages" not in text and str(Path.home()) not in text and "/tmp/" not in text, path


def test_hash_seeds_change_nothing():
    command = (
        "import sys; sys.path[:0] = ['tests']; import test_golden as t, hashlib; "
        "print(hashlib.sha256(repr(sorted(t.made(t.GOLDEN / 'transformer').items())).encode()).hexdigest())"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", command], capture_output=True, text=True, check=True, cwd=GOLDEN.parent.parent,
            env={"PATH": "/usr/bin:/bin", "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("0", "1", "2")
    }  # fmt: skip
    assert len(seen) == 1 and seen != {""}
