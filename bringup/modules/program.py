"""What a module is before it is text: statements that read and make values, in the module calls they belong to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Union

from bringup.ir import SourceLine


@dataclass(frozen=True, slots=True)
class Use:
    """A tensor in an expression, by the id of its value."""

    value: str


@dataclass(frozen=True, slots=True)
class Place:
    """What stands in `parameters`: a weight, or the arguments of one call; by its path in the model."""

    path: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A plain value: printed in place where all instances of a module share it, else an argument of the instance.

    A splatted one is written as arguments of its own: `view(1, 128)`; a keyword one as `, name=value`, and not at all
    where every instance has its default.
    """

    name: str
    value: object
    is_splat: bool = False
    is_keyword: bool = False
    default: object = None


Part = Union[str, Use, Place, Literal]
Parts = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """`outputs = parts`.

    Args:
        outputs: Ids of the values made; several for a list of tensors.
        parts: The expression.
        hint: What to call the output when the model's line does not say.
        line: The line of the model's forward that it stands for.
        is_view: Whether the output may share memory with what it reads.
        is_list: Whether the expression gives a list, taken apart on the left.
        is_heavy: Whether it is worth a line of its own, however short.
        comment: What must stand above the line.
        issue: A comment of one line below that one: the issue of what TT-NN lacks here.
    """

    outputs: tuple[str, ...]
    parts: Parts
    hint: str = ""
    line: SourceLine | None = None
    is_view: bool = False
    is_list: bool = False
    is_heavy: bool = True
    comment: str = ""
    issue: str = ""

    def uses(self) -> tuple[str, ...]:
        """The values read, in order, with repeats."""
        return tuple(part.value for part in self.parts if isinstance(part, Use))


@dataclass(frozen=True, slots=True)
class ModuleCall:
    """A call of a child module, which is a function of its own."""

    body: Body

    @property
    def outputs(self) -> tuple[str, ...]:
        """Values the child makes that are read outside it."""
        return self.body.outputs

    def uses(self) -> tuple[str, ...]:
        """Values the child reads that are made outside it."""
        return self.body.inputs


Item = Union[Statement, ModuleCall]


@dataclass(frozen=True, slots=True)
class Body:
    """One call of one module: its statements and calls in order."""

    frame: str
    path: str
    class_name: str
    items: tuple[Item, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    line: SourceLine | None = None

    def statements(self) -> Iterator[Statement]:
        """The statements, those of children included."""
        for item in self.items:
            if isinstance(item, ModuleCall):
                yield from item.body.statements()
            else:
                yield item


@dataclass(frozen=True, slots=True)
class Emitted:
    """A statement and the module call that it belongs to."""

    frame: str
    statement: Statement


def parts(*given: Part) -> Parts:
    """Parts with neighbouring texts joined and empty ones left out."""
    found: list[Part] = []
    for part in given:
        if isinstance(part, str) and found and isinstance(found[-1], str):
            found[-1] = found[-1] + part
        elif part != "":
            found.append(part)
    return tuple(found)
