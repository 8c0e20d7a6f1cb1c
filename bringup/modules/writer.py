"""What is known while functions are written, and what they are when they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bringup.modules.functions import Grouping
from bringup.python_text import plain

Arguments = dict[str, dict[str, object]]
"""What differs between the instances of a function, by the module's path and the argument's name."""


@dataclass(frozen=True, slots=True)
class FunctionText:
    """A function ready to be printed.

    `instances` are the paths of its modules; `lines` its body, indented relative to it.
    """

    name: str
    class_name: str
    arguments: tuple[str, ...]
    lines: tuple[str, ...]
    instances: tuple[str, ...]
    inputs: tuple[str, ...]
    takes_parameters: bool

    @property
    def has_docstring(self) -> bool:
        """Whether its lines begin with one of their own."""
        return self.lines[0].startswith('"""')

    @property
    def summary(self) -> str:
        """The first line of its docstring."""
        name = plain(self.class_name.rpartition(".")[2])
        if self.instances == ("",):
            return f"{name}, the model."
        others = len(self.instances) - 1
        return f"{name}: {plain(self.instances[0])}" + (f" and {others} more." if others else ".")


@dataclass(frozen=True, slots=True)
class Hints:
    """What the model's own lines call a value: in each module call by its frame, and which call is around which."""

    by_frame: Mapping[str, dict[str, str]]
    parent_of: Mapping[str, str]

    def outside(self, frame: str, value: str) -> str:
        """What the modules around a call name a value that it reads; empty when none does."""
        current: str | None = self.parent_of.get(frame)
        while current is not None:
            if value in self.by_frame[current]:
                return self.by_frame[current][value]
            current = self.parent_of.get(current)
        return ""


@dataclass
class Writer:
    """What is known while functions are written, callees first.

    `sharing` gives, where tensors are freed, what may share a value's buffer, by the id of the function (ownership.py).
    `returns` writes what the function of the frame `root`, the model, gives: its outputs in their structure.
    """

    grouping: Grouping
    forwards: Mapping[str, tuple[str, ...]]
    hints: Hints
    fixed_names: Mapping[str, str] = field(default_factory=dict)
    places: frozenset[str] = frozenset()
    frees: bool = False
    sharing: Mapping[int, Mapping[str, frozenset[str]]] = field(default_factory=dict)
    on_host: frozenset[str] = frozenset()
    root: str = ""
    returns: Callable[[Sequence[str]], str] | None = None
    names: dict[int, dict[str, str]] = field(default_factory=dict)
    texts: dict[int, FunctionText] = field(default_factory=dict)
    arguments: Arguments = field(default_factory=dict)
    orders: dict[int, tuple[int, ...]] = field(default_factory=dict)
