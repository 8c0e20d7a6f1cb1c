"""What a line makes torch and the registry do: run in child processes with a limit in time and memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bringup.analysis import TTNN_VERSION
from bringup.check.evidence import lowering_text
from bringup.coverage import Coverage, Moves, Verdict, judge_variation
from bringup.errors import UsageError
from bringup.inventory import Inventory, Variation
from bringup.limited import error_words
from bringup.lines.parts import take_apart
from bringup.lines.read import read_line
from bringup.ops.registry import registry, registry_hash
from bringup.ops.spec import OpSpec
from bringup.plan.op_tests import TestFile, index_tests, plan_op_tests
from bringup.render import format_python, render

_NEVER_RUN = ("folded", "missing", "unknown")


@dataclass(frozen=True, slots=True)
class Judged:
    """A variation with its verdict by the registry.

    Args:
        question: The code that asks ttnn, as text; empty where there is nothing to ask.
    """

    variation: Variation
    verdict: Verdict
    question: str


@dataclass(frozen=True, slots=True)
class Planned:
    """Test files by path, and the variation of each test."""

    texts: tuple[tuple[str, str], ...]
    variation_of: tuple[tuple[str, str], ...]


def judge_text(text: bytes) -> Judged:
    """A line, read and judged by its row.

    Raises:
        UsageError: it is no line, or torch refuses it.
    """
    line = read_line(0, text)
    if line.variation is None:
        raise UsageError(line.problem)
    return judge_by_row(line.variation)


def judge_by_row(variation: Variation, row: OpSpec | None = None) -> Judged:
    """A variation, judged by its row: the registry's unless another one is given."""
    row = row or registry().get(variation.op)
    try:
        verdict = judge_variation(variation, row)
    except Exception as error:  # a row's limits and folds are code: what they did not foresee costs this line alone
        reason = f"the row of {variation.op} cannot judge this variation ({error_words(error)})"
        verdict = Verdict(variation.id, variation.op, "unknown", "table", reason, (), "registry", 1, "unknown")
    question = "" if verdict.status in _NEVER_RUN else lowering_text(variation, row)
    return Judged(variation, verdict, question)


def judge_parts(variation: Variation) -> tuple[Judged, ...]:
    """The parts that torch's decompositions make of a variation, each judged by its row; empty where there are none."""
    return tuple(judge_by_row(part) for part in take_apart(variation, _has_route))


def _has_route(op: str) -> bool:
    row = registry().get(op)
    return row is not None and row.status != "missing"


def plan_tests(judged: tuple[Judged, ...], rows: Mapping[str, OpSpec] | None = None) -> Planned:
    """The tests that ask ttnn, with all that pytest needs to run them."""
    files = plan_files(judged, rows or registry())
    texts = {file.path: render("tests/ops/test_op.py.jinja", file=file) for file in files}
    texts["tests/conftest.py"] = render("tests/conftest.py.jinja", model="the lines of a file")
    entries = index_tests(files).tests
    return Planned(tuple(format_python(texts).items()), tuple((entry.test, entry.variation) for entry in entries))


def plan_files(judged: tuple[Judged, ...], rows: Mapping[str, OpSpec]) -> tuple[TestFile, ...]:
    """The same tests that a model's folder gets, for variations without a model."""
    verdicts = tuple(entry.verdict for entry in judged)
    coverage = Coverage(verdicts, (), Moves(0, 0, 0), registry_hash(), TTNN_VERSION)
    return plan_op_tests(
        Inventory(tuple(entry.variation for entry in judged), (), ()),
        coverage,
        rows,
        model="line",
        command="bringup coverage FILE.jsonl",
        statuses=("native", "composite", "rejected"),
    )
