"""The module graph: what is folded, what is not, where the arrows go, and that names are only names."""

from __future__ import annotations

import shutil
import xml.etree.ElementTree as ElementTree
from pathlib import PurePosixPath

import pytest
import torch
from torch import nn

from bringup.ir import Graph
from bringup.plan import module_graph
from bringup.plan.module_graph import ModulePage, plan_module_pages
from bringup.render import render
from bringup.sources.loaded import Loaded, ModelInfo
from bringup.trace import trace
from bringup.views.dot import start_svg


class Block(nn.Module):
    """A residual block; `project` gives it another structure."""

    def __init__(self, project: bool = False) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(8)
        self.linear = nn.Linear(8, 8)
        self.act = nn.GELU()
        self.drop = nn.Dropout()
        self.project = nn.Linear(8, 8) if project else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.drop(self.act(self.linear(self.norm(x))))
        return y + (x if self.project is None else self.project(x))


class Stack(nn.Module):
    def __init__(self, projects: tuple[bool, ...], leak: int | None = None) -> None:
        super().__init__()
        self.embed = nn.Linear(4, 8)
        self.position = nn.Parameter(torch.zeros(1, 5, 8))
        self.layers = nn.ModuleList(Block(project) for project in projects)
        self.leak = leak

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.embed(x) + self.position
        kept = x
        for i, layer in enumerate(self.layers):
            x = layer(x)
            kept = x if i == self.leak else kept
        return (x if self.leak is None else x * kept).flatten(1)


class Dense(nn.Module):
    """Each layer reads all outputs before it."""

    def __init__(self, layers: int = 5) -> None:
        super().__init__()
        self.layers = nn.ModuleList(DenseLayer(4 * (i + 1)) for i in range(layers))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        found = [x]
        for layer in self.layers:
            found.append(layer(found))
        return torch.cat(found, 1)


class DenseLayer(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm, self.linear = nn.LayerNorm(width), nn.Linear(width, 4)

    def forward(self, found: list[torch.Tensor]) -> torch.Tensor:
        return self.linear(self.norm(torch.cat(found, 1)))


class CastingNorm(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x.to(torch.float32)
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True))


