"""`bringup check` as a whole: run, conclude, and bring the folder's reports up to date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bringup.analysis import Analysis, analyse, read_analysis
from bringup.check.evidence import CHECK_FILE, apply_evidence
from bringup.check.results import CheckFile, Result, Target
from bringup.check.run import Checked, CheckOptions, check_folder
from bringup.check.session import default_jobs
from bringup.errors import UsageError
from bringup.json_files import to_json
from bringup.modules.paths import ttnn_path
from bringup.ops.registry import registry
from bringup.progress import Progress
from bringup.write import Action, write_folder

BOARD_DEVICE = Path("/dev/tenstorrent")
_EVERY = 50


@dataclass(frozen=True, slots=True)
class Done:
    """What `check` did: the analysis with its evidence, the results, and what happened to the folder's files.

    `refused` counts the op calls that ttnn refuses and that the folder's TT-NN modules make all the same.
    """

    analysis: Analysis
    checked: Checked
    actions: tuple[Action, ...]
    refused: int


def check_and_write(
    folder: Path, target: str, board: str, mode: str, keyword: str, jobs: int, timeout: float, *, use_cache: bool
) -> Done:
    """Check a folder.

    Raises:
        UsageError: the target is not there, or its tests cannot be collected.
        FolderError: it is no bring-up folder.
    """
    from bringup.issues.gaps import draft_of_variations

    stored = read_analysis(folder)
    options = CheckOptions(
        choose_target(target), board, mode, keyword, jobs or default_jobs(), timeout, use_cache=use_cache
    )
    require_target(options)
    progress = Progress(1)
    where = f"emulated {board}" if options.target == "emulate" else "hardware"
    with progress.stage(f"test on {where}"):
        checked = check_folder(folder, stored, options, _Counting(progress))
    judged = replace(analyse(stored.info, stored.graph), issues=stored.issues)
    analysis = conclude(judged, checked.file, is_partial=bool(keyword))
    drafts = draft_of_variations(stored)
    actions = _write(folder, analysis, checked.file, drafts, is_partial=bool(keyword))
    return Done(analysis, checked, actions, refused_in_modules(folder, analysis))


def refused_in_modules(folder: Path, analysis: Analysis) -> int:
    """The op calls that ttnn refused, of ops that `tt/` does not do in torch yet."""
    try:
        text = (folder / ttnn_path(analysis.name)).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return 0
    refused = [v for v in analysis.coverage.verdicts if v.is_refused_by_ttnn]
    return sum(verdict.calls for verdict in refused if f"# Fallback to torch, {verdict.op}:" not in text)


def choose_target(name: str) -> Target:
    """The target that was asked for; else hardware where a board is."""
    if name:
        return "hardware" if name == "hardware" else "emulate"
    return "hardware" if BOARD_DEVICE.exists() else "emulate"


def require_target(options: CheckOptions) -> None:
    """The target is there.

    Raises:
        UsageError: it is not, with how to get it.
    """
    from bringup.target.mock_board import find_board
    from bringup.target.runtime_root import installed_ttnn

    find_board(options.board)
    if installed_ttnn() is None:
        raise UsageError(
            "ttnn is not installed, so nothing can be checked",
            next_step="pip install 'bringup[ttnn]' under Python 3.12 or 3.10 on Linux x86-64; "
            "coverage stays at `table` evidence until then",
        )
    if options.target == "hardware" and not BOARD_DEVICE.exists():
        raise UsageError(
            "there is no Tenstorrent board here (/dev/tenstorrent)",
            next_step="use --target emulate, or another machine",
        )


def conclude(analysis: Analysis, file: CheckFile, *, is_partial: bool) -> Analysis:
    """The analysis with the evidence of a check; one of a selection concludes nothing."""
    if is_partial:
        return analysis
    coverage = apply_evidence(analysis.coverage, analysis.graph, analysis.inventory, registry(), file)
    return replace(analysis, coverage=coverage)


def _write(
    folder: Path, analysis: Analysis, file: CheckFile, drafts: Mapping[str, str], *, is_partial: bool
) -> tuple[Action, ...]:
    from bringup.issues.comments import update_comments
    from bringup.issues.folder import FOLDER, draft_files
    from bringup.plan.folder import report_files

    if is_partial:
        return ()
    texts = {**report_files(analysis), **draft_files(analysis, file), CHECK_FILE: to_json(file)}
    files = {path: text.encode() for path, text in texts.items()}
    return (*write_folder(folder, files, owner=f"{FOLDER}/"), *update_comments(folder, analysis, drafts))


class _Counting:
    """Says how far the tests are."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._done = 0
        self._bad = 0

    def __call__(self, result: Result) -> None:
        self._done += 1
        self._bad += result.outcome != "passed"
        if self._done % _EVERY == 0:
            self._progress.say(f"{self._done} results, {self._bad} of them not passed")
