"""Plans into text. The only place that knows jinja2; generated Python is formatted by ruff."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from bringup.errors import RenderError
from bringup.markdown import escape_cell, inline_code
from bringup.python_text import literal

_FORMAT = ("--no-cache", "--isolated", "--line-length", "120", "--target-version", "py310")


_REPORT = "report this: our bug"
_LONGEST = 200
"""Characters of a line that a message shows."""


def templates_folder() -> Path:
    """Where the templates are: in the installed package, or at the top of a checkout."""
    inside = Path(__file__).parent / "templates"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "templates"


@cache
def environment() -> jinja2.Environment:
    """Jinja2 with our filters; an undefined name is an error."""
    from bringup.issues.text import block, code
    from bringup.plan.module_graph import quote_dot

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates_folder()),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(py=literal, cell=escape_cell, code=inline_code, dot=quote_dot)
    environment.filters.update(github_code=code, github_block=block)
    return environment


def render(template: str, **plan: Any) -> str:
    """A template's text for a plan.

    Raises:
        RenderError: the template is not there, or uses a name that the plan does not have.
    """
    try:
        return environment().get_template(template).render(**plan)
    except jinja2.TemplateError as error:
        line = getattr(error, "lineno", None)
        raise RenderError(
            f"cannot render {template}: {type(error).__name__}: {error.message or error}",
            where=f"templates/{template}" + (f":{line}" if line else ""),
            next_step="report this: template and plan disagree",
        ) from error


def format_python(texts: Mapping[str, str]) -> dict[str, str]:
    """Python files formatted by ruff, in one run of it.

    Raises:
        RenderError: a text is not Python.
        OSError: the disk is full.
    """
    if not texts:
        return {}
    with tempfile.TemporaryDirectory() as name:
        paths = {path: Path(name) / f"{index}.py" for index, path in enumerate(texts)}
        for path, file in paths.items():
            file.write_text(texts[path], encoding="utf-8")
        command = [sys.executable, "-m", "ruff", "format", *_FORMAT, name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            if "os error 28" in done.stderr or "os error 27" in done.stderr:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), tempfile.gettempdir())
            raise _not_python(texts, {str(file): path for path, file in paths.items()}, done.stderr)
        return {path: file.read_text(encoding="utf-8") for path, file in paths.items()}


_PARSE_ERROR = re.compile(r"Failed to parse (?P<file>.+?):(?P<line>\d+):(?P<column>\d+): (?P<words>.+)")


def _not_python(texts: Mapping[str, str], path_of: Mapping[str, str], said: str) -> RenderError:
    """ruff's words on the first file that is not Python, with the line that they are about."""
    found = _PARSE_ERROR.search(said)
    path = path_of.get(found["file"], "") if found else ""
    if not found or not path:
        return RenderError(f"a generated file cannot be formatted: ruff: {said.strip()}", next_step=_REPORT)
    lines = texts[path].splitlines()
    number = int(found["line"])
    line = lines[number - 1].strip() if number <= len(lines) else "(its end)"
    return RenderError(
        f"a generated file is not Python: {found['words']}: {line[:_LONGEST]}",
        where=f"{path}:{number}",
        next_step=_REPORT,
    )
