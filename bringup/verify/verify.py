"""All that the registry claims of ttnn, asked again: its names, and both sides of every limit."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import bringup.ops
from bringup.check.results import Result
from bringup.errors import UsageError
from bringup.inventory import Variation
from bringup.lines.ask import LineOptions, ask_ttnn
from bringup.lines.work import judge_by_row, plan_tests
from bringup.ops.spec import OpSpec
from bringup.plan.coverage_report import call_text
from bringup.verify.witnesses import Witness, find_witnesses

Word = Literal[
    "name vanished",
    "name appeared",
    "name gone from ttnn",
    "gap may be closed",
    "limit lifted",
    "refused now",
    "crashes now",
    "wrong value now",
    "not settled",
]
NAMES = Path(bringup.ops.__file__).parent / "ttnn_ops.txt"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as the registry has it.

    Args:
        word: What: `limit lifted`, `refused now`, `name vanished` ...
        subject: The op, or the ttnn name.
        claim: What the registry says: a limit, or which list the name is in.
        witness: The call that showed it; empty for names.
        words: ttnn's own, where it has any.
    """

    word: Word
    subject: str
    claim: str
    witness: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was asked and what came of it.

    Args:
        ttnn: The installed version; listed: the one that the registry describes.
        names: Public names of the installed ttnn.
        limits: Limits that were asked on both sides.
        unasked: Limits of which ttnn cannot be asked, as `op: limit (why)`.
        findings: Names first, then limits, in the registry's order.
    """

    ttnn: str
    listed: str
    names: int
    limits: int
    unasked: tuple[str, ...]
    findings: tuple[Finding, ...]


def verify(rows: Mapping[str, OpSpec], options: LineOptions, say: Callable[[str], None]) -> Verified:
    """Ask the installed ttnn.

    Raises:
        UsageError: ttnn is not installed, or its names cannot be listed.
    """
    listed, known = listed_names()
    installed = installed_names()
    say(f"{len(installed)} public names of ttnn, {len(known)} known")
    witnesses = find_witnesses(rows.values())
    asked = [witness for witness in witnesses if witness.can_be_asked]
    say(f"{len(asked)} limits to ask, on both sides")
    results = _ask(rows, asked, options)
    findings = (*name_findings(rows, known, installed), *limit_findings(asked, results))
    unasked = tuple(f"{w.op}: {w.limit.needs} ({w.why_not})" for w in witnesses if w not in asked)
    return Verified(importlib.metadata.version("ttnn"), listed, len(installed), len(asked), unasked, findings)


def listed_names() -> tuple[str, frozenset[str]]:
    """The version and the names of the ttnn that the registry describes."""
    head, *names = NAMES.read_text(encoding="utf-8").split("\n")
    return head.removeprefix("# ttnn "), frozenset(names) - {""}


def installed_names() -> frozenset[str]:
    """The public names of the installed ttnn, listed in a process of its own.

    Raises:
        UsageError: they cannot be listed.
    """
    done = subprocess.run([sys.executable, "-m", "bringup.ops.ttnn_names"], capture_output=True, text=True, check=False)
    if done.returncode:
        words = (done.stderr.strip().splitlines() or ["no word"])[-1]
        raise UsageError(
            f"the names of ttnn cannot be listed: {words}", next_step="`bringup doctor` says what is there"
        )
    return frozenset(done.stdout.split("\n")[1:]) - {""}


def name_findings(rows: Mapping[str, OpSpec], known: frozenset[str], installed: frozenset[str]) -> tuple[Finding, ...]:
    """Names that rows use and ttnn lacks, gaps that have a name now, and how the list of names differs."""
    found: list[Finding] = []
    for row in rows.values():
        for name in row.ttnn:
            if name not in installed:
                found.append(Finding("name vanished", name, f"{row.op} lowers to it"))
        name = f"ttnn.{row.op.split('.')[1]}"
        if row.status == "missing" and name in installed - known:
            found.append(Finding("gap may be closed", row.op, f"missing: {row.reason}", words=f"{name} is there"))
    listed = "not in bringup/ops/ttnn_ops.txt"
    found += [Finding("name appeared", name, listed) for name in sorted(installed - known)]
    found += [Finding("name gone from ttnn", name, "in bringup/ops/ttnn_ops.txt") for name in sorted(known - installed)]
    return tuple(found)


def limit_findings(witnesses: Iterable[Witness], results: Mapping[str, list[Result]]) -> tuple[Finding, ...]:
    """What the answers say: inside ttnn has to take the call with the right value, outside it must not."""
    found: list[Finding] = []
    for witness in witnesses:
        assert witness.inside and witness.outside
        inside, outside = (_worst(results.get(v.id, [])) for v in (witness.inside, witness.outside))
        if inside is None or inside.outcome != "passed":
            word, words = _inside_word(inside)
            found.append(Finding(word, witness.op, witness.limit.needs, call_text(witness.inside), words))
        if outside is not None and outside.outcome == "passed":
            found.append(Finding("limit lifted", witness.op, witness.limit.needs, call_text(witness.outside)))
        elif outside is None or outside.kind not in _REFUSED:
            words = outside.words if outside else "no result"
            found.append(Finding("not settled", witness.op, witness.limit.needs, call_text(witness.outside), words))
    return tuple(dict.fromkeys(found))


_REFUSED = ("rejected", "crash", "timeout", "wrong value")
"""What ttnn itself did: anything else, such as an error of torch, shows no limit of ttnn."""


def _worst(results: list[Result]) -> Result | None:
    return next((result for result in results if result.outcome != "passed"), results[0] if results else None)


def _inside_word(result: Result | None) -> tuple[Word, str]:
    if result is None:
        return "not settled", "no result"
    words: dict[str, Word] = {
        "rejected": "refused now", "crash": "crashes now", "timeout": "crashes now", "wrong value": "wrong value now",
    }  # fmt: skip
    return words.get(result.kind, "not settled"), result.words


def _ask(rows: Mapping[str, OpSpec], witnesses: list[Witness], options: LineOptions) -> dict[str, list[Result]]:
    variations: dict[str, Variation] = {}
    for witness in witnesses:
        assert witness.inside and witness.outside
        variations.update({witness.inside.id: witness.inside, witness.outside.id: witness.outside})
    judged = tuple(judge_by_row(variation, rows.get(variation.op)) for variation in variations.values())
    return ask_ttnn(judged, options, partial(plan_tests, rows=rows))
