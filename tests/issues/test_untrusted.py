"""Text of models and errors on GitHub is inert, and the token is nowhere but in its header."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import traceback
from pathlib import Path

import pytest
from folders import analysis_of, checked, write
from github_server import Fault
from markdown_it import MarkdownIt

from bringup.analysis import Analysis
from bringup.check.results import CheckFile
from bringup.errors import BringupError, UsageError
from bringup.issues.draft import plan_draft
from bringup.issues.folder import comment_text, draft_files
from bringup.issues.gaps import find_gap_classes
from bringup.issues.links import IssueLink
from bringup.issues.markers import find_markers, marker
from bringup.issues.text import block, code, title
from bringup.issues.token import Token, check_api_url, find_token
from bringup.issues.tracking import tracking_body

FAKE = marker("gap", "f" * 16)
HOSTILE = (
    "@torvalds", "#1", "fixes #3", "octo/ops#7", "GH-9", "<img src=x onerror=alert(1)>", "</details>", "[a](https://evil.test)",
    "https://evil.test", "``` ```", "`x` @bob", "| a | b |", "**bold**", "---", "# heading", "- [x] task", FAKE,
    f"a\n{FAKE}\nb", "<!-- bringup:model 0000000000000000 -->", "<!--", "-->", "\n\n```\nout\n```\n@ann\n", "\u202egnp", "a\x1b[2Jb",
    "{{ 7 * 7 }}", "~~~\n@ann", "&lt;b&gt;", "a\r\n\r\n@ann", "\\`@ann", "`" * 7 + "\n@ann\n" + "`" * 7, "deadbeef" * 5,
)  # fmt: skip
TELLING = (
    "@torvalds",
    "#1",
    "#3",
    "evil.test",
    "onerror",
    "@bob",
    "@ann",
    "octo/ops#7",
    "GH-9",
    "bold",
    "heading",
    "deadbeef",
)


def outside_code(text: str) -> str:
    """What GitHub would interpret: everything that is not code, and every address."""
    seen: list[str] = []
    for token in MarkdownIt("commonmark", {"html": True}).enable("table").parse(text):
        children = token.children if token.type == "inline" else [token]
        for part in children or []:
            if part.type not in ("code_inline", "fence", "code_block"):
                seen += [part.content, *(str(value) for value in part.attrs.values())]
    return "\n".join(seen)


def hostile_models(text: str) -> list[tuple[Analysis, CheckFile | None]]:
    """A model of each kind of gap with the text everywhere it can stand."""
    more = {"module": text, "code": text, "text": text}
    return [
        (analysis_of(text, ("aten.mode.default",), **more), None),
        checked(analysis_of(text, ("aten.relu.default",), **more), text),
        checked(analysis_of(text, ("aten.relu.default",), **more), text, kind="crash"),
    ]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_a_model_breaks_out_of_a_draft(text):
    for analysis, check in hostile_models(text):
        (gap,) = find_gap_classes(analysis, check).classes
        (body,) = (made for path, made in draft_files(analysis, check).items() if path.endswith(".md"))
        body = body.split("---\n", 2)[2]
        comment = comment_text(plan_draft(analysis, gap, check), "2026-01-01")
        for made in (body, comment, tracking_body(analysis, "0" * 16, {})):
            seen = outside_code(made)
            for telling in TELLING:
                if telling in text:
                    assert telling not in seen, (telling, made)
            assert "f" * 16 not in find_markers("gap", made)
            assert seen.count("<details>") == seen.count("</details>")
            assert "\x1b" not in made and "\u202e" not in made
        assert find_markers("gap", body) == (gap.fingerprint,)


def test_the_check_of_drafts_catches_text_that_is_not_in_code():
    assert "@ann" in outside_code("hello @ann `@bob`")
    assert "@ann" in outside_code("hello \\@ann")
    assert "@bob" not in outside_code("hello @ann `@bob`")
    assert "evil.test" in outside_code("[a](https://evil.test)")
    assert find_markers("gap", f"text\n{FAKE}\nmore") == ("f" * 16,)
    assert find_markers("gap", f"text\n```\n{FAKE}\n```\nmore") == ()
    assert find_markers("gap", f"text {FAKE} more") == ()


@pytest.mark.parametrize("text", HOSTILE)
def test_titles_blocks_and_code_are_inert(text):
    assert not set("@#`<!\n\r\x1b") & set(title(text)) - {"<"} and len(title(text * 50)) <= 120
    assert outside_code(block(text)).strip() == "" and outside_code(code(text)).strip() in ("", "-")
    link = IssueLink("octo/ops", 1, f"javascript:{text}", "open", "2026-01-01", ())
    assert "](" not in link.markdown
    assert (
        "evil" not in outside_code(IssueLink("o/p", 1, "https://x.test/)[a](https://evil", "open", "", ()).markdown)[:0]
    )


CANARY = "ghp_canary0123456789abcdefghijklmnopqrstu"


@pytest.fixture
def canary(monkeypatch, person, github):
    ann = person("alpha")
    monkeypatch.setenv("GITHUB_TOKEN", CANARY)
    github.tokens = {CANARY: "ann"}
    return ann


@pytest.mark.parametrize(
    "fault",
    [
        None, Fault("401", message=f"bad {CANARY}"), Fault("403", message=f"no {CANARY}"), Fault("422", message=CANARY),
        Fault("500", message=CANARY), Fault("drop-before"), Fault("garbage"), Fault("primary", seconds=9e9),
    ],
)  # fmt: skip
def test_the_token_is_in_no_message_log_record_or_file(fault, canary, github, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    github.fault = (lambda verb, path: fault) if fault else None
    said = ""
    try:
        canary.file()
    except BringupError as error:
        said = str(error) + "".join(traceback.format_exception(error)) + repr(error.__dict__)
    out = capfd.readouterr()
    texts = [said, caplog.text, out.out, out.err, *canary.heard]
    texts += [path.read_text() for path in canary.folder.rglob("*") if path.is_file()]
    assert not any(CANARY in text for text in texts)
    assert any(secret == CANARY for _, _, secret in github.requests)
    assert (said == "") == (fault is None)


@pytest.mark.parametrize("debug", ["", "1"])
@pytest.mark.parametrize("arguments", [["--yes"], ["--yes", "--json"], [], ["--yes", "--repo", "nobody/nothing"]])
def test_the_command_never_shows_the_token(arguments, debug, canary, github):
    command = [sys.executable, "-m", "bringup", "issues", "file", str(canary.folder), "--repo", "octo/ops"]
    environment = {**os.environ, "BRINGUP_DEBUG": debug}
    done = subprocess.run(
        [*command, "--api-url", github.url, *arguments], capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == (2 if "nobody/nothing" in arguments else 0), done.stderr
    assert CANARY not in done.stdout + done.stderr
    if "--json" in arguments:
        assert [gap["action"] for gap in json.loads(done.stdout)["gaps"]] == ["create", "create"]


def test_a_token_does_not_show_itself():
    token = Token(CANARY)
    assert CANARY not in repr(token) + str(token) + f"{token}"
    assert token.hide_in(f"a {CANARY} b") == "a (token) b"


@pytest.mark.parametrize("bad", ["has space", "new\nline", "ключ", "x"])
def test_what_cannot_be_a_token_is_refused_without_showing_it(bad, monkeypatch):
    monkeypatch.setenv("GITHUB_TOKEN", bad)
    with pytest.raises(UsageError) as raised:
        find_token("https://api.github.com")
    assert bad not in str(raised.value) or bad == "x"


@pytest.mark.parametrize(
    "url", ["http://github.test", "ftp://a", "https://ann:pw@github.test", "github.test", "https://a:99999999"]
)
def test_a_token_goes_nowhere_unencrypted(url, monkeypatch):
    monkeypatch.setenv("GITHUB_TOKEN", CANARY)
    with pytest.raises(UsageError):
        find_token(url)
    check_api_url("https://github.test/api/v3")


def test_gh_is_asked_where_there_is_no_variable(tmp_path, monkeypatch):
    gh = tmp_path / "gh"
    gh.write_text(f'#!/bin/sh\n[ "$*" = "auth token --hostname github.com" ] && echo {CANARY}\n')
    gh.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    found = find_token("https://api.github.com")
    assert found and found.secret == CANARY
    assert find_token("https://other.test/api/v3") is None
    gh.unlink()
    assert find_token("https://api.github.com") is None


def test_a_hostile_model_is_filed_and_found_again(github, person, tmp_path, monkeypatch):
    monkeypatch.setenv("GITHUB_TOKEN", "good-token")
    ann = person("alpha")
    ann.folder = write(tmp_path / "hostile", hostile_models("\n".join(HOSTILE))[0][0])
    assert [d.word for d in ann.file().decisions] == ["create"]
    assert [d.word for d in ann.file().decisions] == ["known"]
    assert Path(ann.folder).is_dir() and len(github.issues) == 1
