"""A model spec's parts, from its text."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from pathlib import Path

from bringup.errors import SourceError

PREFIXES = ("torchvision", "timm", "hf", "hf-config", "example")


@dataclass(frozen=True, slots=True)
class Spec:
    """`source` is a prefix, `path` (a file) or `module`; `target` what stands behind it; `name` the slug."""

    text: str
    source: str
    target: str
    attribute: str
    name: str


def parse_spec(text: str) -> Spec:
    """The parts of a spec.

    Raises:
        SourceError: it has no form that we know.
    """
    head, colon, rest = text.partition(":")
    if colon and head in PREFIXES:
        if not rest:
            raise SourceError(
                f"no model is named after {head}:", next_step=f"list them with `bringup models --source {head}`"
            )
        return Spec(
            text, head, rest, "", slug(Path(rest).parent.name if rest.endswith("config.json") else rest.split("/")[-1])
        )
    target, colon, attribute = text.rpartition(":")
    if colon and target.endswith(".py"):
        return Spec(text, "path", target, attribute, slug(attribute))
    if colon and re.fullmatch(r"[\w.]+", target) and attribute.isidentifier():
        if difflib.get_close_matches(target, PREFIXES, n=1, cutoff=0.75) and "." not in target:
            raise _unknown_prefix(text, target)
        return Spec(text, "module", target, attribute, slug(attribute))
    if colon:
        raise _unknown_prefix(text, head)
    raise SourceError(
        f"not a model spec: {text!r}",
        next_step="write torchvision:NAME, timm:NAME, hf:NAME, hf-config:NAME, example:NAME, "
        "path/model.py:Name or package.module:Name",
    )


def _unknown_prefix(text: str, head: str) -> SourceError:
    near = difflib.get_close_matches(head, PREFIXES, n=1)
    hint = f"did you mean {near[0]}:{text.partition(':')[2]}? " if near else ""
    return SourceError(
        f"unknown source in {text!r}", next_step=f"{hint}sources: {', '.join(PREFIXES)}, a file or a module"
    )


def slug(text: str) -> str:
    """A safe name for a folder: `MobileNetV2` -> `mobilenetv2`, `../../x` -> `x`.

    Raises:
        SourceError: nothing is left of the text.
    """
    name = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    if not name:
        raise SourceError(
            f"{text!r} gives no name for a folder", next_step="give one with --out, and a model name in ASCII letters"
        )
    return name[:80]


def near_matches(name: str, known: list[str]) -> str:
    """`: did you mean a, b or c?`, or an empty text."""
    found = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    return f"did you mean {', '.join(found)}?" if found else ""
