"""`.bringup/issues.json`: which issue each gap has, and what was sent whose outcome is not known yet.

What is about to be sent is written before, what became of it after, each time through to the disk: whenever the process
ends, the next run knows what to look for.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from bringup.errors import FolderError, WriteError
from bringup.issues.links import IssueLink
from bringup.json_files import from_json, to_json
from bringup.write import check_path

STATE_FILE = ".bringup/issues.json"
_LOCK_FILE = ".bringup/issues.lock"
UPSTREAM = "tenstorrent/tt-metal"

Role = Literal["created", "commented", "found"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where issues go: the API and the repository."""

    api_url: str
    repository: str


@dataclass(frozen=True, slots=True)
class Filed:
    """The issue of a gap, as last seen.

    Args:
        place: Where it is.
        fingerprint: The gap.
        draft: The draft's id in the folder.
        op: The ATen op.
        number, url, title: The issue.
        state: `open` or `closed`; reason: `completed`, `not_planned`, `duplicate`, or empty.
        since: When it was opened or closed, as GitHub says.
        role: `created` by this folder, `commented` by it, or only `found`.
        variations: The model's input variations that it stands for.
        duplicates: Numbers of other issues with the same fingerprint.
        supported_in: The ttnn version that takes all of the variations; empty while none does.
    """

    place: Place
    fingerprint: str
    draft: str
    op: str
    number: int
    url: str
    title: str
    state: Literal["open", "closed"]
    reason: str
    since: str
    role: Role
    variations: tuple[str, ...]
    duplicates: tuple[int, ...] = ()
    supported_in: str = ""

    @property
    def link(self) -> IssueLink:
        """How the folder's other files name it."""
        state = f"{self.state} as {self.reason}" if self.state == "closed" and self.reason else self.state
        return IssueLink(self.place.repository, self.number, self.url, state, self.since[:10], self.variations)


@dataclass(frozen=True, slots=True)
class Tracking:
    """The issue that tracks the bring-up."""

    place: Place
    number: int
    url: str


@dataclass(frozen=True, slots=True)
class Intent:
    """Something about to be sent: `issue FINGERPRINT`, `comment FINGERPRINT`, `tracking MODEL`; when, in seconds."""

    place: Place
    key: str
    at: float


@dataclass(frozen=True, slots=True)
class State:
    """What is known of a folder's issues."""

    filed: tuple[Filed, ...] = ()
    tracking: tuple[Tracking, ...] = ()
    intents: tuple[Intent, ...] = ()

    def find(self, place: Place, fingerprint: str) -> Filed | None:
        """The issue of a gap in a repository."""
        return next((f for f in self.filed if f.place == place and f.fingerprint == fingerprint), None)

    def intent(self, place: Place, key: str) -> Intent | None:
        """What was about to be sent."""
        return next((i for i in self.intents if i.place == place and i.key == key), None)

    def tracking_in(self, place: Place) -> Tracking | None:
        """The tracking issue in a repository."""
        return next((t for t in self.tracking if t.place == place), None)

    def with_intent(self, intent: Intent) -> State:
        """The state with something about to be sent."""
        others = self.without_intent(intent.place, intent.key)
        return replace(others, intents=(*others.intents, intent))

    def without_intent(self, place: Place, key: str) -> State:
        """The state once its outcome is known."""
        return replace(self, intents=tuple(i for i in self.intents if (i.place, i.key) != (place, key)))

    def with_filed(self, filed: Filed) -> State:
        """The state with a gap's issue."""
        others = [f for f in self.filed if (f.place, f.fingerprint) != (filed.place, filed.fingerprint)]
        ordered = sorted((*others, filed), key=lambda f: (f.place.repository, f.number, f.fingerprint))
        return replace(self, filed=tuple(ordered))

    def with_tracking(self, tracking: Tracking) -> State:
        """The state with the tracking issue."""
        others = tuple(t for t in self.tracking if t.place != tracking.place)
        return replace(self, tracking=(*others, tracking))

    @property
    def links(self) -> tuple[IssueLink, ...]:
        """For the folder's other files; those in tt-metal itself before those in other repositories."""
        ordered = sorted(self.filed, key=lambda f: (f.place.repository != UPSTREAM, f.place.repository, f.number))
        return tuple(filed.link for filed in ordered)


def read_state(folder: Path) -> State:
    """The state of a folder; an empty one where nothing was filed.

    Raises:
        FolderError: the file is damaged.
    """
    path = folder / STATE_FILE
    try:
        return from_json(State, path.read_text(encoding="utf-8"), str(path))
    except FileNotFoundError:
        return State()
    except (OSError, UnicodeDecodeError, FolderError) as error:
        words = getattr(error, "strerror", None) or getattr(error, "what", str(error))
        raise FolderError(
            f"the record of filed issues cannot be read: {words}",
            where=str(path),
            next_step="delete it: issues are found again by their hidden markers",
        ) from error


def write_state(folder: Path, state: State) -> None:
    """Replace the file, through to the disk, so that it is the old one or the new one whenever the machine stops.

    Raises:
        WriteError: it cannot be written; the old one is as it was.
    """
    path = folder / STATE_FILE
    check_path(folder, STATE_FILE)
    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with beside.open("w", encoding="utf-8") as file:
            file.write(to_json(state))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        folder_fd = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder_fd)
        finally:
            os.close(folder_fd)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise WriteError(
            f"cannot write the record of filed issues: {error.strerror or error}",
            where=str(path),
            next_step="free space, then run the command again: what was sent is found by its marker",
        ) from error


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other commands of this folder from filing at the same time; what a killed one half wrote is removed.

    Raises:
        WriteError: another one is at it.
    """
    check_path(folder, _LOCK_FILE)
    try:
        file = (folder / _LOCK_FILE).open("a")
    except OSError as error:
        raise WriteError(f"cannot lock the folder: {error.strerror or error}", where=str(folder)) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise WriteError(
                "another bringup is filing issues of this folder", where=str(folder), next_step="wait for it"
            ) from None
        for left in (folder / STATE_FILE).parent.glob(f"{Path(STATE_FILE).name}.*.new"):
            left.unlink(missing_ok=True)
        yield
