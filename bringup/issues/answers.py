"""The form of GitHub's answers by its description, of what is used of them. What departs from it is no answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

REPOSITORY_NAME = r"^[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}$"
_Time = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT")]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class RepositoryAnswer(_Answer):
    """A repository."""

    full_name: Annotated[str, Field(pattern=REPOSITORY_NAME)]
    archived: bool
    has_issues: bool


class UserAnswer(_Answer):
    """Whose token it is."""

    login: Annotated[str, Field(min_length=1)]


class LabelAnswer(_Answer):
    """A label."""

    name: str


class CommentAnswer(_Answer):
    """A comment."""

    id: int
    body: str


class IssueAnswer(_Answer):
    """An issue, or a pull request, which GitHub lists among them. `state_reason` came later than the rest."""

    number: Annotated[int, Field(gt=0)]
    title: str
    body: str | None
    state: Literal["open", "closed"]
    state_reason: str | None = None
    html_url: str
    created_at: _Time
    closed_at: _Time | None
    pull_request: dict[str, Any] | None = None


class SearchAnswer(_Answer):
    """What a search finds."""

    total_count: Annotated[int, Field(ge=0)]
    incomplete_results: bool
    items: list[IssueAnswer]


class RefusalAnswer(_Answer):
    """What GitHub says when it does not do what was asked."""

    message: str
    errors: Any = None


REPOSITORY = TypeAdapter(RepositoryAnswer)
USER = TypeAdapter(UserAnswer)
LABELS = TypeAdapter(list[LabelAnswer])
COMMENT = TypeAdapter(CommentAnswer)
COMMENTS = TypeAdapter(list[CommentAnswer])
ISSUE = TypeAdapter(IssueAnswer)
ISSUES = TypeAdapter(list[IssueAnswer])
SEARCH = TypeAdapter(SearchAnswer)


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue as GitHub has it."""

    number: int
    title: str
    body: str
    state: Literal["open", "closed"]
    reason: str
    url: str
    created: str
    closed: str


def issue_from(answer: IssueAnswer) -> Issue:
    """An issue from GitHub's answer."""
    return Issue(
        answer.number,
        answer.title,
        answer.body or "",
        answer.state,
        answer.state_reason or "",
        answer.html_url,
        answer.created_at,
        answer.closed_at or "",
    )
