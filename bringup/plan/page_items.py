"""What one module's picture shows: its children, its own ops, its inputs and outputs, and what flows between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from bringup.ir import Frame, Graph, OpCall, Value
from bringup.plan.op_detail import HEAVY, describe, is_view, shape_text, view_name
from bringup.variations import short_name

ItemKind = Literal["module", "leaf", "op", "host", "input", "output"]
Shape = tuple[int, ...]

_CONTAINER = "torch.nn.modules.container."
_FLOWING = ("activation", "prologue")
_MAX_INPUTS = 8
_MAX_EXTRA = 40
HOST = "host"


@dataclass(frozen=True, slots=True)
class Part:
    """A line of a box: what is called, and its sizes."""

    title: str
    detail: str = ""
    is_op: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """A box before it is folded with others.

    Args:
        key: Frame id of a child's call, name of an op call, or of a port.
        paths: Where its modules stand, relative to the page's own.
        shape: Of its output, None when it has several.
        page: Stem of the page that shows its inside.
        container: Path of the Sequential or ModuleList that it stands in.
        notes: Further lines: weights that an op reads, what a fold leaves out.
        is_heavy: Whether it starts a box of its own.
        times: How many it stands for.
        group: Title of the repeated sequence that it belongs to.
    """

    key: str
    kind: ItemKind
    parts: tuple[Part, ...]
    paths: tuple[str, ...] = ()
    shape: Shape | None = None
    page: str = ""
    container: str = ""
    notes: tuple[str, ...] = ()
    is_heavy: bool = False
    times: int = 1
    group: str = ""

    @property
    def signature(self) -> object:
        """Equal for items that look the same inside and out."""
        return self.kind, self.parts, self.page, self.shape


@dataclass(frozen=True, slots=True)
class Link:
    """Data that flows from one item to another, through views that are not drawn."""

    tail: str
    head: str
    views: tuple[str, ...] = ()
    shape: Shape = ()


@dataclass(slots=True)
class GraphIndex:
    """A graph with what its pages look up again and again."""

    graph: Graph
    page_of: Mapping[str, str]
    values: Mapping[str, Value] = field(init=False)
    frames: Mapping[str, Frame] = field(init=False)
    producer: dict[str, OpCall] = field(init=False, default_factory=dict)
    readers: dict[str, list[str]] = field(init=False, default_factory=dict)
    calls_below: dict[str, list[OpCall]] = field(init=False, default_factory=dict)
    extras: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        """Index the values, frames and calls."""
        self.values, self.frames = self.graph.value_by_name(), self.graph.frame_by_id()
        self.extras = {module.path: module.extra for module in self.graph.modules}
        for call in self.graph.calls:
            self.producer.update(dict.fromkeys(call.outputs, call))
            for ref in dict.fromkeys(call.refs()):
                self.readers.setdefault(ref, []).append(call.name)
            current: str | None = call.frame
            while current is not None:
                self.calls_below.setdefault(current, []).append(call)
                current = self.frames[current].parent

    def is_seen(self, call: OpCall) -> bool:
        """Whether a picture has something to show for a call: no views, no constants."""
        return not is_view(call) and any(self.values[name].kind in _FLOWING for name in call.outputs)


def find_items(index: GraphIndex, frame: Frame) -> tuple[list[Item], list[Link]]:
    """The items of a module call in the order of their first op, and the links between them."""
    return _Reader(index, frame).read()


class _Reader:
    def __init__(self, index: GraphIndex, frame: Frame) -> None:
        self._index = index
        self._values = index.values
        self._frame = frame
        self._calls = index.calls_below.get(frame.id, [])
        self._child_of: dict[str, tuple[str, Frame | None, str]] = {}
        self._members: dict[str, list[OpCall]] = {}
        self._inputs: dict[str, str] = {}
        for call in self._calls:
            self._child_of[call.name] = owner = self._find_owner(call)
            self._members.setdefault(owner[0], []).append(call)
        self._role = {key: self._find_role(calls) for key, calls in self._members.items()}

    def read(self) -> tuple[list[Item], list[Link]]:
        links: dict[Link, None] = {}
        items: list[Item] = []
        for key, calls in self._members.items():
            if self._role[key] == "seen":
                items.append(self._item(key, calls))
            if self._role[key] in ("seen", HOST):
                head = key if self._role[key] == "seen" else HOST
                links.update(dict.fromkeys(self._links_into(head, key, calls)))
        outputs = self._outputs()
        for number, name in enumerate(outputs, start=1):
            key = f"output:{name}"
            title = f"output {number}" if len(outputs) > 1 else "output"
            items.append(Item(key, "output", (Part(title),), shape=self._values[name].type.shape))
            links.update(dict.fromkeys(self._link(name, key)))
        if any(HOST in (link.tail, link.head) for link in links):
            items.insert(0, self._host_item())
        return [*self._input_items(), *items], list(links)

    def _find_owner(self, call: OpCall) -> tuple[str, Frame | None, str]:
        """The child call that an op belongs to, containers looked through; None for the module's own ops."""
        chain: list[Frame] = []
        current = self._index.frames[call.frame]
        while current.id != self._frame.id and current.parent is not None:
            chain.append(current)
            current = self._index.frames[current.parent]
        for frame in reversed(chain):
            if not frame.class_name.startswith(_CONTAINER):
                return frame.id, frame, self._relative(frame.path.rpartition(".")[0])
        return f"op:{call.name}", None, ""

    def _find_role(self, calls: list[OpCall]) -> str:
        kinds = {self._values[name].kind for call in calls for name in call.outputs}
        if not kinds & set(_FLOWING):
            return "constant"
        if not any(self._index.is_seen(call) for call in calls):
            return "through"
        return "seen" if "activation" in kinds else HOST

    def _source(self, name: str) -> tuple[str | None, tuple[str, ...]]:
        """The item that a tensor comes from, views looked through, and those views; None for weights and constants."""
        views: list[str] = []
        while True:
            value, call = self._values[name], self._index.producer.get(name)
            if value.kind not in _FLOWING:
                return None, ()
            if call is None or call.name not in self._child_of:
                return self._input(value), tuple(reversed(views))
            key = self._child_of[call.name][0]
            if self._role[key] == "seen":
                entered = self._entered_as(name, key)
                if entered is None:
                    return key, tuple(reversed(views))
                name = entered
                continue
            if self._role[key] == HOST:
                return HOST, tuple(reversed(views))
            views.append(view_name(call))
            flowing = [ref for ref in call.refs() if self._values[ref].kind in _FLOWING]
            if not flowing:
                return None, ()
            name = flowing[0]

    def _entered_as(self, name: str, key: str) -> str | None:
        """The tensor that a child got and hands on as it came: a norm casts the input that the residual reads too."""
        call = self._index.producer[name]
        while call.name in self._child_of and self._child_of[call.name][0] == key:
            refs = list(call.refs())
            if not is_view(call) or view_name(call) or len(refs) != 1:
                return None
            name = refs[0]
            if name not in self._index.producer:
                return name
            call = self._index.producer[name]
        return name

    def _links_into(self, head: str, key: str, calls: list[OpCall]) -> list[Link]:
        inside = {name for call in calls for name in call.outputs}
        refs = dict.fromkeys(ref for call in calls for ref in call.refs() if ref not in inside)
        return [link for ref in refs for link in self._link(ref, head)]

    def _link(self, name: str, head: str) -> list[Link]:
        tail, views = self._source(name)
        if tail is None or tail == head:
            return []
        kept = tuple(dict.fromkeys(view for view in views if view))
        return [Link(tail, head, kept, self._values[name].type.shape)]

    def _input(self, value: Value) -> str:
        return self._inputs.setdefault(value.name, f"input:{value.name}")

    def _input_items(self) -> list[Item]:
        unnamed = [name for name in self._inputs if not self._values[name].source]
        items = []
        for name, key in self._inputs.items():
            number = f" {unnamed.index(name) + 1}" if name in unnamed and len(unnamed) > 1 else ""
            title = self._values[name].source or f"input{number}"
            notes = ("prepared on the host",) if self._is_prepared(name) else ()
            items.append(Item(key, "input", (Part(title),), shape=self._values[name].type.shape, notes=notes))
        return items

    def _is_prepared(self, name: str) -> bool:
        return self._values[name].kind == "prologue" and name in self._index.producer

    def _outputs(self) -> list[str]:
        """What is read outside; for the model itself, what it returns."""
        made = {name: call for call in self._calls for name in call.outputs if self._values[name].kind in _FLOWING}
        if self._frame.parent is None:
            return [name for name in dict.fromkeys(self._index.graph.outputs) if name in self._values]
        returned = set(self._index.graph.outputs)
        readers = self._index.readers
        read = [n for n in made if n in returned or any(r not in self._child_of for r in readers.get(n, ()))]
        return [name for name in read if not self._is_input(name)]

    def _is_input(self, name: str) -> bool:
        """Whether a tensor is an input of the module as it came: a cast that changes nothing."""
        tail, views = self._source(name)
        return tail is not None and tail.startswith("input:") and not any(views)

    def _host_item(self) -> Item:
        calls = [call for key, calls in self._members.items() if self._role[key] == HOST for call in calls]
        seen = [call for call in calls if self._index.is_seen(call)]
        names = list(dict.fromkeys(short_name(call.target) for call in seen))
        listed = ", ".join(names[:4]) + (", …" if len(names) > 4 else "")
        count = f"{len(seen)} op{'s' if len(seen) != 1 else ''}: {listed}"
        return Item(HOST, "host", (Part("prepared on the host"),), notes=(count,))

    def _item(self, key: str, calls: list[OpCall]) -> Item:
        _, child, container = self._child_of[calls[0].name]
        seen = [call for call in calls if self._index.is_seen(call)]
        shape = self._shape(calls)
        heavy = any(short_name(call.target) in HEAVY for call in calls)
        if child is None:
            part = Part(short_name(seen[0].target), describe(seen[0], self._values), is_op=True)
            return Item(key, "op", (part,), shape=shape, notes=self._weights(seen[0]), is_heavy=heavy)
        class_name, path = child.class_name.rpartition(".")[2], self._relative(child.path)
        page = self._index.page_of.get(child.path, "") if len(seen) > 1 else ""
        if page:
            return Item(key, "module", (Part(class_name),), (path,), shape, page, container)
        detail = self._leaf_detail(class_name, child, seen)
        return Item(key, "leaf", (Part(class_name, detail),), (path,), shape, container=container, is_heavy=heavy)

    def _leaf_detail(self, class_name: str, child: Frame, seen: list[OpCall]) -> str:
        attention = [call for call in seen if short_name(call.target) == "scaled_dot_product_attention"]
        if len(attention) == 1:
            return describe(attention[0], self._values)
        if len(seen) > 1 or short_name(seen[0].target) in ("lstm", "gru"):
            return _short(self._index.extras.get(child.path, ""))
        name, detail = short_name(seen[0].target), describe(seen[0], self._values)
        known = child.class_name.startswith("torch.nn.") or name.replace("_", "") in class_name.lower()
        return detail if known else f"{name} {detail}".strip()

    def _shape(self, calls: list[OpCall]) -> Shape | None:
        """The shape of what an item gives to others, None when that differs."""
        inside = {call.name for call in calls}
        returned = set(self._index.graph.outputs)
        given = {
            self._values[name].type.shape
            for call in calls
            for name in call.outputs
            if name in returned or any(reader not in inside for reader in self._index.readers.get(name, ()))
        }
        return given.pop() if len(given) == 1 else None

    def _weights(self, call: OpCall) -> tuple[str, ...]:
        """Weights that an op of the module's own reads, by their names there."""
        names: list[str] = []
        for ref in call.refs():
            current = ref
            while self._values[current].kind == "constant" and current in self._index.producer:
                refs = list(self._index.producer[current].refs())
                if not refs:
                    break
                current = refs[0]
            value = self._values[current]
            if value.kind in ("parameter", "buffer") and value.source:
                names.append(self._relative(value.source))
        return (f"with {', '.join(dict.fromkeys(names))}",) if names else ()

    def _relative(self, path: str) -> str:
        own = self._frame.path
        return path[len(own) + 1 :] if own and path.startswith(f"{own}.") else ("" if path == own else path)


def _short(extra: str) -> str:
    """A module's extra_repr, cut behind one of its parts."""
    return extra if len(extra) <= _MAX_EXTRA else f"{extra[:_MAX_EXTRA].rpartition(',')[0]}, …"


def limit_inputs(items: list[Item], links: list[Link]) -> tuple[list[Item], list[Link]]:
    """Many inputs (all layers before, in DenseNet) become one box."""
    inputs = [item for item in items if item.kind == "input"]
    if len(inputs) <= _MAX_INPUTS:
        return items, links
    shapes = list(dict.fromkeys(shape_text(item.shape or ()) for item in inputs))
    notes = tuple(shapes[:4]) + (("…",) if len(shapes) > 4 else ())
    merged = Item("inputs", "input", (Part(f"{len(inputs)} inputs"),), notes=notes)
    keys = {item.key for item in inputs}
    moved = dict.fromkeys(Link("inputs", link.head) if link.tail in keys else link for link in links)
    return [merged, *(item for item in items if item.key not in keys)], list(moved)
