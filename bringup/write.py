"""Files into a bring-up folder: all or nothing, and never over what a person changed."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Annotated, Literal

from pydantic import AfterValidator

from bringup.errors import FolderError, WriteError
from bringup.inside import leads_out, leaves
from bringup.json_files import from_json
from bringup.staging import staging

Word = Literal["create", "identical", "update", "conflict", "remove", "skip"]
_OURS = ".bringup"
MANIFEST = f"{_OURS}/manifest.json"
_LOCK = f"{_OURS}/lock"
_PATIENCE = 5.0
"""Seconds to wait for another bringup that writes the same folder: writing takes less than one."""


@dataclass(frozen=True, slots=True)
class Action:
    """What happens to one path.

    `create` new; `identical` as it was; `update` replaced, nobody had changed it; `conflict` a person changed it: it
    stays and the new text goes beside it as `<path>.new`; `remove` no longer made and unchanged; `skip` no longer
    made but changed, so it stays.
    """

    word: Word
    path: str


Manifest = dict[str, tuple[str, ...]]


def _inside(path: str) -> str:
    if leaves(path):
        raise ValueError("a path leaves the folder")
    return path


@dataclass(frozen=True, slots=True)
class _ManifestFile:
    """The manifest as it is read: what it names may be removed, so every path is checked as those that are written."""

    files: dict[Annotated[str, AfterValidator(_inside)], tuple[str, ...]]


def write_folder(
    folder: Path, files: Mapping[str, bytes], *, dry_run: bool = False, owner: str | None = ""
) -> tuple[Action, ...]:
    """Bring a folder to the given files.

    Args:
        folder: Made when it is not there.
        files: Contents by path relative to the folder, with `/`.
        dry_run: Only say what would happen.
        owner: Files below this prefix that are no longer made are removed; empty for all, None for none.

    Raises:
        WriteError: the folder cannot be written (its files are as they were), or a path leaves it.
    """
    for path in files:
        check_path(folder, path)
    try:
        if dry_run:
            return _plan(folder, files, read_manifest(folder), owner)
        return _write(folder, files, owner)
    except OSError as error:
        reason = error.strerror or str(error)
        raise WriteError(
            f"cannot write the bring-up folder: {reason}",
            where=str(folder),
            next_step="its files are as they were; free space or give another folder with --out",
        ) from error


def replace_file(folder: Path, path: str, content: bytes) -> None:
    """Write one file that the user asked to have changed, edited or not; it counts as edited where it was.

    Raises:
        WriteError: it cannot be written (it is as it was), or the path leaves the folder.
    """
    check_path(folder, path)
    try:
        with _locked(folder), staging(folder / _OURS) as place:
            _stage(place / "file", content).replace(folder / path)
    except OSError as error:
        raise WriteError(
            f"cannot write: {error.strerror or error}", where=str(folder / path), next_step="it is as it was"
        ) from error


def check_path(folder: Path, path: str) -> None:
    """A path that is about to be written, removed or believed stays in its folder.

    Raises:
        WriteError: it leaves the folder, by itself or by a link.
    """
    if leaves(path):
        raise WriteError("a path leaves the bring-up folder", where=repr(path), next_step="report this: it is our bug")
    try:
        is_out = leads_out(folder, path)
    except OSError as error:
        raise WriteError(f"cannot look at the bring-up folder: {error.strerror}", where=str(folder)) from error
    if is_out:
        raise WriteError("a link in the bring-up folder leads out of it", where=path, next_step="remove the link")


def _write(folder: Path, files: Mapping[str, bytes], owner: str | None) -> tuple[Action, ...]:
    created = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with _locked(folder):
            manifest = read_manifest(folder)
            actions = _plan(folder, files, manifest, owner)
            _commit(folder, files, manifest, actions)
            return actions
    except OSError:
        if created:
            shutil.rmtree(folder, ignore_errors=True)
        raise


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    for path in (_LOCK, MANIFEST):
        check_path(folder, path)
    (folder / _OURS).mkdir(exist_ok=True)
    with (folder / _LOCK).open("a") as lock:
        deadline = time.monotonic() + _PATIENCE
        while not _try_lock(lock):
            if time.monotonic() > deadline:
                raise WriteError(
                    "another bringup is writing this folder", where=str(folder), next_step="wait for it, or use --out"
                )
            time.sleep(0.1)
        yield


def _try_lock(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _plan(folder: Path, files: Mapping[str, bytes], manifest: Manifest, owner: str | None) -> tuple[Action, ...]:
    actions = [Action(_word(folder / path, content, manifest.get(path, ())), path) for path, content in files.items()]
    for path, known in manifest.items():
        if owner is not None and path not in files and path.startswith(owner) and (folder / path).is_file():
            check_path(folder, path)
            unchanged = digest((folder / path).read_bytes()) in known
            actions.append(Action("remove" if unchanged else "skip", path))
    return tuple(sorted(actions, key=lambda action: action.path))


def _word(path: Path, content: bytes, known: tuple[str, ...]) -> Word:
    if not path.exists():
        return "create"
    current = path.read_bytes()
    if current == content:
        return "identical"
    return "update" if digest(current) in known else "conflict"


def _commit(folder: Path, files: Mapping[str, bytes], manifest: Manifest, actions: tuple[Action, ...]) -> None:
    """Everything is written beside first; only then are files renamed into place, so a full disk changes nothing."""
    staged = {_target(a): files[a.path] for a in actions if a.word in ("create", "update", "conflict")}
    final = _next_manifest(manifest, files, actions)
    both = {path: tuple(dict.fromkeys((*known, *manifest.get(path, ())))) for path, known in final.items()}
    with staging(folder / _OURS) as place:
        sources = {path: _stage(place / str(i), content) for i, (path, content) in enumerate(staged.items())}
        before = _stage(place / "before", manifest_bytes(both))
        after = _stage(place / "after", manifest_bytes(final))
        for path in staged:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
        if staged:
            before.replace(folder / MANIFEST)
        for path, source in sources.items():
            source.replace(folder / path)
        for action in actions:
            if action.word == "remove":
                (folder / action.path).unlink()
        if not (folder / MANIFEST).exists() or (folder / MANIFEST).read_bytes() != after.read_bytes():
            after.replace(folder / MANIFEST)


def _target(action: Action) -> str:
    return f"{action.path}.new" if action.word == "conflict" else action.path


def _stage(path: Path, content: bytes) -> Path:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return path


def _next_manifest(manifest: Manifest, files: Mapping[str, bytes], actions: tuple[Action, ...]) -> Manifest:
    kept = dict(manifest)
    for action in actions:
        if action.word in ("create", "update", "identical"):
            kept[action.path] = (digest(files[action.path]),)
        elif action.word in ("remove", "skip"):
            kept.pop(action.path, None)
    return kept


def manifest_bytes(manifest: Manifest) -> bytes:
    """The manifest's file: the hashes of each path as last written."""
    return (json.dumps({"files": {p: list(h) for p, h in sorted(manifest.items())}}, indent=1) + "\n").encode()


def read_manifest(folder: Path) -> Manifest:
    """The hashes of each file of a folder as last written; empty for a folder that bringup did not write.

    Raises:
        WriteError: the manifest is damaged.
    """
    path = folder / MANIFEST
    try:
        return from_json(_ManifestFile, path.read_text(encoding="utf-8"), str(path)).files
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, FolderError) as error:
        words = getattr(error, "strerror", None) or getattr(error, "what", str(error))
        raise WriteError(
            f"the folder's manifest is damaged: {words}",
            where=str(path),
            next_step="delete it: files that differ become conflicts",
        ) from error


def digest(content: bytes) -> str:
    """SHA-256 of a file's bytes."""
    return hashlib.sha256(content).hexdigest()
