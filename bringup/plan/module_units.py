"""The boxes of one module's picture: its children and its own ops, with what flows between them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from bringup.ir import Frame, Graph, OpCall, Value
from bringup.module_classes import is_own_class
from bringup.variations import short_name

_CONTAINERS = ("Sequential", "ModuleList", "ModuleDict")
_PASS_THROUGH = {
    "view", "unsafe_view", "reshape", "flatten", "unflatten", "contiguous", "clone", "dropout", "to", "to_copy",
    "expand", "alias",
    "transpose", "permute", "t", "unsqueeze", "squeeze", "detach", "type_as",
}  # fmt: skip
_PASS_THROUGH_LEAVES = ("Dropout", "Identity", "Flatten", "StochasticDepth", "DropPath")
_STARTS_BOX = (
    "Conv", "Linear", "Embedding", "MaxPool", "AvgPool", "Adaptive", "LSTM", "GRU", "RNN", "Multihead", "Upsample",
    "LayerNorm",
)  # fmt: skip
_FLOWING = ("activation", "prologue")
_MAX_PIECES = 3


@dataclass(frozen=True, slots=True)
class Unit:
    """A box before it is printed.

    Args:
        id: `n0`, `n1`, ... in the order of the calls.
        kind: `input`, `output`, `module`, `leaf` or `op`.
        title: Its first line; details: the lines below.
        page: Stem of the page that shows its inside; empty for none.
        class_name: Short class; container: path of the list that it stands in.
    """

    id: str
    kind: str
    title: str
    details: tuple[str, ...] = ()
    page: str = ""
    class_name: str = ""
    container: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Flow:
    """Data from one box to another."""

    tail: str
    head: str


def find_units(
    graph: Graph, frame: Frame, calls: list[OpCall], pages: Mapping[str, str]
) -> tuple[list[Unit], list[Flow]]:
    """The boxes and flows of a module call, repeated blocks folded."""
    builder = _Builder(graph, frame, pages)
    for call in calls:
        builder.add(call)
    builder.finish(calls)
    return fold(builder.units, builder.flows)


class _Builder:
    def __init__(self, graph: Graph, frame: Frame, pages: Mapping[str, str]) -> None:
        self._frames = graph.frame_by_id()
        self._values = graph.value_by_name()
        self._frame = frame
        self._pages = pages
        self._extras = {module.path: module.extra for module in graph.modules}
        self._outputs = graph.outputs
        self._users = _users(graph)
        self._by_key: dict[str, Unit] = {}
        self._sources: dict[str, tuple[str, ...]] = {}
        self.units: list[Unit] = []
        self.flows: list[Flow] = []

    def add(self, call: OpCall) -> None:
        """Give the call to its box, and note what flows into it."""
        outputs = [self._values[name] for name in call.outputs]
        if outputs and all(value.kind == "constant" for value in outputs):
            return
        child, container = self._child(call)
        passes = short_name(call.target) in _PASS_THROUGH if child is None else _passes(child)
        passes = passes or all(value.kind == "prologue" for value in outputs)
        sources = [s for ref in call.refs() if self._values[ref].kind in _FLOWING for s in self._source(ref)]
        if passes:
            for value in outputs:
                self._sources[value.name] = tuple(dict.fromkeys(sources))
            return
        unit = self._unit(call, child, container, outputs)
        for ref in call.refs():
            if self._values[ref].kind in _FLOWING:
                for source in self._source(ref):
                    self._flow(source, unit.id)
        for value in outputs:
            self._sources[value.name] = (unit.id,)

    def finish(self, calls: list[OpCall]) -> None:
        """Put in the outputs: what is read outside, or returned by the model."""
        inside = {call.name for call in calls}
        made = [name for call in calls for name in call.outputs if self._values[name].kind in _FLOWING]
        leaving = [n for n in made if n in self._outputs or any(user not in inside for user in self._users.get(n, ()))]
        for index, name in enumerate(leaving):
            unit = Unit(f"out{index}", "output", "output", (_shape(self._values[name]),))
            self.units.append(unit)
            for source in self._source(name):
                self._flow(source, unit.id)

    def _child(self, call: OpCall) -> tuple[Frame | None, str]:
        """The child call that an op belongs to, containers looked through; None for the module's own ops."""
        chain: list[Frame] = []
        current = self._frames[call.frame]
        while current.id != self._frame.id and current.parent is not None:
            chain.append(current)
            current = self._frames[current.parent]
        container = ""
        for frame in reversed(chain):
            if frame.class_name.rpartition(".")[2] not in _CONTAINERS:
                return frame, container or frame.path.rpartition(".")[0]
            container = frame.path
        return None, container

    def _source(self, name: str) -> tuple[str, ...]:
        if name not in self._sources:
            value = self._values[name]
            unit = Unit(f"in{len(self._sources)}", "input", value.source or "input", (_shape(value),))
            self.units.append(unit)
            self._sources[name] = (unit.id,)
        return self._sources[name]

    def _unit(self, call: OpCall, child: Frame | None, container: str, outputs: list[Value]) -> Unit:
        key = child.id if child else call.name
        if key in self._by_key:
            unit = replace(self._by_key[key], details=self._details(child, outputs))
            self.units[self.units.index(self._by_key[key])] = unit
        else:
            unit = self._new_unit(f"n{len(self._by_key)}", call, child, container, outputs)
            self.units.append(unit)
        self._by_key[key] = unit
        return unit

    def _new_unit(self, id_: str, call: OpCall, child: Frame | None, container: str, outputs: list[Value]) -> Unit:
        if child is None:
            return Unit(id_, "op", short_name(call.target), self._details(None, outputs))
        class_name = child.class_name.rpartition(".")[2]
        kind = "module" if is_own_class(child.class_name) else "leaf"
        page = self._pages.get(child.path, "") if kind == "module" else ""
        return Unit(id_, kind, class_name, self._details(child, outputs), page, class_name, container, child.path)

    def _details(self, child: Frame | None, outputs: list[Value]) -> tuple[str, ...]:
        shape = _shape(outputs[0]) if outputs else ""
        if child is None:
            return (shape,)
        extra = "" if is_own_class(child.class_name) else short_extra(self._extras.get(child.path, ""))
        return (child.path, extra, shape)

    def _flow(self, tail: str, head: str) -> None:
        if tail != head and not any(f.tail == tail and f.head == head for f in self.flows[-400:]):
            self.flows.append(Flow(tail, head))