class Prenorm(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed, self.norm, self.linear = nn.Linear(4, 4), CastingNorm(), nn.Linear(4, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.embed(x)
        return x + self.linear(self.norm(x))


class Masked(nn.Module):
    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return x.masked_fill((mask[:, None] == 0) & torch.ones(5, 5, dtype=torch.bool).tril(), 0.0).relu()


def graph_of(model: nn.Module, *args: torch.Tensor) -> Graph:
    return trace(Loaded(model.eval(), args, {}, ModelInfo("m", "m")))


def pages_of(model: nn.Module, *args: torch.Tensor) -> dict[str, ModulePage]:
    return {page.name: page for page in plan_module_pages(graph_of(model, *args))}


def titles(page: ModulePage) -> list[str]:
    return [" + ".join(line.title for line in node.lines) for node in page.nodes]


def arrows(page: ModulePage) -> set[tuple[str, str]]:
    name = {node.id: title for node, title in zip(page.nodes, titles(page), strict=True)}
    return {(name[edge.tail], name[edge.head]) for edge in page.edges}


SEQUENCE = torch.zeros(1, 5, 4)
ENDS = ("x", "Linear + add", "output")


@pytest.mark.parametrize(
    ("projects", "leak", "shown"),
    [
        ((False,) * 12, None, ["12 × Block"]),
        ((True, False, False, False), None, ["Block", "3 × Block"]),
        ((True, False) * 3, None, ["Block", "Block"]),
        ((False,) * 4, 1, ["2 × Block", "2 × Block", "mul"]),
        ((False,), None, ["Block"]),
    ],
    ids=["equal", "first differs", "in turn", "one is read outside", "single"],
)
def test_runs_are_folded(projects: tuple[bool, ...], leak: int | None, shown: list[str]) -> None:
    page = pages_of(Stack(projects, leak), SEQUENCE)["model"]
    assert titles(page) == [*ENDS[:2], *shown, ENDS[2]]


def test_blocks_in_turn_stand_in_a_frame_that_says_how_often() -> None:
    page = pages_of(Stack((True, False) * 3), SEQUENCE)["model"]
    (cluster,) = page.clusters
    assert (cluster.title, len(cluster.nodes)) == ("3 × this: layers.0 to layers.5", 2)


def test_a_folded_run_keeps_its_arrows_and_says_what_it_stands_for() -> None:
    page = pages_of(Stack((False,) * 12), SEQUENCE)["model"]
    assert arrows(page) == {("x", "Linear + add"), ("Linear + add", "12 × Block"), ("12 × Block", "output")}
    block = page.nodes[2]
    assert block.notes == ("layers.0 to layers.11", "1×5×8")
    assert page.edges[-1].label == ("flatten", "1×40")
    assert page.nodes[1].notes == ("embed", "with position", "1×5×8")


def test_the_page_of_a_block_shows_its_residual_and_no_dropout() -> None:
    page = pages_of(Stack((False,) * 3), SEQUENCE)["block"]
    assert titles(page) == ["input", "LayerNorm", "Linear + GELU", "add", "output"]
    assert ("input", "add") in arrows(page)
    assert page.subtitle.startswith("layers.0, one of 3 alike")


def test_layers_that_read_all_before_them_are_one_box() -> None:
    page = pages_of(Dense(), torch.zeros(1, 4))["model"]
    assert titles(page) == ["x", "5 × DenseLayer", "cat", "output"]
    assert "each reads the outputs of all before it" in page.nodes[1].notes


def test_what_the_host_prepares_is_one_light_box() -> None:
    page = pages_of(Masked(), torch.zeros(1, 5, 5), torch.ones(1, 5, dtype=torch.int64))["model"]
    assert [node.kind for node in page.nodes] == ["input", "input", "host", "op", "output"]
    assert ("mask", "prepared on the host") in arrows(page)
    assert [edge.is_host for edge in page.edges].count(True) == 2


def test_a_residual_does_not_come_out_of_the_norm_that_casts_it() -> None:
    pages = pages_of(Prenorm(), SEQUENCE)
    assert ("Linear", "add") in arrows(pages["model"]) and ("CastingNorm", "add") not in arrows(pages["model"])
    assert [node.kind for node in pages["castingnorm"].nodes].count("output") == 1


def test_torch_modules_that_call_others_have_a_page() -> None:
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    pages = pages_of(nn.Sequential(nn.Linear(4, 8), nn.TransformerEncoder(layer, 3)), SEQUENCE)
    assert "3 × TransformerEncoderLayer" in titles(pages["transformerencoder"])
    assert "MultiheadAttention" in titles(pages["transformerencoderlayer"])


def linked(page: ModulePage) -> set[PurePosixPath]:
    folder = PurePosixPath("graph" if page.name == "model" else "graph/modules")
    return {folder / node.url for node in page.nodes if node.url}


def test_every_link_leads_to_a_page_and_every_page_is_linked() -> None:
    pages = pages_of(Stack((True, False)), SEQUENCE)
    files = {PurePosixPath(f"graph/modules/{name}.svg") for name in pages if name != "model"}
    assert set().union(*map(linked, pages.values())) == files != set()


def test_a_page_is_bounded_and_says_what_it_leaves_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module_graph, "_MAX_NODES", 3)
    page = pages_of(Stack((True, False)), SEQUENCE)["model"]
    assert (len(page.nodes), page.left_out) == (3, 2)
    assert {node for edge in page.edges for node in (edge.tail, edge.head)} <= {node.id for node in page.nodes}
    assert "2 more boxes are left out" in render("graph/module.gv.jinja", page=page)


EVIL = [
    'a"b]; evil -> n0 [x="',
    "<script>alert(1)</script>",
    "back\\slash\\",
    "line\nbreak",
    "日本 & {{ 7*7 }}",
    "../x",
]


@pytest.mark.skipif(shutil.which("dot") is None, reason="dot (graphviz) is not installed")
@pytest.mark.parametrize("name", EVIL)
def test_names_are_only_names(name: str) -> None:
    class Inner(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.one, self.two = nn.Linear(4, 4), nn.Linear(4, 4)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.two(self.one(x))

    Inner.__name__ = Inner.__qualname__ = name.replace(".", "")
    model = nn.Sequential(nn.Linear(4, 4), Inner())
    for page in plan_module_pages(graph_of(model, SEQUENCE)):
        assert PurePosixPath(page.name).name == page.name and page.name.isidentifier()
        text = render("graph/module.gv.jinja", page=page)
        svg = start_svg(text).result()
        assert svg.problem == ""
        tags = [element.tag.rpartition("}")[2] for element in ElementTree.fromstring(svg.text).iter()]
        assert "script" not in tags
        assert sum(e.get("class") == "node" for e in ElementTree.fromstring(svg.text).iter()) == len(page.nodes)
