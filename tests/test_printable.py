"""A model's names, errors and keys, and a test's words, are shown and never obeyed: on the terminal and in every file."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from bringup import cli
from bringup.analysis import Analysis, analyse
from bringup.check.results import CheckFile, Environment, Result
from bringup.check.run import Checked
from bringup.endings import run
from bringup.errors import SourceError
from bringup.issues.folder import draft_files
from bringup.json_files import from_json, json_text, to_json
from bringup.plan.folder import text_files, totals
from bringup.printable import printable
from bringup.progress import Progress
from bringup.sources import LoadOptions, load
from bringup.views.pictures import start_views
from bringup.write import write_folder

EVIL = {
    "escape": "\x1b[2J\x1b]0;owned\x07", "C0": "\x00\x08\x0b\x0c\x7f", "C1": "\x9b31m\x85\x9d", "override": "\u202e\u202d\u202a\u202c",
    "isolate": "\u2066\u2067\u2068\u2069\u200e\u200f\u061c", "zero width": "\u200b\u200c\u200d\u2060\ufeff\u00ad", "lines": "\u2028\u2029\r\n",
    "surrogate": "\ud800\udfff", "tags": "\U000e0041\U000e007f", "private": "\ue000", "spaces": "\u00a0\u3000",
}  # fmt: skip
MODELS = Path(__file__).parent / "models"
ALL = "".join(EVIL.values())


def hidden(text: str) -> set[str]:
    """The characters of a text that cannot be seen, and may steer what shows it."""
    return {character for character in text if not character.isprintable() and character not in "\n\t"}


@pytest.mark.parametrize("kind", EVIL)
def test_nothing_that_cannot_be_seen_is_left(kind):
    assert hidden(EVIL[kind])
    shown = printable(f"a{EVIL[kind]}b")
    assert shown.isprintable() and shown[0] + shown[-1] == "ab" and "\\" in shown
    assert shown.encode()
    text = json_text({"key": EVIL[kind]})
    assert text.isprintable()
    assert json.loads(text)["key"] == (EVIL[kind] if kind != "surrogate" else "\\ud800\\udfff")


def test_what_can_be_seen_stays():
    for text in ("layer1.0", "名前", "naïve", "a\\b", 'quo"ted', "🙂", "x = f(y)  # ok"):
        assert printable(text) == text
    assert printable("a\nb\tc", keep="\n\t") == "a\nb\tc"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> tuple[Path, Analysis]:
    """A folder of a model whose every name is hostile, with all that init writes but the drawings."""
    from bringup.ops.routes import registry_rows
    from bringup.trace import trace

    loaded = load(f"{MODELS / 'unseen.py'}:Unseen", LoadOptions())
    views = start_views(loaded)
    analysis = analyse(loaded.info, trace(loaded, "ttnn", rows=registry_rows()))
    texts = {**text_files(analysis), **draft_files(analysis, None)}
    pictures, _ = views.finish(analysis, totals(analysis))
    folder = tmp_path_factory.mktemp("hostile") / "model"
    write_folder(folder, {**{path: text.encode() for path, text in texts.items()}, **pictures})
    return folder, analysis


def test_the_files_of_a_hostile_model_hold_nothing_hidden(hostile):
    folder, analysis = hostile
    assert any(hidden(frame.path) for frame in analysis.graph.frames)
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 25
    seen = {path.relative_to(folder).as_posix(): hidden(path.read_bytes().decode()) for path in files}
    assert {path: found for path, found in seen.items() if found} == {}
    for path in ("summary/modules.txt", "summary/ops.csv", "summary/torchinfo.txt", "MODEL_CARD.md", "graph/model.gv"):
        assert "x1b" in (folder / path).read_text(), path
    assert json.loads((folder / "summary/ops.json").read_text())["calls"]


def test_the_graph_reads_back(hostile):
    _, analysis = hostile
    assert (
        from_json(type(analysis.graph), to_json(analysis.graph), "graph").calls[0].target
        == analysis.graph.calls[0].target
    )
    replace(analysis).check()


@pytest.mark.parametrize(
    "command",
    ["coverage F", "coverage F --json", "generate card F", "generate card F --format github-issue", "issues draft F", "issues list F",
     "issues file F", "repro ID F", "diff F F"],
)  # fmt: skip
def test_commands_over_a_hostile_folder_print_nothing_hidden(command, hostile, monkeypatch, capsys):
    folder, analysis = hostile
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    words = [{"F": str(folder), "ID": analysis.inventory.variations[0].id}.get(word, word) for word in command.split()]
    monkeypatch.setattr(sys, "argv", ["bringup", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    out, err = capsys.readouterr()
    assert ended.value.code in (0, 1), err
    assert out and hidden(out) == hidden(err) == set()


def test_inventory_and_check_print_nothing_hidden(hostile, capsys):
    from bringup.report.check_tables import print_check
    from bringup.report.terminal import print_inventory

    folder, analysis = hostile
    print_inventory(analysis.inventory, analysis.graph)
    words = f"Error: {ALL}"
    results = tuple(
        Result(f"tests/{ALL}.py::test[{ALL}]", "exact", v.id, "failed", kind, words, f"ttnn.x({ALL})")
        for v, kind in zip(analysis.inventory.variations, ("rejected", "wrong value", "error"), strict=False)
    )
    file = CheckFile(Environment("emulate", "n150", "0.81.1", "2", "stand-in"), (), results)
    print_check(analysis, Checked(file, 0, results), folder)
    out, err = capsys.readouterr()
    assert "Error: \\x1b" in out and hidden(out) == hidden(err) == set()


def test_talk_and_errors_hold_nothing_hidden(capsys):
    progress = Progress(1)
    with progress.stage(f"load {ALL}"):
        progress.say(ALL)
    error = SourceError(f"what {ALL}", where=ALL, next_step=ALL)
    assert hidden(str(error)) == set()
    monkey = capsys.readouterr().err
    assert "load \\x1b" in monkey and hidden(monkey) == set()


def test_keys_of_a_checkpoint_and_errors_of_a_model_print_nothing_hidden(tmp_path, models, monkeypatch, capsys):
    torch.save({f"{ALL}.weight": torch.ones(1)}, tmp_path / "keys.pt")
    for more in (
        ["--weights", str(tmp_path / "keys.pt")],
        ["--set", f"{ALL}=1"],
        ["--input", ALL],
        ["--submodule", ALL],
    ):
        monkeypatch.setattr(sys, "argv", ["bringup", "trace", f"{models / 'unseen.py'}:Unseen", *more])
        with pytest.raises(SystemExit) as ended:
            run(cli.app)
        out, err = capsys.readouterr()
        assert ended.value.code == 2, err
        assert "\\x1b" in err and hidden(out) == hidden(err) == set()
    monkeypatch.setattr(sys, "argv", ["bringup", "trace", f"{models / 'unseen.py'}:Raises"])
    with pytest.raises(SystemExit):
        run(cli.app)
    out, err = capsys.readouterr()
    assert "words \\x1b" in err and hidden(out) == hidden(err) == set()
