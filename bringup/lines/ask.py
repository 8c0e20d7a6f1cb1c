"""Variations put to ttnn: each one's test on the emulated board, with what earlier runs know left out."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bringup.check.cache import ResultCache
from bringup.check.evidence import verdict_with
from bringup.check.known import frame_of_tests
from bringup.check.results import Environment, Evidence, Result, standing_of
from bringup.check.session import Session, run_session
from bringup.coverage import Verdict
from bringup.errors import UsageError
from bringup.limited import Lost
from bringup.lines.work import Judged, Planned
from bringup.ops.spec import OpSpec

Plan = Callable[[tuple[Judged, ...]], Planned | Lost]
Keep = Callable[[str, Result], None]


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


def ask_verdicts(
    judged: tuple[Judged, ...], rows: Mapping[str, OpSpec], options: LineOptions, plan: Plan
) -> dict[str, Verdict]:
    """The verdicts by the variations' ids, with what ttnn says where there is an environment to ask."""
    verdicts = {entry.variation.id: entry.verdict for entry in judged}
    if options.environment is None:
        return verdicts
    for id_, found in ask_ttnn(tuple(entry for entry in judged if entry.question), options, plan).items():
        standing, words = standing_of(found, "emulate")
        row = rows.get(verdicts[id_].op)
        verdicts[id_] = verdict_with(verdicts[id_], Evidence(id_, "", standing, words), row, options.environment)
    return verdicts


def ask_ttnn(judged: tuple[Judged, ...], options: LineOptions, plan: Plan) -> dict[str, list[Result]]:
    """The results of each variation's test on the emulated board, by the variation's id, in exact mode."""
    assert options.environment
    cache = ResultCache.of_user(options.environment)
    frame = f"line\0{frame_of_tests()}"
    texts = {entry.variation.id: frame + entry.question for entry in judged}
    found: dict[str, list[Result]] = {}
    for id_, text in texts.items():
        result = cache.find(text, "exact") if options.use_cache else None
        if result:
            found[id_] = [result]
    unknown = tuple(entry for entry in judged if entry.variation.id not in found)

    def keep(id_: str, result: Result) -> None:
        cache.keep(texts[id_], "exact", result)
        found.setdefault(id_, []).append(result)

    _run(unknown, options, plan, keep)
    return found


def _run(judged: tuple[Judged, ...], options: LineOptions, plan: Plan, keep: Keep) -> None:
    """Those of which no result comes are asked by halves: what one variation does costs no other its answer."""
    if not judged:
        return
    planned = plan(judged)
    answered: set[str] = set()
    if isinstance(planned, Lost):
        why = f"its test cannot be made: writing it {planned.words}"
    else:

        def on_answer(id_: str, result: Result) -> None:
            answered.add(id_)
            keep(id_, result)

        why = _run_planned(planned, options, on_answer)
    left = tuple(entry for entry in judged if entry.variation.id not in answered)
    if len(judged) == 1 and left:
        id_ = judged[0].variation.id
        keep(id_, Result("", "exact", id_, "not judged", "error", why))
    elif left:
        middle = (len(left) + 1) // 2
        _run(left[:middle], options, plan, keep)
        _run(left[middle:], options, plan, keep)


def _run_planned(planned: Planned, options: LineOptions, keep: Keep) -> str:
    """Run the tests; why one may have no result."""
    assert options.environment
    variation_of = dict(planned.variation_of)
    with tempfile.TemporaryDirectory(prefix="bringup-lines-") as name:
        root = Path(name)
        for path, text in planned.texts:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        session = Session(
            (root / "tests",),
            root,
            options.environment.board,
            "exact",
            "",
            options.jobs,
            options.timeout,
            is_generated=True,
            memory=_memory() // options.jobs,
        )

        def on_result(result: Result) -> None:
            if result.test in variation_of:
                keep(variation_of[result.test], result)

        try:
            run_session(session, on_result)
        except UsageError as error:
            return error.what
    return "its test gave no result"


def _memory() -> int:
    """Bytes that all tests together may take: most of what there is."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * 3 // 4
