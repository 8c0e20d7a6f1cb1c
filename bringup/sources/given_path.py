"""How a path that the user gave is written down: as it is from the current folder, with nothing of the machine."""

from __future__ import annotations

from pathlib import Path


def relative_path(text: str) -> str:
    """A path below the current folder as it is from there, any other as its bare name."""
    path, cwd = Path(text).resolve(), Path.cwd().resolve()
    return path.relative_to(cwd).as_posix() if path.is_relative_to(cwd) else path.name


_loaded: dict[str, Path] = {}
"""The files that models of this process came from, by what is written down of their paths."""


def keep_path(text: str, path: Path) -> None:
    """Remember which file was loaded as what `relative_path` made of its path."""
    _loaded[text] = path


def loaded_path(text: str) -> Path | None:
    """The very file that a model of this process was loaded from; None for any other."""
    return _loaded.get(text)


def relative_if_path(text: str) -> str:
    """The same for what may be a name: `model.pt`, `weights/model.pt:name`, `IMAGENET1K_V1`."""
    head, colon, rest = text.partition(".py:")
    if colon:
        return f"{relative_path(f'{head}.py')}:{rest}"
    return relative_path(text) if "/" in text or "." in text else text
