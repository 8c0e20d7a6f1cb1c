"""GitHub's REST API, as far as issues need it.

PyGithub carries the requests (addresses, authentication, nothing to another host), by its `Requester` alone and without
retries: its own would send a POST again whose answer was lost, and its objects fetch on their own. So each call here is
one request whose outcome is known, or said not to be.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import TypeAdapter

from bringup.errors import GitHubError, UnfinishedError, UsageError
from bringup.issues import answers
from bringup.issues.answers import Issue, issue_from
from bringup.issues.replies import Reply, read_reply, refusal, wait_for
from bringup.issues.token import Token

if TYPE_CHECKING:
    from github.Requester import Requester

_Entry = TypeVar("_Entry")
_TRIES = 4
_PER_PAGE = 100


class UnknownOutcome(UnfinishedError):
    """A request was sent that writes, and its answer did not come: whether GitHub did it has to be looked up."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Time, so that tests need none."""

    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class Repository:
    """What filing needs to know of a repository."""

    name: str
    is_archived: bool
    has_issues: bool


@dataclass(frozen=True, slots=True)
class _Request:
    """What is sent, and the form of the answer to it."""

    verb: str
    path: str
    form: TypeAdapter[Any]
    parameters: dict[str, str]
    body: dict[str, object] | None = None


