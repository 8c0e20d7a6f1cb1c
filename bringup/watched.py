"""A command that runs a model's code, watched from a process of its own: one that dies without a word is noticed.

Python code that ends the process is turned into an error where it stands (`sources.user_code`). What no Python sees is
left for here: a crash in an extension, `_exit` called from C or from a thread, the kernel when memory runs out.
"""

from __future__ import annotations

import faulthandler
import os
import re
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NoReturn

from bringup.errors import BringupError, SourceError
from bringup.parent_death import die_with_parent

_SAID = 64
"""Added to the exit code of a run that came to its end: no other ending has such a code."""
_PASSED_ON = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_PATIENCE = 4
"""Seconds that a run may take to end after Ctrl-C: a model's code may swallow it."""
_LIBRARIES = {"torch", "ctypes", "bringup", "importlib"}
_FRAME = re.compile(r'^  File "(?P<file>[^"]+)", line (?P<line>\d+) in (?P<function>.+)$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Ending:
    """The child's exit code, negative for a signal, and whether the user pressed Ctrl-C."""

    code: int
    is_interrupted: bool


def watched(run: Callable[[], None]) -> None:
    """Run in a child process, and end as it does; it is forked before anything large is imported.

    Raises:
        SourceError: the child ended without a word.
        KeyboardInterrupt: the user pressed Ctrl-C, and the child had no words for it.
    """
    _flush()
    with tempfile.TemporaryFile() as crash:
        child = os.fork()
        if child == 0:
            _run(run, crash)
        ending = _wait(child)
        code = ending.code
        if ending.is_interrupted and code < _SAID:
            raise KeyboardInterrupt
        if code >= _SAID:
            raise SystemExit(code - _SAID)
        if code < 0 and -code in _PASSED_ON:
            signal.signal(-code, signal.SIG_DFL)
            os.kill(os.getpid(), -code)
        crash.seek(0)
        raise _without_a_word(code, crash.read().decode(errors="replace"))


def _run(run: Callable[[], None], crash: BinaryIO) -> NoReturn:
    """In the child. Its threads and exit handlers are not waited for: they may be the model's."""
    code = 1
    try:
        die_with_parent()
        faulthandler.enable(file=crash, all_threads=False)
        run()
        code = 0
    except SystemExit as ending:
        code = ending.code if isinstance(ending.code, int) else 0 if ending.code is None else 1
    except BaseException:
        traceback.print_exc()
    finally:
        try:
            _flush()
        except (BringupError, OSError, ValueError):
            code = code or 1
        os._exit(code + _SAID)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()


def _wait(child: int) -> _Ending:
    """How the child ended. What is sent to us is passed on; one that does not end after Ctrl-C is killed."""
    interrupts: list[int] = []

    def interrupt(number: int, frame: object) -> None:
        interrupts.append(number)
        if not _is_of_the_terminal():
            os.kill(child, signal.SIGINT)
        signal.alarm(_PATIENCE)

    handlers: dict[int, Callable[[int, object], None]] = dict.fromkeys(_PASSED_ON, lambda n, _: os.kill(child, n))
    handlers |= {signal.SIGINT: interrupt, signal.SIGALRM: lambda n, _: os.kill(child, signal.SIGKILL)}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        return _Ending(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), bool(interrupts))
    finally:
        signal.alarm(0)
        for number, earlier in before.items():
            signal.signal(number, earlier)


def _is_of_the_terminal() -> bool:
    """Whether the terminal sends Ctrl-C to the child itself."""
    try:
        return os.tcgetpgrp(0) == os.getpgrp()
    except OSError:
        return False


def _without_a_word(code: int, crash: str) -> SourceError:
    ended = f"with exit code {code}" if code >= 0 else f"of {signal.Signals(-code).name}"
    hints = {-signal.SIGKILL: "it was killed, as happens when memory runs out: try --no-weights, or a smaller model"}
    return SourceError(
        f"the process that ran the model's code ended {ended}, without an error",
        where=_place(crash),
        next_step=hints.get(code, "run the model by itself; its code, a thread of it or an extension ends the process"),
    )


def _place(crash: str) -> str:
    """The line that was running, by what faulthandler wrote: the innermost that is not torch's own."""
    for found in _FRAME.finditer(crash):
        path = Path(found["file"])
        if not _LIBRARIES.intersection(path.parts) and path.name.endswith(".py"):
            return f"{path.name}:{found['line']} in {found['function']}"
    return ""
