"""GitHub's refusals, limits, silences and pages: what is said, what is kept, and how it ends."""

from __future__ import annotations

import time

import pytest
from github_server import Fault, GitHubServer, check_call
from person import Person

from bringup.errors import BringupError, GitHubError, UnfinishedError, UsageError
from bringup.issues.markers import find_markers
from bringup.issues.state import read_state


def once_at(verb: str, ending: str, fault: Fault):
    """A fault for the first call of this kind."""
    left = [1]

    def choose(called: str, path: str) -> Fault | None:
        if left[0] and called == verb and path.endswith(ending):
            left[0] -= 1
            return fault
        return None

    return choose


def always_at(verb: str, ending: str, fault: Fault):
    return lambda called, path: fault if called == verb and path.endswith(ending) else None


def drafts_of(person: Person) -> list[str]:
    return sorted(path.name for path in (person.folder / "issues").iterdir())


def test_filing_opens_one_issue_a_gap_with_its_labels_and_records_it(github, person):
    ann = person("alpha")
    report = ann.file()
    assert [(d.word, d.issue.number) for d in report.decisions] == [("create", 1), ("create", 2)]
    assert [label["name"] for label in github.issues[1]["labels"]] == ["feature", "ttnn"]
    assert github.issues[1]["title"].startswith("[Feature Request] Need support for torch.")
    known = read_state(ann.folder)
    assert [(f.number, f.state, f.role, f.url) for f in known.filed] == [
        (number, "open", "created", f"https://github.test/octo/ops/issues/{number}") for number in (1, 2)
    ]
    assert [d.word for d in ann.file().decisions] == ["known", "known"]
    assert len(github.issues) == 2
    assert {secret for _, _, secret in github.requests} == {"good-token"}


def test_another_model_comments_once(github, person):
    person("alpha").file()
    bob = person("beta", shape=(2, 9))
    assert [d.word for d in bob.file().decisions] == ["comment", "comment"]
    assert [d.word for d in bob.file().decisions] == ["known", "known"]
    assert [len(github.comments[n]) for n in (1, 2)] == [1, 1]
    body = github.comments[1][0]["body"]
    assert "`beta`" in body and "2 x 9 float32" in body
    assert {f.role for f in read_state(bob.folder).filed} == {"commented"}


REFUSALS = [
    ("GET", "/octo/ops", Fault("401", message="Bad credentials"), 2, "Bad credentials"),
    ("GET", "/octo/ops", Fault("403", message="Resource not accessible by personal access token"), 2, "not accessible"),
    ("GET", "/octo/ops", Fault("404", message="Not Found"), 2, "--repo OWNER/NAME"),
    ("POST", "/issues", Fault("410", message="Issues has been disabled in this repository."), 2, "issues are disabled"),
    ("POST", "/issues", Fault("422", message="Validation Failed"), 2, "look at the draft"),
    ("POST", "/issues", Fault("403", message="Must have admin rights"), 2, "Issues, read and write"),
    ("GET", "/octo/ops", Fault("500", message="Server Error"), 1, "run the same command again"),
    ("GET", "/octo/ops", Fault("drop-before"), 1, "no answer from GitHub"),
    ("GET", "/octo/ops", Fault("garbage"), 1, "not of its form"),
    ("GET", "/issues", Fault("primary", seconds=3000), 1, "rate limit is used up"),
    ("POST", "/issues", Fault("500-after"), None, ""),
    ("POST", "/issues", Fault("500", message="Server Error"), 1, "does not answer"),
]


@pytest.mark.parametrize(("verb", "ending", "fault", "code", "words"), REFUSALS)
def test_what_github_refuses_is_said_and_drafts_are_kept(verb, ending, fault, code, words, github, person):
    ann = person("alpha")
    before = drafts_of(ann)
    github.fault = always_at(verb, ending, fault)
    if code is None:
        ann.file()
    else:
        with pytest.raises(BringupError) as raised:
            ann.file()
        assert raised.value.exit_code == code
        assert words in str(raised.value)
        assert isinstance(raised.value, UnfinishedError if code == 1 else GitHubError)
    assert drafts_of(ann) == before
    github.fault = None
    assert {d.word for d in ann.file().decisions} <= {"create", "known"}
    assert len(github.issues) == 2


@pytest.mark.parametrize("kind", ["primary", "secondary", "secondary-bare"])
@pytest.mark.parametrize(("verb", "ending"), [("GET", "/octo/ops"), ("POST", "/issues")])
def test_a_rate_limit_is_waited_for_as_long_as_github_says(kind, verb, ending, github, person):
    ann = person("alpha")
    github.fault = once_at(verb, ending, Fault(kind, seconds=42))
    ann.file()
    assert len(github.issues) == 2
    assert max(github.clock.slept) == {"primary": 43, "secondary": 42, "secondary-bare": 60}[kind]
    assert any("rate limit: waiting" in line for line in ann.heard)


