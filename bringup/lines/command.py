"""`bringup coverage FILE.jsonl`: verdicts as JSON lines on stdout, progress on stderr, a summary at the end."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bringup.check.results import Environment
from bringup.check.run import CheckOptions, environment_of
from bringup.check.session import default_jobs
from bringup.errors import SourceError
from bringup.lines.judge import LineOptions, judge_chunks
from bringup.lines.stream import RawLine, read_chunks
from bringup.output import is_reader_gone
from bringup.progress import Progress
from bringup.target.mock_board import find_board
from bringup.target.runtime_root import installed_ttnn


def print_lines(path: Path, board: str, jobs: int, timeout: float, *, table: bool, use_cache: bool) -> None:
    """Judge the lines of a file, or of stdin for `-`.

    Args:
        board: Emulated board to ask.
        table: Ask none: `table` evidence.

    Raises:
        SourceError: the file cannot be read.
        UsageError: there is no such board.
    """
    find_board(board)
    progress = Progress(1)
    options = LineOptions(None if table else _environment(board, progress), jobs or default_jobs(), timeout, use_cache)
    counts: Counter[tuple[str, str]] = Counter()
    with _opened(path) as descriptor:
        for record in judge_chunks(_read_chunks(descriptor, path), options, progress.say):
            print(json.dumps(record), flush=True)
            counts[record["status"], record["evidence"]] += 1
            if is_reader_gone():
                break
    for (status, evidence), number in counts.most_common():
        progress.say(f"{number} {status} ({evidence})")


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    if str(path) == "-":
        yield sys.stdin.fileno()
        return
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError as error:
        raise _unreadable(path, error) from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _read_chunks(descriptor: int, path: Path) -> Iterator[list[RawLine]]:
    try:
        yield from read_chunks(descriptor)
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> SourceError:
    return SourceError(
        f"cannot read the lines: {error.strerror or error}",
        where=str(path),
        next_step='give a file of lines like {"op": "aten.relu.default", "args": [{"shape": [1, 64]}]}',
    )


def _environment(board: str, progress: Progress) -> Environment | None:
    if installed_ttnn() is None:
        progress.say("ttnn is not installed: `table` evidence only (pip install 'bringup[ttnn]', Python 3.12 or 3.10)")
        return None
    return environment_of(CheckOptions("emulate", board, "exact", "", 1, 0.0, use_cache=True))
