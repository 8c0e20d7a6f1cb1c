"""A repro script, run in a child process on an emulated board."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bringup.printable import say
from bringup.target.board import mock_environment


def run_script(script: str, board: str) -> int:
    """Run a script with what it prints shown; 0 when it ended well, 1 when it failed or the process died.

    Raises:
        UsageError: ttnn is not installed, or there is no such board.
    """
    with tempfile.TemporaryDirectory(prefix="bringup-repro-") as name:
        path = Path(name) / "repro.py"
        path.write_text(script, encoding="utf-8")
        command = [sys.executable, "-m", "bringup.target.run_file", board, str(path)]
        sys.stdout.flush()
        done = subprocess.run(command, env={**os.environ, **mock_environment(board)}, check=False)
    if done.returncode < 0:
        say(f"the process ended with signal {-done.returncode}")
    return 1 if done.returncode else 0
