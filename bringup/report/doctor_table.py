"""What `bringup doctor` prints."""

from __future__ import annotations

from rich.text import Text

from bringup.doctor import Part
from bringup.printable import show
from bringup.report.terminal import console, table

_STYLES = {"ok": "green", "missing": "red", "optional": "yellow"}


def print_examination(parts: tuple[Part, ...]) -> None:
    """One line per part, and what the missing ones cost."""
    made = table("what", "status", "found")
    for part in parts:
        state = "limited" if part.state == "optional" else part.state
        made.add_row(Text(part.name), Text(state, style=_STYLES[part.state]), Text(part.found))
    console().print(made)
    for part in parts:
        if part.cost:
            show(f"without {part.name}: {part.cost}")
