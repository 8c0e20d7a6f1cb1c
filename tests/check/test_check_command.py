"""`bringup check` as a user runs it: tables, findings, evidence in the reports, results of earlier runs."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

MODELS = Path(__file__).parent.parent / "models"


def bringup(*arguments: str, cwd: Path, cache: Path, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bringup", *arguments]
    environment = {**os.environ, "BRINGUP_CACHE": str(cache), **env}
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, env=environment)


@pytest.fixture(scope="module")
def cache(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def checked(tmp_path_factory, cache):
    place = tmp_path_factory.mktemp("checked")
    made = bringup("init", f"{MODELS}/awkward.py:Mixed", "--input", "1x3x16x16", cwd=place, cache=cache)
    assert made.returncode == 0, made.stderr
    done = bringup("check", "mixed", cwd=place, cache=cache)
    return place / "mixed", done


def test_findings_are_told_with_the_call_the_words_and_the_line(checked):
    _, done = checked
    assert done.returncode == 1, done.stderr
    text = done.stdout
    assert "rejected: tests/ops/test_upsample_bilinear2d.py::" in text
    assert "ttnn:  Out of Memory: Not enough space to allocate" in text
    assert "call:  ttnn.upsample([1, 1, 1, 16384] bfloat16 ROW_MAJOR, scale_factor=(8, 8), mode='bilinear')" in text
    assert "awkward.py:" in text and "nn.functional.interpolate(point" in text
    assert "repro: bringup repro upsample_bilinear2d-" in text
    assert "rejected, as the registry says: mul-" in text
    assert "2 failed, 0 not judged, 0 skipped" in text
    assert "backtrace" not in text and " --- " not in text


def test_evidence_stands_in_the_reports(checked, cache):
    folder, _ = checked
    issue = bringup("generate", "card", str(folder), "--format", "github-issue", cwd=folder.parent, cache=cache).stdout
    assert "- [ ] `Mixed` (1 instance, 1 of 1 test not passed on ttnn 0.81.1, emulated n150): " in issue
    coverage = json.loads((folder / "coverage.json").read_text())
    by_status = {}
    for verdict in coverage["verdicts"]:
        by_status.setdefault((verdict["status"], verdict["evidence"]), []).append(verdict)
    assert len(by_status["rejected", "rejected"]) == 2
    assert by_status["native", "emulated"]
    assert any(verdict["reason"].startswith("ttnn: Out of Memory") for verdict in coverage["verdicts"])
    assert coverage["checked_on"] == "ttnn 0.81.1, emulated n150"
    report = (folder / "COVERAGE.md").read_text()
    assert "2 rejected (ttnn 0.81.1, emulated n150)" in report
    assert "Unit tests per op pass on an emulated board" in (folder / "MODEL_CARD.md").read_text()
    conv = next(v for v in coverage["verdicts"] if v["op"] == "aten.conv2d.default")
    assert conv["l1_bytes_per_core"] > 1000


def test_a_second_check_runs_nothing_and_says_the_same(checked, cache):
    folder, first = checked
    before = (folder / "check.json").read_bytes()
    again = bringup("check", "mixed", cwd=folder.parent, cache=cache)
    assert again.returncode == 1
    assert "results of earlier runs)" in again.stdout
    assert again.stdout.split("\n\n")[0] == first.stdout.split("\n\n")[0]
    assert (folder / "check.json").read_bytes() == before


def test_made_again_the_evidence_stays_and_modules_do_in_torch_what_ttnn_refused(checked, cache, tmp_path):
    folder = tmp_path / "mixed"
    shutil.copytree(checked[0], folder)
    before = (folder / "COVERAGE.md").read_bytes()
    assert "first module that departs" in checked[1].stdout
    assert "makes 1 op call that ttnn refuses: `bringup generate modules mixed` writes it in torch" in checked[1].stderr
    again = bringup("init", f"{MODELS}/awkward.py:Mixed", "--input", "1x3x16x16", cwd=tmp_path, cache=cache)
    assert "identical" in again.stdout, again.stderr
    assert (folder / "COVERAGE.md").read_bytes() == before
    assert "# Fallback to torch, aten.upsample_bilinear2d" in (folder / "tt/ttnn_mixed.py").read_text()
    done = bringup("check", "mixed", cwd=tmp_path, cache=cache)
    assert "1 failed, 0 not judged" in done.stdout and "first module that departs" not in done.stdout
    assert "that ttnn refuses" not in done.stderr
    issue = bringup("generate", "card", str(folder), "--format", "github-issue", cwd=tmp_path, cache=cache).stdout
    assert "- [ ] `Mixed` (1 instance, passes on ttnn 0.81.1, emulated n150 with PCC 0.99" in issue


def test_a_test_that_a_person_changed_is_run_and_its_fault_is_found(checked, cache, tmp_path):
    folder = tmp_path / "mixed"
    shutil.copytree(checked[0], folder)
    test = folder / "tests/ops/test_relu.py"
    test.write_text(test.read_text().replace("ttnn.relu(input)", "ttnn.relu(input) * 1.01"))
    done = bringup("check", "mixed", "-k", "relu", "--json", cwd=tmp_path, cache=cache)
    assert done.returncode == 1, done.stderr
    (finding,) = json.loads(done.stdout)["findings"]
    assert finding["result"]["kind"] == "wrong value"
    assert finding["modes"] == ["exact"]
    assert finding["result"]["words"].startswith("exact mode: relative error computed 1.000e-02, required 1e-05")


def test_the_generated_tests_need_nothing_of_ours_but_the_plugin(checked, cache, tmp_path):
    for part in ("tests", "tt", "reference"):
        shutil.copytree(checked[0] / part, tmp_path / part)
    texts = [path.read_text() for path in tmp_path.rglob("*.py")]
    assert not [text for text in texts if "import bringup" in text or "from bringup" in text]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "bringup.target.emulate", "-p", "no:cacheprovider"]
    command += ["--rootdir", str(tmp_path), "-k", "relu", str(tmp_path)]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False, env={**os.environ, "BRINGUP_CACHE": str(cache)}
    )  # fmt: skip
    assert "2 passed" in done.stdout, done.stdout + done.stderr


def test_repro_runs_and_shows_the_refusal(checked, cache):
    folder, _ = checked
    coverage = json.loads((folder / "coverage.json").read_text())
    id_ = next(v["variation"] for v in coverage["verdicts"] if "Out of Memory" in v["reason"])
    done = bringup("repro", id_, "mixed", "--run", cwd=folder.parent, cache=cache)
    assert done.returncode == 1
    assert "bringup" not in done.stdout
    assert "rejected: Out of Memory" in done.stderr
    good = next(v["variation"] for v in coverage["verdicts"] if v["op"] == "aten.relu.default")
    done = bringup("repro", good, "mixed", "--run", cwd=folder.parent, cache=cache)
    assert done.returncode == 0, done.stderr
    assert "relative error 0.000e+00" in done.stdout
    done = bringup("repro", "conv3d-1", "mixed", cwd=folder.parent, cache=cache)
    assert done.returncode == 2 and "no variation is called 'conv3d-1'" in done.stderr


def test_two_at_once_and_an_unwritable_cache(checked, tmp_path):
    shutil.copytree(checked[0], tmp_path / "mixed")
    environment = {**os.environ, "BRINGUP_CACHE": "/proc/nope"}
    command = [sys.executable, "-m", "bringup", "check", "mixed", "--mode", "exact", "-j", "1"]
    runs = [
        subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    for run in runs:
        output, _ = run.communicate(timeout=200)
        assert run.returncode == 1
        assert "2 failed, 0 not judged, 0 skipped" in output
        assert "results of earlier runs" not in output


def test_an_interrupted_check_leaves_the_folder_as_it_was(checked, cache, tmp_path):
    shutil.copytree(checked[0], tmp_path / "mixed")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    command = [sys.executable, "-m", "bringup", "check", "mixed", "--no-cache", "--board", "p150"]
    run = subprocess.Popen(
        command, cwd=tmp_path, env={**os.environ, "BRINGUP_CACHE": str(cache)}, stderr=subprocess.PIPE
    )
    while run.poll() is None and not psutil.Process(run.pid).children():
        time.sleep(0.1)
    run.send_signal(signal.SIGINT)
    _, talk = run.communicate(timeout=60)
    assert run.returncode == 130, talk
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "nowhere"], "not a bring-up folder"),
        (["check", "mixed", "--board", "n15"], "there is no board 'n15'"),
        (["check", "mixed", "--target", "hardware"], "there is no Tenstorrent board here"),
    ],
)
def test_bad_input_is_a_sentence(checked, cache, arguments, words):
    done = bringup(*arguments, cwd=checked[0].parent, cache=cache)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
