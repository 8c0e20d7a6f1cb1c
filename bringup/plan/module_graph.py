"""Pictures of a model's modules that a person can read: one page per distinct module, repeated blocks folded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from bringup.ir import Frame, Graph, OpCall
from bringup.module_classes import find_module_classes, is_own_class
from bringup.plan.op_detail import shape_text
from bringup.plan.page_folds import fold_runs, merge_followers
from bringup.plan.page_items import GraphIndex, Item, ItemKind, Link, find_items, limit_inputs
from bringup.printable import printable
from bringup.python_text import identifier

_MAX_NODES = 150
_MAX_PAGES = 60
_MAX_TEXT = 60
_MAX_VIEWS = 3
_CONTAINER = "torch.nn.modules.container."


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a box: a title with its sizes behind it; `is_op` for an op of the module's own in a torch.nn box."""

    title: str
    detail: str
    is_op: bool


@dataclass(frozen=True, slots=True)
class Node:
    """A box. `notes` are small lines below; `url` leads to the module's own page."""

    id: str
    kind: ItemKind
    lines: tuple[Line, ...]
    notes: tuple[str, ...]
    url: str


@dataclass(frozen=True, slots=True)
class Edge:
    """Data that flows from one box to another; the label names the views between and the shape that they give."""

    tail: str
    head: str
    label: tuple[str, ...]
    is_host: bool


@dataclass(frozen=True, slots=True)
class Cluster:
    """Boxes in a frame: a sequence that is repeated, or a container of the model."""

    id: str
    title: str
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModulePage:
    """One picture. `name` is a safe file stem; the root's page comes first and is `model`."""

    name: str
    title: str
    subtitle: str
    back: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    clusters: tuple[Cluster, ...]
    left_out: int


def quote_dot(text: str) -> str:
    """A quoted string of dot's language: `\\n` breaks lines, everything else is shown as it is."""
    shown = printable(text, keep="\n")
    return '"' + shown.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("&", "&amp;") + '"'


def plan_module_pages(graph: Graph) -> tuple[ModulePage, ...]:
    """A page for the model and for each structure of its modules that a page leads to; empty without calls."""
    root = next((frame for frame in graph.frames if frame.parent is None), None)
    if root is None or not graph.calls:
        return ()
    instances = _instances_by_page(graph)
    index = GraphIndex(graph, {path: name for name, paths in instances.items() for path in paths})
    frame_of: dict[str, Frame] = {}
    for frame in graph.frames:
        frame_of.setdefault(frame.path, frame)
    todo = {"model": root}
    pages: dict[str, ModulePage] = {}
    while todo and len(pages) < _MAX_PAGES:
        name, frame = next(iter(todo.items()))
        del todo[name]
        page, children = _plan_page(index, name, frame, len(instances.get(name, ())))
        pages[name] = page
        todo.update({child: frame_of[instances[child][0]] for child in children if child not in pages})
    return tuple(pages.values())


def _instances_by_page(graph: Graph) -> dict[str, list[str]]:
    """The paths of the modules that each page shows, by its name: equal structures have one page."""
    groups = [(s.id, list(s.instances)) for module in find_module_classes(graph) for s in module.structures]
    groups += _nested_torch_modules(graph)
    found: dict[str, list[str]] = {}
    for id_, paths in groups:
        stem = identifier(id_)[:80]
        name, number = stem, 1
        while name in found or name == "model":
            number += 1
            name = f"{stem}_{number}"
        found[name] = paths
    return found


def _nested_torch_modules(graph: Graph) -> list[tuple[str, list[str]]]:
    """torch.nn's own modules that call others (TransformerEncoderLayer), by class and ops."""
    frames = graph.frame_by_id()
    below: dict[str, list[OpCall]] = {}
    for call in graph.calls:
        current: str | None = call.frame
        while current is not None:
            if current != call.frame and not is_own_class(frames[current].class_name):
                below.setdefault(current, []).append(call)
            current = frames[current].parent
    groups: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for id_, calls in below.items():
        class_name = frames[id_].class_name
        if not class_name.startswith(_CONTAINER):
            key = class_name.rpartition(".")[2], tuple(call.target for call in calls)
            groups.setdefault(key, []).append(frames[id_].path)
    return [(class_name, list(dict.fromkeys(paths))) for (class_name, _), paths in groups.items()]


