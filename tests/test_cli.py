"""The commands end to end, as a user runs them: real models, real processes, real folders."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bringup.errors import BringupError

MODEL = "torchvision:mobilenet_v2"


def bringup(
    *arguments: str, cwd: Path, env: dict[str, str] | None = None, limit: str = ""
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bringup", *arguments]
    if limit:
        command = ["bash", "-c", f'{limit}; exec "$@"', "bash", *command]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False, env={**os.environ, **(env or {})}
    )


def tree(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("first")
    done = bringup("init", MODEL, cwd=place, env={"PYTHONHASHSEED": "0"})
    assert done.returncode == 0, done.stderr
    assert "153 op calls of 8 kinds" in done.stdout
    assert "Open mobilenet_v2/MODEL_CARD.md first" in done.stdout
    assert "[6/6] write" in done.stderr
    return place / "mobilenet_v2"


def test_init_makes_the_folder(made):
    files = set(tree(made))
    assert {
        "MODEL_CARD.md", "COVERAGE.md", "README.md", "coverage.json", "graph/model.gv", "graph/torchviz.gv", "summary/torchinfo.txt",
        "summary/ops.csv", "summary/ops.json", "summary/modules.txt", "tests/conftest.py", "tests/ops/test_conv2d.py",
        ".bringup/graph.json", ".bringup/inventory.json", ".bringup/coverage.json", ".bringup/model.json", ".bringup/manifest.json",
    } <= files  # fmt: skip
    assert len((made / "summary/ops.csv").read_text().splitlines()) == 154
    table = (made / "summary/torchinfo.txt").read_text()
    assert "InvertedResidual" in table
    assert "Total mult-adds" not in table
    assert "Mult-adds (from the trace):  300,774,272" in table


def test_a_second_run_prints_only_identical_and_the_bytes_are_the_same_elsewhere(made, tmp_path):
    again = bringup("init", MODEL, cwd=made.parent)
    assert again.returncode == 0
    assert "files: " in again.stdout
    assert set(again.stdout.split("files: ")[1].splitlines()[0].split()[1::2]) == {"identical"}
    elsewhere = bringup("init", MODEL, cwd=tmp_path, env={"PYTHONHASHSEED": "7"})
    assert elsewhere.returncode == 0
    assert tree(tmp_path / "mobilenet_v2") == tree(made)


def test_an_edit_is_a_conflict_with_exit_code_1(made):
    path = made / "tests/ops/test_relu6.py"
    path = path if path.exists() else made / "tests/ops/test_hardtanh.py"
    before = path.read_bytes()
    path.write_bytes(before + b"# mine\n")
    done = bringup("generate", "tests", str(made), cwd=made.parent)
    assert done.returncode == 1
    assert f"conflict  tests/ops/{path.name}" in done.stdout
    assert path.read_bytes().endswith(b"# mine\n")
    new = path.with_name(f"{path.name}.new")
    assert new.read_bytes() == before
    new.unlink()
    path.write_bytes(before)
    assert bringup("generate", "tests", str(made), cwd=made.parent).returncode == 0


def test_coverage_and_card_start_from_the_folder_without_torch(made):
    probe = (
        "import sys; sys.argv[0] = 'bringup'; from bringup.cli import main\ntry:\n main()\nexcept SystemExit: pass\n"
    )
    probe += "assert not {'torch', 'ttnn'} & set(sys.modules), 'torch was imported'"
    for arguments in (["coverage", str(made)], ["coverage", str(made), "--json"], ["generate", "card", str(made)]):
        done = subprocess.run([sys.executable, "-c", probe, *arguments], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    coverage = json.loads(bringup("coverage", str(made), "--json", cwd=made).stdout)
    assert sum(verdict["calls"] for verdict in coverage["verdicts"]) == 153
    issue = bringup("generate", "card", str(made), "--format", "github-issue", cwd=made)
    assert "- [ ] `InvertedResidual` (17 instances)" in issue.stdout


def test_help_imports_neither_torch_nor_ttnn():
    probe = "import sys; sys.argv = ['bringup', '--help']; from bringup.cli import main\n"
    probe += (
        "try:\n main()\nexcept SystemExit: pass\nheavy = {'torch', 'ttnn', 'pydantic', 'jinja2'} & set(sys.modules)\n"
    )
    probe += "assert not heavy, heavy"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "init" in done.stdout


def test_a_dry_run_writes_nothing(tmp_path, models):
    done = bringup("init", f"{models}/awkward.py:Block", "--input", "1x3x8x8", "--dry-run", cwd=tmp_path)
    assert done.returncode == 0
    assert "create    MODEL_CARD.md" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_decides_by_values_is_a_finding(tmp_path, models):
    done = bringup("init", f"{models}/awkward.py:Branchy", "--input", "1x3x8x8", cwd=tmp_path)
    assert done.returncode == 1
    assert re.search(r"awkward\.py:\d+: if x\.sum\(\) > 0:", done.stdout)
    assert "next: the model takes a decision" in done.stdout
    assert "traced parts: block, head" in done.stdout
    assert "GraphModule" not in done.stderr
    assert (tmp_path / "branchy/COVERAGE.md").read_text().count("traced parts")
    assert (tmp_path / "branchy/summary/torchinfo.txt").exists()


def test_hostile_names_are_inert(tmp_path, models):
    done = bringup("init", f"{models}/awkward.py:Hostile", "--input", "2x4", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["hostile"]
    assert not (tmp_path / "x").exists()
    for path, content in tree(tmp_path / "hostile").items():
        assert ".." not in path and path.isascii()
        if path.endswith(".md"):
            outside_code = re.sub(rb"(`+).*?\1", b"", content)
            assert b"<script" not in outside_code.replace(b"\\<script", b"")
        if path.endswith(".svg"):
            assert b"<script" not in content
        if path.endswith(".py"):
            compile(content, path, "exec")


BAD = [
    (["init", "torchvision:resnet5O"], 2, "did you mean resnet50"),
    (["init", "torchvison:resnet50"], 2, "did you mean torchvision:resnet50?"),
    (["init", "hf-config:brt"], 2, "did you mean bert"),
    (["init", "hf-config:bert", "--set", "num_layer=2"], 2, "the config has no entry num_layer"),
    (["init", "nope.py:Model"], 2, "there is no file nope.py"),
    (["init", "resnet50"], 2, "not a model spec"),
    (["init", "torchvision:../../x"], 2, "torchvision has no model '../../x'"),
    (["init", "{models}/awkward.py:NeedsWidth"], 2, "NeedsWidth needs arguments: width"),
    (["init", "{models}/awkward.py:Nope"], 2, "there is no Nope"),
    (["init", "{models}/awkward.py:Block"], 2, "its forward takes x"),
    (["init", "{models}/awkward.py:Block", "--input", "1xx3"], 2, "not of the form"),
    (["init", "{models}/awkward.py:Block", "--input", "y=1x3x8x8"], 2, "the model's forward has no input 'y'"),
    (["init", "{models}/awkward.py:Block", "--input", "1x4x8x8"], 2, "input x: [1, 4, 8, 8]"),
    (["init", "{models}/awkward.py:Broken", "--input", "2x4"], 2, "RuntimeError: on purpose"),
    (["init", "{models}/awkward.py:Block", "--input", "1x3x8x8", "--weights", "{models}/awkward.py"], 2, "is no checkpoint that can be read"),
    (["init", "{models}/awkward.py:Block", "--input", "1x3x8x8", "--submodule", "convv"], 2, "did you mean conv?"),
    (["init", "{models}/awkward.py:Block", "--input", "1x3x8x8", "--out", "/proc/nope"], 2, "cannot write the bring-up folder"),
    (["init", "{models}/awkward.py:Block", "--input", "1x3x8x8", "--no-weights", "--weights", "x.pt"], 2, "exclude each other"),
    (["coverage", "nowhere"], 2, "not a bring-up folder"),
    (["generate", "tests", "nowhere"], 2, "not a bring-up folder"),
    (["diff", "nowhere", "there"], 2, "there is no coverage here"),
    (["ops", "nosuch"], 2, "no row is about 'nosuch'"),
    (["coverage", "nowhere.jsonl"], 2, "cannot read the lines"),
    (["repro", "add-1", "nowhere"], 2, "not a bring-up folder"),
    (["models", "--source", "tensorflow"], 2, "there is no source 'tensorflow'"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "code", "words"), BAD, ids=[" ".join(case[0][1:]) for case in BAD])
def test_bad_input_is_a_sentence_and_leaves_nothing(arguments, code, words, tmp_path, models, monkeypatch, capfd):
    """In this process: the entry point itself, for twenty starts of torch would take minutes."""
    from bringup import cli

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        cli, "_WATCHED", ()
    )  # nothing here ends the process; tests/sources/test_user_code.py has what does
    monkeypatch.setattr(sys, "argv", ["bringup", *(text.format(models=models) for text in arguments)])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    shown = capfd.readouterr()
    assert stopped.value.code == code, shown.err
    assert words in shown.err
    assert "Traceback" not in shown.err
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_nothing(tmp_path, models):
    arguments = ("init", f"{models}/awkward.py:Block", "--input", "1x3x8x8")
    done = bringup(*arguments, cwd=tmp_path, limit="trap '' XFSZ; ulimit -f 2", env={"PYTHONDONTWRITEBYTECODE": "1"})
    assert done.returncode == 2, done.stderr
    assert "our bug" not in done.stderr
    assert not (tmp_path / "block").exists()


def test_our_own_bug_is_named_as_one(monkeypatch, capsys):
    from bringup import cli

    def fail(*arguments, **options):
        raise ZeroDivisionError("planted")

    monkeypatch.setattr("bringup.analysis.read_analysis", fail)
    monkeypatch.setattr(sys, "argv", ["bringup", "coverage", "x"])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 3
    assert "our bug: ZeroDivisionError: planted" in capsys.readouterr().err


@pytest.mark.parametrize(("name", "code"), [("pytest", 2), ("colorama", 3)])
def test_a_missing_pytest_is_no_bug_of_ours(name, code, monkeypatch, capsys):
    from bringup import cli

    def fail(*arguments, **options):
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    monkeypatch.setattr("bringup.analysis.read_analysis", fail)
    monkeypatch.setattr(sys, "argv", ["bringup", "coverage", "x"])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == code
    assert ("our bug" in capsys.readouterr().err) == (code == 3)


def test_errors_say_what_where_and_next():
    error = BringupError("it failed", where="layer1", next_step="try again")
    assert str(error) == "it failed\n  where: layer1\n  next:  try again"
