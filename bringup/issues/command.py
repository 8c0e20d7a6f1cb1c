"""`bringup issues`: draft, file, list, sync. With cli.py the only place of these that prints and exits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bringup.cli_options import Board
from bringup.damage import says_damage
from bringup.plural import counted
from bringup.printable import say, show

if TYPE_CHECKING:
    from bringup.issues.decide import Decision
    from bringup.issues.run import FileReport, SyncReport

issues = typer.Typer(
    help="Draft issues for what TT-NN lacks, file each exactly once, and follow them.", no_args_is_help=True
)

Folder = Annotated[Path, typer.Argument(help="A bring-up folder.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be written.")]
Repo = Annotated[str, typer.Option(metavar="OWNER/NAME", help="Where issues go.")]
ApiUrl = Annotated[str, typer.Option(metavar="URL", help="GitHub Enterprise: https://HOST/api/v3.")]
Wait = Annotated[float, typer.Option(min=0, help="Seconds to wait for GitHub's rate limits, in all.")]


@issues.command("draft")
@says_damage
def draft(folder: Folder = Path(), dry_run: DryRun = False, as_json: Json = False) -> None:
    """Write issues/<id>.md for each gap; init and check do it too. Read and edit them: your edits are what is filed."""
    from bringup.issues.run import write_drafts
    from bringup.report.terminal import print_words

    report = write_drafts(folder, dry_run=dry_run)
    conflicts = any(action.word == "conflict" for action in report.actions)
    if as_json:
        _print_json(
            {
                "drafts": [gap_data(gap) for gap in report.gaps.classes],
                "not_drafted": [{"op": g.op, "calls": g.calls, "why": g.why} for g in report.gaps.not_drafted],
                "files": {action.path: action.word for action in report.actions},
            }
        )
    else:
        print_words(report.actions)
        for gap in report.gaps.classes:
            variations = counted(len(gap.variations), "input variation")
            show(f"{gap.id}: {gap.cause}: {gap.op}, {counted(gap.calls, 'call')} in {variations}")
        for left_out in report.gaps.not_drafted:
            show(f"not drafted: {left_out.op} ({counted(left_out.calls, 'call')}): {left_out.why}")
        show(f"{counted(len(report.gaps.classes), 'draft')} in {folder / 'issues'}")
    raise typer.Exit(1 if conflicts else 0)


@issues.command("file")
@says_damage
def file(
    folder: Folder = Path(),
    ids: Annotated[list[str], typer.Argument(metavar="[ID]...", help="Drafts; default: all.")] = [],  # noqa: B006
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without, only say what would go where.")] = False,
    repo: Repo = "tenstorrent/tt-metal",
    api_url: ApiUrl = "https://api.github.com",
    anyway: Annotated[
        list[str],
        typer.Option(metavar="ID", help="File this draft although open issues name its op. Repeat for several."),
    ] = [],  # noqa: B006
    ask_reopen: Annotated[
        bool, typer.Option("--ask-reopen", help="Comment on issues closed as completed that ttnn still shows.")
    ] = False,
    tracking: Annotated[bool, typer.Option("--tracking", help="Open the issue that tracks the bring-up too.")] = False,
    wait: Wait = 300.0,
    as_json: Json = False,
) -> None:
    """File the drafts as GitHub issues, each exactly once; where a gap has an issue, comment on it once per model.

    A dry run unless --yes. The token is that of GITHUB_TOKEN, or of `gh auth token`. Interrupted at any point, the
    same command goes on where it was. Exit code 1 when a draft was held back or could not be filed yet.
    """
    from bringup.issues.run import FileOptions, file_drafts

    options = FileOptions(
        tuple(ids),
        repo,
        api_url.rstrip("/"),
        frozenset(anyway),
        is_dry=not yes,
        ask_reopen=ask_reopen,
        tracking=tracking,
        wait=wait,
    )
    report = file_drafts(folder, options, say)
    if as_json:
        _print_json(file_data(report))
    else:
        _print_filed(report, folder, is_dry=not yes)
    raise typer.Exit(1 if report.is_held and yes else 0)


@issues.command("list")
@says_damage
def list_(folder: Folder = Path(), as_json: Json = False) -> None:
    """Print each gap with its issue, its state, and since when, as last seen. Asks nobody."""
    from bringup.issues.run import list_gaps

    entries = list_gaps(folder)
    if as_json:
        _print_json(entries)
        return
    for entry in entries:
        show(f"{entry['id']}  {entry['issue'] or 'not filed'}  {entry['cause']} {entry['op']} x{entry['calls']}")
    if not entries:
        show("no gaps")


@issues.command("sync")
@says_damage
def sync(
    folder: Folder = Path(),
    api_url: ApiUrl = "https://api.github.com",
    ask: Annotated[
        bool | None,
        typer.Option(
            "--ask/--no-ask", help="Ask ttnn about each gap again; default: when another version is installed."
        ),
    ] = None,
    board: Board = "n150",
    wait: Wait = 300.0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Look, and change nothing here or on GitHub.")] = False,
    as_json: Json = False,
) -> None:
    """Read the issues' states back, bring the tracking issue up to date, and ask a newer ttnn about each gap again.

    Exit code 1 when a person has something to look at: duplicates, closed issues, gaps that ttnn takes now.
    """
    from bringup.issues.run import SyncOptions, sync_folder

    report = sync_folder(folder, SyncOptions(api_url.rstrip("/"), ask, board, wait, is_dry=dry_run), say)
    if as_json:
        _print_json(sync_data(report))
    else:
        _print_synced(report)
    raise typer.Exit(1 if report.has_findings else 0)


def gap_data(gap: Any) -> dict[str, Any]:
    """A gap for a program."""
    return {
        "id": gap.id,
        "fingerprint": gap.fingerprint,
        "cause": gap.cause,
        "op": gap.op,
        "ttnn": list(gap.ttnn),
        "calls": gap.calls,
        "variations": [variation.id for variation in gap.variations],
        "is_certain": gap.is_certain,
    }


def _issue_data(decision: Decision) -> dict[str, Any] | None:
    issue = decision.issue
    return {"number": issue.number, "url": issue.url, "state": issue.state} if issue else None


def file_data(report: FileReport) -> dict[str, Any]:
    """What `file --json` prints."""
    return {
        "repository": report.repository,
        "dry_run": report.is_dry,
        "looked": report.has_looked,
        "gaps": [
            {
                **gap_data(d.gap),
                "action": d.word,
                "issue": _issue_data(d),
                "duplicates": list(d.duplicates),
                "why": d.why,
                "title": report.titles.get(d.gap.id, ""),
            }
            for d in report.decisions
        ],
        "tracking": {"action": report.tracked.word, "number": report.tracked.number, "url": report.tracked.url}
        if report.tracked
        else None,
    }


_DONE = {"create": "created", "comment": "commented", "known": "known", "hold": "held back"}
_WOULD = {"create": "would create", "comment": "would comment", "known": "known", "hold": "held back"}


def _print_filed(report: FileReport, folder: Path, *, is_dry: bool) -> None:
    for decision in report.decisions:
        word = (_WOULD if is_dry else _DONE)[decision.word]
        where = f" {decision.issue.url}" if decision.issue else ""
        show(f"{word:<13} {decision.gap.id}{where}")
        show(f"{'':<13} {report.titles.get(decision.gap.id, decision.gap.op)}")
        if decision.why:
            show(f"{'':<13} {decision.why}")
        for number in decision.duplicates:
            show(f"{'':<13} #{number} is about the same gap: close one of them as a duplicate")
    if report.tracked:
        words = _WOULD if is_dry else _DONE
        word = words.get(report.tracked.word, report.tracked.word)
        show(f"{word:<13} tracking issue {report.tracked.url}")
    if is_dry:
        looked = "" if report.has_looked else " (GitHub was not asked: no token)"
        show(f"a dry run{looked}: --yes files into {report.repository}; read the drafts in {folder / 'issues'} before")


def sync_data(report: SyncReport) -> dict[str, Any]:
    """What `sync --json` prints."""
    return {
        "issues": [
            {
                "id": s.filed.draft,
                "fingerprint": s.filed.fingerprint,
                "repository": s.filed.place.repository,
                "number": s.filed.number,
                "url": s.filed.url,
                "state": s.filed.state,
                "reason": s.filed.reason,
                "since": s.filed.since,
                "duplicates": list(s.filed.duplicates),
                "changes": list(s.changes),
            }
            for s in report.synced
        ],
        "tracking": [{"action": t.word, "number": t.number, "why": t.why} for t in report.tracked],
        "answers": [
            {"id": a.gap.id, "ttnn": a.ttnn, "supported": list(a.supported), "total": a.total, "words": a.words}
            for a in report.answers
        ],
        "files_that_change": list(report.files),
        "files": {action.path: action.word for action in report.actions},
    }


def _print_synced(report: SyncReport) -> None:
    for synced in report.synced:
        show(f"{synced.filed.draft}  {synced.filed.link.text}")
        for change in synced.changes:
            show(f"    {change}")
    for tracked in report.tracked:
        show(f"tracking issue #{tracked.number}: {tracked.word}{': ' + tracked.why if tracked.why else ''}")
    for answer in report.answers:
        if answer.supported:
            show(f"{answer.gap.id}: ttnn {answer.ttnn} takes {len(answer.supported)} of {answer.total} variations now")
        elif answer.gap.cause == "missing" and answer.words:
            show(f"{answer.gap.id}: {answer.words} in ttnn {answer.ttnn}: the op needs a row in bringup's registry")
        else:
            show(f"{answer.gap.id}: ttnn {answer.ttnn} does not take it")
    for path in report.files:
        show(f"would change  {path}")
    if report.files:
        show("`bringup check` with this ttnn makes these changes")
    if not report.synced and not report.tracked:
        show("no issue was filed yet")


def _print_json(data: Any) -> None:
    show(json.dumps(data, indent=1))
