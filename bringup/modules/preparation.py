"""What stands in `parameters` before the model runs, and what the host makes of its inputs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

HOST_ONLY = "{torch}"
"""Kept as a torch tensor, for what the host works out."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A tensor made from weights once.

    Args:
        how: An expression of `{torch}` and `device`.
        source: A weight's name, or the key of a constant that torch works out; empty for one made of nothing.
        fold: For convolutions, the names of (weight, bias, batch norm path, epsilon) folded together.
    """

    how: str
    source: str
    fold: tuple[object, ...] = ()


@dataclass
class Preparations:
    """Everything in `parameters` by its place; the same place is never given two contents."""

    prepared: dict[str, Prepared] = field(default_factory=dict)
    arguments: dict[str, dict[str, object]] = field(default_factory=dict)

    def place(self, path: str, content: Prepared) -> str:
        """The path where this content stands: the wanted one, numbered when another content has it."""
        for candidate in _numbered(path):
            if self.prepared.setdefault(candidate, content) == content:
                return candidate
        raise AssertionError("unreachable")

    def bundle(self, path: str, weights: dict[str, Prepared], arguments: dict[str, object]) -> str:
        """The path where weights and arguments of one call stand together."""
        for candidate in _numbered(path):
            known = {name: self.prepared.get(f"{candidate}.{name}") for name in weights}
            is_free = candidate not in self.arguments and not any(known.values())
            if is_free or (self.arguments.get(candidate) == arguments and known == weights):
                self.prepared.update({f"{candidate}.{name}": content for name, content in weights.items()})
                self.arguments[candidate] = arguments
                return candidate
        raise AssertionError("unreachable")


def _numbered(path: str) -> Iterator[str]:
    yield path
    number = 2
    while True:
        yield f"{path}_{number}"
        number += 1


_METHODS = re.compile(r"\{torch\}((?:\.\w+\([^()]*\)|\.T)*)")


def methods_of(how: str) -> str:
    """What is done to the tensor in torch before it is moved: `.permute(0, 2, 3, 1)`."""
    match = _METHODS.search(how)
    return match[1] if match else ""


def wanted_layout(how: str) -> str:
    """`TILE` or `ROW_MAJOR`."""
    return "ROW_MAJOR" if "ROW_MAJOR_LAYOUT" in how else "TILE"


def wanted_dtype(how: str) -> str:
    """The ttnn dtype that an operand is moved as: `bfloat16`."""
    match = re.search(r"dtype=ttnn\.(\w+)", how)
    return match[1] if match else "bfloat16"
