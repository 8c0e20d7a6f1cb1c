"""Paths of a bring-up folder: those that are written, and those that its JSON names, stay inside it."""

from __future__ import annotations

from pathlib import Path, PurePosixPath


def leaves(path: str) -> bool:
    """Whether a relative path, as it is written with `/`, names nothing inside a folder."""
    parts = PurePosixPath(path).parts
    is_outside = not parts or PurePosixPath(path).is_absolute() or ".." in parts or "\0" in path
    return is_outside or any("\ud800" <= character <= "\udfff" for character in path)


def leads_out(folder: Path, path: str) -> bool:
    """Whether a link on the way to a path of a folder leads out of it.

    Raises:
        OSError: it cannot be looked at.
    """
    try:
        return not (folder / path).resolve().is_relative_to(folder.resolve())
    except RuntimeError:  # a loop of links, in Python before 3.13
        return True
