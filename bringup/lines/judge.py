"""Verdicts for lines as they come: judged by the registry, then asked of ttnn in chunks, each variation once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any

from bringup.coverage import Verdict, of_parts
from bringup.inventory import Variation
from bringup.limited import Limits, Lost, Workers
from bringup.lines.ask import LineOptions, ask_verdicts
from bringup.lines.stream import CHUNK, RawLine
from bringup.lines.work import Judged, Planned, judge_by_row, judge_parts, judge_text, plan_tests
from bringup.ops.registry import registry

__all__ = ["LineOptions", "judge_by_rows", "judge_chunks", "judge_lines"]

MEMORY = 4 << 30
"""Bytes that torch may take to work out one line; the tensors of a line have no data there."""
_PLANNING = 30.0
"""Seconds in which the tests of a chunk are written, at least."""
_DEEPEST = 2
"""How often parts are taken apart again."""


def judge_lines(texts: Iterable[str], options: LineOptions, say: Callable[[str], None]) -> Iterator[dict[str, Any]]:
    """One JSON object per line that is not empty, in the order of the lines."""
    numbered = (RawLine(number, text.encode(errors="surrogatepass")) for number, text in enumerate(texts, 1))
    yield from judge_chunks(iter(lambda: list(islice(numbered, CHUNK)), []), options, say)


def judge_chunks(
    chunks: Iterable[list[RawLine]], options: LineOptions, say: Callable[[str], None]
) -> Iterator[dict[str, Any]]:
    """The same for lines as they were read, as soon as each chunk is judged."""
    known: dict[str, Verdict] = {}
    done = 0
    with Workers(options.jobs, Limits(options.timeout, MEMORY), "bringup.lines.warm") as workers:
        for chunk in chunks:
            lines = [line for line in chunk if line.text.strip() or line.problem]
            read = _read(lines, workers)
            new = {entry.variation.id: entry for entry in read.values() if isinstance(entry, Judged)}
            new = {id_: entry for id_, entry in new.items() if id_ not in known}
            known.update(_judge(tuple(new.values()), options, workers))
            for line in lines:
                yield _record(line, read, known)
            done += len(lines)
            say(f"{done} lines, {len(known)} distinct variations")


def _read(lines: list[RawLine], workers: Workers) -> dict[bytes, Judged | Lost]:
    """What each text says; lines with the same text are read once."""
    texts = list(dict.fromkeys(line.text for line in lines if not line.problem))
    return dict(zip(texts, workers.map(judge_text, texts), strict=True))


def _judge(judged: tuple[Judged, ...], options: LineOptions, workers: Workers, depth: int = 0) -> dict[str, Verdict]:
    """The verdicts of variations by id: by the registry, then by ttnn where there is an environment to ask.

    What is not supported is taken apart by torch, and its parts are judged.
    """
    rows = registry()
    verdicts = ask_verdicts(judged, rows, options, partial(_plan, workers, options.timeout))
    unsupported = [entry.variation for entry in judged if not verdicts[entry.variation.id].is_supported]
    if depth == _DEEPEST or not unsupported:
        return verdicts
    apart = dict(zip((v.id for v in unsupported), workers.map(judge_parts, unsupported), strict=True))
    found = {id_: parts for id_, parts in apart.items() if not isinstance(parts, Lost)}
    new = {part.variation.id: part for parts in found.values() for part in parts if part.variation.id not in verdicts}
    of_id = {**verdicts, **(_judge(tuple(new.values()), options, workers, depth + 1) if new else {})}
    for id_, parts in apart.items():
        if isinstance(parts, Lost):
            verdicts[id_] = _without_parts(verdicts[id_], parts)
        else:
            verdicts[id_] = of_parts(verdicts[id_], [of_id[part.variation.id] for part in parts])
    return verdicts


def _plan(workers: Workers, timeout: float, judged: tuple[Judged, ...]) -> Planned | Lost:
    return workers.map(plan_tests, [judged], max(timeout, _PLANNING))[0]


def _without_parts(verdict: Verdict, lost: Lost) -> Verdict:
    words = f"torch's decomposition of it {lost.words}"
    return replace(verdict, reason=f"{verdict.reason}; {words}" if verdict.reason else words)


def judge_by_rows(variations: tuple[Variation, ...], options: LineOptions) -> dict[str, Verdict]:
    """The verdicts of variations by id, as their rows write them and without any other way."""
    judged = tuple(judge_by_row(variation) for variation in variations)
    return ask_verdicts(judged, registry(), options, plan_tests)


def _record(line: RawLine, read: Mapping[bytes, Judged | Lost], known: Mapping[str, Verdict]) -> dict[str, Any]:
    found = Lost("refused", line.problem) if line.problem else read[line.text]
    if isinstance(found, Lost):
        return {"line": line.number, "status": "invalid", "evidence": "table", "reason": _why_lost(found)}
    verdict = known[found.variation.id]
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


def _why_lost(lost: Lost) -> str:
    if lost.kind == "refused":
        return lost.words
    return f"torch cannot make out the call: it {lost.words}"
