"""Children with a limit in time and memory: each way to end costs one item, and says what it was."""

from __future__ import annotations

import ctypes
import os
import signal
import time

import pytest

from bringup.errors import UsageError
from bringup.limited import Limits, Lost, Workers

ENDS = {
    "fine": lambda: "an answer",
    "raises": lambda: 1 // 0,
    "is refused": lambda: refuse(),
    "leaves": lambda: os._exit(5),
    "exits": lambda: exit(4),
    "interrupts": lambda: interrupt(),
    "dies": lambda: ctypes.string_at(0),
    "aborts": lambda: os.abort(),
    "hangs in C": lambda: ctypes.CDLL(None).sleep(60),
    "ignores the alarm": lambda: (signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM]), time.sleep(60)),
    "fills memory": lambda: bytearray(8 << 30),
    "says too much": lambda: bytes(80 << 20),
    "cannot be told": lambda: lambda: None,
    "nests": lambda: nest(0),
}
WORDS = {
    "fine": None,
    "raises": ("error", "ZeroDivisionError"),
    "is refused": ("refused", "on purpose"),
    "leaves": ("crash", "exit code 5"),
    "exits": ("error", "SystemExit: 4"),
    "interrupts": ("error", "KeyboardInterrupt"),
    "dies": ("crash", "SIGSEGV"),
    "aborts": ("crash", "SIGABRT"),
    "hangs in C": ("timeout", "took more than 2 s"),
    "ignores the alarm": ("timeout", "took more than 2 s"),
    "fills memory": ("memory", "needs more than 1 GB of memory"),
    "says too much": ("memory", "needs more than 1 GB of memory"),
    "cannot be told": ("error", "pickle"),
    "nests": ("error", "RecursionError"),
}


def refuse():
    raise UsageError("on purpose")


def interrupt():
    raise KeyboardInterrupt


def nest(depth):
    return nest(depth + 1)


def end(name):
    return ENDS[name]()


@pytest.fixture(scope="module")
def answers():
    names = [name for bad in WORDS for name in (bad, "fine")]
    with Workers(2, Limits(2.0, 1 << 30), "bringup.lines.warm") as workers:
        return list(zip(names, workers.map(end, names), strict=True))


def test_every_item_has_its_answer_in_order(answers):
    assert len(answers) == 2 * len(WORDS)
    assert {answer for name, answer in answers if name == "fine"} == {"an answer"}


@pytest.mark.parametrize("name", [name for name, expected in WORDS.items() if expected])
def test_each_end_is_told(name, answers):
    kind, words = WORDS[name]
    lost = dict(answers)[name]
    assert isinstance(lost, Lost)
    assert lost.kind == kind
    assert words in lost.words


BROKEN = []


def break_later(name):
    """The planted fault: an item that is answered and breaks the process for the next one."""
    if BROKEN:
        os.abort()
    if name == "breaks":
        BROKEN.append(name)
    return name


def test_what_an_item_breaks_costs_no_later_one():
    with Workers(1, Limits(20.0, 1 << 30), "bringup.lines.warm") as workers:
        assert workers.map(break_later, ["a", "breaks", "b", "c"]) == ["a", "breaks", "b", "c"]
