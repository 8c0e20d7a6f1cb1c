"""What is not of the form that GitHub describes is no answer: said, exit code 1, and nothing is filed on it."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from github_server import Fault, GitHubServer
from odd_answers import ALWAYS_WRONG, HEADERS, odd_answer

from bringup.errors import BringupError, UnfinishedError, UsageError
from bringup.issues.github import Clock, GitHub
from bringup.issues.state import read_state
from bringup.issues.token import Token, check_api_url

CALLS = {
    "repository": lambda github: github.repository("octo/ops"),
    "login": lambda github: github.login(),
    "labels": lambda github: github.labels("octo/ops"),
    "issues": lambda github: list(github.issues("octo/ops", since="2020-01-01T00:00:00Z")),
    "search": lambda github: github.search("octo/ops", '"x" in:body'),
    "issue": lambda github: github.issue("octo/ops", 1),
    "comments": lambda github: list(github.comments("octo/ops", 1)),
    "create_issue": lambda github: github.create_issue("octo/ops", "t", "b", ()),
    "create_comment": lambda github: github.create_comment("octo/ops", 1, "b"),
    "edit_body": lambda github: github.edit_body("octo/ops", 1, "b"),
}


@pytest.fixture(scope="module")
def server():
    with GitHubServer(strict=False, search_lag=0).running() as github:
        github.open_issue("x", "x x")
        github.comment(1, "words")
        yield github


def client(github: GitHubServer) -> GitHub:
    clock = Clock(github.clock.now, lambda seconds: None)
    return GitHub(github.url, Token("good-token"), say=lambda text: None, clock=clock, timeout=5)


@pytest.mark.parametrize("call", CALLS)
def test_an_answer_of_a_wrong_form_is_none(call, server):
    """Every call with answers that are wrong for all of them: each is refused, whatever the status says."""
    github = client(server)
    for text in ALWAYS_WRONG:
        for kind in ("odd", "odd-undone"):
            server.fault = lambda verb, path, text=text, kind=kind: Fault(kind, made=lambda s, d, h: (s, text, {}))
            with pytest.raises(UnfinishedError) as error:
                CALLS[call](github)
            assert error.value.exit_code == 1
    server.fault = None
    CALLS[call](github)


@pytest.mark.parametrize("chunk", [pytest.param(n, marks=[pytest.mark.slow] if n else []) for n in range(20)])
def test_odd_answers_are_never_a_bug_of_ours(chunk, server):
    """Any status, any body, any header: it ends with an answer or a sentence."""
    dice, github, ends = random.Random(chunk), client(server), Counter()
    for _ in range(100):
        status = dice.choice((200, 200, 201, 204, 206, 299, 302, 304, 400, 401, 403, 404, 410, 418, 422, 429, 500, 503))
        texts = (
            *ALWAYS_WRONG,
            b"[]",
            b'{"message": "no", "errors": 5}',
            b'{"message": "no", "errors": [null, {}, [1]]}',
        )
        text, headers, made = dice.choice(texts), dice.choice((*HEADERS, {}, {}, {})), odd_answer(dice)
        answer = made if dice.random() < 0.5 else lambda s, d, h, a=(status, text, headers): a
        server.fault = lambda verb, path, answer=answer: Fault("odd", made=answer)
        call = dice.choice(sorted(CALLS))
        try:
            CALLS[call](github)
            ends["answer"] += 1
        except BringupError as error:
            assert error.exit_code in (1, 2) and str(error)
            ends[type(error).__name__] += 1
    server.fault = None
    assert ends["UnfinishedError"] > 10 and ends["answer"] > 2


@pytest.mark.parametrize("text", [b"{}", b"null", b"7", b"<html></html>", b'[{"number": 1}]'])
def test_a_lost_answer_and_a_list_of_a_wrong_form_file_nothing_twice(text, github, person):
    """The case of the report: the POST is done, its answer lost, and the next list is answered 2xx with no list."""
    ann, posted = person("alpha", ("aten.mode.default",)), []

    def fault(verb: str, path: str) -> Fault | None:
        if verb == "POST" and not posted:
            posted.append(path)
            return Fault("drop-after")
        return Fault("odd", made=lambda s, d, h: (200, text, {})) if posted and path.endswith("/issues") else None

    github.fault = fault
    with pytest.raises(UnfinishedError, match="not of its form") as error:
        ann.file()
    assert error.value.exit_code == 1 and len(github.issues) == 1
    assert len(read_state(ann.folder).intents) == 1
    github.fault = None
    assert [d.word for d in ann.file().decisions] == ["known"]
    assert len(github.issues) == 1 and read_state(ann.folder).intents == ()


def test_an_answer_about_another_issue_is_none(github, person):
    """A right form with somebody else's issue in it: looked up, and never commented on."""
    other = github.open_issue("other", "words")
    ann = person("alpha", ("aten.mode.default",))
    stray = {key: value for key, value in other.items() if key != "made"}
    import json

    github.fault = lambda verb, path: (
        Fault("odd", made=lambda s, d, h: (201, json.dumps(stray).encode(), {})) if verb == "POST" else None
    )
    assert [(d.word, d.issue.number) for d in ann.file().decisions] == [("create", 2)]
    assert github.comments == {1: [], 2: []}


def test_a_list_without_an_end_is_said(server):
    server.fault = lambda verb, path: Fault("odd", made=lambda s, d, h: (200, b"[]", {"link": '<x>; rel="next"'}))
    with pytest.raises(UnfinishedError, match="no end"):
        list(client(server).labels("octo/ops"))
    server.fault = None


@pytest.mark.parametrize(
    "url",
    [
        "ftp://localhost/api", "ftp://example.org", "http://example.org", "file:///etc/passwd", "https://", "https://a b/", "https://u:p@h/", "x",
        "https://h/?q=1", "https://h/#f", "https://h:99999", "https://\u202eh/", "https://-/", "HTTP://example.org", "http://localhost.evil/",
        "https://h/\n", "",
    ],
)  # fmt: skip
def test_an_address_that_no_token_may_go_to_is_a_usage_error(url):
    with pytest.raises(UsageError):
        check_api_url(url)


@pytest.mark.parametrize(
    "url",
    ["https://api.github.com", "https://h.example/api/v3", "http://127.0.0.1:8/api", "http://[::1]:8", "HTTPS://h"],
)
def test_an_address_that_a_token_may_go_to(url):
    check_api_url(url)
