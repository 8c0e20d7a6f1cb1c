"""Somebody who files the issues of a folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from github_server import GitHubServer

from bringup.issues import run
from bringup.issues.github import Clock
from bringup.issues.run import FileOptions, FileReport, SyncOptions


@dataclass
class Person:
    """Somebody at a folder."""

    github: GitHubServer
    folder: Path
    heard: list[str] = field(default_factory=list)

    def file(self, *ids: str, **options) -> FileReport:
        """`bringup issues file --yes`."""
        chosen = {"is_dry": False, "timeout": 5, **options}
        given = FileOptions(ids, chosen.pop("repository", "octo/ops"), self.github.url, clock=self.clock, **chosen)
        return run.file_drafts(self.folder, given, self.heard.append)

    def sync(self, **options) -> run.SyncReport:
        """`bringup issues sync`."""
        given = SyncOptions(self.github.url, **{"ask": False, "clock": self.clock, **options})
        return run.sync_folder(self.folder, given, self.heard.append)

    @property
    def clock(self) -> Clock:
        return Clock(self.github.clock.now, self.github.clock.sleep)
