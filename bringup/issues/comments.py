"""The line above a fallback in the TT-NN modules that names its gap's draft and issue, and keeping it true.

That file is what a person edits most: only these lines are changed in it, wherever they stand by now.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from bringup.analysis import Analysis
from bringup.issues.gaps import draft_of_variations
from bringup.issues.links import IssueLink, issue_of
from bringup.modules.paths import ttnn_path
from bringup.python_text import comment
from bringup.write import Action, digest, read_manifest, replace_file, write_folder

_LINE = re.compile(r"^([ \t]*# )Issue \(issues/([a-z0-9_-]+)\.md\): [^\n]*$", re.MULTILINE)


def issue_line(draft: str, link: IssueLink | None) -> str:
    """`Issue (issues/gru-1a2b3c4d.md): #7, https://github.com/tenstorrent/tt-metal/issues/7`."""
    return comment(f"Issue (issues/{draft}.md): {f'#{link.number}, {link.url}' if link else 'not filed'}")


def issue_lines(analysis: Analysis) -> dict[str, str]:
    """The line of each op call whose gap has a draft."""
    drafts = draft_of_variations(analysis)
    return {
        call: issue_line(drafts[variation], issue_of(analysis.issues, variation))
        for call, variation in analysis.inventory.variation_of
        if variation in drafts
    }


def update_comments(
    folder: Path, analysis: Analysis, before: Mapping[str, str] | None = None, *, dry_run: bool = False
) -> tuple[Action, ...]:
    """Bring these lines of the folder's TT-NN modules up to date, and nothing else of them.

    Args:
        before: The draft of each variation as the file has it, where a check has changed some.

    Raises:
        WriteError: the folder cannot be written.
    """
    path = ttnn_path(analysis.name)
    try:
        current = (folder / path).read_bytes()
        text = current.decode()
    except (OSError, UnicodeDecodeError):
        return ()
    made = relabel(text, _lines_by_draft(analysis, before or {})).encode()
    if made == current:
        return ()
    if digest(current) in read_manifest(folder).get(path, ()):
        return write_folder(folder, {path: made}, dry_run=dry_run, owner=None)
    if not dry_run:
        replace_file(folder, path, made)
    return (Action("update", path),)


def _lines_by_draft(analysis: Analysis, before: Mapping[str, str]) -> dict[str, str]:
    """The line for each draft's name, old names included."""
    found: dict[str, str] = {}
    for variation, draft in draft_of_variations(analysis).items():
        line = issue_line(draft, issue_of(analysis.issues, variation))
        found.setdefault(draft, line)
        found.setdefault(before.get(variation, draft), line)
    return found


def relabel(text: str, lines: Mapping[str, str]) -> str:
    """A file's text with the lines of these drafts; all else as it was."""
    return _LINE.sub(lambda match: f"{match[1]}{lines[match[2]]}" if match[2] in lines else match[0], text)
