"""Watches the child processes of a session from outside: what is over its time, or dead and still heard, is ended."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from subprocess import Popen
from typing import Any

from bringup.check.guard import COLLECTING
from bringup.target.op_log import OP_LOG

_EVERY = 0.5
_GRACE = 5.0
"""Seconds after which a test that did not end its process by itself is ended from outside."""
_COLLECTING = 300.0
"""Seconds for a process to load what it tests."""
_UNHEARD = 3.0
"""Seconds after the death of a process in which its pipe is closed, unless somebody else holds it open."""
_PARENT, _SESSION = 1, 3
"""Places in /proc/PID/stat, behind the name."""


class Watch:
    """A thread that looks at the child processes of one session.

    Args:
        scratch: The folder with the children's logs, whose name every process of the session has in its environment.
        timeout: Seconds for a test; 0 for no limit.
    """

    def __init__(self, scratch: Path, timeout: float) -> None:
        self._scratch = scratch
        self._timeout = timeout
        self._workers: dict[int, Popen[bytes]] = {}
        self._died: dict[int, float] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bringup-watch", daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(_GRACE)
        end_all(self._scratch)

    def add(self, worker: Any) -> None:
        """A child process of pytest-xdist."""
        process = getattr(getattr(worker.gateway, "_io", None), "popen", None)
        if isinstance(process, Popen):
            self._workers[process.pid] = process

    def _run(self) -> None:
        while not self._stop.wait(_EVERY):
            for pid, process in list(self._workers.items()):
                if process.poll() is None:
                    if self._is_late(pid):
                        end_session(pid)
                    continue
                end_session(pid)
                died = self._died.setdefault(pid, time.monotonic())
                if time.monotonic() - died > _UNHEARD:
                    del self._workers[pid]
                    self._end_strays()

    def _is_late(self, pid: int) -> bool:
        try:
            test, _, started = json.loads((self._scratch / f"{pid}.json").read_bytes())
        except (OSError, ValueError):
            return False
        limit = _COLLECTING if test == COLLECTING else self._timeout + _GRACE if self._timeout else 0.0
        return bool(test and limit and time.time() - started > max(limit, self._timeout))

    def _end_strays(self) -> None:
        """Whoever left the session of a dead process, and may hold its pipe: no worker, and of no worker's session."""
        workers = {pid for pid in _pids() if _stat(pid, _PARENT) == os.getpid()}
        for pid in _marked(self._scratch):
            if pid not in workers and _stat(pid, _SESSION) not in workers:
                _kill(pid)


def end_session(leader: int) -> None:
    """End every process of a session."""
    for pid in _pids():
        if pid != os.getpid() and _stat(pid, _SESSION) == leader:
            _kill(pid)


def end_all(scratch: Path) -> None:
    """End what still lives of a run, wherever it went: the run's folder stands in the environment of its processes."""
    for pid in _marked(scratch):
        _kill(pid)


def _marked(scratch: Path) -> list[int]:
    mark = f"{OP_LOG}={scratch}".encode()
    return [pid for pid in _pids() if pid != os.getpid() and mark in _read(pid, "environ").split(b"\0")]


def _pids() -> Iterator[int]:
    with suppress(OSError):
        yield from [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _stat(pid: int, place: int) -> int:
    """A number that the system has of a process; 0 for one that is gone."""
    fields = _read(pid, "stat").rpartition(b")")[2].split()
    return int(fields[place]) if len(fields) > place else 0


def _read(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""


def _kill(pid: int) -> None:
    with suppress(OSError):
        os.kill(pid, signal.SIGKILL)
