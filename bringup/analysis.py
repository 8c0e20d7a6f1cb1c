"""All that is known of a model before anything is rendered; kept as JSON in the folder's `.bringup/`."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bringup.coverage import Coverage, judge
from bringup.errors import FolderError
from bringup.inventory import Inventory
from bringup.ir import Graph
from bringup.issues.links import IssueLink
from bringup.json_files import from_json, to_json
from bringup.module_classes import take_inventory
from bringup.sources.loaded import ModelInfo

TTNN_VERSION = "0.81.1"
"""The ttnn release that the registry's rows describe."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """A model's description, graph, inventory and coverage, and the issues of its gaps."""

    info: ModelInfo
    graph: Graph
    inventory: Inventory
    coverage: Coverage
    issues: tuple[IssueLink, ...] = ()

    def check(self) -> None:
        """The parts are of one model.

        Raises:
            ValueError: they are not, with what does not fit.
        """
        self.graph.check()
        self.inventory.check(self.graph)
        self.coverage.check(self.inventory)

    @property
    def name(self) -> str:
        """The model's name, for titles."""
        return self.info.name

    @property
    def command(self) -> str:
        """The command that makes the folder again, as a shell takes it."""
        words = (word for flag, value in self.info.options for word in ((flag, value) if value else (flag,)))
        return shlex.join(("bringup", "init", self.info.spec, *words))


_FILES: dict[str, type[Any]] = {"info": ModelInfo, "graph": Graph, "inventory": Inventory, "coverage": Coverage}


def analyse(info: ModelInfo, graph: Graph, folder: Path | None = None) -> Analysis:
    """Inventory and coverage of a traced model, with the evidence of the checks that ran in its folder."""
    from bringup.check.evidence import apply_evidence, read_check
    from bringup.issues.state import read_state
    from bringup.ops.registry import registry, registry_hash

    inventory = take_inventory(graph)
    coverage = judge(graph, inventory, registry(), registry_hash=registry_hash(), ttnn_version=TTNN_VERSION)
    if folder is not None:
        coverage = apply_evidence(coverage, graph, inventory, registry(), read_check(folder))
    return Analysis(info, graph, inventory, coverage, read_state(folder).links if folder is not None else ())


def analysis_files(analysis: Analysis) -> dict[str, str]:
    """The JSON files of an analysis, by path in the folder."""
    return {_path(name): to_json(getattr(analysis, name)) for name in _FILES}


def read_analysis(folder: Path, progress: Callable[[str], None] = lambda text: None) -> Analysis:
    """The analysis that a bring-up folder holds; needs no torch.

    Raises:
        FolderError: the folder is not a bring-up folder, or a file of it is damaged.
    """
    from bringup.issues.state import read_state

    parts: dict[str, Any] = {}
    for name, class_ in _FILES.items():
        path = folder / _path(name)
        progress(f"reading {path.name}")
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise FolderError(
                "not a bring-up folder: " + (getattr(error, "strerror", None) or str(error)),
                where=str(path),
                next_step="make one with `bringup init MODEL`",
            ) from error
        parts[name] = from_json(class_, text, str(path))
    analysis = Analysis(**parts, issues=read_state(folder).links)
    try:
        analysis.check()
    except ValueError as error:
        raise FolderError(
            f"the folder's data do not fit together: {error}",
            where=str(folder / ".bringup"),
            next_step="make the folder again with `bringup init`",
        ) from error
    return analysis


def read_coverage(path: Path) -> Coverage:
    """The coverage of a bring-up folder, or of a coverage.json.

    Raises:
        FolderError: it is neither, or damaged.
    """
    file = path / "coverage.json" if path.is_dir() else path
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FolderError(
            "there is no coverage here: " + (getattr(error, "strerror", None) or str(error)),
            where=str(file),
            next_step="give a bring-up folder, or its coverage.json",
        ) from error
    return from_json(Coverage, text, str(file))


def _path(name: str) -> str:
    return ".bringup/model.json" if name == "info" else f".bringup/{name}.json"
