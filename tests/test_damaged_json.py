"""A folder's JSON changed by hand: the command says so, and nothing outside the folder is touched."""

from __future__ import annotations

import copy
import json
import random
import shutil
import sys
from collections import Counter
from pathlib import Path

import pytest

from bringup import cli
from bringup.analysis import Analysis, analyse
from bringup.check.results import Result
from bringup.damage import DATA_FILES
from bringup.errors import FolderError, WriteError
from bringup.issues.folder import draft_files
from bringup.plan.folder import text_files
from bringup.write import MANIFEST, digest, replace_file, write_folder

ODD = (
    None, True, 0, -1, 10**30, 1.5, "", "x", "../../victim", "/victim", "\u202e\x1b[31m", "\ud800", "a\0b", "x" * 300, [], {}, [0], [None],
    ["a"], {"a": 1}, [[1]], float("inf"), float("nan"),
)  # fmt: skip
COMMANDS = (
    "coverage F", "coverage F --json", "generate card F", "generate card F --format github-issue", "generate tests F", "generate modules F",
    "issues draft F", "issues list F", "issues file F", "diff F B", "diff B F", "repro ID F",
)  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A folder as init and check leave it, without torch's views."""
    from bringup.ops.routes import registry_rows
    from bringup.sources import LoadOptions, load
    from bringup.trace import trace

    loaded = load(f"{Path(__file__).parent / 'models/gap.py'}:Gap", LoadOptions())
    graph = trace(loaded, "ttnn", rows=registry_rows())
    return write(tmp_path_factory.mktemp("made") / "gap", analyse(loaded.info, graph))


def write(folder: Path, analysis: Analysis) -> Path:
    texts = {**text_files(analysis), **draft_files(analysis, None)}
    write_folder(folder, {path: text.encode() for path, text in texts.items()})
    return folder


def places(data, at=()):
    yield at
    pairs = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, item in pairs:
        yield from places(item, (*at, key))


def mutated(data, dice: random.Random):
    """The data with one thing of it changed; still JSON."""
    data = copy.deepcopy(data)
    every = [at for at in places(data) if at]
    *way, last = dice.choice(every)
    parent = found(data, way)
    current = parent[last]
    kind = dice.choice(("odd", "odd", "delete", "again", "other", "near", "near"))
    if kind == "delete":
        del parent[last]
    elif kind == "again" and isinstance(parent, list):
        parent.insert(last, copy.deepcopy(current))
    elif kind == "other":
        parent[last] = copy.deepcopy(found(data, dice.choice(every)))
    elif kind == "near" and isinstance(current, str):
        parent[last] = dice.choice((f"{current}x", current[:-1], current.upper(), current.replace(".", "..")))
    elif kind == "near" and isinstance(current, (int, float)) and not isinstance(current, bool):
        parent[last] = dice.choice((current + 1, current - 1, -current, 0, current * 1000))
    elif kind == "near" and isinstance(current, list) and current:
        parent[last] = dice.choice((current[::-1], current[:-1], current + current))
    else:
        parent[last] = dice.choice(ODD)
    return data


def found(data, way):
    for key in way:
        data = data[key]
    return data


