"""Source lines of the user's model, without the paths of the machine that traced it."""

from __future__ import annotations

import re
import sys
import traceback
from functools import lru_cache
from pathlib import Path

from bringup.ir import SourceLine

_ENTRY = re.compile(r'^\s*File "(?P<file>.+)", line (?P<line>\d+), in (?P<function>.+)$')
_STANDARD = str(Path(traceback.__file__).parent)
_OURS = ("bringup/trace/", "bringup/sources/", "bringup/views/", "bringup/init.py", "bringup/cli")
_LIBRARY = ("torch/", "importlib/", "contextlib.py", "functools.py", "<")


@lru_cache(maxsize=4096)
def relative_file(file: str) -> str:
    """The file's path below the `sys.path` entry that it was imported from; its bare name when there is none."""
    path = Path(file)
    if not path.is_absolute():
        return path.as_posix()
    roots = [Path(entry) for entry in sys.path if entry and Path(entry).is_absolute()]
    below = [path.relative_to(root).as_posix() for root in roots if path.is_relative_to(root)]
    return min(below, key=len, default=path.name)


@lru_cache(maxsize=65536)
def parse_stack(stack: str) -> tuple[SourceLine, ...]:
    """The lines of a torch.fx `stack_trace`, outermost first."""
    found: list[SourceLine] = []
    pending: re.Match[str] | None = None
    for text in stack.splitlines():
        entry = _ENTRY.match(text)
        if entry:
            if pending:
                found.append(_line(pending, ""))
            pending = entry
        elif pending and text.strip():
            found.append(_line(pending, text.strip()))
            pending = None
    if pending:
        found.append(_line(pending, ""))
    return tuple(found)


def _line(entry: re.Match[str], code: str) -> SourceLine:
    return SourceLine(relative_file(entry["file"]), int(entry["line"]), entry["function"].strip(), code)


def user_line(stack: str) -> SourceLine | None:
    """The innermost line that is not torch's own: where the model's author called the op."""
    return next((line for line in reversed(parse_stack(stack)) if not is_library(line)), None)


def is_library(line: SourceLine) -> bool:
    """Whether a line is torch's own or Python's, not the model's."""
    return line.file.startswith(_LIBRARY)


def _is_standard(file: str) -> bool:
    """Whether a file is of Python's own library."""
    return file.startswith(f"{_STANDARD}/") and "site-packages" not in file


def error_line(error: BaseException) -> SourceLine | None:
    """The model's line that an exception came from, by its traceback or by the stack that torch quotes in its text."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not _is_standard(frame.filename)]
    lines = [SourceLine(relative_file(f.filename), f.lineno or 0, f.name, (f.line or "").strip()) for f in frames]
    called = [line for line in lines if not is_library(line) and not line.file.startswith(_OURS)]
    quoted = user_line(str(error))
    forward = [line for line in called if line.function != "<module>"]
    imported = [line for line in called if line.function == "<module>"]
    return quoted or next(iter([*forward[::-1], *imported[::-1]]), None)
