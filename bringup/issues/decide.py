"""What is to be done about each gap, before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bringup.issues.answers import Issue
from bringup.issues.gaps import GapClass
from bringup.issues.lookup import Repository
from bringup.issues.markers import find_markers
from bringup.issues.state import Filed, Place, State

Word = Literal["create", "comment", "known", "hold"]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person decided after reading: `anyway` ids although titles are alike; ask to reopen what was closed."""

    anyway: frozenset[str] = frozenset()
    ask_reopen: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do about a gap.

    Args:
        word: `create` an issue; `comment` on the one there is; `known`: nothing is left to do; `hold`: a person has to
            look.
        issue: The issue of the gap.
        closed_since: For a comment that asks to reopen: since when it is closed.
        duplicates: Other issues of the same gap.
        why: For `hold`: the reason, and what to do.
    """

    gap: GapClass
    word: Word
    issue: Issue | None = None
    closed_since: str = ""
    duplicates: tuple[int, ...] = ()
    why: str = ""


def decide_unasked(gap: GapClass) -> Decision:
    """What can be said without GitHub."""
    if not gap.is_certain:
        return Decision(gap, "hold", why=f"ttnn was not asked: run `bringup check`, then file {gap.id}")
    return Decision(gap, "create")


def decide(
    gap: GapClass, model_key: str, repository: Repository, place: Place, state: State, wishes: Wishes
) -> Decision:
    """What to do about a gap, by what the repository has."""
    if not gap.is_certain:
        return decide_unasked(gap)
    found = repository.of_gap(gap.fingerprint)
    if not found:
        repository.search_gap(gap)
        found = repository.of_gap(gap.fingerprint)
    if not found:
        return _decide_new(gap, repository, place, state, wishes)
    issue, duplicates = found[0], tuple(issue.number for issue in found[1:])
    if any(has_model(repository, each, model_key) for each in found):
        return Decision(gap, "known", issue, duplicates=duplicates)
    if issue.state == "open":
        return Decision(gap, "comment", issue, duplicates=duplicates)
    since = issue.closed[:10]
    if issue.reason in ("", "completed", "reopened"):
        if wishes.ask_reopen:
            return Decision(gap, "comment", issue, since, duplicates)
        closed = f"#{issue.number} was closed as completed on {since}, but this ttnn still does not run it"
        why = f"{closed}: with --ask-reopen a comment says so"
    else:
        why = f"#{issue.number} was closed on {since} as {issue.reason}: read it; there is nothing to file"
    return Decision(gap, "hold", issue, duplicates=duplicates, why=why)


def has_model(repository: Repository, issue: Issue, model_key: str) -> bool:
    """Whether an issue speaks of a model already: in its body, or in a comment."""
    if model_key in find_markers("model", issue.body):
        return True
    texts = repository.github.comments(repository.name, issue.number)
    return any(model_key in find_markers("model", text) for text in texts)


def _decide_new(gap: GapClass, repository: Repository, place: Place, state: State, wishes: Wishes) -> Decision:
    filed = state.find(place, gap.fingerprint) or _filed_in_other_words(gap, place, state)
    if filed and gap.id not in wishes.anyway:
        issue = repository.github.issue(repository.name, filed.number)
        how = "in other words" if filed.fingerprint != gap.fingerprint else "and its marker is gone"
        gone = f"it was filed as #{filed.number}, {how}" if issue else f"its issue #{filed.number} was deleted"
        return Decision(gap, "hold", why=f"{gone}: look at it; --anyway {gap.id} files it again")
    if gap.id not in wishes.anyway:
        similar = repository.similar(gap)
        if similar:
            listed = ", ".join(f"#{issue.number} ({issue.title[:60]})" for issue in similar[:3])
            more = f" and {len(similar) - 3} more" if len(similar) > 3 else ""
            why = f"open issues name the op: {listed}{more}: read them; --anyway {gap.id} files it all the same"
            return Decision(gap, "hold", why=why)
    return Decision(gap, "create")


def _filed_in_other_words(gap: GapClass, place: Place, state: State) -> Filed | None:
    """An issue of this folder about the same calls: a newer ttnn may refuse them in other words."""
    ids = {variation.id for variation in gap.variations}
    return next((f for f in state.filed if f.place == place and f.op == gap.op and ids & set(f.variations)), None)
