"""`bringup generate modules`: all of them, one again, or one to write by hand."""

from __future__ import annotations

from pathlib import Path

from bringup.analysis import Analysis
from bringup.errors import FolderError, UsageError
from bringup.modules.folder import model_file, module_files, stubbed_file
from bringup.modules.splice import splice
from bringup.write import Action, replace_file, write_folder


def generate_modules(folder: Path, analysis: Analysis, *, only: str, stub: str, dry_run: bool) -> tuple[Action, ...]:
    """Write both stages with their tests; or only one function of the TT-NN file, over what stands there.

    Raises:
        UsageError: there is no such function.
        FolderError: modules cannot be made of this graph.
    """
    from bringup.modules.folder import CannotWrite

    if only and stub:
        raise UsageError("--only and --stub exclude each other", next_step="give one of them")
    try:
        if not only and not stub:
            files = {path: text.encode() for path, text in module_files(analysis).items()}
            return write_folder(folder, files, dry_run=dry_run, owner="tests/modules/")
        path, made = stubbed_file(analysis, stub) if stub else model_file(analysis)
    except CannotWrite as error:
        raise FolderError(str(error), where=str(folder), next_step="see MODEL_CARD.md, How it was traced") from error
    return (_one(folder, path, made, only or stub, dry_run=dry_run),)


def _one(folder: Path, path: str, made: str, name: str, *, dry_run: bool) -> Action:
    try:
        current = (folder / path).read_text(encoding="utf-8")
    except OSError as error:
        raise FolderError(
            f"cannot be read: {error.strerror}",
            where=str(folder / path),
            next_step="make it with `bringup generate modules`",
        ) from error
    text = splice(current, made, name)
    if text == current:
        return Action("identical", path)
    if not dry_run:
        replace_file(folder, path, text.encode())
    return Action("update", path)
