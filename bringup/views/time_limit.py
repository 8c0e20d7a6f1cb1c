"""A bound in time on what runs a model to look at it: a picture is not worth a minute of waiting."""

from __future__ import annotations

import ctypes
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class TookTooLong(BaseException):
    """Raised in the middle of what took too long: no `except Exception` of a model or a library keeps it."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Leave the block when it takes longer, at its next step in Python; without a bound outside of the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise TookTooLong

    before = signal.signal(signal.SIGALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        yield
    except TookTooLong:
        pass
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def end_thread(thread: threading.Thread, is_done: threading.Event) -> None:
    """End a thread at its next step in Python, and wait for it: nobody needs what it makes any more.

    Args:
        is_done: What the thread sets last: Python takes one whose `join` was interrupted for ended.
    """
    while not is_done.wait(0.1):
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(TookTooLong))
    thread.join()
