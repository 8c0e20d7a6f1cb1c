"""Pictures of a model's modules that a person can read: one page per distinct module, repeated blocks folded."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bringup.inventory import ModuleClass
from bringup.ir import Frame, Graph, OpCall
from bringup.module_classes import find_module_classes
from bringup.plan.module_units import Unit, find_units
from bringup.python_text import identifier

_STYLES = {
    "module": 'fillcolor="#d6e6f5"',
    "leaf": 'fillcolor="#f1f3f5"',
    "op": 'fillcolor="#fde5c8"',
    "input": 'shape=ellipse, style="filled", fillcolor="#ffffff"',
    "output": 'shape=ellipse, style="filled", fillcolor="#ffffff"',
}
_LEGEND = "blue: a class of the model (click for its inside)   grey: torch.nn   orange: an op of its own"
_MAX_NODES = 150
_MAX_PAGES = 60


@dataclass(frozen=True, slots=True)
class Node:
    """A box with its look in dot's words; `url` leads to the module's own page."""

    id: str
    label: str
    style: str
    url: str


@dataclass(frozen=True, slots=True)
class Edge:
    """Data that flows from one box to another."""

    tail: str
    head: str


@dataclass(frozen=True, slots=True)
class ModulePage:
    """One picture. `name` is a safe file stem; the root's page comes first and is `model`."""

    name: str
    title: str
    back: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    left_out: int

    @property
    def heading(self) -> str:
        """The title, and below it in small letters what the colours mean, as dot's HTML-like label."""
        shown = "".join(c if c.isprintable() else "?" for c in self.title)
        return f'<{html.escape(shown)}<BR/><FONT POINT-SIZE="10">{_LEGEND}</FONT><BR/> >'


def quote_dot(text: str) -> str:
    """A quoted string of dot's language: `\\n` breaks lines, everything else is shown as it is."""
    shown = "".join(c if c.isprintable() or c == "\n" else "?" for c in text)
    return '"' + shown.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def plan_module_pages(graph: Graph) -> tuple[ModulePage, ...]:
    """A page for the model and for each structure of its own classes; empty for a graph without calls."""
    frames = graph.frame_by_id()
    pages: list[ModulePage] = []
    names = _page_names(find_module_classes(graph))
    calls = _calls_below(graph, frames)
    root = next((frame for frame in graph.frames if frame.parent is None), None)
    if root is None or not graph.calls:
        return ()
    pages.append(_plan_page(graph, root, "model", calls, names))
    for path, name in _first_instances(names):
        frame = next(f for f in graph.frames if f.path == path)
        if frame.parent is not None and len(pages) < _MAX_PAGES:
            pages.append(_plan_page(graph, frame, name, calls, names))
    return tuple(pages)


def _page_names(classes: Iterable[ModuleClass]) -> dict[str, str]:
    """The page of each module instance, by its path."""
    names: dict[str, str] = {}
    used: set[str] = set()
    for module in classes:
        for structure in module.structures:
            stem, number = identifier(structure.id), 1
            while stem in used:
                number += 1
                stem = f"{identifier(structure.id)}_{number}"
            used.add(stem)
            names.update(dict.fromkeys(structure.instances, stem))
    return names


def _first_instances(names: Mapping[str, str]) -> list[tuple[str, str]]:
    first: dict[str, str] = {}
    for path, name in names.items():
        first.setdefault(name, path)
    return [(path, name) for name, path in first.items()]


def _calls_below(graph: Graph, frames: Mapping[str, Frame]) -> dict[str, list[OpCall]]:
    found: dict[str, list[OpCall]] = {}
    for call in graph.calls:
        current: str | None = call.frame
        while current is not None:
            found.setdefault(current, []).append(call)
            current = frames[current].parent
    return found


def _plan_page(
    graph: Graph,
    frame: Frame,
    name: str,
    calls: Mapping[str, list[OpCall]],
    names: Mapping[str, str],
) -> ModulePage:
    units, flows = find_units(graph, frame, calls.get(frame.id, []), names)
    kept = {unit.id for unit in units[:_MAX_NODES]}
    prefix = "modules/" if name == "model" else ""
    class_name = frame.class_name.rpartition(".")[2]
    nodes = tuple(_node(unit, prefix) for unit in units if unit.id in kept)
    edges = tuple(Edge(f.tail, f.head) for f in flows if f.tail in kept and f.head in kept)
    title = class_name if not frame.path else f"{class_name} ({frame.path})"
    back = "" if name == "model" else "../model.svg"
    return ModulePage(name, title, back, nodes, edges, len(units) - len(kept))


def _node(unit: Unit, prefix: str) -> Node:
    lines = [unit.title, *unit.details]
    url = f"{prefix}{unit.page}.svg" if unit.page else ""
    return Node(unit.id, "\n".join(line for line in lines if line), _STYLES[unit.kind], url)