class GitHub:
    """One GitHub with one token.

    Args:
        patience: Seconds to wait for a rate limit, in all.
        timeout: Seconds to wait for an answer. GitHub itself ends a request after 10.
    """

    def __init__(
        self,
        api_url: str,
        token: Token,
        *,
        say: Callable[[str], None],
        clock: Clock | None = None,
        timeout: int = 30,
        patience: float = 300.0,
    ) -> None:
        self.clock = clock or Clock()
        self._token = token
        self._say = say
        self._patience = patience
        self._requester = _requester(api_url, token, timeout)

    def repository(self, name: str) -> Repository:
        """A repository by its name, under the name that it has now."""
        if not re.fullmatch(answers.REPOSITORY_NAME, name) or name.endswith("\n"):
            raise UsageError(f"{name!r} is not the name of a repository", next_step="give --repo OWNER/NAME")
        found: answers.RepositoryAnswer = self._get(f"/repos/{name}", answers.REPOSITORY).data
        return Repository(found.full_name, found.archived, found.has_issues)

    def login(self) -> str:
        """Whose token it is; empty for one that may not ask (a GitHub App's, as in Actions)."""
        try:
            found: answers.UserAnswer = self._get("/user", answers.USER).data
            return found.login
        except GitHubError as error:
            if error.status in (403, 404):
                return ""
            raise

    def labels(self, repository: str) -> frozenset[str]:
        """The labels of a repository."""
        return frozenset(label.name for label in self._pages(f"/repos/{repository}/labels", {}, answers.LABELS))

    def issues(self, repository: str, *, creator: str = "", since: str = "") -> Iterator[Issue]:
        """Issues, not pull requests, newest first: of a creator, or changed since a time (ISO 8601, UTC)."""
        wanted = {"state": "all", "sort": "created", "direction": "desc", "creator": creator, "since": since}
        parameters = {key: value for key, value in wanted.items() if value}
        for entry in self._pages(f"/repos/{repository}/issues", parameters, answers.ISSUES):
            if entry.pull_request is None:
                yield issue_from(entry)

    def search(self, repository: str, words: str) -> tuple[Issue, ...]:
        """The first hundred issues of a repository that GitHub's search finds; it may lag minutes behind."""
        query = {"q": f"repo:{repository} is:issue {words}", "per_page": str(_PER_PAGE)}
        found: answers.SearchAnswer = self._get("/search/issues", answers.SEARCH, query).data
        return tuple(issue_from(entry) for entry in found.items if entry.pull_request is None)

    def issue(self, repository: str, number: int) -> Issue | None:
        """One issue; None where it was deleted."""
        try:
            return issue_from(self._get(f"/repos/{repository}/issues/{number}", answers.ISSUE).data)
        except GitHubError as error:
            if error.status in (404, 410):
                return None
            raise

    def comments(self, repository: str, number: int) -> Iterator[str]:
        """The texts of an issue's comments, oldest first."""
        for entry in self._pages(f"/repos/{repository}/issues/{number}/comments", {}, answers.COMMENTS):
            yield entry.body

    def create_issue(self, repository: str, title: str, body: str, labels: tuple[str, ...]) -> Issue:
        """Open an issue.

        Raises:
            UnknownOutcome: it was sent, and whether it is open is not known.
        """
        wanted: dict[str, object] = {"title": title, "body": body, "labels": list(labels)}
        return issue_from(self._write("POST", f"/repos/{repository}/issues", wanted, answers.ISSUE).data)

    def create_comment(self, repository: str, number: int, body: str) -> None:
        """Add a comment.

        Raises:
            UnknownOutcome: it was sent, and whether it is there is not known.
        """
        self._write("POST", f"/repos/{repository}/issues/{number}/comments", {"body": body}, answers.COMMENT)

    def edit_body(self, repository: str, number: int, body: str) -> None:
        """Replace an issue's body; sent again when the answer is lost: twice is as good as once."""
        self._write("PATCH", f"/repos/{repository}/issues/{number}", {"body": body}, answers.ISSUE)

    def _get(self, path: str, form: TypeAdapter[Any], parameters: dict[str, str] | None = None) -> Reply:
        return self._send(_Request("GET", path, form, parameters or {}))

    def _pages(self, path: str, parameters: dict[str, str], form: TypeAdapter[list[_Entry]]) -> Iterator[_Entry]:
        number, before = 1, None
        while True:
            reply = self._get(path, form, {**parameters, "per_page": str(_PER_PAGE), "page": str(number)})
            yield from reply.data
            if not reply.has_next:
                return
            if not reply.data or reply.data == before:
                raise UnfinishedError(
                    f"GitHub's list has no end: page {number} of {path} brings nothing new", next_step=_AGAIN
                )
            number, before = number + 1, reply.data

    def _write(self, verb: str, path: str, body: dict[str, object], form: TypeAdapter[Any]) -> Reply:
        self.clock.sleep(1.0)  # GitHub asks for a second between requests that write.
        return self._send(_Request(verb, path, form, {}, body))

    def _send(self, request: _Request) -> Reply:
        """Send until there is an answer; a POST only once it is certain that the one before did nothing."""
        is_repeatable = request.verb != "POST"
        for attempt in range(1, _TRIES + 1):
            reply = self._send_once(request)
            if reply.is_ok:
                return reply
            wait = wait_for(reply, self.clock.now(), attempt)
            if wait is not None:
                self._wait_for_limit(wait, reply)
            elif reply.error or reply.status >= 500:
                if not is_repeatable and not reply.is_unsent:
                    raise UnknownOutcome(self._words(reply), next_step=_AGAIN)
                if attempt < _TRIES:
                    self.clock.sleep(2.0 ** (attempt - 1))
            else:
                raise refusal(request.verb, request.path, reply, self._token.hide_in)
        raise UnfinishedError(self._words(reply), where=f"{request.verb} {request.path}", next_step=_AGAIN)

    def _wait_for_limit(self, seconds: float, reply: Reply) -> None:
        if seconds > self._patience:
            raise UnfinishedError(
                f"GitHub's rate limit is used up for another {seconds:,.0f} s: {self._words(reply)}",
                next_step=f"{_AGAIN} then, or wait longer with --wait SECONDS",
            )
        self._patience -= seconds
        self._say(f"GitHub's rate limit: waiting {seconds:.0f} s")
        self.clock.sleep(seconds)

    def _words(self, reply: Reply) -> str:
        return self._token.hide_in(reply.words)

    def _send_once(self, request: _Request) -> Reply:
        import requests

        try:
            status, headers, text = self._requester.requestJson(
                request.verb, request.path, request.parameters, input=request.body
            )
        except (requests.ConnectTimeout, requests.exceptions.SSLError) as error:
            return Reply(0, {}, None, _network_words(error), is_unsent=True)
        except Exception as error:  # the libraries read headers and redirects too, and trip over odd ones
            return Reply(
                0, {}, None, _network_words(error), is_unsent=any(name in str(error) for name in _NEVER_CONNECTED)
            )
        return read_reply(request.verb, status, headers, text or "", request.form)


_NEVER_CONNECTED = ("NewConnectionError", "NameResolutionError")
_AGAIN = "run the same command again: what is filed is recorded, and nothing is filed twice"


def _network_words(error: Exception) -> str:
    text = re.sub(
        r"(?s)^.*?(Read timed out|Failed to resolve|Connection refused|Connection aborted)", r"\1", str(error)
    )
    return f"no answer from GitHub: {type(error).__name__}: {' '.join(text.split())[:200]}"


def _requester(api_url: str, token: Token, timeout: int) -> Requester:
    """PyGithub's requester: no retries, no pauses of its own."""
    try:
        from github import Auth, Github
    except ImportError as error:
        raise UsageError(
            "PyGithub is not installed, which filing needs", next_step="pip install 'bringup[issues]'"
        ) from error
    client = Github(
        base_url=api_url,
        auth=Auth.Token(token.secret),
        timeout=timeout,
        retry=0,
        seconds_between_requests=0,
        seconds_between_writes=0,
        user_agent="bringup",
        lazy=True,
    )
    return client.requester
