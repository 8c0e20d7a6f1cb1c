"""Every command with nobody to read its answer, or no space for it: the right words and exit codes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bringup.analysis import analyse, analysis_files
from bringup.ir import Graph
from bringup.json_files import from_json
from bringup.plan.folder import report_files
from bringup.sources.loaded import ModelInfo
from bringup.write import write_folder

GOLDEN = Path(__file__).parent / "golden" / "lstm"
MODELS = Path(__file__).parent / "models"
FULL = Path("/dev/full")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A bring-up folder, made without torch, and a file of lines."""
    place = tmp_path_factory.mktemp("output")
    info = from_json(ModelInfo, (GOLDEN / "model.json").read_text(), "model")
    analysis = analyse(info, from_json(Graph, (GOLDEN / "graph.json").read_text(), "graph"))
    write_folder(
        place / "lstm",
        {path: text.encode() for path, text in {**analysis_files(analysis), **report_files(analysis)}.items()},
    )
    (place / "coverage.jsonl").write_text('{"op": "aten.relu.default", "args": [{"shape": [2]}]}\n' * 3)
    (place / "id").write_text(next(v.variation for v in analysis.coverage.verdicts if v.status == "native"))
    subprocess.run([sys.executable, "-m", "bringup", "generate", "tests", "lstm"], cwd=place, check=True)
    return place


COMMANDS = [
    ["--help"],
    ["ops"],
    ["ops", "gelu", "--json"],
    ["ops", "--markdown"],
    ["diff", "lstm", "lstm"],
    ["coverage", "lstm"],
    ["coverage", "lstm", "--json"],
    ["coverage", "coverage.jsonl", "--table"],
    ["models", "--source", "example"],
    ["doctor"],
    ["repro", "{id}", "lstm"],
    ["generate", "card", "lstm", "--format", "github-issue"],
    ["generate", "tests", "lstm"],
    ["issues", "draft", "lstm"],
    ["issues", "list", "lstm"],
]
SLOW = [
    ["trace", "{models}/awkward.py:Block", "--input", "1x3x8x8", "--json"],
    ["init", "{models}/awkward.py:Block", "--input", "1x3x8x8"],
    ["check", "lstm", "--json"],
]
EACH = [*COMMANDS, *(pytest.param(command, marks=pytest.mark.slow) for command in SLOW)]


def run(command, place, stdout, **more):
    words = {"id": (place / "id").read_text(), "models": MODELS}
    arguments = [text.format(**words) for text in command]
    return subprocess.run(
        [sys.executable, "-m", "bringup", *arguments], cwd=place, stdout=stdout, stderr=subprocess.PIPE, text=True,
        check=False, **more,
    )  # fmt: skip


@pytest.mark.parametrize("command", EACH, ids=lambda command: " ".join(command))
def test_a_reader_that_has_gone_changes_no_exit_code(command, place):
    whole = run(command, place, subprocess.PIPE)
    reading, writing = os.pipe()
    os.close(reading)
    try:
        cut = run(command, place, writing)
    finally:
        os.close(writing)
    assert whole.returncode in (0, 1), whole.stderr
    assert whole.stdout
    assert cut.returncode == whole.returncode, cut.stderr
    assert "Broken" not in cut.stderr and "Traceback" not in cut.stderr and "our bug" not in cut.stderr


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("command", EACH, ids=lambda command: " ".join(command))
def test_a_full_disk_behind_stdout_is_said(command, place):
    with FULL.open("w") as full:
        done = run(command, place, full)
    assert done.returncode == 2, done.stderr
    assert "bringup: the answer cannot be written to stdout: No space left on device" in done.stderr
    assert "Traceback" not in done.stderr and "Exception ignored" not in done.stderr


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full")
def test_talk_that_nobody_can_hear_ends_nothing(place):
    with FULL.open("w") as full:
        command = [sys.executable, "-m", "bringup", "coverage", "coverage.jsonl", "--table"]
        done = subprocess.run(command, cwd=place, stdout=subprocess.PIPE, stderr=full, text=True, check=False)
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 3


WRITING = [
    ["generate", "card", "lstm"],
    ["generate", "tests", "lstm"],
    ["generate", "modules", "lstm"],
    ["issues", "draft", "lstm"],
    ["coverage", "coverage.jsonl", "-j", "1", "--no-cache"],
]


@pytest.mark.parametrize("command", WRITING, ids=lambda command: " ".join(command))
def test_a_full_disk_below_the_folder_is_said(command, place, tmp_path):
    """A limit on the size of files stands for the disk: every write beyond it fails."""
    folder = tmp_path / "place"
    subprocess.run(["cp", "-r", str(place), str(folder)], check=True)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    limited = ["bash", "-c", 'trap "" XFSZ; ulimit -f 1; exec "$@"', "bash", sys.executable, "-m", "bringup"]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [*limited, *command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr and "our bug" not in done.stderr, done.stderr
    if command[0] == "coverage":  # the verdicts by the table are there all the same
        assert (done.returncode, len(done.stdout.splitlines())) in ((0, 3), (2, 0)), done.stderr
    else:
        assert done.returncode == 2, done.stderr
        assert "bringup: the disk is full" in done.stderr or "cannot write" in done.stderr
    assert {path: path.read_bytes() for path in before} == before
