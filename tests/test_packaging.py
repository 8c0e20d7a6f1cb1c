"""The wheel works outside the checkout: it carries the templates, and makes a folder from a graph."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import bringup

ROOT = Path(__file__).parent.parent
PROBE = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import bringup
assert Path(bringup.__file__).is_relative_to(sys.argv[1]), bringup.__file__
from bringup.analysis import analyse
from bringup.ir import Graph
from bringup.json_files import from_json
from bringup.plan.folder import text_files
from bringup.render import templates_folder
from bringup.sources.loaded import ModelInfo
assert templates_folder().is_relative_to(sys.argv[1])
golden = Path(sys.argv[2])
graph = from_json(Graph, (golden / "graph.json").read_text(), "")
info = from_json(ModelInfo, (golden / "model.json").read_text(), "")
files = text_files(analyse(info, graph))
assert files["MODEL_CARD.md"] == (golden / "expected/MODEL_CARD.md").read_text()
print(len(files))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(place)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return next(place.glob("*.whl"))


def test_the_wheel_carries_templates_types_and_licence(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    for template in (ROOT / "templates").rglob("*.jinja"):
        assert f"bringup/templates/{template.relative_to(ROOT / 'templates').as_posix()}" in names
    assert {"bringup/py.typed", "bringup/ops/ttnn_ops.txt"} <= names
    assert any(name.endswith("LICENSE") for name in names)
    assert not any(name.startswith(("tests/", "templates/")) for name in names)
    assert bringup.__version__ in wheel.name


def test_the_wheel_works_outside_the_checkout(wheel, tmp_path):
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    golden = ROOT / "tests/golden/transformer"
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(tmp_path / "site"), str(golden)],
        cwd=tmp_path, capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 15