@pytest.mark.parametrize("kind", ["drop-before", "drop-after", "late", "500-after", "cut", "garbage"])
@pytest.mark.parametrize("ending", ["/issues", "/comments"])
def test_an_answer_that_is_lost_is_looked_up_before_anything_is_sent_again(kind, ending, github, person):
    ann = person("alpha")
    ann.file()
    bob = (
        person("beta")
        if ending == "/comments"
        else person("beta", ("aten.bincount.default", "aten.grid_sampler_3d.default"))
    )
    github.fault = once_at("POST", ending, Fault(kind))
    bob.file()
    posts = [path for verb, path, _ in github.requests if verb == "POST"]
    assert len(posts) == 4 + (kind == "drop-before")
    assert len(github.issues) == (2 if ending == "/comments" else 4)
    assert sum(map(len, github.comments.values())) == (2 if ending == "/comments" else 0)


def test_a_slow_answer_is_given_up_and_looked_up(github, person):
    ann = person("alpha")
    github.fault = once_at("POST", "/issues", Fault("slow", seconds=1.5))
    started = time.monotonic()
    ann.file(timeout=1)
    assert time.monotonic() - started < 20
    assert len(github.issues) == 2


def test_pages_are_read_to_the_end(github, person):
    ann = person("alpha")
    ann.file()
    github.page_limit = 2
    for number in range(9):
        github.open_issue(f"another {number}", "text")
        github.comment(1, f"chatter {number}")
    bob = person("beta")
    bob.file()
    for number in range(9):
        github.comment(1, f"more chatter {number}")
    assert [d.word for d in bob.file().decisions] == ["known", "known"]
    assert [d.word for d in ann.file().decisions] == ["known", "known"]
    assert len(github.issues) == 11


def test_search_that_lags_makes_no_duplicate_of_somebody_else_s_issue(github, person):
    person("alpha").file()
    github.tokens["good-token"] = "bob"
    github.search_lag = 1e9
    assert [d.word for d in person("beta").file().decisions] == ["comment", "comment"]


def test_old_issues_of_others_are_found_by_search(github, person):
    person("alpha").file()
    github.clock.sleep(90 * 86400)
    github.tokens["good-token"] = "bob"
    assert [d.word for d in person("beta").file().decisions] == ["comment", "comment"]


def test_a_token_that_may_not_ask_whose_it_is_files_all_the_same(github, person, monkeypatch):
    ann = person("alpha")
    monkeypatch.setenv("GITHUB_TOKEN", "app-token")
    ann.file()
    assert [d.word for d in ann.file().decisions] == ["known", "known"]


def test_labels_that_are_not_there_are_left_out_and_named(github, person):
    github.labels = ("bug",)
    ann = person("alpha")
    ann.file()
    assert [issue["labels"] for issue in github.issues.values()] == [[], []]
    assert any("octo/ops has no label feature, ttnn" in line for line in ann.heard)


@pytest.mark.parametrize(
    ("change", "words"), [({"archived": True}, "is archived"), ({"has_issues": False}, "disabled")]
)
def test_a_repository_that_takes_no_issues(change, words, github, person):
    ann = person("alpha")
    for name, value in change.items():
        setattr(github, name, value)
    with pytest.raises(GitHubError, match=words) as raised:
        ann.file()
    assert raised.value.exit_code == 2
    assert drafts_of(ann) and not any(verb == "POST" for verb, _, _ in github.requests)


@pytest.mark.parametrize("name", ["no-slash", "a/b/c", "../x/y", "a/b?x", ""])
def test_a_repository_s_name_is_checked(name, github, person):
    with pytest.raises(UsageError, match="repository"):
        person("alpha").file(repository=name)
    assert github.requests == []


def test_an_open_issue_with_the_op_in_its_title_holds_the_draft_back(github, person):
    github.open_issue("Need support for ttnn mode", "please")
    github.open_issue("Histogram of multinomialed things", "no op named")
    github.close(github.open_issue("ttnn.multinomial", "was closed")["number"])
    github.clock.sleep(3600)
    ann = person("alpha")
    decisions = {d.gap.op: d for d in ann.file().decisions}
    held = decisions["aten.mode.default"]
    assert held.word == "hold" and "#1 (Need support for ttnn mode)" in held.why
    assert decisions["aten.multinomial.default"].word == "create"
    assert {d.word for d in ann.file(anyway=frozenset({held.gap.id})).decisions} == {"create", "known"}


