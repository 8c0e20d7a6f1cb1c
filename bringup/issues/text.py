"""Text of models on GitHub, inert: in code, where neither Markdown nor mentions, references or closing words work.

A backslash does not stop GitHub from making a link of `@name` or `#1`; only code does.
"""

from __future__ import annotations

import re

from bringup.markdown import inline_code
from bringup.printable import printable

_SAFE = re.compile(r"[^\w .:,()\[\]'=<>/*-]", re.ASCII)
_MAX_CODE = 300


def code(text: object) -> str:
    """Inline code on one line, cut where it is very long; safe in a table's cell and against hidden lines."""
    flat = str(text)
    flat = flat if len(flat) <= _MAX_CODE else f"{flat[: _MAX_CODE - 3]}..."
    return inline_code(_without_comments(flat))


def block(text: str, language: str = "") -> str:
    """A fenced block that the text cannot end."""
    lines = _without_comments(text).splitlines()
    body = "\n".join(printable(line, keep="\t") for line in lines)
    runs = [len(run) for run in re.findall(r"`+", body)]
    fence = "`" * max(3, max(runs, default=0) + 1)
    return f"{fence}{language}\n{body}\n{fence}"


def _without_comments(text: str) -> str:
    return text.replace("<!--", "<! --").replace("-->", "-- >")


def title(text: str, limit: int = 120) -> str:
    """A title: plain characters only, on one line."""
    flat = " ".join(_SAFE.sub("?", " ".join(text.split())).split())
    return flat if len(flat) <= limit else f"{flat[: limit - 3]}..."
