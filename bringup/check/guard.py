"""Pytest plugin of the child processes: what a test does to its process, or leaves behind, costs that test alone."""

from __future__ import annotations

import os
import signal
from collections.abc import Generator
from functools import partial
from typing import Any

import pytest

from bringup.limited import limit_memory
from bringup.parent_death import die_with_parent
from bringup.target.op_log import OP_LOG, OpLog

COLLECTING = "(collecting)"
"""What stands in the log of a process in the place of a test while it collects."""
_ENDS_RUNS = (KeyboardInterrupt, pytest.exit.Exception)
"""What pytest takes for the user's wish to stop; a child never hears of that from the user."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The plugin's option."""
    parser.addoption("--bringup-memory", type=int, default=0, help="Bytes that the tests of a process may take.")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, object, object]:
    """From the start of a child: a conftest.py that hangs is seen from outside."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        early_config.pluginmanager.register(_Guard(early_config), "bringup-guard")
    return (yield)


class _Guard:
    """Stands around the tests of one process."""

    def __init__(self, config: pytest.Config) -> None:
        self._memory: int = config.known_args_namespace.bringup_memory
        self._log = OpLog.open(os.environ.get(OP_LOG, ""))
        self._pid = os.getpid()
        self._log.test(COLLECTING)
        os.setsid()  # the user's Ctrl-C is for the parent; and what is left behind is known by its session
        signal.signal(signal.SIGINT, signal.default_int_handler)
        die_with_parent()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Everything is loaded: memory counts from here."""
        _keep_pipes_from_forks(session.config)
        self._log.test("")
        if self._memory:
            limit_memory(self._memory)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """A file that ends Python when it is imported is one that cannot be collected."""
        try:
            return (yield)
        except (SystemExit, *_ENDS_RUNS) as error:
            return pytest.CollectReport(collector.nodeid, "failed", f"raises {_shown(error)} when it is imported", [])

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Note which test runs; a process that a test forked ends with the test's own code."""
        self._log.test(item.nodeid)
        try:
            return (yield)
        finally:
            if os.getpid() != self._pid:
                os._exit(0)
            self._log.test("")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self) -> Generator[None, Any, Any]:
        """A fixture that interrupts is one failure."""
        return (yield from _kept_to_the_test())

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> Generator[None, Any, Any]:
        """A test that interrupts is one failure."""
        return (yield from _kept_to_the_test())

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self) -> Generator[None, Any, Any]:
        """The same for what a fixture does at its end."""
        return (yield from _kept_to_the_test())


def _kept_to_the_test() -> Generator[None, Any, Any]:
    try:
        return (yield)
    except _ENDS_RUNS as error:
        raise pytest.fail.Exception(f"the test itself raised {_shown(error)}") from error


def _shown(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _keep_pipes_from_forks(config: pytest.Config) -> None:
    """A process that a test forks, and that lives on, does not keep the pipes to the parent open."""
    for plugin in config.pluginmanager.get_plugins():
        channel = getattr(plugin, "channel", None)
        pipes = getattr(getattr(channel, "gateway", None), "_io", None)
        if pipes is not None:
            descriptors = (pipes.infile.fileno(), pipes.outfile.fileno())
            os.register_at_fork(after_in_child=partial(_to_nowhere, descriptors))


def _to_nowhere(descriptors: tuple[int, ...]) -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in descriptors:
        os.dup2(nowhere, descriptor)
    os.close(nowhere)
