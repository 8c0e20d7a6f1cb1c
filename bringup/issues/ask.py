"""Each gap asked again of the ttnn that is installed now."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bringup.analysis import Analysis
from bringup.check.results import Environment
from bringup.coverage import SUPPORTED, Verdict, rejudge
from bringup.errors import UsageError
from bringup.issues.gaps import GapClass, ttnn_op_for
from bringup.lines.judge import LineOptions, judge_by_rows
from bringup.write import write_folder


@dataclass(frozen=True, slots=True)
class Answer:
    """What the installed ttnn says of a gap.

    Args:
        ttnn: Its version.
        supported: Ids of the variations that it takes now.
        total: All variations of the gap.
        words: Of a missing op: the ttnn op that is there now; else what it still says.
    """

    gap: GapClass
    ttnn: str
    supported: tuple[str, ...]
    total: int
    words: str

    @property
    def is_closed(self) -> bool:
        """Whether nothing of the gap is left."""
        return len(self.supported) == self.total


def installed_ops() -> frozenset[str]:
    """The ops of the ttnn that is installed.

    Raises:
        UsageError: it cannot be imported.
    """
    command = [sys.executable, "-m", "bringup.ops.ttnn_names"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UsageError("ttnn cannot be imported", where=done.stderr.strip()[-300:], next_step="see `bringup doctor`")
    return frozenset(done.stdout.split("\n"))


def ask_again(
    analysis: Analysis, gaps: tuple[GapClass, ...], options: LineOptions
) -> tuple[tuple[Answer, ...], dict[str, Verdict]]:
    """The installed ttnn's answers, and the verdicts of the variations that were run."""
    assert options.environment
    version = options.environment.ttnn
    names = installed_ops() if any(gap.cause == "missing" for gap in gaps) else frozenset()
    variations = {v.id: v for gap in gaps if gap.cause != "missing" for v in gap.variations}
    verdicts = judge_by_rows(tuple(variations.values()), options)
    answers = []
    for gap in gaps:
        if gap.cause == "missing":
            name = ttnn_op_for(gap.op, names)
            answers.append(Answer(gap, version, (), len(gap.variations), f"{name} is there now" if name else ""))
            continue
        taken = tuple(v.id for v in gap.variations if _is_taken(verdicts[v.id]))
        left = next((verdicts[v.id].reason for v in gap.variations if v.id not in taken), "")
        answers.append(Answer(gap, version, taken, len(gap.variations), left))
    return tuple(answers), verdicts


def _is_taken(verdict: Verdict) -> bool:
    return verdict.status in SUPPORTED and verdict.evidence in ("emulated", "accepted", "hardware")


def files_that_change(
    folder: Path,
    analysis: Analysis,
    answers: tuple[Answer, ...],
    verdicts: dict[str, Verdict],
    environment: Environment,
    make: Callable[[Analysis], dict[str, str]],
) -> tuple[str, ...]:
    """The files of the folder that another check with this ttnn would change."""
    taken = {id_ for answer in answers for id_ in answer.supported}
    if not taken:
        return ()
    coverage = analysis.coverage
    now = tuple(verdicts[v.variation] if v.variation in taken else v for v in coverage.verdicts)
    counted = tuple(
        Verdict(
            v.variation, v.op, v.status, v.evidence, v.reason, v.ttnn, v.source, old.calls, v.table, v.l1_bytes_per_core
        )
        for v, old in zip(now, coverage.verdicts, strict=True)
    )
    where = f"ttnn {environment.ttnn}, emulated {environment.board}"
    then = Analysis(
        analysis.info,
        analysis.graph,
        analysis.inventory,
        rejudge(coverage, analysis.graph, analysis.inventory, counted, where),
        analysis.issues,
    )
    files = {path: text.encode() for path, text in make(then).items()}
    actions = write_folder(folder, files, dry_run=True, owner="issues/")
    return tuple(action.path for action in actions if action.word != "identical")