def _plan_page(index: GraphIndex, name: str, frame: Frame, instances: int) -> tuple[ModulePage, list[str]]:
    """The page, and the names of the pages that it leads to."""
    is_root = name == "model"
    items, links = merge_followers(*fold_runs(*limit_inputs(*find_items(index, frame))))
    kept = items[:_MAX_NODES]
    ids = {item.key: f"n{number}" for number, item in enumerate(kept)}
    nodes = tuple(_node(item, ids[item.key], "modules/" if is_root else "") for item in kept)
    page = ModulePage(
        name=name,
        title=_clean(frame.class_name.rpartition(".")[2]),
        subtitle="" if is_root else _subtitle(frame.path, instances),
        back="" if is_root else "../model.svg",
        nodes=nodes,
        edges=_edges(items, links, ids),
        clusters=_clusters(kept, ids),
        left_out=len(items) - len(kept),
    )
    return page, [item.page for item in kept if item.page]


def _subtitle(path: str, instances: int) -> str:
    shown = _clean(path)
    return f"{shown}, one of {instances} alike; shapes are of this one" if instances > 1 else shown


def _node(item: Item, id_: str, folder: str) -> Node:
    count = f"{item.times} × " if item.times > 1 else ""
    lines = tuple(
        Line(_clean(count * (i == 0) + part.title), _clean(part.detail), part.is_op and item.kind != "op")
        for i, part in enumerate(item.parts)
    )
    paths = _clean(", ".join(path for path in item.paths if path))
    shape = shape_text(item.shape) if item.shape is not None else ""
    notes = tuple(note for note in (paths, *map(_clean, item.notes), shape) if note)
    return Node(id_, item.kind, lines, notes, f"{folder}{item.page}.svg" if item.page else "")


def _edges(items: Iterable[Item], links: Iterable[Link], ids: dict[str, str]) -> tuple[Edge, ...]:
    by_key = {item.key: item for item in items}
    edges: dict[Edge, None] = {}
    for link in links:
        if link.tail in ids and link.head in ids:
            tail = by_key[link.tail]
            is_host = tail.kind == "host" or by_key[link.head].kind == "host"
            edges.setdefault(Edge(ids[link.tail], ids[link.head], _label(link, tail), is_host))
    return tuple(edges)


def _label(link: Link, tail: Item) -> tuple[str, ...]:
    """Nothing when the tail's own box tells the shape."""
    if not link.shape or link.shape == tail.shape or (tail.shape is None and tail.kind == "input"):
        return ()
    views = ", ".join(link.views[:_MAX_VIEWS]) + (", …" if len(link.views) > _MAX_VIEWS else "")
    return tuple(text for text in (views, shape_text(link.shape)) if text)


def _clusters(items: Iterable[Item], ids: dict[str, str]) -> tuple[Cluster, ...]:
    """Frames around repeated sequences, and around containers of which several boxes are shown."""
    shown: list[tuple[str, list[str]]] = []
    for (is_run, title), group in groupby(items, key=lambda item: (bool(item.group), item.group or item.container)):
        nodes = [ids[item.key] for item in group]
        if title and (is_run or len(nodes) > 1):
            shown.append((title, nodes))
    return tuple(Cluster(f"cluster_{i}", _clean(title), tuple(nodes)) for i, (title, nodes) in enumerate(shown))


def _clean(text: str) -> str:
    """A model's text on one line of bounded length, without control characters."""
    shown = printable(text)
    return shown if len(shown) <= _MAX_TEXT else f"{shown[: _MAX_TEXT - 1]}…"
