"""Filing: each gap has one issue and each model one comment on it, whatever fails in between.

What is about to be sent is recorded before. An answer that did not come is looked up before anything is sent again:
after `SETTLE` seconds, when GitHub has either done it or given it up (it ends every request after 10 s), in its lists,
which do not lag.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from bringup.analysis import Analysis
from bringup.check.results import CheckFile
from bringup.errors import GitHubError, UnfinishedError
from bringup.issues.answers import Issue
from bringup.issues.decide import Decision, Wishes, decide, has_model
from bringup.issues.draft import plan_draft
from bringup.issues.folder import comment_text, read_draft
from bringup.issues.gaps import GapClass
from bringup.issues.github import GitHub, UnknownOutcome
from bringup.issues.lookup import Repository
from bringup.issues.markers import find_markers, model_key
from bringup.issues.state import Filed, Intent, Place, Role, State, read_state, write_state

_Sent = TypeVar("_Sent")
SETTLE = 20.0
_OLD = 900.0
"""Seconds after which nothing of an earlier run is under way: it may have waited for a rate limit before it sent."""
_STALE = 30.0
_ROUNDS = 3


@dataclass
class Filing:
    """One run of `file` over a folder.

    Args:
        place: Where issues go, by the repository's present name.
        labels: Those that the repository has.
    """

    folder: Path
    analysis: Analysis
    check: CheckFile | None
    github: GitHub
    repository: Repository
    place: Place
    labels: frozenset[str]
    say: Callable[[str], None]
    state: State

    @property
    def model(self) -> str:
        """The model's key."""
        return model_key(self.analysis.info)

    def save(self, state: State) -> None:
        """Record, through to the disk."""
        if state != self.state:
            write_state(self.folder, state)
            self.state = state


def open_repository(github: GitHub, api_url: str, name: str) -> tuple[Repository, Place]:
    """A repository that takes issues, with what it has already.

    Raises:
        GitHubError: it is not there, archived, or has no issues.
    """
    found = github.repository(name)
    if found.is_archived:
        raise GitHubError(f"{found.name} is archived: it takes no issues", next_step="choose another with --repo")
    if not found.has_issues:
        raise GitHubError(f"issues are disabled in {found.name}", next_step="choose another repository with --repo")
    repository = Repository(github, found.name, github.login())
    repository.look()
    return repository, Place(api_url, found.name)


def start(
    folder: Path,
    analysis: Analysis,
    check: CheckFile | None,
    github: GitHub,
    api_url: str,
    name: str,
    say: Callable[[str], None],
) -> Filing:
    """Look at the repository, and at what earlier runs left open."""
    state = read_state(folder)
    repository, place = open_repository(github, api_url, name)
    labels = github.labels(repository.name)
    filing = Filing(folder, analysis, check, github, repository, place, labels, say, state)
    for intent in state.intents:
        if intent.place == place:
            settle(filing, intent)
    return filing


def settle(filing: Filing, intent: Intent) -> None:
    """Wait until what was sent is done or given up, then look again."""
    if filing.github.clock.now() - intent.at < _OLD:
        filing.say(f"a request may still be under way: waiting {SETTLE:.0f} s")
        filing.github.clock.sleep(SETTLE)
    filing.repository.look_again(intent.at)


def decide_all(filing: Filing, gaps: tuple[GapClass, ...], wishes: Wishes) -> tuple[Decision, ...]:
    """What to do about each gap; what earlier runs sent is recorded as done where it is found."""
    return tuple(decide(gap, filing.model, filing.repository, filing.place, filing.state, wishes) for gap in gaps)


def perform(filing: Filing, decision: Decision) -> Decision:
    """Do it, exactly once.

    Raises:
        GitHubError: GitHub refuses it: nothing was done.
        UnfinishedError: whether it was done is not known even after looking: the next run goes on from there.
    """
    if decision.word == "create":
        return _create(filing, decision)
    if decision.word == "comment":
        return _comment(filing, decision)
    if decision.issue is not None:
        _record(filing, decision, decision.issue, "found")
    return decision


