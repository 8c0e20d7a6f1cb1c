"""The views of a loaded model: torchinfo's table, torchviz's graph, and the pictures of its modules.

`dot` draws on another core while the model is traced, so the pictures cost little of the user's time.
"""

from __future__ import annotations

from dataclasses import dataclass

from bringup.analysis import Analysis
from bringup.plan.module_graph import plan_module_pages, quote_dot
from bringup.plan.summary_files import module_table
from bringup.render import render
from bringup.sources.loaded import Loaded
from bringup.sources.restore import unchanged
from bringup.sources.user_code import contained
from bringup.views.dot import Job, start_svg
from bringup.views.time_limit import at_most
from bringup.views.torchinfo_table import TableResult, torchinfo_table
from bringup.views.torchviz_graph import DotResult, torchviz_dot

VIEW_SECONDS = 20.0
"""What torchviz and torchinfo may take, each: they run the model, which for the encoder of SAM took 53 s."""


@dataclass(frozen=True, slots=True)
class Views:
    """What was made from the live model, with the drawing of torchviz's graph under way."""

    table: TableResult
    torchviz: DotResult
    drawing: Job | None

    def finish(self, analysis: Analysis, totals: str) -> tuple[dict[str, bytes], tuple[str, ...]]:
        """The files of all views by path, and what could not be made."""
        files: dict[str, bytes] = {}
        problems: list[str] = []
        self._add_table(analysis, totals, files, problems)
        jobs = self._add_module_pages(analysis, files)
        reason = f"digraph {{\n  problem [shape=plaintext, label={quote_dot(self.torchviz.problem)}];\n}}\n"
        files["graph/torchviz.gv"] = (self.torchviz.text or reason).encode()
        if self.torchviz.problem:
            problems.append(f"graph/torchviz.gv: {self.torchviz.problem}")
        if self.drawing is not None:
            jobs["graph/torchviz.svg"] = self.drawing
        for path, job in jobs.items():
            svg = job.result()
            if svg.text:
                files[path] = svg.text.encode()
            if svg.problem:
                problems.append(f"{path}: {svg.problem}")
        return files, _merge(problems)

    def _add_table(self, analysis: Analysis, totals: str, files: dict[str, bytes], problems: list[str]) -> None:
        text = self.table.text
        if self.table.problem:
            problems.append(f"summary/torchinfo.txt: {self.table.problem}; it holds our own table from the trace")
            text = f"torchinfo: {self.table.problem}\nOur own table, from the trace:\n\n{module_table(analysis)}"
        files["summary/torchinfo.txt"] = f"{text.rstrip()}\n\n{totals}".encode()

    def _add_module_pages(self, analysis: Analysis, files: dict[str, bytes]) -> dict[str, Job]:
        jobs: dict[str, Job] = {}
        for index, page in enumerate(plan_module_pages(analysis.graph)):
            stem = "graph/model" if index == 0 else f"graph/modules/{page.name}"
            text = render("graph/module.gv.jinja", page=page)
            files[f"{stem}.gv"] = text.encode()
            jobs[f"{stem}.svg"] = start_svg(text)
        return jobs


def start_views(loaded: Loaded, seconds: float = VIEW_SECONDS) -> Views:
    """Torchviz's graph first, so that `dot` draws it while torchinfo and the trace go on.

    Args:
        seconds: What each of the two may take; 0 leaves both out.
    """
    if not seconds:
        left_out = "left out by --no-views"
        return Views(TableResult("", left_out), DotResult("", problem=left_out), None)
    graph, table = DotResult("", problem=_too_long("torchviz", seconds)), None
    with contained(), unchanged(loaded.model), at_most(seconds):
        graph = torchviz_dot(loaded)
    drawing = start_svg(graph.text) if graph.text else None
    with contained(), unchanged(loaded.model), at_most(seconds):
        table = torchinfo_table(loaded)
    return Views(table or TableResult("", _too_long("torchinfo", seconds)), graph, drawing)


def _too_long(tool: str, seconds: float) -> str:
    return f"{tool} took longer than {seconds:g} s and was left out (--views-timeout SECONDS gives it more)"


def _merge(problems: list[str]) -> tuple[str, ...]:
    """Each reason once, with the files that it concerns."""
    by_reason: dict[str, list[str]] = {}
    for problem in problems:
        path, _, reason = problem.partition(": ")
        by_reason.setdefault(reason, []).append(path)
    return tuple(
        f"{paths[0]}{f' and {len(paths) - 1} more' if len(paths) > 1 else ''}: {reason}"
        for reason, paths in by_reason.items()
    )
