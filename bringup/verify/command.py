"""`bringup ops verify`: the findings as text or as JSON on stdout."""

from __future__ import annotations

import json
from collections import Counter

from rich.text import Text

from bringup.check.run import CheckOptions, environment_of
from bringup.check.session import default_jobs
from bringup.errors import UsageError
from bringup.json_files import to_data
from bringup.lines.judge import LineOptions
from bringup.ops.registry import registry
from bringup.printable import show
from bringup.progress import Progress
from bringup.report.terminal import console
from bringup.target.mock_board import find_board
from bringup.target.runtime_root import installed_ttnn
from bringup.verify.verify import Verified, verify

_TIMEOUT = 120.0
_WORD, _MOST = 19, 400
_GOOD = ("limit lifted", "name appeared", "gap may be closed")


def verify_and_print(board: str, jobs: int, *, as_json: bool, use_cache: bool) -> bool:
    """Verify the registry; whether anything changed.

    Raises:
        UsageError: ttnn is not installed, or there is no such board.
    """
    find_board(board)
    if installed_ttnn() is None:
        raise UsageError(
            "ttnn is not installed, so nothing can be verified",
            next_step="pip install 'bringup[ttnn]' under Python 3.12 or 3.10 on Linux x86-64",
        )
    environment = environment_of(CheckOptions("emulate", board, "exact", "", 1, 0.0, use_cache=use_cache))
    options = LineOptions(environment, jobs or default_jobs(), _TIMEOUT, use_cache)
    verified = verify(registry(), options, Progress(1).say)
    if as_json:
        show(json.dumps(to_data(verified), indent=1))
    else:
        print_verified(verified)
    return bool(verified.findings)


def print_verified(verified: Verified) -> None:
    """What was asked, then each finding with the call that shows it and ttnn's words."""
    show(f"ttnn {verified.ttnn}; the registry describes {verified.listed}")
    asked = f"{verified.names} names, {verified.limits} limits on both sides"
    show(f"asked: {asked}; {len(verified.unasked)} limits cannot be asked: --json says why of each")
    for found in verified.findings:
        word = Text(f"{found.word:<{_WORD}}", style="green" if found.word in _GOOD else "red")
        claim = f": {found.claim}" if found.claim else ""
        console().print(Text.assemble(word, f"  {found.subject}{claim}"), soft_wrap=True)
        for text in (found.witness, f"ttnn: {found.words}" if found.words else ""):
            if text:
                show(f"{'':<{_WORD}}  {text[:_MOST]}")
    counts = Counter(found.word for found in verified.findings)
    show(", ".join(f"{number} {word}" for word, number in counts.items()) or "nothing changed")
