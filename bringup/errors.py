"""What can go wrong, as one tree.

BringupError                the user's: exit code 2 unless said otherwise
├── UsageError              an option or argument that makes no sense
├── SourceError             the model could not be loaded, or has no inputs
├── TraceError              the model could not be traced at all (exit code 1: a finding)
├── RegistryError           a row of the op registry is wrong (exit code 3: our bug)
├── RenderError             a template and its plan disagree (exit code 3: our bug)
├── WriteError              the folder could not be written
├── FolderError             a bring-up folder is missing or damaged
├── GitHubError             GitHub refuses what was asked
└── UnfinishedError         issues could not all be filed yet (exit code 1: run again)
"""

from __future__ import annotations

import errno

from bringup.printable import printable

FULL_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What the system says of a disk, or a user's share of it, that is full."""


class BringupError(Exception):
    """A failure with its place and its next step.

    Args:
        what: What failed, in one sentence.
        where: Where in the model, the file or the command line; empty when there is no place.
        next_step: What to do about it.
    """

    exit_code = 2

    def __init__(self, what: str, *, where: str = "", next_step: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.next_step = next_step

    def __str__(self) -> str:
        lines = [self.what]
        if self.where:
            lines.append(f"  where: {self.where}")
        if self.next_step:
            lines.append(f"  next:  {self.next_step}")
        return printable("\n".join(lines), keep="\n")


class UsageError(BringupError):
    """An option or argument that makes no sense."""


class SourceError(BringupError):
    """The model could not be loaded, or no example inputs could be made for it."""


class TraceError(BringupError):
    """The model could not be traced, and no part of it could."""

    exit_code = 1


class RegistryError(BringupError):
    """A row of the op registry is wrong."""

    exit_code = 3


class RenderError(BringupError):
    """A template and its plan disagree."""

    exit_code = 3


class WriteError(BringupError):
    """The bring-up folder could not be written; it is as it was."""


class FolderError(BringupError):
    """A bring-up folder is missing or damaged."""


class GitHubError(BringupError):
    """GitHub refuses what was asked: the token, the repository, the rights. Nothing was sent twice; drafts are kept.

    `status` is GitHub's; 0 for what it would refuse, were it asked.
    """

    status = 0


class UnfinishedError(BringupError):
    """The network, or GitHub's limits, came between: what is filed is recorded, and the same command goes on."""

    exit_code = 1