def _create(filing: Filing, decision: Decision) -> Decision:
    gap = decision.gap
    meanwhile = _filed_meanwhile(filing, gap)
    if meanwhile is not None:
        return _join(filing, decision, meanwhile)
    draft = read_draft(filing.folder, gap, filing.model)
    wanted = tuple(label for label in draft.labels if label in filing.labels)
    missing = [label for label in draft.labels if label not in filing.labels]
    if missing:
        filing.say(f"{filing.place.repository} has no label {', '.join(missing)}: filed without")
    key = f"issue {gap.fingerprint}"

    def send() -> Issue:
        made = filing.github.create_issue(filing.place.repository, draft.title, draft.body, wanted)
        if gap.fingerprint not in find_markers("gap", made.body):
            raise UnknownOutcome(f"GitHub's answer is about another issue, #{made.number}")
        return made

    def look() -> Issue | None:
        found = filing.repository.of_gap(gap.fingerprint)
        return found[0] if found else None

    issue = once(filing, key, send, look)
    filing.repository.issues[issue.number] = issue
    if filing.model not in find_markers("model", issue.body):
        return _join(filing, decision, issue)
    _record(filing, decision, issue, "created", done=key)
    return replace(decision, issue=issue)


def _filed_meanwhile(filing: Filing, gap: GapClass) -> Issue | None:
    """The gap's issue that somebody else has opened since this run looked, which waiting may have made long ago."""
    looked = filing.repository.looked
    if filing.github.clock.now() - looked > _STALE:
        filing.repository.look_again(looked)
    return next(iter(filing.repository.of_gap(gap.fingerprint)), None)


def _join(filing: Filing, decision: Decision, issue: Issue) -> Decision:
    """Comment on an issue that somebody else opened in the meantime."""
    joined = replace(decision, word="comment", issue=issue)
    if has_model(filing.repository, issue, filing.model):
        _record(filing, joined, issue, "found")
        return joined
    return _comment(filing, joined)


def _comment(filing: Filing, decision: Decision) -> Decision:
    issue, gap = decision.issue, decision.gap
    assert issue is not None
    text = comment_text(plan_draft(filing.analysis, gap, filing.check, script=False), decision.closed_since)
    key = f"comment {gap.fingerprint}"

    def send() -> bool:
        filing.github.create_comment(filing.place.repository, issue.number, text)
        return True

    def look() -> bool:
        return has_model(filing.repository, issue, filing.model)

    once(filing, key, send, look)
    _record(filing, decision, issue, "commented", done=key)
    return decision


def once(filing: Filing, key: str, send: Callable[[], _Sent], look: Callable[[], _Sent | None]) -> _Sent:
    """Send something whose trace can be looked up, so that it is done once.

    Args:
        key: What it is, for the record.
        send: Sends it; UnknownOutcome when its answer was lost.
        look: Its trace on GitHub; false where there is none.
    """
    for _ in range(_ROUNDS):
        intent = Intent(filing.place, key, filing.github.clock.now())
        filing.save(filing.state.with_intent(intent))
        try:
            return send()
        except UnknownOutcome as error:
            filing.say(f"{error.what}: looking whether it was done")
            settle(filing, intent)
            found = look()
            if found:
                return found
        except (GitHubError, UnfinishedError):
            filing.save(filing.state.without_intent(filing.place, key))
            raise
    raise UnfinishedError(
        "GitHub takes the request and does not answer, again and again",
        next_step="run the same command again later: nothing is filed twice",
    )


def _record(filing: Filing, decision: Decision, issue: Issue, role: Role, done: str = "") -> None:
    gap = decision.gap
    before = filing.state.find(filing.place, gap.fingerprint)
    kept = before.role if before and role == "found" else role
    filed = Filed(
        filing.place, gap.fingerprint, gap.id, gap.op, issue.number, issue.url, issue.title,
        "closed" if issue.state == "closed" else "open", issue.reason, issue.closed or issue.created,
        kept, tuple(variation.id for variation in gap.variations), decision.duplicates,
        before.supported_in if before else "",
    )  # fmt: skip
    state = filing.state.with_filed(filed)
    for key in (done, f"issue {gap.fingerprint}", f"comment {gap.fingerprint}"):
        state = state.without_intent(filing.place, key)
    filing.save(state)
