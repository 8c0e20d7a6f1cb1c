"""Text of models, of errors and of tests on a terminal and in files: shown, and never obeyed.

Everything that is not plainly visible is written as Python writes it in a string: control characters of either set,
which steer terminals; marks that turn the direction of what follows; characters without width; separators of lines;
surrogates by themselves, which no file can hold.
"""

from __future__ import annotations

import sys
from typing import TextIO


def printable(text: object, keep: str = "") -> str:
    """A text in which everything can be seen; `keep` names characters that stay as they are."""
    shown = str(text)
    if shown.isprintable():
        return shown
    return "".join(c if c.isprintable() or c in keep else visible(c) for c in shown)


def visible(character: str) -> str:
    """A character as Python writes it in a string: `\\x1b`, `\\u202e`."""
    return character.encode("unicode_escape").decode("ascii")


def show(text: object = "", *, end: str = "\n", file: TextIO | None = None) -> None:
    """Print an answer, on stdout unless said otherwise."""
    print(printable(text, keep="\n\t"), end=end, file=file or sys.stdout)


def say(text: object) -> None:
    """Print talk, on stderr."""
    show(text, file=sys.stderr)
