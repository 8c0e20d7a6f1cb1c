"""The bring-up as one issue: the model card with a task list, kept up to date without touching what persons wrote."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bringup.analysis import Analysis
from bringup.check.module_tree import module_states
from bringup.issues.answers import Issue
from bringup.issues.filing import Filing, once
from bringup.issues.github import UnknownOutcome
from bringup.issues.markers import find_markers, marker, without_markers
from bringup.issues.state import Tracking
from bringup.issues.text import title as plain_title
from bringup.plan.folder import tracking_issue

END = "<!-- bringup: what follows is yours -->"
_TASK = re.compile(r"^- \[([ xX])\] (.+?)(?= \(|: |$)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Tracked:
    """What became of the tracking issue: `create`, `update`, `identical` or `hold`, and why."""

    word: str
    number: int
    url: str
    why: str = ""


def tracking_body(analysis: Analysis, key: str, states: Mapping[str, str]) -> str:
    """The body as it is first opened, with how each module class stands."""
    return f"{marker('tracking', key)}\n\n{without_markers(tracking_issue(analysis, states)).rstrip()}\n\n{END}\n"


def _body(filing: Filing) -> str:
    return tracking_body(filing.analysis, filing.model, module_states(filing.folder, filing.check))


def merge_body(made: str, current: str) -> str:
    """The new body with the boxes that persons ticked, and what they wrote below ours.

    Raises:
        ValueError: the line that ends our part is gone, so what is whose cannot be told.
    """
    head, end, theirs = current.replace("\r\n", "\n").partition(END)
    if not end:
        raise ValueError
    ticked = {text for box, text in _TASK.findall(head) if box in "xX"}

    def keep(match: re.Match[str]) -> str:
        return f"- [x] {match[2]}" if match[2] in ticked else match[0]

    return _TASK.sub(keep, made.partition(END)[0]) + END + theirs


def ensure_tracking(filing: Filing, *, dry_run: bool) -> Tracked:
    """Open the tracking issue, once."""
    found = filing.repository.of_tracking(filing.model)
    if found:
        _record(filing, found[0], dry_run=dry_run)
        return Tracked("identical", found[0].number, found[0].url)
    if dry_run:
        return Tracked("create", 0, "")
    key = f"tracking {filing.model}"
    title = plain_title(f"Bring up {filing.analysis.name} on TT-NN")
    body = _body(filing)
    labels = tuple(label for label in ("model bringup",) if label in filing.labels)

    def send() -> Issue:
        made = filing.github.create_issue(filing.repository.name, title, body, labels)
        if filing.model not in find_markers("tracking", made.body):
            raise UnknownOutcome(f"GitHub's answer is about another issue, #{made.number}")
        return made

    def look() -> Issue | None:
        return next(iter(filing.repository.of_tracking(filing.model)), None)

    issue = once(filing, key, send, look)
    filing.repository.issues[issue.number] = issue
    _record(filing, issue, dry_run=False)
    return Tracked("create", issue.number, issue.url)


def update_tracking(filing: Filing, tracking: Tracking, *, dry_run: bool) -> Tracked:
    """Bring the tracking issue up to date."""
    issue = filing.github.issue(filing.repository.name, tracking.number)
    if issue is None:
        return Tracked("hold", tracking.number, tracking.url, "it was deleted")
    try:
        wanted = merge_body(_body(filing), issue.body)
    except ValueError:
        return Tracked("hold", issue.number, issue.url, f"its line {END} is gone, so it is left as it is")
    if wanted == issue.body.replace("\r\n", "\n"):
        return Tracked("identical", issue.number, issue.url)
    if not dry_run:
        filing.github.edit_body(filing.repository.name, issue.number, wanted)
    return Tracked("update", issue.number, issue.url)


def _record(filing: Filing, issue: Issue, *, dry_run: bool) -> None:
    if not dry_run:
        state = filing.state.with_tracking(Tracking(filing.place, issue.number, issue.url))
        filing.save(state.without_intent(filing.place, f"tracking {filing.model}"))
