"""From a graph to its distinct input variations and distinct modules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Union

from bringup.ir import Graph, Kind, SourceLine, Symbol, unique


@dataclass(frozen=True, slots=True)
class Operand:
    """A tensor argument of a variation."""

    shape: tuple[int, ...]
    dtype: str
    kind: Kind


NO_OPERAND = "no operand"
"""Kind of the symbol that stands for a tensor that is sparse or quantised: operands are neither."""

Item = Union[bool, int, float, str, None, Operand, Symbol]
ItemValue = Union[Item, tuple[Item, ...]]


@dataclass(frozen=True, slots=True)
class VariationArgument:
    """One argument of a variation by its schema name: a tensor, a list, or a plain value."""

    name: str
    value: ItemValue


@dataclass(frozen=True, slots=True)
class Site:
    """Where calls of a variation stand: module path, user's source line, number of calls there."""

    module: str
    class_name: str
    source: SourceLine | None
    calls: int


@dataclass(frozen=True, slots=True)
class Variation:
    """A distinct (op, shapes, dtypes, operand kinds, arguments) with its count and its places.

    `id` is the op's short name and a hash of the full key, the same in every model: `conv2d-3f9a1c2e`.
    `unread` are the places among `outputs` of the results that nothing reads.
    """

    id: str
    op: str
    arguments: tuple[VariationArgument, ...]
    outputs: tuple[Operand, ...]
    count: int
    sites: tuple[Site, ...]
    unread: tuple[int, ...] = ()

    @property
    def read(self) -> tuple[int, ...]:
        """The places among `outputs` of the results that are read; one without elements has nothing to read."""
        wanted = tuple(i for i in range(len(self.outputs)) if i not in self.unread)
        return tuple(i for i in wanted if 0 not in self.outputs[i].shape) or wanted

    def get(self, name: str) -> ItemValue:
        """The argument of that name, None when the op has none."""
        return next((a.value for a in self.arguments if a.name == name), None)

    def symbols(self, kind: str) -> tuple[str, ...]:
        """The texts of arguments, and of members of lists, that are symbols of a kind."""
        listed = (a.value if isinstance(a.value, tuple) else (a.value,) for a in self.arguments)
        return tuple(item.text for items in listed for item in items if isinstance(item, Symbol) and item.kind == kind)

    def operands(self) -> tuple[tuple[str, Operand], ...]:
        """The tensor arguments with their names; members of a list are `tensors.0`, `tensors.1`."""
        found: list[tuple[str, Operand]] = []
        for argument in self.arguments:
            if isinstance(argument.value, Operand):
                found.append((argument.name, argument.value))
            elif isinstance(argument.value, tuple):
                found += [
                    (f"{argument.name}.{i}", item) for i, item in enumerate(argument.value) if isinstance(item, Operand)
                ]
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Structure:
    """Instances of a module class that do the same ops in the same order, on whatever shapes.

    Args:
        id: Class name, with a number when the class has several structures: `Bottleneck-2`.
        instances: Paths of the modules, in the order of their first call; the root's is empty.
        calls: Op calls of one instance, its children's included.
        ops: Op kinds with their number of calls, most frequent first.
        children: Class names of the modules that its own forward calls, in order, without repeats.
    """

    id: str
    instances: tuple[str, ...]
    calls: int
    ops: tuple[tuple[str, int], ...]
    children: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModuleClass:
    """A class of the model (torch.nn's own leaves and containers are left out) with its structures."""

    name: str
    class_name: str
    structures: tuple[Structure, ...]

    @property
    def instances(self) -> tuple[str, ...]:
        """Paths of all instances."""
        return tuple(path for structure in self.structures for path in structure.instances)


@dataclass(frozen=True, slots=True)
class OpKind:
    """An op with the number of its calls and variations."""

    op: str
    calls: int
    variations: int


@dataclass(frozen=True, slots=True)
class Inventory:
    """What a model consists of.

    Args:
        variations: Distinct input variations, in the order of their first call.
        modules: Distinct module classes, in the order of their first call.
        variation_of: The variation of each op call, by the call's name.
    """

    variations: tuple[Variation, ...]
    modules: tuple[ModuleClass, ...]
    variation_of: tuple[tuple[str, str], ...]

    def check(self, graph: Graph) -> None:
        """Every call of the graph has its variation.

        Raises:
            ValueError: one has none, with its name.
        """
        ids = unique("variation", (variation.id for variation in self.variations))
        calls = unique("call", (call for call, _ in self.variation_of))
        wrong = {call.name for call in graph.calls} ^ calls or {id_ for _, id_ in self.variation_of} ^ ids
        if wrong:
            raise ValueError(f"{min(wrong)!r} is not in both the graph and the inventory")

    @property
    def calls(self) -> int:
        """Number of op calls."""
        return sum(variation.count for variation in self.variations)

    def op_kinds(self) -> tuple[OpKind, ...]:
        """The op kinds, most calls first."""
        totals: dict[str, list[int]] = {}
        for variation in self.variations:
            total = totals.setdefault(variation.op, [0, 0])
            total[0] += variation.count
            total[1] += 1
        kinds = (OpKind(op, calls, variations) for op, (calls, variations) in totals.items())
        return tuple(sorted(kinds, key=lambda kind: (-kind.calls, kind.op)))
