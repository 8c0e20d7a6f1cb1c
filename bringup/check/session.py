"""Tests in child processes: one that ttnn ends is one failure, and the rest still runs."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from _pytest.mark.expression import Expression

from bringup.check.deaths import exit_code_of, failure_of_death
from bringup.check.results import Outcome, Result
from bringup.check.watch import Watch
from bringup.errors import UsageError
from bringup.target.modes import NOT_JUDGED
from bringup.target.op_log import OP_LOG, last_seen

_SUFFIX = re.compile(r"(?:-|(?<=\[))(exact|rounded|accumulated)\]$")
_MOST_DEATHS = 3
"""Child processes that may end one after the other without a test in between."""
_CRASHED = "???"
"""What pytest-xdist gives as the phase of a test whose process died."""


@dataclass(frozen=True, slots=True)
class Session:
    """What to run.

    Args:
        paths: Test files and folders.
        root: What test ids are relative to.
        board: Emulated board; empty for hardware.
        mode: `exact`, `rounded` or `both`.
        keyword: pytest's `-k` expression.
        jobs: Child processes.
        timeout: Seconds for a test.
        leave_out: Ids of tests that are not run, with their modes.
        is_generated: No test is a person's: then nothing asks for what pytest makes of log messages.
        memory: Bytes that the tests of one process may take; 0 for no limit.
    """

    paths: tuple[Path, ...]
    root: Path
    board: str
    mode: str
    keyword: str
    jobs: int
    timeout: float
    leave_out: frozenset[str] = frozenset()
    is_generated: bool = False
    memory: int = 0


def run_session(session: Session, on_result: Callable[[Result], None]) -> tuple[Result, ...]:
    """Run the tests; results in the order in which they end.

    Raises:
        UsageError: pytest could not collect them.
    """
    _check_keyword(session.keyword)
    with tempfile.TemporaryDirectory(prefix="bringup-check-", ignore_cleanup_errors=True) as scratch:
        folder = Path(scratch)
        with Watch(folder, session.timeout) as watch:
            collector = _Collector(folder, session.timeout, on_result, watch)
            code = _run_pytest(session, folder, collector)
        if code == pytest.ExitCode.INTERRUPTED and not collector.collection_errors:
            raise KeyboardInterrupt
        is_broken = code in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR)
        if is_broken or (collector.collection_errors and not collector.results):
            raise UsageError(
                "the tests cannot be collected: " + _last_lines((folder / "pytest.txt").read_text(), collector),
                where=str(session.root),
                next_step="make them again with `bringup generate tests`",
            )
    collector.tell_uncollected(session)
    return tuple(collector.results)


def _check_keyword(keyword: str) -> None:
    """The child processes would end one after the other on what is no expression."""
    try:
        Expression.compile(keyword or "x")
    except Exception as error:  # of which class depends on pytest's version
        raise UsageError(
            f"-k {keyword!r} is no expression of pytest's: {error}",
            next_step="give a part of a test's name, or several with `and`, `or` and `not`",
        ) from error


def _run_pytest(session: Session, folder: Path, collector: _Collector) -> int:
    before = dict(os.environ)
    # Run within a worker of another pytest (our own tests are), this process is none of this session's workers.
    for name in [name for name in os.environ if name.startswith("PYTEST_XDIST_")]:
        del os.environ[name]
    # pytest sweeps folders of earlier sessions, also those of others; here it has none but its own.
    os.environ.update({OP_LOG: str(folder), "PYTEST_DEBUG_TEMPROOT": str(folder)})
    try:
        with (folder / "pytest.txt").open("w") as talk, redirect_stdout(talk):
            return pytest.main(_arguments(session, folder), plugins=[collector])
    finally:
        os.environ.clear()
        os.environ.update(before)


def _last_lines(text: str, collector: _Collector) -> str:
    lines = collector.collection_errors or [line for line in text.splitlines() if line.strip()]
    return " | ".join(lines[-3:])


def _arguments(session: Session, folder: Path) -> list[str]:
    (folder / "leave_out").write_text("\n".join(sorted(session.leave_out)), encoding="utf-8")
    arguments = [*map(str, session.paths), "--rootdir", str(session.root), "-c", os.devnull]
    arguments += ["--import-mode", "importlib", "-p", "no:cacheprovider", "-q", "--tb", "no"]
    arguments += ["-p", "xdist", "-n", str(session.jobs), "--dist", "worksteal", "--max-worker-restart", "100000"]
    arguments += ["-p", "no:logging"] if session.is_generated else []
    arguments += ["-k", session.keyword] if session.keyword else []
    arguments += ["--continue-on-collection-errors", "-p", "bringup.check.guard"]
    arguments += ["--bringup-memory", str(session.memory)] if session.memory else []
    arguments += ["-p", "bringup.check.selection", "--bringup-leave-out", str(folder / "leave_out")]
    if session.board:
        arguments += ["-p", "bringup.target.emulate", "--emulate-board", session.board]
        arguments += ["--emulate-mode", session.mode, "--emulate-timeout", str(session.timeout)]
    return arguments


class _Collector:
    """Takes the reports of all child processes."""

    def __init__(self, scratch: Path, timeout: float, on_result: Callable[[Result], None], watch: Watch) -> None:
        self.results: list[Result] = []
        self.collection_errors: list[str] = []
        self._uncollected: dict[str, str] = {}
        self._watch = watch
        self._deaths = 0
        self._scratch = scratch
        self._timeout = timeout
        self._on_result = on_result

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_load_initial_conftests(self, early_config: pytest.Config) -> Generator[None, None, None]:
        """Only the child processes load conftest.py: it imports torch, which this one does not need."""
        early_config.known_args_namespace.noconftest = True
        yield

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            words = next((line for line in reversed(str(report.longrepr).splitlines()) if line.strip()), "no word")
            self.collection_errors.append(words)
            self._uncollected[report.nodeid] = words

    def tell_uncollected(self, session: Session) -> None:
        """A file that cannot be collected is one failure, in each mode."""
        modes = (
            (("exact", "rounded") if session.mode == "both" else (session.mode,)) if session.board else ("hardware",)
        )
        for file, words in self._uncollected.items():
            for mode in modes:
                cannot = f"it cannot be collected: {words}"
                self.results.append(Result(file, mode, "", "failed", "error", cannot))
                self._on_result(self.results[-1])

    def pytest_testnodeready(self, node: Any) -> None:
        """A child process is there."""
        self._watch.add(node)

    def pytest_testnodedown(self, node: Any, error: object | None) -> None:
        """One that ends before it has run a test is made anew a few times, not for ever."""
        if not error:
            return
        self._deaths += 1
        if self._deaths > _MOST_DEATHS:
            how = failure_of_death(exit_code_of(node), "").words
            self.collection_errors.append(f"before any test runs, {how}")
            pytest.exit("no process lives to run a test", pytest.ExitCode.INTERNAL_ERROR)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._deaths = 0
        result = self._result(report)
        if result is not None:
            self.results.append(result)
            self._on_result(result)

    def _result(self, report: pytest.TestReport) -> Result | None:
        phase: str = report.when
        if phase == _CRASHED:
            return self._died(report)
        if phase != "call" and report.outcome == "passed":
            return None
        if phase == "teardown" and report.outcome != "failed":
            return None
        test, mode = split_mode(report.nodeid)
        properties: dict[str, list[Any]] = {}
        for name, value in report.user_properties:
            properties.setdefault(name, []).append(value)
        result = Result(
            test,
            mode,
            "",
            _outcome(report),
            pcc=min(properties["pcc"]) if "pcc" in properties else None,
            relative_error=max(properties["relative_error"]) if "relative_error" in properties else None,
            l1_bytes_per_core=properties.get("l1_bytes_per_core", [None])[-1],
            judged_by="; ".join(map(str, properties.get("judged_by", []))),
            seconds=report.duration,
        )
        return _with_reason(result, report, properties.get("failure", [None])[-1])

    def _died(self, report: pytest.TestReport) -> Result:
        test, mode = split_mode(report.nodeid)
        seen = last_seen(self._scratch, report.nodeid)
        op = seen.op if seen else ""
        if seen and self._timeout and time.time() - seen.started >= self._timeout:
            at = f" in {op}" if op else ""
            return Result(test, mode, "", "failed", "timeout", f"took more than {self._timeout:g} s{at}")
        failure = failure_of_death(exit_code_of(getattr(report, "node", None)), op)
        outcome: Outcome = "not judged" if failure.kind == "environment" else "failed"
        return Result(test, mode, "", outcome, failure.kind, failure.words, call=failure.call)


def _outcome(report: pytest.TestReport) -> Outcome:
    if getattr(report, "not_judged", ""):
        return "not judged"
    if hasattr(report, "wasxfail") and report.outcome == "skipped":
        return "failed"  # Known, with an issue: a gap all the same.
    return {"passed": "passed", "failed": "failed", "skipped": "skipped"}[report.outcome]  # type: ignore[return-value]


def _with_reason(result: Result, report: pytest.TestReport, failure: dict[str, str] | None) -> Result:
    if result.outcome == "passed":
        return result
    if failure:
        return replace(result, kind=failure["kind"], words=failure["words"], call=failure["call"])
    if isinstance(report.longrepr, tuple):
        words = str(report.longrepr[2])
        unjudged = words.removeprefix("Skipped: ").removeprefix(NOT_JUDGED)
        if f"{NOT_JUDGED}{unjudged}" in words:
            return replace(result, outcome="not judged", kind="not judged", words=unjudged)
        return replace(result, kind="skipped", words=words)
    crash = getattr(report.longrepr, "reprcrash", None)
    return replace(result, kind="error", words=" ".join(str(crash.message if crash else report.longrepr).split()))


def split_mode(nodeid: str) -> tuple[str, str]:
    """A test's id without its mode, and the mode; `hardware` where it has none."""
    found = _SUFFIX.search(nodeid)
    if not found:
        return nodeid, "hardware"
    rest = nodeid[: found.start()]
    return (rest.removesuffix("[") if rest.endswith("[") else f"{rest}]"), found[1]


def join_mode(test: str, mode: str) -> str:
    """The id that pytest has for a test in a mode."""
    return f"{test[:-1]}-{mode}]" if test.endswith("]") else f"{test}[{mode}]"


def default_jobs() -> int:
    """Processors that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity and sys.platform == "linux" else os.cpu_count() or 1
