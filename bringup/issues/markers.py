"""The hidden lines of an issue by which it is found again: the gap, the model, the tracking issue.

A marker counts only where it stands on a line of its own, as we write it: a name or an error text of a model is never
alone on a line of ours, so it cannot pose as one.
"""

from __future__ import annotations

import hashlib
import re
from typing import Literal

from bringup.sources.loaded import ModelInfo

Kind = Literal["gap", "model", "tracking"]
_MARKER = re.compile(r"^<!-- bringup:(gap|model|tracking) ([0-9a-f]{16}) -->[ \t]*\r?$", re.MULTILINE)
_FENCED = re.compile(r"^(`{3,}|~{3,})[^\n]*\n.*?(?:^\1[`~]*[ \t]*\r?$|\Z)", re.MULTILINE | re.DOTALL)


def marker(kind: Kind, key: str) -> str:
    """The hidden line."""
    return f"<!-- bringup:{kind} {key} -->"


def find_markers(kind: Kind, text: str | None) -> tuple[str, ...]:
    """The keys that a body or comment carries, in order; what stands in a code block is none."""
    outside = _FENCED.sub("", text or "")
    return tuple(match[2] for match in _MARKER.finditer(outside) if match[1] == kind)


def without_markers(text: str) -> str:
    """A text without its hidden lines: whole lines only, so that nothing else of the text moves."""
    return re.sub(r"^<!--[ \t]*bringup:[^\n]*-->[ \t]*\r?(?:\n|\Z)", "", text, flags=re.MULTILINE)


def search_word(key: str) -> str:
    """The gap as one visible word: GitHub's search finds words, not hidden lines."""
    return f"bringupgap{key}"


def key_of(*parts: str) -> str:
    """Sixteen hexadecimal digits that stand for some texts."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def model_key(info: ModelInfo) -> str:
    """A model's key: the same for everyone who gives the same spec, wherever the file lies."""
    return key_of("model", info.name, info.spec.rpartition("/")[2], info.class_name.rpartition(".")[2])
