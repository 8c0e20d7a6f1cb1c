"""How the files of a folder name the issue of a gap."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from bringup.markdown import escape_text


@dataclass(frozen=True, slots=True)
class IssueLink:
    """An issue: where, how it stands, and the input variations that it is about.

    Args:
        repository: `tenstorrent/tt-metal`.
        number, url: The issue.
        state: `open`, `closed`, `closed as completed`.
        since: The day since when, as GitHub says.
        variations: Ids.
    """

    repository: str
    number: int
    url: str
    state: str
    since: str
    variations: tuple[str, ...]

    @property
    def text(self) -> str:
        """`tenstorrent/tt-metal#6326 (open since 2026-11-02)`, for comments and reasons."""
        return f"{self.name} ({self.state} since {self.since})"

    @property
    def name(self) -> str:
        """`tenstorrent/tt-metal#6326`."""
        return f"{self.repository}#{self.number}"

    @property
    def markdown(self) -> str:
        """The same as a link; plain text when the address is not one of the web."""
        is_web = urlsplit(self.url).scheme in ("https", "http")
        name = f"[{escape_text(self.name)}]({quote(self.url, safe=':/#?=&%')})" if is_web else escape_text(self.name)
        return f"{name} ({self.state} since {self.since})"


def issue_of(links: Iterable[IssueLink], variation: str) -> IssueLink | None:
    """The issue of a variation's gap; None where none was filed or found."""
    return next((link for link in links if variation in link.variations), None)
