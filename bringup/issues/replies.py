"""GitHub's answers: what they hold, how long to wait, and what a refusal means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bringup.errors import GitHubError

_SECONDARY_WAIT = 60.0


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue as GitHub has it."""

    number: int
    title: str
    body: str
    state: str
    reason: str
    url: str
    created: str
    closed: str


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, or its absence (status 0).

    Args:
        error: Why there is none, or none that can be read.
        is_unsent: Whether the request certainly did not reach GitHub.
    """

    status: int
    headers: Mapping[str, str]
    data: Any
    error: str
    is_unsent: bool = False

    @property
    def is_ok(self) -> bool:
        """Whether GitHub did what was asked, and its answer can be read."""
        return 200 <= self.status < 300 and not self.error

    @property
    def message(self) -> str:
        """GitHub's own words."""
        return str(self.data.get("message", "")) if isinstance(self.data, dict) else ""

    @property
    def words(self) -> str:
        """What to say of it."""
        return self.error or f"GitHub answers {self.status}: {self.message or 'no reason given'}"

    @property
    def has_next(self) -> bool:
        """Whether there is another page."""
        return 'rel="next"' in self.headers.get("link", "")


def issue_from(data: Mapping[str, Any]) -> Issue:
    """An issue from GitHub's JSON."""
    return Issue(
        int(data["number"]),
        str(data.get("title") or ""),
        str(data.get("body") or ""),
        str(data.get("state") or "open"),
        str(data.get("state_reason") or ""),
        str(data.get("html_url") or ""),
        str(data.get("created_at") or ""),
        str(data.get("closed_at") or ""),
    )


def wait_for(reply: Reply, now: float, attempt: int) -> float | None:
    """Seconds until the same request may be sent again; None when it was not a rate limit that refused it."""
    if reply.status not in (403, 429):
        return None
    after = _number(reply.headers.get("retry-after"))
    if after is not None:
        return max(after, 1.0)
    reset = _number(reply.headers.get("x-ratelimit-reset"))
    if reply.headers.get("x-ratelimit-remaining") == "0" and reset is not None:
        return max(reset - now, 0.0) + 1.0
    if reply.status == 429 or "rate limit" in reply.message.lower():
        return _SECONDARY_WAIT * 2.0 ** (attempt - 1)
    return None


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text is not None else None
    except ValueError:
        return None


_NEXT = {
    401: "set GITHUB_TOKEN to a token that is valid, or run `gh auth login`",
    403: "the token needs the right to write issues of this repository (fine-grained: Issues, read and write)",
    404: "give the repository as --repo OWNER/NAME; for a private one, the token needs access to it",
    410: "choose another repository with --repo",
    422: "look at the draft: its title, labels and length",
}


def refusal(verb: str, path: str, reply: Reply, hide: Callable[[str], str]) -> GitHubError:
    """What a refusal means, as an error."""
    words = reply.words
    if reply.status == 410 and verb == "POST":
        words = f"issues are disabled in this repository ({reply.message})"
    errors = reply.data.get("errors") if isinstance(reply.data, dict) else None
    if errors:
        words += f" ({'; '.join(map(_error_text, errors))[:300]})"
    found = GitHubError(hide(words), where=f"{verb} {path}", next_step=_NEXT.get(reply.status, ""))
    found.status = reply.status
    return found


def _error_text(error: Any) -> str:
    if isinstance(error, dict):
        return str(error.get("message") or f"{error.get('field', '')} {error.get('code', '')}".strip())
    return str(error)
