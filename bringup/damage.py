"""A folder's JSON that somebody changed is the folder's fault, not a bug of ours: the command says so, and where."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import typer

from bringup.errors import FULL_DISK, BringupError, FolderError

Command = TypeVar("Command", bound=Callable[..., None])

DATA_FILES = (
    ".bringup/model.json", ".bringup/graph.json", ".bringup/inventory.json", ".bringup/coverage.json",
    ".bringup/tests.json", ".bringup/modules.json", "coverage.json", "check.json",
)  # fmt: skip
"""What later commands read of a folder; the manifest has a hash of each."""
_FOLDERS = ("folder", "before", "after")


def changed_data(folder: Path) -> tuple[str, ...]:
    """The data files of a folder that are not as bringup wrote them."""
    from bringup.write import digest, read_manifest

    manifest = read_manifest(folder)
    found = []
    for path in DATA_FILES:
        try:
            if digest((folder / path).read_bytes()) not in manifest.get(path, ()):
                found.append(path)
        except FileNotFoundError:
            if path in manifest:
                found.append(path)
        except OSError:
            found.append(path)
    return tuple(found)


@contextmanager
def damage_is_said(*folders: Path) -> Iterator[None]:
    """What goes wrong over data that was changed is put down to that.

    Raises:
        FolderError: something failed that would be a bug, were the data as they were written.
    """
    try:
        yield
    except (typer.Exit, typer.Abort, ModuleNotFoundError, BrokenPipeError):
        raise
    except Exception as error:
        if not _would_be_ours(error):
            raise
        for folder in folders:
            changed = changed_data(folder)
            if changed:
                words = error.what if isinstance(error, BringupError) else f"{type(error).__name__}: {error}"
                raise FolderError(
                    f"the folder's data do not fit together: {words}",
                    where=", ".join(str(folder / path) for path in changed),
                    next_step="not as bringup wrote it: make the folder again with `bringup init`",
                ) from error
        raise


def _would_be_ours(error: Exception) -> bool:
    if isinstance(error, BringupError):
        return error.exit_code == 3
    return not (isinstance(error, OSError) and error.errno in FULL_DISK)


def says_damage(command: Command) -> Command:
    """A command whose folders may have been changed by hand."""

    @functools.wraps(command)
    def run(**arguments: Any) -> None:
        with damage_is_said(*(arguments[name] for name in _FOLDERS if isinstance(arguments.get(name), Path))):
            command(**arguments)

    return run  # type: ignore[return-value]
