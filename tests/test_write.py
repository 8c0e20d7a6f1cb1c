"""The folder: all or nothing, and never over what a person changed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bringup.errors import WriteError
from bringup.staging import sweep
from bringup.write import MANIFEST, write_folder


def words(actions) -> dict[str, str]:
    return {action.path: action.word for action in actions}


def snapshot(folder: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name != "lock"
    }


def test_words_over_a_life(tmp_path):
    folder = tmp_path / "model"
    assert words(write_folder(folder, {"a.txt": b"1", "b/c.txt": b"1"})) == {"a.txt": "create", "b/c.txt": "create"}
    assert set(words(write_folder(folder, {"a.txt": b"1", "b/c.txt": b"1"})).values()) == {"identical"}
    assert words(write_folder(folder, {"a.txt": b"2", "b/c.txt": b"1"})) == {"a.txt": "update", "b/c.txt": "identical"}
    assert words(write_folder(folder, {"a.txt": b"2"})) == {"a.txt": "identical", "b/c.txt": "remove"}
    assert not (folder / "b/c.txt").exists()


def test_an_edit_survives_and_the_new_text_goes_beside_it(tmp_path):
    write_folder(tmp_path, {"a.txt": b"1", "gone.txt": b"1"})
    (tmp_path / "a.txt").write_text("mine")
    (tmp_path / "gone.txt").write_text("mine too")
    assert words(write_folder(tmp_path, {"a.txt": b"2"})) == {"a.txt": "conflict", "gone.txt": "skip"}
    assert (tmp_path / "a.txt").read_text() == "mine"
    assert (tmp_path / "a.txt.new").read_bytes() == b"2"
    assert (tmp_path / "gone.txt").read_text() == "mine too"


def test_a_file_that_was_there_before_is_a_conflict(tmp_path):
    (tmp_path / "README.md").write_text("a person's")
    assert words(write_folder(tmp_path, {"README.md": b"ours"})) == {"README.md": "conflict"}
    assert (tmp_path / "README.md").read_text() == "a person's"


def test_dry_run_writes_nothing(tmp_path):
    assert words(write_folder(tmp_path / "model", {"a.txt": b"1"}, dry_run=True)) == {"a.txt": "create"}
    assert not (tmp_path / "model").exists()


def test_owner_limits_what_is_removed(tmp_path):
    write_folder(tmp_path, {"a.txt": b"1", "tests/b.txt": b"1"})
    assert words(write_folder(tmp_path, {}, owner="tests/")) == {"tests/b.txt": "remove"}
    assert words(write_folder(tmp_path, {}, owner=None)) == {}
    assert (tmp_path / "a.txt").exists()


@pytest.mark.parametrize("path", ["../x", "/etc/x", "a/../../x", ""])
def test_a_path_cannot_leave_the_folder(tmp_path, path):
    with pytest.raises(WriteError, match="leaves the bring-up folder"):
        write_folder(tmp_path / "model", {path: b"1"})


def test_a_link_cannot_lead_out_of_the_folder(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "tests").symlink_to(tmp_path)
    with pytest.raises(WriteError, match="leads out of it"):
        write_folder(folder, {"tests/a.txt": b"1"})
    assert not (tmp_path / "a.txt").exists()


FULL_DISK = """
import resource, sys
from pathlib import Path
from bringup.write import write_folder
from bringup.errors import WriteError
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    write_folder(Path(sys.argv[1]), {"a.txt": b"new", "b.txt": b"x" * 100_000})
except WriteError as error:
    print(error)
    sys.exit(error.exit_code)
"""


@pytest.mark.parametrize("existing", [True, False])
def test_a_full_disk_leaves_the_folder_as_it_was(tmp_path, existing):
    folder = tmp_path / "model"
    if existing:
        write_folder(folder, {"a.txt": b"old", "b.txt": b"old"})
    before = snapshot(folder)
    done = subprocess.run([sys.executable, "-c", FULL_DISK, str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert "cannot write the bring-up folder: File too large" in done.stdout
    assert snapshot(folder) == before
    assert folder.exists() == existing


def test_a_rename_that_fails_half_way_is_finished_by_the_next_run(tmp_path, monkeypatch):
    write_folder(tmp_path, {"a.txt": b"old", "b.txt": b"old"})
    real = Path.replace

    def fail_on_b(self, target):
        if Path(target).name == "b.txt":
            raise OSError(5, "Input/output error")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", fail_on_b)
    with pytest.raises(WriteError):
        write_folder(tmp_path, {"a.txt": b"new", "b.txt": b"new"})
    monkeypatch.undo()
    assert words(write_folder(tmp_path, {"a.txt": b"new", "b.txt": b"new"})) == {
        "a.txt": "identical",
        "b.txt": "update",
    }
    assert words(write_folder(tmp_path, {"a.txt": b"third", "b.txt": b"third"})) == {
        "a.txt": "update",
        "b.txt": "update",
    }


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_unwritable_folder_is_named(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(WriteError, match="Permission denied"):
        write_folder(tmp_path / "model", {"a.txt": b"1"})


def test_a_folder_that_is_a_file_is_named(tmp_path):
    (tmp_path / "model").write_text("")
    with pytest.raises(WriteError, match="cannot write the bring-up folder"):
        write_folder(tmp_path / "model", {"a.txt": b"1"})


def test_a_damaged_manifest_is_named(tmp_path):
    write_folder(tmp_path, {"a.txt": b"1"})
    (tmp_path / MANIFEST).write_text("{")
    with pytest.raises(WriteError, match="manifest is damaged"):
        write_folder(tmp_path, {"a.txt": b"1"})


KILLED = """
import os, signal, sys
from pathlib import Path
from bringup import write
def die(*arguments):
    if sys.argv[2] == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    print("here", flush=True)
    sys.stdin.read()
    raise OSError("enough")
write.manifest_bytes = die
write.write_folder(Path(sys.argv[1]), {"a.txt": b"2"})
"""


def test_what_a_killed_run_left_is_swept_and_what_a_living_one_owns_is_not(tmp_path):
    folder = tmp_path / "model"
    write_folder(folder, {"a.txt": b"1"})
    killed = subprocess.run([sys.executable, "-c", KILLED, str(folder), "killed"], check=False)
    assert killed.returncode == -9
    (left,) = (folder / ".bringup").glob("staging-*")
    assert (left / "0").read_bytes() == b"2"
    older = folder / ".bringup/staging-of-an-older-version"
    older.mkdir()
    (tmp_path / "elsewhere").mkdir()
    (folder / ".bringup/staging-link").symlink_to(tmp_path / "elsewhere")
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(folder), "living"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as living:  # fmt: skip
        assert living.stdout is not None and living.stdout.readline() == b"here\n"
        (owned,) = [p for p in (folder / ".bringup").glob("staging-*") if p.name != "staging-link"]
        assert owned not in (left, older) and (owned / "0").read_bytes() == b"2"
        sweep(folder / ".bringup")
        assert (owned / "0").exists()
        living.communicate(b"")
    write_folder(folder, {"a.txt": b"3"})
    assert [p.name for p in (folder / ".bringup").glob("staging-*")] == ["staging-link"]
    assert (tmp_path / "elsewhere").is_dir()


def test_half_a_record_of_issues_is_swept(tmp_path):
    from bringup.issues.state import State, locked, write_state

    write_folder(tmp_path, {"a.txt": b"1"})
    write_state(tmp_path, State())
    (tmp_path / ".bringup/issues.json.4711.new").write_text("{")
    with locked(tmp_path):
        assert sorted(p.name for p in (tmp_path / ".bringup").glob("issues.json*")) == ["issues.json"]
