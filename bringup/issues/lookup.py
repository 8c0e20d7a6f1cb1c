"""What a repository already has: issues of gaps by their hidden markers, and by op name in titles.

GitHub's search lags behind by minutes, its lists do not: so the person's own issues and the latest of everyone are
listed, and what is older is searched for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timezone

from bringup.issues.answers import Issue
from bringup.issues.gaps import GapClass
from bringup.issues.github import GitHub
from bringup.issues.markers import find_markers
from bringup.variations import short_name

_RECENT = 3600.0
"""Seconds that GitHub's search may lag behind, and then some."""


@dataclass
class Repository:
    """The marked issues of one repository, as far as they have been looked at.

    Args:
        login: Whose token it is; empty when that cannot be asked.
        looked: When it was last listed.
    """

    github: GitHub
    name: str
    login: str
    issues: dict[int, Issue] = field(default_factory=dict)
    looked: float = 0.0

    def look(self) -> None:
        """List and search for everything that carries a marker of ours."""
        self._add(self.github.search(self.name, '"bringup:gap" in:body'))
        if self.login:
            self._add(self.github.issues(self.name, creator=self.login))
        self.look_again(self.github.clock.now())

    def look_again(self, since: float) -> None:
        """List what has changed since a time."""
        self.looked = self.github.clock.now()
        self._add(self.github.issues(self.name, since=iso_time(since - _RECENT)))

    def search_gap(self, gap: GapClass) -> None:
        """Search for one gap by its visible word."""
        self._add(self.github.search(self.name, f"bringupgap{gap.fingerprint} in:body"))

    def _add(self, issues: Iterable[Issue]) -> None:
        for issue in issues:
            if find_markers("gap", issue.body) or find_markers("tracking", issue.body):
                self.issues[issue.number] = issue

    def of_gap(self, fingerprint: str) -> tuple[Issue, ...]:
        """The issues of a gap: open ones first, then the oldest."""
        found = [issue for issue in self.issues.values() if fingerprint in find_markers("gap", issue.body)]
        return tuple(sorted(found, key=lambda issue: (issue.state != "open", issue.number)))

    def of_tracking(self, model_key: str) -> tuple[Issue, ...]:
        """The tracking issues of a model."""
        found = [issue for issue in self.issues.values() if model_key in find_markers("tracking", issue.body)]
        return tuple(sorted(found, key=lambda issue: (issue.state != "open", issue.number)))

    def similar(self, gap: GapClass) -> tuple[Issue, ...]:
        """Open issues without a marker whose title names the op."""
        names = {name.rpartition(".")[2] for name in gap.ttnn} | {short_name(gap.op)}
        found: dict[int, Issue] = {}
        for name in sorted(names):
            for issue in self.github.search(self.name, f'"{name}" in:title state:open'):
                if names_op(issue.title, name) and issue.state == "open" and not find_markers("gap", issue.body):
                    found[issue.number] = issue
        return tuple(found[number] for number in sorted(found))


def names_op(title: str, name: str) -> bool:
    """Whether a title names an op, in any spelling: `max_pool3d`, `MaxPool3d`, `max pool3d`."""
    wanted = re.sub(r"[^a-z0-9]", "", name.lower())
    words = re.findall(r"[a-z0-9]+", title.lower())
    runs = ("".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, min(i + 5, len(words)) + 1))
    return bool(wanted) and any(run in (wanted, f"ttnn{wanted}", f"aten{wanted}") for run in runs)


def iso_time(seconds: float) -> str:
    """A time as GitHub takes it."""
    return datetime.fromtimestamp(max(seconds, 0.0), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
