"""The house rules that a machine can check."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "bringup").rglob("*.py"))
MAX_FILE, MAX_FUNCTION = 400, 60


@pytest.mark.parametrize(
    "command", [["ruff", "format", "--check", "."], ["ruff", "check", "."], ["mypy"]], ids=lambda c: "-".join(c)
)
def test_ruff_and_mypy(command):
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def long_functions(source: str) -> list[str]:
    functions = [n for n in ast.walk(ast.parse(source)) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]
    return [f.name for f in functions if f.end_lineno - f.lineno >= MAX_FUNCTION]


def test_files_and_functions_are_short():
    texts = {path: path.read_text() for path in SOURCES}
    assert [str(p) for p, text in texts.items() if text.count("\n") > MAX_FILE and "rows" not in p.parts] == []
    assert {str(p): long_functions(text) for p, text in texts.items() if long_functions(text)} == {}
    assert long_functions("def f():\n" + "    x = 1\n" * 80) == ["f"]


REGISTRY = re.compile(r"index" + r"-url|https?://[^ ]+/(sim" + r"ple|packages)/|files\.python" + r"hosted")


def test_no_address_of_a_registry_and_no_lock_file():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    names = listed.stdout.split() or [str(p.relative_to(ROOT)) for p in ROOT.rglob("*.py")]
    assert [n for n in names if re.search(r"(uv|poetry|Pipfile|package-)[.-]?lock", n)] == []
    assert REGISTRY.search("--index" + "-url x")
    for name in names:
        path = ROOT / name
        if path.is_file() and path.name not in ("test_style.py", "constraints.txt"):
            assert not REGISTRY.search(path.read_text(encoding="utf-8", errors="replace")), name
    assert "://" not in (ROOT / "constraints.txt").read_text()


def test_nothing_needs_what_is_beside_the_checkout():
    for path in [*SOURCES, *(ROOT / "templates").rglob("*.jinja"), ROOT / "Makefile", ROOT / "environment.sh"]:
        assert "../" + "shared" not in path.read_text(), path


def test_readme_names_only_commands_that_there_are():
    text = (ROOT / "README.md").read_text()
    from bringup.cli import app, generate, issues

    known = {c.name or c.callback.__name__ for c in app.registered_commands} | {"generate", "issues"}
    below = {"generate": {c.name for c in generate.registered_commands}}
    below["issues"] = {c.name for c in issues.registered_commands}
    used = re.findall(r"^(?:\$ )?bringup (\w+)(?: (\w+))?", text, flags=re.MULTILINE)
    assert len(used) >= 8
    for command, argument in used:
        assert command in known
        assert command not in below or argument in below[command]
