"""Names that were perhaps meant: what is mistyped never counts as nothing given."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_SHORT = {
    "bf16": "bfloat16", "fp16": "float16", "f16": "float16", "half": "float16", "fp32": "float32", "f32": "float32",
    "float": "float32", "single": "float32", "fp64": "float64", "f64": "float64", "double": "float64",
    "i8": "int8", "s8": "int8", "u8": "uint8", "byte": "uint8", "i16": "int16", "short": "int16", "i32": "int32",
    "int": "int32", "i64": "int64", "long": "int64", "boolean": "bool", "c64": "complex64", "c128": "complex128",
    "nhwc": "channels_last", "ndhwc": "channels_last_3d", "nchw": "contiguous_format", "dense": "strided",
}  # fmt: skip
"""What others call dtypes, memory formats and layouts."""


def near_matches(name: str, known: Iterable[str], cutoff: float = 0.5) -> str:
    """`did you mean a, b or c?`, or an empty text."""
    found = nearest(name, known, cutoff)
    if not found:
        return ""
    *others, last = found
    return f"did you mean {', '.join(others)} or {last}?" if others else f"did you mean {last}?"


def nearest(name: str, known: Iterable[str], cutoff: float = 0.5) -> list[str]:
    """Up to three of the known names, the nearest first."""
    names = list(known)
    short = _SHORT.get(name.lower().removeprefix("torch.").removeprefix("ttnn."), "")
    if short in names:
        return [short]
    same = [other for other in names if other.lower() == name.lower()]
    return same or difflib.get_close_matches(name[:_LONGEST], names, n=3, cutoff=cutoff)


_LONGEST = 100
"""Characters of a name that are compared: the time of a comparison grows with both."""


def and_near(name: str, known: Iterable[str], cutoff: float = 0.5) -> str:
    """The same as the end of a sentence: `; did you mean a?`."""
    near = near_matches(name, known, cutoff)
    return f"; {near}" if near else ""
