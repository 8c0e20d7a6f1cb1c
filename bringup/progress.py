"""Stages of a command on stderr, with their seconds."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TextIO

from bringup.printable import printable


@dataclass
class Progress:
    """Says which stage a command is in. Quiet when `enabled` is false."""

    total: int
    enabled: bool = True
    stream: TextIO = field(default_factory=lambda: sys.stderr)
    current: int = 0

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Print the stage's number and name, and its seconds when it ends."""
        self.current += 1
        label = printable(f"[{self.current}/{self.total}] {name}")
        start = time.perf_counter()
        is_live = self.enabled and self.stream.isatty()
        if is_live:
            print(f"{label} ...", end="", file=self.stream, flush=True)
        try:
            yield
        except BaseException:
            self._end(label, "failed", is_live)
            raise
        self._end(label, f"{time.perf_counter() - start:.1f} s", is_live)

    def say(self, text: str) -> None:
        """A line of talk."""
        if self.enabled:
            print(f"      {printable(text)}", file=self.stream, flush=True)

    def _end(self, label: str, outcome: str, is_live: bool) -> None:
        if self.enabled:
            print(("\r" if is_live else "") + f"{label:<44} {outcome}", file=self.stream, flush=True)
