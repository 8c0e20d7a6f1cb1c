"""Answers on stdout and talk on stderr, whatever becomes of those who read them."""

from __future__ import annotations

import os
import sys
from typing import Any, TextIO, cast

from bringup.errors import WriteError


class Answers:
    """Stdout. A reader that has gone, as `head` does, is no error: the command ends as it would have ended."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.is_reader_gone = False
        self.lost: WriteError | None = None

    def write(self, text: str) -> int:
        """Write to whoever still reads."""
        self._attempt(self._stream.write, text)
        return len(text)

    def flush(self) -> None:
        """Hand over what was written."""
        self._attempt(self._stream.flush)

    def _attempt(self, do: Any, *arguments: str) -> None:
        if self.is_reader_gone:
            return
        try:
            do(*arguments)
        except BrokenPipeError:
            self.is_reader_gone = True
            _close(self._stream)
        except OSError as error:
            self.is_reader_gone = True
            _close(self._stream)
            self.lost = WriteError(
                f"the answer cannot be written to stdout: {error.strerror}",
                next_step="free space where stdout goes, and run the command again",
            )
            raise self.lost from error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class Talk(Answers):
    """Stderr. What nobody can hear is not said."""

    def _attempt(self, do: Any, *arguments: str) -> None:
        try:
            super()._attempt(do, *arguments)
        except WriteError:
            return


def guard_output() -> None:
    """Put both in the place of the process's own."""
    if sys.stdout is not None:
        sys.stdout = cast(TextIO, Answers(sys.stdout))
    if sys.stderr is not None:
        sys.stderr = cast(TextIO, Talk(sys.stderr))


def finish_output() -> None:
    """Hand over what is left.

    Raises:
        WriteError: some of the answer could not be written, whoever took notice of that.
    """
    if sys.stdout is not None:
        sys.stdout.flush()
        lost = getattr(sys.stdout, "lost", None)
        if lost is not None:
            raise lost


def is_reader_gone() -> bool:
    """Whether nobody reads the answers any more."""
    return bool(getattr(sys.stdout, "is_reader_gone", False))


def _close(stream: TextIO) -> None:
    """What is left in the stream's buffer goes nowhere, also when Python ends and flushes it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
