"""Work in child processes with a limit in time and memory: what crashes, hangs or fills memory costs that item alone.

The children are forked from one that has loaded what the work needs, so that a new one costs some milliseconds. The
limits are the kernel's: an alarm and an address space hold in C++ too, where Python's own signals wait.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import sys
import traceback
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, TypeVar

from bringup.errors import BringupError
from bringup.parent_death import die_with_parent

A = TypeVar("A")
B = TypeVar("B")

_LARGEST = 64 << 20
"""Bytes of an answer: the parent has to hold it."""
_GRACE = 5.0
"""Seconds beyond the limit after which the parent ends a child that its own alarm did not end."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one item of work may take: seconds, and bytes of memory beyond what a child starts with."""

    seconds: float
    memory: int


@dataclass(frozen=True, slots=True)
class Lost:
    """An item without an answer.

    Args:
        kind: `refused` by an error of ours that was meant to be read; `error` is any other exception.
        words: Why, as the end of a sentence; a whole one where it was `refused`.
    """

    kind: Literal["timeout", "crash", "memory", "refused", "error"]
    words: str


class Workers:
    """Child processes that take items of work, one each at a time.

    Args:
        jobs: How many.
        limits: For each item.
        preload: The module that the children are forked with.
    """

    def __init__(self, jobs: int, limits: Limits, preload: str) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([preload])
        self._limits = limits
        self._jobs = jobs
        self._workers: list[_Worker] = []

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for worker in self._workers:
            worker.end()
        self._workers.clear()

    def map(self, work: Callable[[A], B], items: Iterable[A], seconds: float = 0.0) -> list[B | Lost]:
        """What the work gives for each item, in order; `Lost` for the items that have no answer.

        Args:
            seconds: For an item of this work, where it is not the workers' own limit.
        """
        limits = replace(self._limits, seconds=seconds or self._limits.seconds)
        waiting = deque(enumerate(items))
        answers: dict[int, B | Lost] = {}
        at_work: dict[Connection, tuple[_Worker, int, A]] = {}
        while waiting or at_work:
            self._fill(len(waiting) + len(at_work))
            for worker in self._workers:
                if waiting and worker.connection not in at_work:
                    index, item = waiting.popleft()
                    worker.begin(work, item, limits)
                    at_work[worker.connection] = worker, index, item
            for connection in _ready(at_work, limits.seconds):
                worker, index, item = at_work.pop(connection)
                answer = worker.answer()
                if worker.is_over:
                    self._workers.remove(worker)
                    if not worker.is_fresh and isinstance(answer, Lost) and answer.kind != "timeout":
                        waiting.appendleft((index, item))  # perhaps an earlier item broke the process
                        continue
                answers[index] = answer
        return [answers[index] for index in range(len(answers))]

    def _fill(self, wanted: int) -> None:
        while len(self._workers) < min(self._jobs, wanted):
            self._workers.append(_Worker(self._context, self._limits.memory))


def _ready(at_work: dict[Connection, tuple[_Worker, int, Any]], seconds: float) -> list[Connection]:
    """The connections with an answer; all of them, ended, when no child has one after the time of an item."""
    found = wait(list(at_work), seconds + _GRACE)
    if not found:
        for worker, _, _ in at_work.values():
            worker.kill()
    return [connection for connection in found or at_work if isinstance(connection, Connection)]


class _Worker:
    """One child process, as its parent sees it."""

    def __init__(self, context: multiprocessing.context.ForkServerContext, memory: int) -> None:
        self.connection, theirs = context.Pipe()
        self._process: BaseProcess = context.Process(target=_serve, args=(theirs, memory), daemon=True)
        self._process.start()
        theirs.close()
        self._seconds = 0.0
        self._done = 0
        self._is_killed = False
        self.is_over = False

    @property
    def is_fresh(self) -> bool:
        """Whether it has had one item at most: then what became of it is that item's doing."""
        return self._done <= 1

    def begin(self, work: Callable[[A], object], item: A, limits: Limits) -> None:
        """Give it an item."""
        self._done += 1
        self._seconds = limits.seconds
        try:
            self.connection.send((work, item, limits))
        except OSError:  # it ended between two items: `answer` says how
            return

    def answer(self) -> Any:
        """What it gave; it may be over after that."""
        try:
            answer = self.connection.recv()
        except (EOFError, OSError):
            self.is_over = True
            return self._death()
        if isinstance(answer, Lost) and answer.kind == "memory":
            self.is_over = True
            self.end()
        return answer

    def _death(self) -> Lost:
        self._process.join(_GRACE)
        code = self._process.exitcode
        self.end()
        if code == -signal.SIGALRM or self._is_killed:
            return Lost("timeout", f"took more than {self._seconds:g} s")
        if code == -signal.SIGKILL:
            return Lost("memory", "was killed from outside (SIGKILL), as happens when memory runs out")
        name = signal.Signals(-code).name if code and -code in set(signal.Signals) else f"exit code {code}"
        return Lost("crash", f"ended the process with {name}")

    def kill(self) -> None:
        """It is over its time, and its own alarm did not end it."""
        self._is_killed = True
        self._process.kill()

    def end(self) -> None:
        """Kill it, whatever it is at."""
        self.connection.close()
        self._process.kill()
        self._process.join(_GRACE)


def _serve(connection: Connection, memory: int) -> None:
    """The child: answer items until the parent closes the connection."""
    _prepare(memory)
    while True:
        try:
            work, item, limits = connection.recv()
        except (EOFError, OSError):
            return
        signal.setitimer(signal.ITIMER_REAL, limits.seconds)
        message = _message(work, item, limits)
        signal.setitimer(signal.ITIMER_REAL, 0)
        try:
            connection.send_bytes(message)
        except OSError:
            return


def _prepare(memory: int) -> None:
    """Nothing of a child reaches stdout, a core file or the user's Ctrl-C, and none outlives its parent."""
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    die_with_parent()
    if sys.platform == "linux":
        limit_memory(memory)


def limit_memory(more: int) -> None:
    """Let this process take so many bytes of address space beyond what it has."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + more
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard == resource.RLIM_INFINITY or most < hard:
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))


def _message(work: Callable[[Any], Any], item: Any, limits: Limits) -> bytes:
    too_much = Lost("memory", f"needs more than {limits.memory / (1 << 30):.3g} GB of memory")
    try:
        message = bytes(ForkingPickler.dumps(work(item)))
        return message if len(message) <= _LARGEST else bytes(ForkingPickler.dumps(too_much))
    except MemoryError:
        return bytes(ForkingPickler.dumps(too_much))
    except BringupError as error:
        return bytes(ForkingPickler.dumps(Lost("refused", error.what)))
    except BaseException as error:  # whatever a line makes torch raise costs that line alone
        return bytes(ForkingPickler.dumps(Lost("error", f"failed with {error_words(error)}")))


def error_words(error: BaseException) -> str:
    """An exception that nobody foresaw, in a line, with its place."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}{place}"
