"""Markdown from data: nothing that a model's names hold can start markup."""

from __future__ import annotations

import re

from bringup.printable import printable

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|<>~@&-])")


def escape_text(text: str) -> str:
    """Text that shows as it is: every character with a meaning escaped, on one line."""
    return _SPECIAL.sub(r"\\\1", _flat(text))


def escape_cell(text: object) -> str:
    """Text for a table's cell."""
    return escape_text(str(text))


def inline_code(text: object) -> str:
    """Text as inline code, in as many backticks as it needs; safe in a table's cell."""
    flat = _flat(str(text)).replace("|", "\\|")
    runs = [len(run) for run in re.findall(r"`+", flat)]
    fence = "`" * (max(runs, default=0) + 1)
    pad = " " if flat.startswith("`") or flat.endswith("`") else ""
    return f"{fence}{pad}{flat}{pad}{fence}" if flat.strip() else "\\-"


def _flat(text: str) -> str:
    return printable(" ".join(text.split()))
