"""What makes two gaps the same one, whatever the model: the op, and why ttnn does not run it."""

from __future__ import annotations

import re
from typing import Literal

from bringup.issues.markers import key_of

Cause = Literal["missing", "rejected", "crash", "wrong shape", "wrong value"]
_SCHEME = "1"
"""Changes only when the same gap has to get another fingerprint."""

_SIGNATURES = re.compile(r"incompatible function arguments.*", re.DOTALL)
_PATH = re.compile(r"(?<![\w.])/(?:[\w.+-]+/)+([\w.+-]+)")
_ADDRESS = re.compile(r"\b0x[0-9a-f]+\b")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`")
_SHAPE = re.compile(r"(?:\b[\w:]*shape[\w:]*\s*)?[\[({][-\d\s,.#]*[\])}]")
_FULL = re.compile(r"(not enough space to allocate # b \w+ buffer).*", re.DOTALL)
"""What the allocator adds, the state of the banks, is another one in each ttnn and model."""
_NUMBER = re.compile(r"(?<![a-z_])-?\d[\d,._]*(?:e[-+]?\d+)?")


def fingerprint(op: str, cause: Cause, limit: str) -> str:
    """The gap's key, the same in every model.

    Args:
        op: The ATen op.
        cause: Why it does not run.
        limit: ttnn's words, or the limit as the registry has it; empty for a missing op.
    """
    return key_of("gap", _SCHEME, op, cause, normalise(limit))


def normalise(words: str) -> str:
    """A refusal without what differs from call to call: shapes, numbers, addresses, paths, quoted values."""
    text = _SIGNATURES.sub("incompatible function arguments", words.lower())
    text = _PATH.sub(r"\1", text)
    text = _ADDRESS.sub("#", text)
    text = _QUOTED.sub("#", text)
    text = _SHAPE.sub("#", text)
    text = _NUMBER.sub("#", text)
    text = _FULL.sub(r"\1", text)
    return " ".join(text.split()).rstrip(" .;:")


def without_paths(words: str) -> str:
    """ttnn's words without the folders of the machine that it ran on."""
    return _PATH.sub(r"\1", words)
