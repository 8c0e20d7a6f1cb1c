"""Which test and op a process is at, in a file: what is left of a process that ttnn ends."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

OP_LOG = "BRINGUP_OP_LOG"
"""Environment variable with the folder of the logs."""
_SIZE = 4096


@dataclass(frozen=True, slots=True)
class LastSeen:
    """Where a process was.

    Args:
        test: Its test's id.
        op: The ttnn op that it was in, or that was its last.
        seconds: For how long the test had run when it was last heard of.
    """

    test: str
    op: str
    started: float


class OpLog:
    """A file of one line, written over and over. Nothing happens without a folder."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor
        self._test = ""
        self._started = 0.0

    @classmethod
    def open(cls, folder: str) -> OpLog:
        """A log of this process in a folder."""
        if not folder:
            return cls(None)
        return cls(os.open(Path(folder) / f"{os.getpid()}.json", os.O_RDWR | os.O_CREAT, 0o600))

    def close(self) -> None:
        """Close the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def test(self, name: str) -> None:
        """A test begins, or, with an empty name, has ended."""
        self._test, self._started = name, time.time()
        self._write("")

    def op(self, name: str) -> None:
        """An op begins."""
        self._write(name)

    def _write(self, op: str) -> None:
        if self._descriptor is None:
            return
        text = json.dumps([self._test, op, self._started]).encode()[:_SIZE]
        os.pwrite(self._descriptor, text.ljust(_SIZE), 0)


def last_seen(folder: Path, test: str) -> LastSeen | None:
    """Where the process was that ran a test."""
    for path in folder.glob("*.json"):
        try:
            name, op, started = json.loads(path.read_bytes())
        except (OSError, ValueError):
            continue
        if name == test:
            return LastSeen(name, op, started)
    return None
