"""How filed issues stand now, and what a newer ttnn takes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bringup.issues.filing import Filing
from bringup.issues.state import Filed, read_state

Change = str


@dataclass(frozen=True, slots=True)
class Synced:
    """A gap's issue after looking.

    Args:
        filed: As it stands now.
        changes: What is different from before, and what a person has to look at.
    """

    filed: Filed
    changes: tuple[Change, ...]


def sync_issues(filing: Filing, *, dry_run: bool) -> tuple[Synced, ...]:
    """Read the state of every issue of the folder in one repository."""
    filing.state = read_state(filing.folder)
    found = []
    for filed in filing.state.filed:
        if filed.place == filing.place:
            found.append(_sync(filing, filed))
    if not dry_run:
        state = filing.state
        for synced in found:
            state = state.with_filed(synced.filed)
        filing.save(state)
    return tuple(found)


def _sync(filing: Filing, filed: Filed) -> Synced:
    issue = filing.github.issue(filing.repository.name, filed.number)
    if issue is None:
        return Synced(filed, (f"#{filed.number} was deleted",))
    others = tuple(i.number for i in filing.repository.of_gap(filed.fingerprint) if i.number != filed.number)
    is_closed = issue.state == "closed"
    now = replace(
        filed,
        title=issue.title,
        url=issue.url,
        state=issue.state,
        reason=issue.reason if is_closed else "",
        since=issue.closed if is_closed and issue.closed else issue.created,
        duplicates=others,
    )
    return Synced(now, _changes(filed, now))


def _changes(before: Filed, now: Filed) -> tuple[Change, ...]:
    changes = []
    if (before.state, before.reason) != (now.state, now.reason):
        changes.append(f"{now.link.state} since {now.since[:10]} (was {before.link.state})")
    if now.duplicates:
        numbers = ", ".join(f"#{number}" for number in now.duplicates)
        changes.append(f"the same gap is also in {numbers}: close one as a duplicate of the other")
    return tuple(changes)
