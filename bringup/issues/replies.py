"""GitHub's answers: how long to wait, and what a refusal means. What is not of their form is no answer."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bringup.errors import GitHubError
from bringup.issues.answers import RefusalAnswer

_SECONDARY_WAIT = 60.0


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, or its absence (status 0).

    Args:
        data: What it holds, in GitHub's form for the call; of a refusal a `RefusalAnswer`.
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
        return self.data.message if isinstance(self.data, RefusalAnswer) else ""

    @property
    def words(self) -> str:
        """What to say of it."""
        return self.error or f"GitHub answers {self.status}: {self.message or 'no reason given'}"

    @property
    def has_next(self) -> bool:
        """Whether there is another page."""
        return 'rel="next"' in self.headers.get("link", "")


_STATUS = {"GET": 200, "PATCH": 200, "POST": 201}
"""How GitHub answers what it has done."""
_REFUSAL = TypeAdapter(RefusalAnswer)


def read_reply(verb: str, status: int, headers: Mapping[str, str], text: str, form: TypeAdapter[Any]) -> Reply:
    """An answer as far as it keeps to GitHub's description; else none, whatever its status says."""
    if 200 <= status < 400 and status != _STATUS[verb]:
        return Reply(status, headers, None, f"GitHub answers {status}, which is none of its answers to {verb}")
    is_done = status == _STATUS[verb]
    try:
        data = (form if is_done else _REFUSAL).validate_json(text, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"][:4])
        words = f"GitHub's answer ({status}) is not of its form: {first['msg']}{f' at {place}' if place else ''}"
        return Reply(status, headers, None, words)
    return Reply(status, headers, data, "")


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
        number = float(text) if text is not None else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None


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
    errors = reply.data.errors if isinstance(reply.data, RefusalAnswer) else None
    if isinstance(errors, list) and errors:
        words += f" ({'; '.join(map(_error_text, errors))[:300]})"
    found = GitHubError(hide(words), where=f"{verb} {path}", next_step=_NEXT.get(reply.status, ""))
    found.status = reply.status
    return found


def _error_text(error: Any) -> str:
    if isinstance(error, dict):
        return str(error.get("message") or f"{error.get('field', '')} {error.get('code', '')}".strip())
    return str(error)
