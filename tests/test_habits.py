"""What one expects of any command line: the version, short options, a name, completion, the folder first."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import bringup

MODELS = Path(__file__).parent / "models"


def run(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bringup", *words], cwd=cwd, capture_output=True, text=True, check=False
    )


def test_version_and_completion(tmp_path):
    assert run("--version", cwd=tmp_path).stdout == f"bringup {bringup.__version__}\n"
    assert "--install-completion" in run("--help", cwd=tmp_path).stdout


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("habits")
    done = run("init", f"{MODELS / 'gap.py'}:Gap", "-o", "here", "--name", "My Net", "--no-views", cwd=place)
    assert done.returncode == 0, done.stderr
    assert "summary/torchinfo.txt: left out by --no-views; it holds our own table from the trace" in done.stdout
    assert "graph/torchviz.gv: left out by --no-views" in done.stdout
    return place / "here"


@pytest.mark.torch
def test_a_name_and_what_is_left_out_stand_in_the_folder(made):
    assert json.loads((made / ".bringup/model.json").read_text())["name"] == "my_net"
    assert (made / "tt/ttnn_my_net.py").is_file()
    assert "torchinfo: left out by --no-views" in (made / "summary/torchinfo.txt").read_text()
    assert "bringup init gap.py:Gap --name 'My Net' --no-views" in (made / "MODEL_CARD.md").read_text()


@pytest.mark.torch
@pytest.mark.parametrize(
    "command",
    ["coverage F", "generate card F", "generate tests F", "generate modules F", "issues draft F", "issues list F", "issues file F",
     "repro F ID", "repro ID F", "diff F F"],
)  # fmt: skip
def test_every_command_takes_the_folder_first(command, made, monkeypatch):
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    id_ = json.loads((made / ".bringup/inventory.json").read_text())["variations"][0]["id"]
    done = run(*({"F": str(made), "ID": id_}.get(word, word) for word in command.split()), cwd=made.parent)
    assert done.returncode == 0, done.stderr
    assert done.stdout
