"""issues/: the drafts of a folder, and reading them back as a person may have edited them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from bringup.analysis import Analysis
from bringup.check.results import CheckFile
from bringup.errors import FolderError
from bringup.issues.draft import Draft, plan_draft
from bringup.issues.gaps import GapClass, find_gap_classes
from bringup.issues.markers import marker, without_markers
from bringup.lines.write import line_of
from bringup.render import render
from bringup.write import check_path

FOLDER = "issues"
MAX_BODY = 65_000
"""GitHub takes 65,536 characters."""


@dataclass(frozen=True, slots=True)
class DraftText:
    """A draft as it stands in the folder."""

    title: str
    labels: tuple[str, ...]
    body: str


def draft_files(analysis: Analysis, check: CheckFile | None) -> dict[str, str]:
    """issues/<id>.md for each gap of a model, and beside it its input variations as `bringup coverage` reads them."""
    files: dict[str, str] = {}
    for gap in find_gap_classes(analysis, check).classes:
        draft = plan_draft(analysis, gap, check)
        files[f"{FOLDER}/{gap.id}.md"] = draft_text(draft)
        lines = (json.dumps({**line_of(v), "calls": v.count}) for v in gap.variations)
        files[f"{FOLDER}/{gap.id}.jsonl"] = "".join(f"{line}\n" for line in lines)
    return files


def draft_text(draft: Draft) -> str:
    """The file: title and labels, then the body."""
    head = {"title": draft.title, "labels": list(draft.labels), "form": draft.form}
    lines = "".join(f"{key}: {json.dumps(value)}\n" for key, value in head.items())
    return f"---\n{lines}---\n{with_markers(draft_body(draft), draft.gap, draft.model_key)}"


def draft_body(draft: Draft) -> str:
    """The body without its hidden lines."""
    template = "issues/bug.md.jinja" if draft.gap.is_bug else "issues/feature.md.jinja"
    return render(template, draft=draft)


def with_markers(body: str, gap: GapClass, model_key: str) -> str:
    """A body with the hidden lines of its gap and its model, and no others."""
    return f"{marker('gap', gap.fingerprint)}\n{marker('model', model_key)}\n\n{without_markers(body).lstrip()}"


def comment_text(draft: Draft, closed_since: str) -> str:
    """The comment that adds a model to an issue which is there."""
    text = render("issues/comment.md.jinja", draft=draft, closed_since=closed_since)
    return f"{marker('model', draft.model_key)}\n\n{without_markers(text).lstrip()}"


def read_draft(folder: Path, gap: GapClass, model_key: str) -> DraftText:
    """A draft as it stands in the folder, with the hidden lines made sure of.

    Raises:
        FolderError: it is not there, or its head is damaged.
    """
    path = folder / FOLDER / f"{gap.id}.md"
    check_path(folder, f"{FOLDER}/{gap.id}.md")  # what it holds is made public
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FolderError(
            f"there is no draft of {gap.op}: {getattr(error, 'strerror', None) or error}",
            where=str(path),
            next_step="make it with `bringup issues draft`",
        ) from error
    return parse_draft(text, gap, model_key, str(path))


def parse_draft(text: str, gap: GapClass, model_key: str, where: str) -> DraftText:
    """Title, labels and body of a draft.

    Raises:
        FolderError: the head is damaged, or the body too long for GitHub.
    """
    parts = text.split("---\n", 2)
    try:
        entries = (line.partition(": ") for line in parts[1].splitlines() if line.strip())
        head = {key: json.loads(value) for key, _, value in entries}
        title, labels, body = str(head["title"]).strip(), tuple(map(str, head["labels"])), parts[2]
        if parts[0].strip() or not title:
            raise ValueError
    except (ValueError, LookupError, TypeError) as error:
        raise FolderError(
            "the head of the draft is damaged",
            where=where,
            next_step='it starts with a line ---, then title: "...", labels: ["..."], and a line --- again',
        ) from error
    body = with_markers(body, gap, model_key)
    if len(body) > MAX_BODY:
        raise FolderError(f"the draft has {len(body):,} characters, GitHub takes {MAX_BODY:,}", where=where)
    return DraftText(title, labels, body)
