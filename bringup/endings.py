"""How a command ends: a sentence on stderr and an exit code, whatever went wrong; only cli.py and this exit."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from bringup.errors import FULL_DISK, BringupError, UsageError, WriteError
from bringup.printable import say

_INTERRUPTED = 130
"""As a shell counts an end by Ctrl-C."""


def fail(error: BringupError) -> NoReturn:
    """Say what failed, and end with its exit code."""
    say(f"bringup: {error}")
    raise SystemExit(error.exit_code)


def interrupted() -> NoReturn:
    """Say that the user ended it."""
    say("bringup: interrupted; the folder is as it was")
    raise SystemExit(_INTERRUPTED)


def run(command: Callable[[], object]) -> None:
    """Run a command: every failure becomes a sentence and an exit code."""
    from bringup.output import finish_output, guard_output

    guard_output()
    try:
        try:
            command()
        finally:
            finish_output()
    except BringupError as error:
        fail(error)
    except KeyboardInterrupt:
        interrupted()
    except SystemExit as ending:
        if ending.code == _INTERRUPTED:  # typer makes it of Ctrl-C, without a word
            interrupted()
        raise
    except OSError as error:
        if error.errno not in FULL_DISK:
            _our_bug(error)
        fail(
            WriteError(
                "the disk is full",
                where=str(error.filename or ""),
                next_step="free space (the folder is as it was), or set TMPDIR to a disk that has some",
            )
        )
    except ModuleNotFoundError as error:
        if error.name != "pytest":
            _our_bug(error)
        fail(
            UsageError(
                "pytest is not installed, which runs the tests",
                next_step="pip install pytest pytest-xdist (bringup[ttnn] has both)",
            )
        )
    except Exception as error:
        _our_bug(error)


def _our_bug(error: Exception) -> NoReturn:
    if os.environ.get("BRINGUP_DEBUG"):
        raise error
    import traceback

    frame = traceback.extract_tb(error.__traceback__)[-1]
    say(
        f"bringup: our bug: {type(error).__name__}: {error}\n"
        f"  where: {Path(frame.filename).name}:{frame.lineno}\n"
        "  next:  report this with the command and the output of BRINGUP_DEBUG=1"
    )
    raise SystemExit(3)
