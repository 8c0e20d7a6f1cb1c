"""Pictures by dot: what is drawn, in which way, and what is not."""

from __future__ import annotations

import shutil
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from bringup.plan.module_graph import quote_dot
from bringup.views import dot
from bringup.views.dot import MISSING, start_svg
from bringup.views.dot_cost import drawing_cost

HOSTILE = ['a"b', "back\\slash", "\\N \\n", "new\nline", "<b>x</b>", "&amp;", "日本", 'x"]; evil [label="y', "\x1b[31m"]
needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="dot (graphviz) is not installed")


def chain(nodes: int, skip: int = 0) -> str:
    edges = [f"n{i} -> n{i + 1};" for i in range(nodes - 1)]
    edges += [f"n{i} -> n{i + skip};" for i in range(nodes - skip)] if skip else []
    return "digraph {\n" + "\n".join(edges) + "\n}\n"


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        ("digraph {}", (0, 0)),
        (chain(5), (4, 4)),
        (chain(5, skip=4), (5, 8)),
        ("digraph {\na -> c\nb -> c\nc -> d\ne -> d\n}", (4, 4)),
        ('digraph {\nn0 [label="x -> y"];\nn0 -> n1;\n}', (1, 1)),
    ],
)
def test_cost_counts_the_edges_and_the_ranks_that_they_cross(text: str, cost: tuple[int, int]) -> None:
    assert drawing_cost(text) == cost


@needs_dot
def test_many_pictures_come_out_each_its_own_and_the_same_again() -> None:
    texts = [f'digraph {{\nn0 [label="picture {i}"];\n}}' for i in range(9)]
    first = [job.result() for job in [start_svg(text) for text in texts]]
    assert all(f"picture {i}</text>" in svg.text and not svg.problem for i, svg in enumerate(first))
    assert [start_svg(text).result() for text in texts] == first
    assert not any("graphviz version" in svg.text for svg in first)


@needs_dot
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_shown_as_they_are(name: str) -> None:
    svg = start_svg(f"digraph {{\nn0 [label={quote_dot(name)}];\n}}").result()
    texts = [element.text for element in ElementTree.fromstring(svg.text).iter() if element.tag.endswith("}text")]
    shown = name.replace("\x1b", "\\x1b")
    assert [" ".join((text or "").split()) for text in texts] == [" ".join(line.split()) for line in shown.split("\n")]


@pytest.mark.parametrize("text", [chain(4000), chain(600, skip=500)], ids=["nodes", "long edges"])
def test_what_dot_would_not_finish_is_not_started(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: "/nowhere/dot")
    assert "more than dot draws" in start_svg(text).result().problem


def test_without_dot_the_problem_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert start_svg(chain(2)).result() == dot.SvgResult("", MISSING)


@needs_dot
def test_text_that_is_no_graph_is_a_problem_and_stops_nothing() -> None:
    broken, whole = start_svg("digraph {"), start_svg(chain(2))
    assert "exit code" in broken.result().problem
    assert whole.result().text


@needs_dot
def test_a_dropped_drawing_is_ended() -> None:
    job = start_svg(chain(1700, skip=9))
    process = job.process
    assert process is not None
    dot._running.clear()
    del job
    assert process.wait(timeout=10) != 0
