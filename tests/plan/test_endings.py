"""What a folder lacks is said in it, with the exit code; nothing links to what is not there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import bringup.modules.folder
from bringup.cli import app

ENDINGS = Path(__file__).parent.parent / "models/endings.py"


def init(model: str, out: Path, *options: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["init", f"{ENDINGS}:{model}", "--input", "1x8", "--out", str(out), *options])
    return done.exit_code, done.output


def dead_links(folder: Path) -> list[str]:
    texts = [path.read_text() for path in (folder / "README.md", folder / "MODEL_CARD.md", folder / "COVERAGE.md")]
    links = {link for text in texts for link in re.findall(r"\]\(([^)#:]+)\)", text)}
    return sorted(link for link in links if not (folder / link).exists())


def modules_step(folder: Path) -> str:
    return re.search(r"- \[(.)\] TT-NN modules with a test each: (.*)", (folder / "MODEL_CARD.md").read_text()).expand(
        r"\1\2"
    )


@pytest.mark.torch
@pytest.mark.parametrize(
    ("model", "options", "code", "step"),
    [
        ("Nothing", (), 0, " not written: the model has no ops"),
        ("Views", (), 0, "xtt/, tests/test_model.py"),
        ("Branches", (), 1, " not written: the model was traced in parts only"),
        ("Moments", ("--level", "core"), 0, " not written: the graph is core ATen"),
    ],
)
def test_the_folder_says_what_it_lacks(model, options, code, step, tmp_path):
    ended, said = init(model, tmp_path / "out", *options)
    assert ended == code, said
    assert modules_step(tmp_path / "out").startswith(step)
    assert dead_links(tmp_path / "out") == []
    assert ("has no ops" in said) == (model == "Nothing")


@pytest.mark.torch
def test_a_bug_of_ours_is_code_3_and_is_in_the_folder(tmp_path, monkeypatch):
    """The planted fault: the writer of modules trips."""

    def trip(graph):
        raise KeyError("planted")

    monkeypatch.setattr(bringup.modules.folder, "write_functional", trip)
    ended, said = init("Moments", tmp_path / "out")
    assert ended == 3
    assert "our bug, please report it: KeyError: 'planted' (test_endings.py:" in said
    assert modules_step(tmp_path / "out").startswith(" not written: our bug")
    assert "not made: our bug" in (tmp_path / "out" / "README.md").read_text()
    assert dead_links(tmp_path / "out") == []


@pytest.mark.torch
@pytest.mark.parametrize(
    ("model", "words"), [("Silent", "StopIteration: no message"), ("Refuses", "AssertionError: no message")]
)
def test_a_failure_without_words_has_type_and_line(model, words, tmp_path):
    command = [
        sys.executable,
        "-m",
        "bringup",
        "init",
        f"{ENDINGS}:{model}",
        "--input",
        "1x8",
        "--out",
        str(tmp_path / "out"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert words in done.stderr
    assert re.search(r"where: .*endings\.py:\d+ in forward: ", done.stderr)
