"""Which whole numbers a model's integer inputs may hold: those that stay within the tables that they index.

The range of every integer of the graph follows from those of the inputs (`ids * 2 + 1`, `table[ids]`, `ids // 8`); each
input's range is the widest from 0 up for which every index stays within its table.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bringup.interval_rules import UNKNOWN, Interval, interval_of
from bringup.ir import Graph, OpCall, Ref, Value
from bringup.variations import short_name

_LARGEST = {"int8": 127, "uint8": 255, "int16": 32767, "int32": 2**31 - 1}
_HIGHEST = 2**31 - 1
_LOWEST_TRIED = 64
_ANY = 100
"""Below this, where every number will do: a remainder of it is taken."""
_WRITES = frozenset({"index_put", "index_copy", "scatter", "index_fill"})
_ALONG = frozenset({
    "gather", "index_select", "scatter", "scatter_add", "scatter_reduce", "index_add", "index_copy", "index_fill",
    "take_along_dim", "index_reduce",
})  # fmt: skip


_LOSSES = frozenset({"nll_loss", "nll_loss_forward", "nll_loss_nd", "nll_loss2d", "cross_entropy_loss"})


@dataclass(frozen=True, slots=True)
class Draw:
    """How an integer input is drawn: from `low` up to and without `stop`.

    `is_distinct`: no number twice, as they say where something is written. `bags`: they are no indices but where bags
    of this many indices begin.
    """

    low: int
    stop: int
    is_distinct: bool = False
    bags: int = 0
    has_end: bool = False


@dataclass(frozen=True, slots=True)
class _Index:
    """A tensor that indexes a dimension of this size."""

    value: str
    size: int


def integer_draws(graph: Graph) -> dict[str, Draw]:
    """How each integer input that reaches an index is drawn, by its name in the graph."""
    values = graph.value_by_name()
    inputs = {
        n: _LARGEST.get(values[n].type.dtype, _HIGHEST) for n in graph.inputs if _is_integer(values[n].type.dtype)
    }
    if not inputs:
        return {}
    ranges = _Ranges(graph, inputs)
    found: dict[str, None] = {}
    for index in _indices(graph):
        reaching = ranges.inputs_of(index.value)
        if reaching and index.size > 0 and ranges.is_known(index.value):
            ranges.narrow(index, reaching)
            found.update(dict.fromkeys(reaching))
    drawn = {name: _draw(name, ranges.given[name], inputs[name], graph) for name in found}
    return {**drawn, **dict(_bags(graph, inputs))}


def _draw(name: str, given: Interval, most: int, graph: Graph) -> Draw:
    low, high = (int(bound) for bound in given)
    stop = high + 1 if high < most else _ANY
    return Draw(low, stop, is_distinct=_is_written(name, stop - low, graph))


def _is_integer(dtype: str) -> bool:
    return dtype.startswith(("int", "uint"))


def _indices(graph: Graph) -> Iterator[_Index]:
    """Every index of every call, with the size of the dimension that it picks from."""
    values = graph.value_by_name()
    makers = {output: call for call in graph.calls for output in call.outputs}
    for call in graph.calls:
        name = short_name(call.target)
        arguments = {argument.name: argument.value for argument in call.arguments}
        table = next((v.ref for key in ("self", "weight", "input") if isinstance(v := arguments.get(key), Ref)), "")
        if not table:
            continue
        shape = values[table].type.shape
        index = arguments.get("indices" if name == "take_along_dim" else "index")
        if name in ("embedding", "embedding_bag", "_embedding_bag") and isinstance(arguments.get("indices"), Ref):
            yield _Index(arguments["indices"].ref, shape[0])  # type: ignore[union-attr]
        elif name in _ALONG and isinstance(index, Ref):
            # torch takes take_along_dim apart with a remainder, though it checks no index of its own.
            maker = makers.get(index.ref) if name == "gather" else None
            if maker is not None and short_name(maker.target) == "remainder":
                index = Ref(next(iter(maker.refs())))
            dim = arguments.get("dim")
            yield _Index(index.ref, (shape or (1,))[dim if isinstance(dim, int) else 0])
        elif name in ("take", "put") and isinstance(index, Ref):
            yield _Index(index.ref, math.prod(shape))
        elif name in _LOSSES and isinstance(target := arguments.get("target"), Ref):
            yield _Index(target.ref, shape[1] if len(shape) > 1 else shape[0])
        elif name == "one_hot" and isinstance(classes := arguments.get("num_classes"), int) and classes > 0:
            yield _Index(table, classes)
        elif isinstance(listed := arguments.get("indices"), tuple):
            yield from _listed(listed, shape, values)


def _listed(listed: tuple[object, ...], shape: tuple[int, ...], values: Mapping[str, Value]) -> Iterator[_Index]:
    """Indices into several dimensions; a mask is no index, and None a whole dimension."""
    for item, size in zip(listed, shape, strict=False):
        if isinstance(item, Ref) and values[item.ref].type.dtype != "bool":
            yield _Index(item.ref, size)


class _Ranges:
    """The ranges of all integers of a graph, for those that its inputs have."""

    def __init__(self, graph: Graph, largest: Mapping[str, int]) -> None:
        self.given: dict[str, Interval] = {name: (0, most) for name, most in largest.items()}
        self.values = graph.value_by_name()
        self.maker = {output: call for call in graph.calls for output in call.outputs}
        self.bounds = {weight.name: weight.bounds for weight in graph.weights if weight.bounds is not None}

    def inputs_of(self, value: str) -> tuple[str, ...]:
        """The integer inputs that a value is made of by ops whose ranges are known."""
        found: dict[str, None] = {}
        todo, seen = [value], set[str]()
        while todo:
            current = todo.pop()
            if current in seen:
                continue
            seen.add(current)
            if current in self.given:
                found[current] = None
            elif (call := self.maker.get(current)) is not None:
                todo += call.refs()
        return tuple(found)

    def narrow(self, index: _Index, names: tuple[str, ...]) -> None:
        """Narrow the ranges of these inputs until the index stays within its dimension."""
        if self._fits(index, {}):
            return
        for low in range(_LOWEST_TRIED):
            below, above = low, int(max(self.given[name][1] for name in names))
            if not self._fits(index, self._with(names, low, low)):
                continue
            while below < above:
                middle = (below + above + 1) // 2
                if self._fits(index, self._with(names, low, middle)):
                    below = middle
                else:
                    above = middle - 1
            self.given.update(self._with(names, low, below))
            return

    def _with(self, names: tuple[str, ...], low: int, high: int) -> dict[str, Interval]:
        ranges = {name: (max(low, self.given[name][0]), min(high, self.given[name][1])) for name in names}
        return {name: (first, max(first, last)) for name, (first, last) in ranges.items()}

    def is_known(self, value: str) -> bool:
        """Whether the ranges of the inputs say what a value's is."""
        return all(map(math.isfinite, self._range(value, {}, {})))

    def _fits(self, index: _Index, changed: Mapping[str, Interval]) -> bool:
        low, high = self._range(index.value, changed, {})
        return low >= 0 and high < index.size

    def _range(self, value: str, changed: Mapping[str, Interval], known: dict[str, Interval]) -> Interval:
        if value in known:
            return known[value]
        known[value] = UNKNOWN
        held, call = self.values[value], self.maker.get(value)
        if value in self.given:
            known[value] = changed.get(value, self.given[value])
        elif held.data:
            known[value] = (math.floor(min(held.data)), math.ceil(max(held.data)))
        elif held.source in self.bounds:
            known[value] = self.bounds[held.source]
        elif call is not None:
            operands = {ref: self._range(ref, changed, known) for ref in call.refs()}
            known[value] = interval_of(call, operands, self.values, is_first=value == call.outputs[0])
        return known[value]


def _is_written(name: str, numbers: int, graph: Graph) -> bool:
    """Whether an input says where something is written, and there are numbers enough that all can differ."""
    count = math.prod(graph.value_by_name()[name].type.shape)
    return 1 < count <= numbers and any(_writes_at(call, name) for call in graph.calls)


def _writes_at(call: OpCall, name: str) -> bool:
    return short_name(call.target) in _WRITES and name in tuple(call.refs())[1:]


def _bags(graph: Graph, inputs: Mapping[str, int]) -> Iterator[tuple[str, Draw]]:
    """Inputs that say where each bag of an embedding_bag begins."""
    values = graph.value_by_name()
    for call in graph.calls:
        arguments = {argument.name: argument.value for argument in call.arguments}
        offsets, indices = arguments.get("offsets"), arguments.get("indices")
        if isinstance(offsets, Ref) and offsets.ref in inputs and isinstance(indices, Ref):
            (count,) = values[offsets.ref].type.shape
            has_end = bool(arguments.get("include_last_offset"))
            yield offsets.ref, Draw(0, math.prod(values[indices.ref].type.shape), bags=count, has_end=has_end)
