"""Where compiled kernels, runtime roots and results are kept between runs."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path


@cache
def cache_folder() -> Path:
    """The user's cache folder for bringup, or one of this process alone where that cannot be written.

    `$BRINGUP_CACHE`, else `$XDG_CACHE_HOME/bringup`, else `~/.cache/bringup`.
    """
    wanted = wanted_cache_folder()
    if can_write(wanted):
        return wanted
    own = tempfile.mkdtemp(prefix="bringup-cache-")
    atexit.register(_remove, own, os.getpid())
    os.environ["BRINGUP_CACHE"] = own
    return Path(own)


def _remove(folder: str, owner: int) -> None:
    """Children share the folder of the process that made it; only that one removes it."""
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)


def wanted_cache_folder() -> Path:
    """Where the cache should be, whether or not it can be written."""
    named = os.environ.get("BRINGUP_CACHE")
    if named:
        return Path(named).expanduser().absolute()
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "bringup"


_NEEDED = 128 << 20
"""Bytes free for the kernels of a few models: a full disk shows here, and not in a kernel."""


def can_write(folder: Path) -> bool:
    """Whether a folder exists or can be made, can be written, and has room for kernels."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix="probe-") as probe:
            probe.write(b"probe")
            probe.flush()
        return shutil.disk_usage(folder).free >= _NEEDED
    except OSError:
        return False
