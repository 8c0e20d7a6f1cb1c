"""A test process that ended in the middle of a test: whose doing it was."""

from __future__ import annotations

import signal
import subprocess
from typing import Any

from bringup.coverage import PROCESS_ENDED
from bringup.target.failures import Failure

_ITS_OWN = frozenset({"SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGSEGV", "SIGTRAP"})
"""What a process brings upon itself; any other signal was sent by somebody else."""

_ENDING = 10.0
"""Seconds from the end of a worker's pipe to the end of its process."""


def failure_of_death(exit_code: int | None, op: str) -> Failure:
    """The failure of a test whose process ended.

    Args:
        exit_code: As of subprocess: negative for a signal; None when it is not known.
        op: The ttnn op that the process was in.
    """
    at = f" in {op}" if op else ""
    name = _signal_name(exit_code)
    if name and name not in _ITS_OWN:
        words = f"the process was killed from outside ({name}){at}, as happens when memory runs out: try with -j 1"
        return Failure("environment", words, "")
    how = f"with {name}" if name else f"with exit code {exit_code}" if exit_code is not None else "by itself"
    return Failure("crash", f"{PROCESS_ENDED} {how}{at}, without an exception", op)


def exit_code_of(worker: Any) -> int | None:
    """The exit code of a child process of pytest-xdist that is down; None where it does not say."""
    process = getattr(getattr(getattr(worker, "gateway", None), "_io", None), "popen", None)
    if not isinstance(process, subprocess.Popen):
        return None
    try:
        return process.wait(_ENDING)
    except subprocess.TimeoutExpired:
        return None


def _signal_name(exit_code: int | None) -> str:
    if exit_code is None or exit_code >= 0:
        return ""
    try:
        return signal.Signals(-exit_code).name
    except ValueError:
        return f"signal {-exit_code}"
