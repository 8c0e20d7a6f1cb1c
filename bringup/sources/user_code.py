"""A model's own code, contained: it may end the process, fork, or change its folder, signals and streams.

`contained` stands around each stage that runs such code and undoes what it did to the process; `stops_as_errors` around
single calls makes an exception of what would end the process, so that it is handled as any failure of the model is.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import types
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from bringup.errors import BringupError, SourceError

_ENDINGS = ("_exit", "abort", "execv", "execve")
"""Functions of `os` after which nothing of this process is left."""


class ModelStop(Exception):
    """What a model's code raised that is no `Exception`; the class has the name of what was raised."""


class _ProcessEnd(BaseException):
    """Raised in place of a call that would end the process."""

    def __init__(self, name: str) -> None:
        super().__init__("the code ends the process here")
        self.name = name


@dataclass
class _Interrupts:
    """Whether the user pressed Ctrl-C: code may raise KeyboardInterrupt by itself, or swallow a real one."""

    is_watching: bool = False
    seen: bool = False

    def note(self, number: int, frame: types.FrameType | None) -> None:
        self.seen = True
        raise KeyboardInterrupt


@dataclass
class _Place:
    """The current folder when the outermost stage began; copies of the descriptors of the streams."""

    start: Path | None = None
    copies: dict[int, int] = field(default_factory=dict)


_interrupts = _Interrupts()
_place = _Place()


def here() -> Path:
    """The folder that relative paths of the command line are meant in, wherever the model's code has gone."""
    return _place.start or Path.cwd()


@contextmanager
def stops_as_errors() -> Iterator[None]:
    """Around a call of a model's code: SystemExit and the like become an `Exception` of that name.

    Raises:
        ModelStop: the code raised something that is no `Exception`; its traceback is kept.
    """
    try:
        yield
    except Exception:
        raise
    except BaseException as error:
        if _is_ours(error):
            raise
        raise _stop(error) from error
    finally:
        _reopen()


def _is_ours(error: BaseException) -> bool:
    if isinstance(error, KeyboardInterrupt):
        return _interrupts.seen or not _interrupts.is_watching
    return type(error).__module__.startswith("bringup.") and not isinstance(error, _ProcessEnd)


def _stop(error: BaseException) -> ModelStop:
    name = f"os.{error.name}" if isinstance(error, _ProcessEnd) else type(error).__name__
    words = str(error)
    if isinstance(error, SystemExit):
        words = f"the code ends the process here, with exit code {error.code or 0!r}"
    made: ModelStop = type(name, (ModelStop,), {})(words or "without a word")
    return made.with_traceback(error.__traceback__)


@contextmanager
def contained() -> Iterator[None]:
    """Around a stage that runs a model's code.

    Raises:
        SourceError: the code stopped the stage where nothing else has words for it.
        KeyboardInterrupt: the user pressed Ctrl-C, whatever the code made of it.
    """
    pid = os.getpid()
    with ExitStack() as undone:
        for change in (_folder, _streams, _signals, _process, _endings):
            undone.enter_context(change())
        undone.callback(_end_copies, pid)
        try:
            with stops_as_errors():
                yield
        except BringupError:
            raise
        except Exception as error:
            _blame(error)
    if _interrupts.seen:
        _interrupts.seen = False
        raise KeyboardInterrupt


def _blame(error: Exception) -> NoReturn:
    """Say whose an exception is: the model's when its code was running, else it stays ours."""
    from bringup.sources.build import one_line, where

    place = where(error)
    if not place and not isinstance(error, ModelStop):
        raise error
    raise SourceError(
        f"the model's code failed: {type(error).__name__}: {one_line(error)}",
        where=place,
        next_step="run it by itself, then try again",
    ) from error


def _end_copies(pid: int) -> None:
    """A child that the code forked and let run on ends here: it would write the folder a second time."""
    if os.getpid() != pid:
        os._exit(0)


@contextmanager
def _folder() -> Iterator[None]:
    start = Path.cwd()
    outer, _place.start = _place.start, _place.start or start
    try:
        yield
    finally:
        _place.start = outer
        with suppress(OSError):
            os.chdir(start)


class _Unclosable:
    """A stream that the code may close without closing ours."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def close(self) -> None:
        """Nothing."""

    def detach(self) -> Any:
        """The buffer, which stays attached."""
        return self._stream.buffer


@contextmanager
def _streams() -> Iterator[None]:
    """What the code prints is talk, for stderr. Descriptors and Python's streams are as they were afterwards."""
    outer = dict(_place.copies)
    _place.copies = {number: os.dup(number) for number in (0, 1, 2) if _is_open(number)}
    streams = sys.stdin, sys.stdout, sys.stderr
    if sys.stderr is not None:
        sys.stdout = sys.stderr = _Unclosable(sys.stderr)
    try:
        yield
    finally:
        sys.stdin, sys.stdout, sys.stderr = streams
        _reopen()
        for copy in filter(_is_open, _place.copies.values()):
            os.close(copy)
        _place.copies = outer


def _reopen() -> None:
    """The streams' descriptors as they were, where the code has closed or redirected them."""
    for number, copy in _place.copies.items():
        if _is_open(copy) and (not _is_open(number) or not os.path.sameopenfile(number, copy)):
            os.dup2(copy, number)


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


@contextmanager
def _signals() -> Iterator[None]:
    """Handlers and timers as they were; Ctrl-C is noted, so that no code can swallow it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in signal.valid_signals()}
    had_timer = signal.getitimer(signal.ITIMER_REAL)[0] > 0
    watches = before.get(signal.SIGINT) is signal.default_int_handler
    if watches:
        signal.signal(signal.SIGINT, _interrupts.note)
        _interrupts.is_watching = True
    try:
        yield
    finally:
        if not had_timer:
            signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            if handler is not None and signal.getsignal(number) is not handler:
                with suppress(OSError, ValueError):
                    signal.signal(number, handler)
        if watches:
            _interrupts.is_watching = False


@contextmanager
def _process() -> Iterator[None]:
    """The mask of new files and the depth of recursion."""
    mask = os.umask(0o022)
    os.umask(mask)
    limit = sys.getrecursionlimit()
    try:
        yield
    finally:
        os.umask(mask)
        sys.setrecursionlimit(max(limit, sys.getrecursionlimit()))


@contextmanager
def _endings() -> Iterator[None]:
    """What ends this process raises instead; in children that the code forks (data loaders do) it is as ever."""
    pid = os.getpid()
    originals = {name: getattr(os, name) for name in _ENDINGS}
    for name, original in originals.items():
        setattr(os, name, _raising(name, original, pid))
    try:
        yield
    finally:
        for name, original in originals.items():
            setattr(os, name, original)


def _raising(name: str, original: Callable[..., Any], pid: int) -> Callable[..., Any]:
    def end(*args: Any, **kwargs: Any) -> Any:
        if os.getpid() != pid or threading.current_thread() is not threading.main_thread():
            return original(*args, **kwargs)
        raise _ProcessEnd(name)

    return end
