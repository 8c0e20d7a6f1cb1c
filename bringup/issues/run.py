"""What the commands of `bringup issues` do; they print nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bringup.analysis import Analysis, read_analysis
from bringup.check.evidence import installed_version, read_check
from bringup.check.results import CheckFile
from bringup.errors import UsageError
from bringup.issues.ask import Answer, ask_again, files_that_change
from bringup.issues.comments import update_comments
from bringup.issues.decide import Decision, Wishes, decide_unasked
from bringup.issues.filing import Filing, decide_all, perform, start
from bringup.issues.folder import FOLDER, draft_files, read_draft
from bringup.issues.gaps import GapClass, Gaps, find_gap_classes
from bringup.issues.github import Clock, GitHub
from bringup.issues.markers import model_key
from bringup.issues.state import Place, State, locked, read_state, write_state
from bringup.issues.sync import Synced, sync_issues
from bringup.issues.token import DEFAULT_API, Token, check_api_url, find_token
from bringup.issues.tracking import Tracked, ensure_tracking, update_tracking
from bringup.plural import counted
from bringup.write import Action, write_folder

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class DraftReport:
    """What `draft` did."""

    gaps: Gaps
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class FileOptions:
    """How to file: which drafts, where, and what a person decided after reading."""

    ids: tuple[str, ...]
    repository: str
    api_url: str = DEFAULT_API
    anyway: frozenset[str] = frozenset()
    is_dry: bool = True
    ask_reopen: bool = False
    tracking: bool = False
    wait: float = 300.0
    timeout: int = 30
    clock: Clock = field(default_factory=Clock)


@dataclass(frozen=True, slots=True)
class FileReport:
    """What `file` did, or would do."""

    repository: str
    is_dry: bool
    has_looked: bool
    decisions: tuple[Decision, ...]
    titles: dict[str, str]
    tracked: Tracked | None

    @property
    def is_held(self) -> bool:
        """Whether a draft was held back."""
        return any(decision.word == "hold" for decision in self.decisions)


@dataclass(frozen=True, slots=True)
class SyncOptions:
    """How to sync; `ask` None asks ttnn only when another version is installed than the coverage's."""

    api_url: str = DEFAULT_API
    ask: bool | None = None
    board: str = "n150"
    wait: float = 300.0
    is_dry: bool = False
    timeout: int = 30
    clock: Clock = field(default_factory=Clock)


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What `sync` found: issues, tracking issues, ttnn's answers, the files that another check would change."""

    synced: tuple[Synced, ...]
    tracked: tuple[Tracked, ...]
    answers: tuple[Answer, ...]
    files: tuple[str, ...]
    actions: tuple[Action, ...]

    @property
    def has_findings(self) -> bool:
        """Whether a person has something to look at."""
        return (
            any(s.changes for s in self.synced)
            or any(t.word == "hold" for t in self.tracked)
            or any(a.supported or (a.gap.cause == "missing" and a.words) for a in self.answers)
            or any(action.word == "conflict" for action in self.actions)
        )


def write_drafts(folder: Path, *, dry_run: bool) -> DraftReport:
    """Write issues/ from what the folder knows."""
    analysis, check = read_analysis(folder), read_check(folder)
    files = {path: text.encode() for path, text in draft_files(analysis, check).items()}
    return DraftReport(
        find_gap_classes(analysis, check), write_folder(folder, files, dry_run=dry_run, owner=f"{FOLDER}/")
    )


def file_drafts(folder: Path, options: FileOptions, say: Say) -> FileReport:
    """File the drafts of a folder, or say what would be done.

    Raises:
        UsageError, FolderError: an id is not one, a draft is damaged, there is no token; nothing was sent.
        GitHubError: GitHub refuses it.
        UnfinishedError: not everything could be filed yet; the same call goes on.
    """
    analysis, check = read_analysis(folder), read_check(folder)
    gaps = choose(find_gap_classes(analysis, check).classes, options.ids, options.anyway)
    titles = {gap.id: read_draft(folder, gap, model_key(analysis.info)).title for gap in gaps}
    check_api_url(options.api_url)
    token = find_token(options.api_url)
    if token is None and options.is_dry:
        say("no token (GITHUB_TOKEN, or `gh auth login`): existing issues were not looked for")
        unasked = tuple(decide_unasked(gap) for gap in gaps)
        return FileReport(options.repository, True, False, unasked, titles, None)
    with locked(folder):
        filing = _start(folder, analysis, check, token, options.repository, options, say)
        wishes = Wishes(options.anyway, options.ask_reopen)
        decisions = decide_all(filing, gaps, wishes)
        tracked = ensure_tracking(filing, dry_run=options.is_dry) if options.tracking else None
        if not options.is_dry:
            decisions = tuple(perform(filing, decision) for decision in decisions)
    if not options.is_dry:
        for action in update_files(folder, check):
            if action.word == "conflict":
                say(f"{action.path} was changed by hand and stays; the new text is in {action.path}.new")
    return FileReport(filing.place.repository, options.is_dry, True, decisions, titles, tracked)


def _start(
    folder: Path,
    analysis: Analysis,
    check: CheckFile | None,
    token: Token | None,
    repository: str,
    options: FileOptions | SyncOptions,
    say: Say,
) -> Filing:
    if token is None:
        raise UsageError(
            "there is no GitHub token",
            next_step="set GITHUB_TOKEN, or run `gh auth login`; it has to be allowed to write issues. Drafts are kept",
        )
    github = GitHub(
        options.api_url, token, say=say, clock=options.clock, timeout=options.timeout, patience=options.wait
    )
    return start(folder, analysis, check, github, options.api_url, repository, say)


