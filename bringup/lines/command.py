"""`bringup coverage FILE.jsonl`: verdicts as JSON lines on stdout, progress on stderr, a summary at the end."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path

from bringup.check.results import Environment
from bringup.check.run import CheckOptions, environment_of
from bringup.check.session import default_jobs
from bringup.errors import SourceError
from bringup.lines.judge import LineOptions, judge_lines
from bringup.progress import Progress
from bringup.target.mock_board import find_board
from bringup.target.runtime_root import installed_ttnn


def print_lines(path: Path, board: str, jobs: int, timeout: float, *, use_cache: bool) -> None:
    """Judge the lines of a file, or of stdin for `-`.

    Args:
        board: Emulated board to ask; empty for `table` evidence.

    Raises:
        SourceError: the file cannot be read.
        UsageError: there is no such board.
    """
    progress = Progress(1)
    options = LineOptions(_environment(board, progress), jobs or default_jobs(), timeout, use_cache)
    counts: Counter[tuple[str, str]] = Counter()
    try:
        with nullcontext(sys.stdin) if str(path) == "-" else path.open(encoding="utf-8") as file:
            for record in judge_lines(_lines(file), options, progress.say):
                print(json.dumps(record), flush=True)
                counts[record["status"], record["evidence"]] += 1
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(
            f"cannot read the lines: {getattr(error, 'strerror', None) or error}",
            where=str(path),
            next_step='give a file of lines like {"op": "aten.relu.default", "args": [{"shape": [1, 64]}]}',
        ) from error
    for (status, evidence), number in counts.most_common():
        progress.say(f"{number} {status} ({evidence})")


def _lines(file: Iterable[str]) -> Iterable[str]:
    yield from file


def _environment(board: str, progress: Progress) -> Environment | None:
    if not board:
        return None
    find_board(board)
    if installed_ttnn() is None:
        progress.say("ttnn is not installed: `table` evidence only (pip install 'bringup[ttnn]', Python 3.12 or 3.10)")
        return None
    return environment_of(CheckOptions("emulate", board, "exact", "", 1, 0.0, use_cache=True))
