"""Attributes replaced for a while, and put back."""

from __future__ import annotations

from typing import Any

_ABSENT = object()


class Patches:
    """Replaced attributes in the order of their replacement."""

    def __init__(self) -> None:
        self._replaced: list[tuple[Any, str, Any]] = []

    def set(self, owner: Any, name: str, new: Any) -> Any:
        """Replace an attribute; gives the old one."""
        old = vars(owner).get(name, _ABSENT) if hasattr(owner, "__dict__") else getattr(owner, name, _ABSENT)
        self._replaced.append((owner, name, old))
        setattr(owner, name, new)
        return None if old is _ABSENT else old

    def undo(self) -> None:
        """Put everything back."""
        while self._replaced:
            owner, name, old = self._replaced.pop()
            if old is _ABSENT:
                delattr(owner, name)
            else:
                setattr(owner, name, old)