def choose(gaps: tuple[GapClass, ...], ids: tuple[str, ...], anyway: frozenset[str]) -> tuple[GapClass, ...]:
    """The gaps with these ids; all where none is given.

    Raises:
        UsageError: an id is none.
    """
    known = {gap.id: gap for gap in gaps}
    wrong = [id_ for id_ in (*ids, *sorted(anyway)) if id_ not in known]
    if wrong:
        listed = ", ".join(known) or "there are none"
        raise UsageError(f"no draft is called {wrong[0]!r}", next_step=f"the drafts are: {listed}")
    return tuple(known[id_] for id_ in dict.fromkeys(ids)) or gaps


def update_files(folder: Path, check: CheckFile | None) -> tuple[Action, ...]:
    """Bring the files that name issues up to date: reports, tests, drafts."""
    from bringup.plan.folder import op_test_files, report_files

    analysis = read_analysis(folder)
    texts = {**report_files(analysis), **op_test_files(analysis), **draft_files(analysis, check)}
    files = {path: text.encode() for path, text in texts.items() if (folder / path).exists() or path.startswith(FOLDER)}
    return (*write_folder(folder, files, owner=None), *update_comments(folder, analysis))


def list_gaps(folder: Path) -> list[dict[str, Any]]:
    """Each gap with its issues as last seen."""
    analysis = read_analysis(folder)
    state = read_state(folder)
    entries: list[dict[str, Any]] = []
    for gap in find_gap_classes(analysis, read_check(folder)).classes:
        filed = [f for f in state.filed if f.fingerprint == gap.fingerprint]
        entries.append(
            {
                "id": gap.id,
                "cause": gap.cause,
                "op": gap.op,
                "calls": gap.calls,
                "issue": ", ".join(f.link.text for f in filed),
                "issues": [
                    {"repository": f.place.repository, "number": f.number, "url": f.url, "state": f.state,
                     "reason": f.reason, "since": f.since, "role": f.role}
                    for f in filed
                ],
            }
        )  # fmt: skip
    return entries


def sync_folder(folder: Path, options: SyncOptions, say: Say) -> SyncReport:
    """Read the issues back, and ask ttnn again.

    Raises:
        UsageError: there is no token, and issues to look at.
        GitHubError, UnfinishedError: GitHub cannot be asked.
    """
    check_api_url(options.api_url)
    with locked(folder):
        analysis, check, state = read_analysis(folder), read_check(folder), read_state(folder)
        known = (*(f.place for f in state.filed), *(t.place for t in state.tracking))
        places = dict.fromkeys(place for place in known if place.api_url == options.api_url)
        filings = [_open(folder, analysis, check, place, options, say) for place in places]
        synced = tuple(found for filing in filings for found in sync_issues(filing, dry_run=options.is_dry))
        answers, files = _ask(folder, analysis, check, options, say)
        if answers and not options.is_dry:
            _note_support(folder, answers)
        actions = () if options.is_dry else update_files(folder, check)
        now = read_analysis(folder)
        tracked = tuple(_track(filing, now, options) for filing in filings if filing.state.tracking_in(filing.place))
    return SyncReport(synced, tracked, answers, files, tuple(a for a in actions if a.word != "identical"))


def _open(
    folder: Path, analysis: Analysis, check: CheckFile | None, place: Place, options: SyncOptions, say: Say
) -> Filing:
    filing = _start(folder, analysis, check, find_token(options.api_url), place.repository, options, say)
    return replace(filing, place=place)


def _track(filing: Filing, analysis: Analysis, options: SyncOptions) -> Tracked:
    tracking = filing.state.tracking_in(filing.place)
    assert tracking is not None
    return update_tracking(replace(filing, analysis=analysis), tracking, dry_run=options.is_dry)


def _note_support(folder: Path, answers: tuple[Answer, ...]) -> None:
    """Remember which gaps the installed ttnn takes."""
    state: State = read_state(folder)
    taken = {answer.gap.fingerprint: answer.ttnn for answer in answers if answer.is_closed}
    filed = tuple(replace(f, supported_in=taken.get(f.fingerprint, "")) for f in state.filed)
    if filed != state.filed:
        write_state(folder, replace(state, filed=filed))


def _ask(
    folder: Path, analysis: Analysis, check: CheckFile | None, options: SyncOptions, say: Say
) -> tuple[tuple[Answer, ...], tuple[str, ...]]:
    """ttnn's answers, and the files that would change with them."""
    version = installed_version()
    asked = check.environment.ttnn if check else analysis.coverage.ttnn
    if options.ask is False or (options.ask is None and version in ("", asked)):
        return (), ()
    gaps = find_gap_classes(analysis, check).classes
    if not version:
        raise UsageError("ttnn is not installed, so it cannot be asked", next_step="pip install 'bringup[ttnn]'")
    from bringup.check.run import CheckOptions, environment_of
    from bringup.check.session import default_jobs
    from bringup.lines.judge import LineOptions
    from bringup.plan.folder import op_test_files, report_files
    from bringup.target.mock_board import find_board

    find_board(options.board)
    say(f"asking ttnn {version} about {counted(len(gaps), 'gap')}")
    environment = environment_of(CheckOptions("emulate", options.board, "exact", "", 1, 0.0, use_cache=True))
    answers, verdicts = ask_again(analysis, gaps, LineOptions(environment, default_jobs(), 60.0, use_cache=True))

    def make(then: Analysis) -> dict[str, str]:
        return {**report_files(then), **op_test_files(then), **draft_files(then, None)}

    return answers, files_that_change(folder, analysis, answers, verdicts, environment, make)