def _users(graph: Graph) -> dict[str, list[str]]:
    users: dict[str, list[str]] = {}
    for call in graph.calls:
        for ref in call.refs():
            users.setdefault(ref, []).append(call.name)
    return users


def _passes(frame: Frame) -> bool:
    return frame.class_name.rpartition(".")[2].startswith(_PASS_THROUGH_LEAVES)


def _shape(value: Value) -> str:
    return " x ".join(map(str, value.type.shape)) or "scalar"


def fold(units: list[Unit], flows: list[Flow]) -> tuple[list[Unit], list[Flow]]:
    """Runs of blocks of one class in one list, each fed by the one before, become one box (or a few, by structure)."""
    units, flows = join_leaves(units, flows)
    fed = {(flow.tail, flow.head) for flow in flows}
    runs: list[list[Unit]] = []
    for unit in units:
        last = runs[-1][-1] if runs else None
        if last is not None and _continues(last, unit, fed):
            runs[-1].append(unit)
        else:
            runs.append([unit])
    folded: list[Unit] = []
    stands_for: dict[str, str] = {}
    for run in runs:
        for piece in _pieces(run):
            folded.append(_merge(piece))
            stands_for.update({unit.id: piece[0].id for unit in piece})
    moved = dict.fromkeys((stands_for[f.tail], stands_for[f.head]) for f in flows)
    return folded, [Flow(tail, head) for tail, head in moved if tail != head]


def join_leaves(units: list[Unit], flows: list[Flow]) -> tuple[list[Unit], list[Flow]]:
    """A norm or activation of torch.nn joins the leaf that alone feeds it: `Conv2d + BatchNorm2d + ReLU` is one box."""
    heads, tails = Counter(flow.tail for flow in flows), Counter(flow.head for flow in flows)
    only = {flow.head: flow.tail for flow in flows if heads[flow.tail] == 1 and tails[flow.head] == 1}
    joined: dict[str, Unit] = {}
    stands_for: dict[str, str] = {}
    for unit in units:
        first = joined.get(stands_for.get(only.get(unit.id, ""), ""))
        if first is not None and first.kind == unit.kind == "leaf" and not unit.class_name.startswith(_STARTS_BOX):
            joined[first.id] = replace(
                first, title=f"{first.title} + {unit.title}", details=(*first.details[:-1], unit.details[-1])
            )
            stands_for[unit.id] = first.id
        else:
            joined[unit.id] = unit
            stands_for[unit.id] = unit.id
    moved = dict.fromkeys((stands_for[f.tail], stands_for[f.head]) for f in flows)
    return list(joined.values()), [Flow(tail, head) for tail, head in moved if tail != head]


def _continues(last: Unit, unit: Unit, fed: set[tuple[str, str]]) -> bool:
    same = (
        unit.kind == last.kind == "module" and unit.class_name == last.class_name and unit.container == last.container
    )
    return same and (last.id, unit.id) in fed


def _pieces(run: list[Unit]) -> list[list[Unit]]:
    """A run by structure, as long as that makes few boxes; alternating structures stay together."""
    pieces: list[list[Unit]] = []
    for unit in run:
        if pieces and pieces[-1][-1].page == unit.page:
            pieces[-1].append(unit)
        else:
            pieces.append([unit])
    return pieces if len(pieces) <= _MAX_PIECES else [run]


def _merge(piece: list[Unit]) -> Unit:
    first, last = piece[0], piece[-1]
    if len(piece) == 1:
        return first
    structures = len({unit.page for unit in piece})
    more = f"{structures} structures in turn" if structures > 1 else ""
    span = f"{first.path} to {last.path.rpartition('.')[2]}"
    return replace(first, title=f"{len(piece)} x {first.title}", details=(span, more, last.details[-1]))


def short_extra(extra: str) -> str:
    """A leaf's `extra_repr` cut down to what a reader looks for: `3, 64, 7x7, s2`."""
    text = re.sub(r"kernel_size=\(?(\d+)(?:, (\d+))?\)?", lambda m: f"{m[1]}x{m[2] or m[1]}", extra)
    text = re.sub(r"stride=\(?(\d+)(?:, \d+)?\)?", lambda m: f"s{m[1]}" if m[1] != "1" else "", text)
    text = re.sub(r"in_features=(\d+), out_features=(\d+)", r"\1, \2", text)
    text = re.sub(
        r"(padding|dilation|bias|eps|momentum|affine|track_running_stats|elementwise_affine|inplace|ceil_mode)=(\([^)]*\)|[^,]+)",
        "",
        text,
    )
    parts = [part.strip(" ()") for part in text.split(",")]
    return ", ".join(part for part in parts if part)[:40]