@pytest.mark.parametrize(
    ("reason", "words"), [("completed", "--ask-reopen"), ("not_planned", "not_planned"), ("duplicate", "duplicate")]
)
def test_a_closed_issue_is_not_opened_again(reason, words, github, person):
    person("alpha").file()
    github.close(1, reason)
    bob = person("beta")
    decision = bob.file().decisions[0]
    assert decision.word == "hold" and words in decision.why
    assert github.comments[1] == []
    asked = [bob.file(ask_reopen=True).decisions[0].word for _ in range(2)]
    if reason == "completed":
        assert asked == ["comment", "known"]
        assert "was closed as completed on" in github.comments[1][0]["body"]
        assert "Could it be reopened?" in github.comments[1][0]["body"]
    else:
        assert asked == ["hold", "hold"]
    assert github.issues[1]["state"] == "closed"


def test_a_limit_that_ttnn_was_not_asked_about_is_not_filed(github, person, monkeypatch):
    ann = person("alpha")
    monkeypatch.setattr("bringup.issues.run.find_gap_classes", _uncertain)
    assert {(d.word, "bringup check" in d.why) for d in ann.file().decisions} == {("hold", True)}
    assert github.issues == {}


def _uncertain(analysis, check):
    from dataclasses import replace

    from bringup.issues.gaps import find_gap_classes

    gaps = find_gap_classes(analysis, check)
    return replace(gaps, classes=tuple(replace(gap, is_certain=False) for gap in gaps.classes))


def test_an_issue_that_was_deleted_is_not_filed_again_unasked(github, person):
    ann = person("alpha")
    ann.file()
    del github.issues[1]
    decision = ann.file().decisions[0]
    assert decision.word == "hold" and "#1 was deleted" in decision.why


def test_a_marker_that_somebody_removed_holds_the_draft_back(github, person):
    ann = person("alpha")
    ann.file()
    github.issues[1]["body"] = "edited by hand"
    decision = ann.file().decisions[0]
    assert decision.word == "hold" and "its marker is gone" in decision.why


def test_ids_choose(github, person):
    ann = person("alpha")
    (wanted, *_) = [path.stem for path in sorted((ann.folder / "issues").glob("*.md"))]
    assert [d.gap.id for d in ann.file(wanted).decisions] == [wanted]
    with pytest.raises(UsageError, match="no draft is called"):
        ann.file("nothing-00000000")


def test_a_dry_run_looks_and_sends_nothing(github, person):
    ann = person("alpha")
    report = ann.file(is_dry=True)
    assert report.has_looked and [d.word for d in report.decisions] == ["create", "create"]
    assert {verb for verb, _, _ in github.requests} == {"GET"}
    assert not (ann.folder / ".bringup/issues.json").exists()


def test_the_record_survives_damage_and_loss(github, person):
    ann = person("alpha")
    ann.file()
    path = ann.folder / ".bringup/issues.json"
    path.write_text("{")
    with pytest.raises(BringupError, match="record of filed issues"):
        ann.file()
    path.unlink()
    assert [d.word for d in ann.file().decisions] == ["known", "known"]
    assert len(github.issues) == 2 and len(read_state(ann.folder).filed) == 2


def test_the_server_catches_calls_that_are_not_github_s():
    good = {"title": "t", "body": "b", "labels": ["x"]}
    assert check_call("POST", "/repos/a/b/issues", {}, good, 410, {"message": "gone", "documentation_url": "u"}) == []
    assert check_call("POST", "/repos/a/b/issues", {}, {"body": "b"}, 410, None)
    assert check_call("GET", "/repos/a/b/issues", {"author": "x"}, None, 200, [])
    assert check_call("GET", "/repos/a/b/issue", {}, None, 200, [])
    assert check_call("GET", "/repos/a/b/labels", {}, None, 200, [{"name": "x"}])
    assert check_call("POST", "/repos/a/b/issues/1/comments", {}, {"body": 3}, 201, None)


def test_every_kind_of_call_was_checked(github, person):
    ann = person("alpha")
    ann.file(tracking=True)
    person("beta").file()
    ann.sync()
    assert find_markers("tracking", github.issues[1]["body"])
    kinds = {(verb, path.replace("/repos/octo/ops", "").rstrip("0123456789/")) for verb, path, _ in github.requests}
    assert {("GET", ""), ("GET", "/user"), ("GET", "/labels"), ("GET", "/issues"), ("GET", "/search/issues")} <= kinds
    assert ("POST", "/issues") in kinds and any(verb == "POST" and "comments" in path for verb, path in kinds)
    assert GitHubServer().strict


def test_an_issue_that_somebody_opens_while_this_run_waits_is_joined(github, person):
    ann, bob = person("alpha"), person("beta")
    left = [1]

    def fault(verb: str, path: str) -> Fault | None:
        """Bob's first request that writes is put off for a minute, in which Ann files everything."""
        if verb == "POST" and left[0]:
            left[0] -= 1
            ann.file()
            return Fault("secondary", seconds=60)
        return None

    github.fault = fault
    words = [decision.word for decision in bob.file().decisions]
    assert words == ["create", "comment"]
    github.fault = None
    assert len(github.comments[2]) == 1 and len(github.issues) == 3
    assert bob.sync().has_findings