def run(monkeypatch, *arguments: str) -> int:
    """The command in this process, with its exit code."""
    monkeypatch.setattr(sys, "argv", ["bringup", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code or 0


def words_of(command: str, folder: Path, whole: Path) -> list[str]:
    ids = json.loads((whole / ".bringup/inventory.json").read_text())["variations"]
    stands_for = {"F": str(folder), "B": str(whole), "ID": ids[0]["id"]}
    return [stands_for.get(word, word) for word in command.split()]


def outside(place: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(place)): p.read_bytes()
        for p in sorted(place.rglob("*"))
        if p.is_file() and "inside" not in p.parts
    }


@pytest.mark.parametrize("chunk", [pytest.param(n, marks=[pytest.mark.slow] if n else []) for n in range(25)])
def test_changed_json_is_never_a_bug_of_ours(chunk, made, tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    monkeypatch.delenv("BRINGUP_DEBUG", raising=False)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    dice = random.Random(chunk)
    folder = tmp_path / "inside" / "model"
    (tmp_path / "victim").write_text("stays")
    before, codes = outside(tmp_path), Counter()
    files = [path for path in (*DATA_FILES, MANIFEST) if (made / path).is_file()]
    assert len(files) == 8
    for _ in range(40 if chunk else 12):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(made, folder)
        path = dice.choice(files)
        changed = mutated(json.loads((made / path).read_text()), dice)
        (folder / path).write_text(json.dumps(changed))
        for command in dice.sample(COMMANDS, 4):
            code = run(monkeypatch, *words_of(command, folder, made))
            codes[code] += 1
            assert code in (0, 1, 2), (path, command, changed, capsys.readouterr().err)
            assert outside(tmp_path) == before
    assert codes[2] > 2


@pytest.fixture
def passing(monkeypatch, tmp_path):
    """Every test of a folder passes at once: reading, concluding and writing is what is left of a check."""
    pytest.importorskip("ttnn")

    def all_pass(session, keep):
        index = json.loads((session.root / ".bringup/tests.json").read_text()) if not session.keyword else {}
        ids = [entry["test"] for entry in index.get("tests", ())]
        return tuple(Result(str(id_), "exact", "", "passed") for id_ in ids)

    monkeypatch.setattr("bringup.check.run.run_session", all_pass)
    monkeypatch.setenv("BRINGUP_CACHE", str(tmp_path / "inside" / "cache"))


@pytest.mark.parametrize("chunk", [pytest.param(n, marks=[pytest.mark.slow] if n else []) for n in range(5)])
def test_a_check_over_changed_json_is_never_a_bug_of_ours(chunk, made, passing, tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("BRINGUP_DEBUG", raising=False)
    dice = random.Random(100 + chunk)
    folder = tmp_path / "inside" / "model"
    before, codes = outside(tmp_path), Counter()
    files = [path for path in (*DATA_FILES, MANIFEST) if (made / path).is_file()]
    for number in range(60 if chunk else 30):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(made, folder)
        path = dice.choice(files)
        changed = mutated(json.loads((made / path).read_text()), dice)
        (folder / path).write_text(json.dumps(changed))
        selection = ["-k", "nothing_matches"] if number % 3 == 0 else []
        code = run(monkeypatch, "check", str(folder), "--target", "emulate", "--mode", "exact", "-j", "1", *selection)
        codes[code] += 1
        assert code in (0, 1, 2), (path, changed, capsys.readouterr().err)
        assert outside(tmp_path) == before
    assert codes[2] > 2 and codes[0] + codes[1] > 2


@pytest.mark.parametrize(
    ("command", "place"),
    [
        ("repro ID F", "bringup.plan.repro.repro_script"),
        ("check F --target emulate", "bringup.check.command.check_folder"),
    ],
)
def test_a_bug_over_whole_data_stays_a_bug(command, place, made, tmp_path, monkeypatch, capsys):
    def fails(*arguments):
        raise KeyError("x")

    if "check" in command:
        pytest.importorskip("ttnn")
    monkeypatch.setattr(place, fails)
    monkeypatch.delenv("BRINGUP_DEBUG", raising=False)
    assert run(monkeypatch, *words_of(command, made, made)) == 3
    folder = tmp_path / "changed"
    shutil.copytree(made, folder)
    with (folder / ".bringup/graph.json").open("a") as file:
        file.write(" ")
    assert run(monkeypatch, *words_of(command, folder, made)) == 2
    assert "graph.json" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("path", "changes", "words"),
    [
        (".bringup/graph.json", lambda data: data["calls"][1].update(frame="nowhere"), "is in frame 'nowhere'"),
        (".bringup/graph.json", lambda data: data["outputs"].append("gone"), "there is no value 'gone'"),
        (".bringup/graph.json", lambda data: data["values"].append(data["values"][0]), "is there twice"),
        (".bringup/graph.json", lambda data: data["frames"][0].update(parent=data["frames"][-1]["id"]), "called by itself"),
        (".bringup/inventory.json", lambda data: data["variations"].pop(), "both the graph and the inventory"),
        (".bringup/coverage.json", lambda data: data["verdicts"].pop(), "both the inventory and the coverage"),
    ],
)  # fmt: skip
def test_data_that_do_not_fit_together_are_named(path, changes, words, made, tmp_path):
    from bringup.analysis import read_analysis

    folder = tmp_path / "model"
    shutil.copytree(made, folder)
    data = json.loads((folder / path).read_text())
    changes(data)
    (folder / path).write_text(json.dumps(data))
    with pytest.raises(FolderError, match=words):
        read_analysis(folder)


def plant(folder: Path, path: str, content: bytes) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["files"][path] = [digest(content)]
    (folder / MANIFEST).write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    "path", ["tests/../../victim", "../victim", "{victim}", "tests/./../../victim", "/", "a\0b", "\ud800"]
)
@pytest.mark.parametrize("is_dry", [False, True])
def test_a_manifest_cannot_have_a_file_outside_removed(path, is_dry, tmp_path):
    victim, folder = tmp_path / "victim", tmp_path / "model"
    victim.write_bytes(b"precious")
    write_folder(folder, {"tests/a.txt": b"1"})
    plant(folder, path.format(victim=victim), b"precious")
    with pytest.raises(WriteError, match="manifest is damaged"):
        write_folder(folder, {}, dry_run=is_dry)
    assert victim.read_bytes() == b"precious" and (folder / "tests/a.txt").exists()


def test_a_link_cannot_have_a_file_outside_removed(tmp_path):
    folder, other = tmp_path / "model", tmp_path / "other"
    other.mkdir()
    (other / "victim").write_bytes(b"precious")
    write_folder(folder, {"a.txt": b"1"})
    (folder / "tests").symlink_to(other)
    plant(folder, "tests/victim", b"precious")
    with pytest.raises(WriteError, match="leads out"):
        write_folder(folder, {}, owner="tests/")
    assert (other / "victim").read_bytes() == b"precious"


@pytest.mark.parametrize("name", ["", "/lock", "/manifest.json"])
def test_a_link_in_our_own_folder_is_not_followed_out(name, tmp_path):
    folder, other = tmp_path / "model", tmp_path / "other"
    other.mkdir()
    folder.mkdir()
    link = folder / f".bringup{name}"
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(other / "made" if name else other)
    for write_it in (lambda: write_folder(folder, {"a.txt": b"1"}), lambda: replace_file(folder, "a.txt", b"1")):
        with pytest.raises(WriteError, match="leads out"):
            write_it()
    assert list(other.iterdir()) == []


def test_the_record_of_issues_is_not_written_through_a_link(tmp_path):
    from bringup.issues.state import State, locked, write_state

    folder, other = tmp_path / "model", tmp_path / "other"
    folder.mkdir()
    other.mkdir()
    (folder / ".bringup").symlink_to(other)
    with pytest.raises(WriteError, match="leads out"):
        write_state(folder, State())
    with pytest.raises(WriteError, match="leads out"), locked(folder):
        pass
    assert list(other.iterdir()) == []


def test_a_draft_outside_the_folder_is_not_made_public(made, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "model"
    shutil.copytree(made, folder)
    (draft,) = (folder / "issues").glob("*.md")
    secret = tmp_path / "secret"
    draft.rename(secret)
    draft.symlink_to(secret)
    monkeypatch.setenv("GITHUB_TOKEN", "good-token")
    assert run(monkeypatch, "issues", "file", str(folder), "--api-url", "http://127.0.0.1:9") == 2
    assert "leads out" in capsys.readouterr().err
