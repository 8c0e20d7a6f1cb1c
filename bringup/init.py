"""`bringup init`: from a model spec to a bring-up folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bringup.analysis import Analysis, analyse
from bringup.check.evidence import CHECK_FILE, read_check
from bringup.errors import TraceError
from bringup.ir import Graph, Level
from bringup.issues.folder import draft_files
from bringup.plan.folder import analysis_text_files, module_stage, totals, with_modules
from bringup.progress import Progress
from bringup.write import Action, write_folder

if TYPE_CHECKING:
    import torch

    from bringup.sources.loaded import Loaded, LoadOptions
    from bringup.views.pictures import Views

STAGES = 6


@dataclass(frozen=True, slots=True)
class InitResult:
    """What `init` did.

    Args:
        folder: Where the bring-up folder is.
        analysis: What is known of the model.
        actions: What happened to each file.
        problems: What could not be made, and why: pictures, tables.
    """

    folder: Path
    analysis: Analysis
    actions: tuple[Action, ...]
    problems: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """0; 1 for a finding about the model or a file that a person changed; 3 for a bug of ours."""
        has_findings = not self.analysis.graph.is_complete or any(a.word == "conflict" for a in self.actions)
        return max(self.analysis.info.no_modules.exit_code, int(has_findings))


def init(
    spec: str,
    options: LoadOptions,
    *,
    out: Path | None,
    level: Level,
    flags: tuple[tuple[str, str], ...],
    dry_run: bool,
    progress: Progress,
    name: str = "",
    views_seconds: float = 20.0,
) -> InitResult:
    """Load, trace, judge, render and write; nothing is written before everything is made.

    Args:
        name: What the model is called, instead of what its source calls it.
        views_seconds: What torchviz and torchinfo may take, each; 0 leaves them out.

    Raises:
        BringupError: the model cannot be loaded, nothing of it can be traced, or the folder cannot be written.
    """
    start = Path.cwd()  # a model's code may go elsewhere
    with progress.stage(f"load {spec}"):
        loaded = _load(spec, options, flags, name)
        given = _given_file(loaded.given)  # as bytes now: forward may write to its inputs
    shown = out or Path(loaded.info.name)
    folder = start / shown
    # The usual order lets `dot` draw while the model is traced; guessed whole numbers may be beyond their tables.
    views = None if loaded.has_guesses else _views(loaded, views_seconds, progress)
    with progress.stage("trace"):
        graph = trace_or_raise(loaded, level, progress)
    views = views or _views(_drawn_again(loaded, graph), views_seconds, progress)
    info = loaded.info
    del loaded
    with progress.stage("inventory and coverage"):
        analysis = analyse(info, graph, folder)
    with progress.stage("render"):
        modules, unmade = module_stage(analysis)
        analysis = with_modules(analysis, unmade)
        texts = {**analysis_text_files(analysis), **draft_files(analysis, read_check(folder)), **modules}
        files = {path: text.encode() for path, text in texts.items()}
        if (folder / CHECK_FILE).is_file():
            files[CHECK_FILE] = (folder / CHECK_FILE).read_bytes()
        pictures, problems = views.finish(analysis, totals(analysis))
        files.update(pictures)
        files.update(given if modules else {})
        problems = (*problems, *((f"tt/, reference/: {unmade.reason}",) if unmade.kind else ()))
    with progress.stage("write"):
        actions = write_folder(folder, files, dry_run=dry_run)
    return InitResult(shown, analysis, actions, problems)


def _load(spec: str, options: LoadOptions, flags: tuple[tuple[str, str], ...], name: str) -> Loaded:
    from bringup.sources import load
    from bringup.sources.spec import slug

    called = slug(name) if name else ""
    loaded = load(spec, options)
    return replace(loaded, info=replace(loaded.info, options=flags, name=called or loaded.info.name))


def _given_file(given: Mapping[str, torch.Tensor]) -> dict[str, bytes]:
    from bringup.sources.given import INPUTS_FILE, inputs_file

    return {INPUTS_FILE: inputs_file(given)} if given else {}


def _views(loaded: Loaded, seconds: float, progress: Progress) -> Views:
    from bringup.views.pictures import start_views

    with progress.stage("torchviz and torchinfo"):
        return start_views(loaded, seconds)


def _drawn_again(loaded: Loaded, graph: Graph) -> Loaded:
    from bringup.sources.guesses import draw_again

    return draw_again(loaded, graph)


def trace_or_raise(loaded: Loaded, level: Level, progress: Progress) -> Graph:
    """The graph, complete or in parts.

    Raises:
        SourceError: the model does not run on its example inputs at all.
        TraceError: not even a part of it can be traced.
    """
    from bringup.ops.routes import registry_rows
    from bringup.sources.user_code import contained
    from bringup.sources.verify import check_inputs
    from bringup.trace import trace

    with contained():
        graph = trace(loaded, level, rows=registry_rows(), progress=progress.say)
        if graph.attempts[-1].status != "ok" or not graph.calls:
            check_inputs(loaded)
    if graph.attempts[-1].status != "ok" and not graph.calls:
        last = graph.attempts[0]
        raise TraceError(
            f"the model cannot be traced: {last.message}",
            where=str(last.source or spec_of(loaded)),
            next_step=last.next_step,
        )
    return graph


def spec_of(loaded: Loaded) -> str:
    """The model's spec, for messages."""
    return loaded.info.spec
