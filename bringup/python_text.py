"""Python source text from data: literals and identifiers that no name of a model can break out of."""

from __future__ import annotations

import json
import keyword
import re
from typing import Any


def literal(value: Any) -> str:
    """A Python literal in ruff's style: double quotes, tuples as they are."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=True)
    if isinstance(value, tuple):
        inner = ", ".join(literal(item) for item in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, list):
        return f"[{', '.join(literal(item) for item in value)}]"
    if value is None or isinstance(value, (bool, int, float)):
        return _number(value)
    return str(value)


def _number(value: float | None) -> str:
    text = repr(value)
    return f'float("{text}")' if text in ("inf", "-inf", "nan") else text


def keyword_argument(name: str, text: str) -> str:
    """`name=text` of a call, also where an op's schema calls the argument `from` or `lambda`."""
    return f'**{{"{name}": {text}}}' if keyword.iskeyword(name) else f"{name}={text}"


def identifier(text: str) -> str:
    """A valid lower-case Python identifier that resembles the text."""
    name = re.sub(r"[^0-9a-z]+", "_", text.lower()).strip("_") or "unnamed"
    if name[0].isdigit():
        name = f"_{name}"
    return f"{name}_" if keyword.iskeyword(name) else name


def snake_words(name: str) -> str:
    """`BertSelfAttention` -> `bert_self_attention`; `MobileNetV2` -> `mobilenet_v2`."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name.strip("_"))
    return re.sub(r"_net(?=_|\d|$)", "net", spaced.lower())


def plain(text: str) -> str:
    """Text for a docstring or comment: one line, printable ASCII, no quotes or backslashes that end it."""
    flat = " ".join(text.split())
    return "".join(c if " " <= c <= "~" and c not in '"\\' else "?" for c in flat)


def comment(text: str) -> str:
    """Text for a `#` comment: one line, printable ASCII."""
    flat = " ".join(text.split())
    return "".join(c if " " <= c <= "~" else "?" for c in flat)
