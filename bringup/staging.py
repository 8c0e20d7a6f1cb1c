"""Folders for half-written files, which a process owns while it lives: those of killed ones are swept.

The owner holds a lock on a file beside its folder. The kernel lets go of it when the process ends, however it ends, so
that no number of a process, which another may have by now, has to be believed.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PREFIX = "staging-"
_OWNER = "owner"


@contextmanager
def staging(place: Path) -> Iterator[Path]:
    """A new folder in a folder, gone afterwards; those that no living process owns go too.

    Raises:
        OSError: it cannot be made.
    """
    sweep(place)
    made = Path(tempfile.mkdtemp(dir=place, prefix=_PREFIX))
    try:
        with (made / _OWNER).open("w") as owner:
            fcntl.flock(owner, fcntl.LOCK_EX)
            yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def sweep(place: Path) -> None:
    """Remove what killed runs left; the caller holds the lock of `place`, so that none is just being made."""
    for left in place.glob(f"{_PREFIX}*"):
        if left.is_symlink() or not left.is_dir() or _is_owned(left):
            continue
        shutil.rmtree(left, ignore_errors=True)


def _is_owned(folder: Path) -> bool:
    try:
        handle = os.open(folder / _OWNER, os.O_RDWR | os.O_NOFOLLOW)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        with suppress(OSError):
            os.close(handle)
    return False
