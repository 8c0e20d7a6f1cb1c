"""Verdicts for lines as they come: judged by the registry, then asked of ttnn in chunks, each variation once."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from bringup.analysis import TTNN_VERSION
from bringup.check.cache import ResultCache
from bringup.check.evidence import lowering_hash, lowering_text, verdict_with
from bringup.check.known import frame_of_tests
from bringup.check.results import Environment, Evidence, Result, standing_of
from bringup.check.session import Session, run_session
from bringup.coverage import Coverage, Moves, Verdict, judge_variation, of_parts
from bringup.inventory import Inventory, Variation
from bringup.lines.parts import take_apart
from bringup.lines.read import Line, read_line
from bringup.ops.asked import asked_lowering
from bringup.ops.registry import registry, registry_hash
from bringup.ops.spec import OpSpec
from bringup.plan.op_tests import TestFile, index_tests, plan_op_tests
from bringup.render import format_python, render

_CHUNK = 256
_DEEPEST = 2
"""How often parts are taken apart again."""
_NEVER_RUN = ("folded", "missing", "unknown")


@dataclass(frozen=True, slots=True)
class LineOptions:
    """How to judge.

    Args:
        environment: What to ask: None stays at `table` evidence.
        jobs: Child processes.
        timeout: Seconds for one variation.
        use_cache: Take results of earlier runs.
    """

    environment: Environment | None
    jobs: int
    timeout: float
    use_cache: bool


def judge_lines(texts: Iterable[str], options: LineOptions, say: Callable[[str], None]) -> Iterator[dict[str, Any]]:
    """One JSON object per line that is not empty, in the order of the lines."""
    numbered = ((number, text) for number, text in enumerate(texts, 1) if text.strip())
    known: dict[str, Verdict] = {}
    done = 0
    while chunk := [read_line(number, text) for number, text in islice(numbered, _CHUNK)]:
        new = {line.variation.id: line.variation for line in chunk if line.variation}
        new = {id_: variation for id_, variation in new.items() if id_ not in known}
        known.update(judge_variations(tuple(new.values()), options))
        for line in chunk:
            yield _record(line, known.get(line.variation.id) if line.variation else None)
        done += len(chunk)
        say(f"{done} lines, {len(known)} distinct variations")


def judge_variations(variations: tuple[Variation, ...], options: LineOptions, depth: int = 0) -> dict[str, Verdict]:
    """The verdicts of variations by id: by the registry, then by ttnn where there is an environment to ask.

    What is not supported is taken apart by torch, and its parts are judged.
    """
    verdicts = judge_by_rows(variations, options)
    unsupported = [v for v in variations if not verdicts[v.id].is_supported] if depth < _DEEPEST else []
    apart = {v.id: take_apart(v, _has_route) for v in unsupported}
    parts = {part.id: part for found in apart.values() for part in found if part.id not in verdicts}
    judged = {**verdicts, **(judge_variations(tuple(parts.values()), options, depth + 1) if parts else {})}
    for variation in unsupported:
        verdicts[variation.id] = of_parts(verdicts[variation.id], [judged[part.id] for part in apart[variation.id]])
    return verdicts


def _has_route(op: str) -> bool:
    row = registry().get(op)
    return row is not None and row.status != "missing"


def judge_by_rows(variations: tuple[Variation, ...], options: LineOptions) -> dict[str, Verdict]:
    """The verdicts of variations by id, as their rows write them and without any other way."""
    rows = registry()
    verdicts = {variation.id: judge_variation(variation, rows.get(variation.op)) for variation in variations}
    if options.environment is None:
        return verdicts
    wanted = [
        variation
        for variation in variations
        if verdicts[variation.id].status not in _NEVER_RUN and asked_lowering(variation, rows[variation.op])
    ]
    results = ask_ttnn(tuple(wanted), verdicts, rows, options)
    for variation in wanted:
        found = results.get(variation.id)
        if found:
            standing, words = standing_of(found, "emulate")
            row = rows[variation.op]
            entry = Evidence(variation.id, lowering_hash(variation, row), standing, words)
            verdicts[variation.id] = verdict_with(verdicts[variation.id], entry, row, options.environment)
    return verdicts


def ask_ttnn(
    variations: tuple[Variation, ...], verdicts: Mapping[str, Verdict], rows: Mapping[str, OpSpec], options: LineOptions
) -> dict[str, list[Result]]:
    """The results of each variation's test on the emulated board, by the variation's id, in exact mode."""
    assert options.environment
    cache = ResultCache.of_user(options.environment)
    frame = f"line\0{frame_of_tests()}"
    texts = {variation.id: frame + lowering_text(variation, rows[variation.op]) for variation in variations}
    found: dict[str, list[Result]] = {}
    for variation in variations:
        result = cache.find(texts[variation.id], "exact") if options.use_cache else None
        if result:
            found[variation.id] = [result]
    unknown = tuple(variation for variation in variations if variation.id not in found)
    if unknown:
        for id_, result in _run(unknown, verdicts, rows, options):
            cache.keep(texts[id_], "exact", result)
            found.setdefault(id_, []).append(result)
    return found


def _run(
    variations: tuple[Variation, ...], verdicts: Mapping[str, Verdict], rows: Mapping[str, OpSpec], options: LineOptions
) -> Iterator[tuple[str, Result]]:
    assert options.environment
    planned = _plan(variations, tuple(verdicts[variation.id] for variation in variations), rows)
    variation_of = {entry.test: entry.variation for entry in index_tests(planned).tests}
    with tempfile.TemporaryDirectory(prefix="bringup-lines-") as name:
        root = Path(name)
        texts = {file.path: render("tests/ops/test_op.py.jinja", file=file) for file in planned}
        texts["tests/conftest.py"] = render("tests/conftest.py.jinja", model="the lines of a file")
        for path, text in format_python(texts).items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        board = options.environment.board
        session = Session((root / "tests",), root, board, "exact", "", options.jobs, options.timeout, is_generated=True)
        for result in run_session(session, lambda result: None):
            if result.test in variation_of:
                yield variation_of[result.test], result


def _plan(
    variations: tuple[Variation, ...], verdicts: tuple[Verdict, ...], rows: Mapping[str, OpSpec]
) -> tuple[TestFile, ...]:
    """The same tests that a model's folder gets, for variations without a model."""
    coverage = Coverage(verdicts, (), Moves(0, 0, 0), registry_hash(), TTNN_VERSION)
    return plan_op_tests(
        Inventory(variations, (), ()),
        coverage,
        rows,
        model="line",
        command="bringup coverage FILE.jsonl",
        statuses=("native", "composite", "rejected"),
    )


def _record(line: Line, verdict: Verdict | None) -> dict[str, Any]:
    if verdict is None:
        return {"line": line.number, "status": "invalid", "evidence": "table", "reason": line.problem}
    return {
        "line": line.number,
        "op": verdict.op,
        "variation": verdict.variation,
        "status": verdict.status,
        "evidence": verdict.evidence,
        "ttnn": list(verdict.ttnn),
        "reason": verdict.reason,
        "source": verdict.source,
    }
