"""Pytest plugin: tests of TT-NN code pass or fail on a laptop. `pytest -p bringup.target.emulate FOLDER`.

Each test runs in both modes unless `--emulate-mode` names one. In exact mode, a test that records a `relative_error`
(as generated tests do) has to keep it under 1e-5. A test that reads a value that nobody knows is "not judged".
"""

from __future__ import annotations

import faulthandler
import os
import re
import sys
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import pytest

from bringup.errors import BringupError
from bringup.target.board import prepare_process
from bringup.target.modes import EXACT_ERROR, NOT_JUDGED
from bringup.target.op_log import OP_LOG, OpLog

if TYPE_CHECKING:
    from bringup.target.emulation import Emulation

_MODES = {"both": ["exact", "rounded"], "exact": ["exact"], "rounded": ["rounded"], "accumulated": ["accumulated"]}


def pytest_addoption(parser: pytest.Parser) -> None:
    """The plugin's options."""
    group = parser.getgroup("emulated Tenstorrent board")
    group.addoption("--emulate-mode", choices=list(_MODES), default="both", help="How values are kept (default: both).")
    group.addoption("--emulate-board", default="n150", help="n150 (default), n300, p100 or p150.")
    group.addoption("--emulate-timeout", type=float, default=0.0, help="Seconds after which a test ends its process.")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Set the environment before a conftest.py looks for a board."""
    try:
        prepare_process(early_config.known_args_namespace.emulate_board)
    except BringupError as error:
        raise pytest.UsageError(str(error)) from error


def pytest_configure(config: pytest.Config) -> None:
    """Start to emulate, in the process that runs tests."""
    is_controller = bool(getattr(config.option, "numprocesses", None)) and not hasattr(config, "workerinput")
    if not is_controller:
        config.pluginmanager.register(_Emulator(config), "bringup-emulator")


def pytest_report_header(config: pytest.Config) -> str:
    """What the values rest on."""
    option = config.option
    return (
        f"emulated {option.emulate_board}, mode {option.emulate_mode}: ttnn's own host code, values of reference "
        "functions; no kernel runs"
    )


@pytest.hookimpl(trylast=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test per mode."""
    metafunc.parametrize("emulation_mode", _MODES[metafunc.config.option.emulate_mode], indirect=True)


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """A test that was not judged is neither passed nor skipped."""
    if getattr(report, "not_judged", "") and report.when == "call":
        return "not judged", "N", "NOT JUDGED"
    return None


@pytest.fixture(autouse=True)
def emulation_mode(request: pytest.FixtureRequest) -> str:
    """The mode of this test, set before its other fixtures make tensors."""
    emulator = request.config.pluginmanager.get_plugin("bringup-emulator")
    assert isinstance(emulator, _Emulator)
    emulator.emulation.mode = request.param
    return str(request.param)


class _Emulator:
    """Runs the tests of one process on an emulated board."""

    def __init__(self, config: pytest.Config) -> None:
        from bringup.target.emulation import Emulation

        self.emulation: Emulation = Emulation(config.option.emulate_board, "exact")
        self.emulation.install()
        self._timeout: float = config.option.emulate_timeout
        self._log = OpLog.open(os.environ.get(OP_LOG, ""))
        self.emulation.on_op = self._log.op

    def pytest_unconfigure(self) -> None:
        """Give ttnn back."""
        self.emulation.remove()
        self._log.close()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> Generator[None, object, object]:
        """Note which test runs, and end the process when it takes too long: C++ cannot be interrupted."""
        self._log.test(item.nodeid)
        self.emulation.keeps_programs = _is_other_mode(item, nextitem)
        if self._timeout:
            faulthandler.dump_traceback_later(self._timeout, exit=True, file=sys.__stderr__ or sys.stderr)
        try:
            return (yield)
        finally:
            if self._timeout:
                faulthandler.cancel_dump_traceback_later()
            self._log.test("")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, None, None]:
        """Where both modes run, measure L1 in the second: it dispatches nothing, so it refuses nothing for space."""
        from bringup.target.memory import measuring

        self.emulation.last_call = ""
        is_measured = item.config.option.emulate_mode == "both" and self.emulation.mode == "rounded"
        if is_measured:
            self.emulation.values.settle()
        with measuring(is_dispatching=not is_measured) as usage:
            yield
        self.emulation.values.drop_undispatched()
        if usage.bytes_per_core is not None:
            item.user_properties.append(("l1_bytes_per_core", usage.bytes_per_core))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Exact mode has its own bound; what is not known is not judged."""
        from bringup.target.failures import failure_of

        report = yield
        if call.when != "call":
            return report
        mode = self.emulation.mode
        if call.excinfo is not None and not call.excinfo.errisinstance((pytest.skip.Exception, pytest.xfail.Exception)):
            failure = failure_of(call.excinfo.value, self.emulation.last_call)
            report.user_properties.append(("failure", failure.as_dict()))
            report.longrepr = without_backtrace(str(report.longrepr))
            if failure.kind in ("not judged", "environment"):
                report.outcome = "skipped"
                report.longrepr = (str(item.path), item.location[1] or 0, f"{NOT_JUDGED}{failure.words}")
                report.not_judged = failure.words  # type: ignore[attr-defined]
        elif report.outcome == "skipped" and isinstance(report.longrepr, tuple):
            _take_over_not_judged(report, report.longrepr)
        elif mode == "exact" and report.outcome == "passed":
            _judge_exact(report)
        return report


def _is_other_mode(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    """Whether the next test is this one in its second mode: the programs that ttnn built are the same."""
    return nextitem is not None and nextitem.nodeid == item.nodeid.replace("exact]", "rounded]") != item.nodeid


def without_backtrace(text: str) -> str:
    """A failure's text without the C++ frames that ttnn appends to its messages."""
    return "\n".join(line for line in text.splitlines() if not _CPP_FRAME.match(line))


_CPP_FRAME = re.compile(r"^E?\s+(--- .*\[0x|--- \S+\(|backtrace:$)")


def _take_over_not_judged(report: pytest.TestReport, longrepr: tuple[str, int, str]) -> None:
    """A generated test says itself what it could not judge."""
    words = longrepr[2].removeprefix("Skipped: ")
    if words.startswith(NOT_JUDGED):
        report.longrepr = (*longrepr[:2], words)
        report.not_judged = words.removeprefix(NOT_JUDGED)  # type: ignore[attr-defined]


def _judge_exact(report: pytest.TestReport) -> None:
    errors = [value for name, value in report.user_properties if name == "relative_error"]
    worst = max((float(str(error)) for error in errors), default=0.0)
    if not worst <= EXACT_ERROR:
        words = (
            f"exact mode: relative error computed {worst:.3e}, required {EXACT_ERROR:.0e}: "
            "the program computes something else than the reference, whatever its dtypes"
        )
        report.outcome = "failed"
        report.longrepr = words
        failure: dict[str, Any] = {"kind": "wrong value", "words": words, "call": ""}
        report.user_properties.append(("failure", failure))
