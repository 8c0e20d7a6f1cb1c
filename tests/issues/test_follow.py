"""What becomes of filed issues: state, links in the folder's files, the tracking issue, a newer ttnn, the command."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest
from folders import OPS, analysis_of, checked, write
from github_server import Fault

from bringup.analysis import read_analysis
from bringup.coverage import Verdict
from bringup.errors import UsageError
from bringup.issues import ask, run
from bringup.issues.ask import Answer, ask_again
from bringup.issues.comments import relabel
from bringup.issues.gaps import find_gap_classes, known_ttnn_ops
from bringup.issues.links import issue_of
from bringup.issues.state import read_state
from bringup.issues.tracking import END, merge_body
from bringup.lines.judge import LineOptions
from bringup.lines.read import read_line
from bringup.plan.folder import coverage_files, module_stage, op_test_files
from bringup.write import write_folder


def test_the_folder_s_files_name_the_issues(github, person):
    ann = person("alpha")
    run.update_files(ann.folder, None)
    before = coverage_files(read_analysis(ann.folder))["COVERAGE.md"]
    assert "Issue: not filed; its draft is [issues/" in before
    ann.file()
    analysis = read_analysis(ann.folder)
    link = "[octo/ops\\#1](https://github.test/octo/ops/issues/1) (open since 2027-01-15)"
    assert link in coverage_files(analysis)["COVERAGE.md"]
    (variation, *_) = find_gap_classes(analysis, None).classes[0].variations
    found = issue_of(analysis.issues, variation.id)
    assert found and found.text == "octo/ops#1 (open since 2027-01-15)"
    assert issue_of(analysis.issues, "nothing-00000000") is None


def test_a_refused_op_s_test_is_expected_to_fail_with_its_issue(github, person, tmp_path):
    ann = person("alpha")
    analysis, check = checked(analysis_of("refused", ("aten.relu.default",)), "too large")
    ann.folder = write(tmp_path / "refused", analysis, check)
    assert "xfail" not in op_test_files(read_analysis(ann.folder))["tests/ops/test_relu.py"]
    ann.file()
    text = op_test_files(read_analysis(ann.folder))["tests/ops/test_relu.py"]
    assert 'marks=pytest.mark.xfail(reason="octo/ops#1 (open since 2027-01-15)", strict=False)' in text


def test_the_fallback_s_comment_names_the_issue_and_the_rest_of_the_file_stays(github, person):
    ann = person("alpha")
    model = ann.folder / "tt/ttnn_alpha.py"
    made, _ = module_stage(read_analysis(ann.folder))
    write_folder(ann.folder, {"tt/ttnn_alpha.py": made["tt/ttnn_alpha.py"].encode()}, owner=None)
    first, second = find_gap_classes(read_analysis(ann.folder), None).classes
    for gap in (first, second):
        assert f"    # Issue (issues/{gap.id}.md): not filed\n" in model.read_text()
    ann.file(first.id)
    line = f"    # Issue (issues/{first.id}.md): #1, https://github.test/octo/ops/issues/1\n"
    assert line in model.read_text() and f"issues/{second.id}.md): not filed" in model.read_text()
    assert model.read_text() == module_stage(read_analysis(ann.folder))[0]["tt/ttnn_alpha.py"]
    model.write_text(edited := model.read_text().replace("def head(", "def my_head(") + "# Issue: my own\n")
    ann.file()
    assert model.read_text() == edited.replace("not filed", "#2, https://github.test/octo/ops/issues/2")
    assert not model.with_name("ttnn_alpha.py.new").exists()
    (action,) = write_folder(ann.folder, {"tt/ttnn_alpha.py": b"made again"}, owner=None)
    assert action.word == "conflict", "an edited file counts as edited after its comments were brought up to date"


def test_a_draft_of_another_name_takes_its_comment_with_it():
    text = "# Issue (issues/gru-1.md): not filed\n  # Issue (issues/gru-2.md): #1, http://a\nx = 1  # Issue\n"
    lines = {"gru-1": "Issue (issues/gru-3.md): not filed"}
    assert relabel(text, lines) == text.replace("gru-1", "gru-3")


def test_sync_reads_states_back(github, person):
    ann = person("alpha")
    ann.file()
    assert not ann.sync().has_findings
    github.clock.sleep(86400)
    github.close(2)
    report = ann.sync()
    assert [s.changes for s in report.synced] == [(), ("closed as completed since 2027-01-16 (was open)",)]
    assert report.has_findings
    assert [(f.state, f.reason, f.since[:10]) for f in read_state(ann.folder).filed] == [
        ("open", "", "2027-01-15"), ("closed", "completed", "2027-01-16"),
    ]  # fmt: skip
    assert not ann.sync().has_findings
    del github.issues[1]
    assert ann.sync().synced[0].changes == ("#1 was deleted",)


def test_sync_reports_a_duplicate_until_it_is_gone(github, person):
    ann = person("alpha")
    ann.file()
    github.open_issue("the same", github.issues[1]["body"], user="bob")
    assert ann.sync().synced[0].changes == ("the same gap is also in #3: close one as a duplicate of the other",)
    assert read_state(ann.folder).filed[0].duplicates == (3,)


def test_a_dry_sync_changes_nothing(github, person):
    ann = person("alpha")
    ann.file(tracking=True)
    before = {path: path.read_bytes() for path in ann.folder.rglob("*") if path.is_file()}
    github.close(2)
    sent = len(github.requests)
    assert ann.sync(is_dry=True).has_findings
    assert {path: path.read_bytes() for path in ann.folder.rglob("*") if path.is_file()} == before
    assert {verb for verb, _, _ in github.requests[sent:]} == {"GET"}


def test_the_tracking_issue_is_opened_once_and_kept_up_to_date(github, person):
    ann = person("alpha")
    first = ann.file(tracking=True).tracked
    assert first and first.word == "create" and github.issues[1]["title"] == "Bring up alpha on TT-NN"
    again = ann.file(tracking=True).tracked
    assert again and (again.word, again.number) == ("identical", 1) and len(github.issues) == 3
    body = github.issues[1]["body"]
    assert "- [ ] `Head`" in body and "none filed" in body
    github.issues[1]["body"] = (
        body.replace("- [ ] `Head`", "- [x] `Head`").replace("\n", "\r\n") + "notes of a person\r\n"
    )
    assert [t.word for t in ann.sync().tracked] == ["update"]
    now = github.issues[1]["body"]
    assert "- [x] `Head`" in now and now.endswith("notes of a person\n") and "[octo/ops\\#2](" in now
    assert "- [x] Issues for what TT-NN lacks" in now
    assert [t.word for t in ann.sync().tracked] == ["identical"]
    github.issues[1]["body"] = now.replace(END, "")
    held = ann.sync()
    assert held.tracked[0].word == "hold" and held.has_findings and END not in github.issues[1]["body"]


@pytest.mark.parametrize("kind", ["drop-before", "drop-after", "late", "500-after"])
def test_the_tracking_issue_is_opened_exactly_once(kind, github, person):
    ann = person("alpha")
    left = [1]

    def fault(verb: str, path: str) -> Fault | None:
        if verb == "POST" and left[0]:
            left[0] -= 1
            return Fault(kind)
        return None

    github.fault = fault
    ann.file(tracking=True)
    assert sorted(issue["title"][:8] for issue in github.issues.values()).count("Bring up") == 1


def test_a_person_s_ticks_and_words_survive():
    made = f"- [ ] `A` (1 instance): x\n- [ ] B: 2 gaps\n- [x] C: done\n{END}\n"
    current = f"- [x] `A` (2 instances): y\n- [ ] B: 3 gaps\n{END}\nmine\n"
    assert merge_body(made, current) == f"- [x] `A` (1 instance): x\n- [ ] B: 2 gaps\n- [x] C: done\n{END}\nmine\n"


def newer(analysis, gaps, taken=(), names=frozenset(), monkeypatch=None):
    """ttnn's answers if it were a newer one."""
    verdicts = {
        v.id: Verdict(v.id, v.op, "native", "emulated", "", (), "", v.count, "native")
        if v.id in taken
        else Verdict(v.id, v.op, "rejected", "rejected", "ttnn: still not", (), "", v.count, "native")
        for gap in gaps
        for v in gap.variations
    }
    monkeypatch.setattr(ask, "judge_by_rows", lambda variations, options: verdicts)
    monkeypatch.setattr(ask, "installed_ops", lambda: known_ttnn_ops() | names)
    from folders import ENVIRONMENT

    return ask_again(analysis, gaps, LineOptions(replace(ENVIRONMENT, ttnn="9.0.0"), 1, 1.0, use_cache=False))


def test_a_newer_ttnn_is_asked_and_the_files_that_change_are_named(github, person, tmp_path, monkeypatch):
    ann = person("alpha")
    analysis, check = checked(analysis_of("refused", ("aten.relu.default", "aten.mode.default")[:1]), "too large")
    ann.folder = write(tmp_path / "refused", analysis, check)
    ann.file()
    run.update_files(ann.folder, check)
    gaps = find_gap_classes(analysis, check).classes
    ids = {v.id for gap in gaps for v in gap.variations}
    monkeypatch.setattr(run, "installed_version", lambda: "9.0.0")
    for taken in (set(), ids):
        answers = newer(analysis, gaps, taken, monkeypatch=monkeypatch)
        monkeypatch.setattr(run, "ask_again", lambda *args, found=answers: found)
        report = ann.sync(ask=None)
        assert [a.is_closed for a in report.answers] == [bool(taken)]
        assert report.has_findings == bool(taken)
        assert ("COVERAGE.md" in report.files and f"issues/{gaps[0].id}.md" in report.files) == bool(taken)
        assert [f.supported_in for f in read_state(ann.folder).filed] == (["9.0.0"] if taken else [""])


def test_a_missing_op_that_is_there_now_is_said(monkeypatch):
    analysis = analysis_of("m", OPS[:1])
    gaps = find_gap_classes(analysis, None).classes
    (absent,), _ = newer(analysis, gaps, monkeypatch=monkeypatch)
    (there,), _ = newer(analysis, gaps, names={"ttnn.mode"}, monkeypatch=monkeypatch)
    assert (absent.words, there.words) == ("", "ttnn.mode is there now")
    assert isinstance(there, Answer) and not there.is_closed


def test_the_same_ttnn_is_not_asked_again(github, person, monkeypatch):
    monkeypatch.setattr(run, "ask_again", lambda *args: pytest.fail("asked"))
    ann = person("alpha")
    ann.file()
    assert ann.sync(ask=None).answers == ()
    monkeypatch.setattr(run, "installed_version", lambda: "")
    with pytest.raises(UsageError, match="ttnn is not installed"):
        ann.sync(ask=True)


def test_a_check_by_an_older_ttnn_is_asked_again_of_the_one_that_the_registry_describes(
    github, person, tmp_path, monkeypatch
):
    analysis, check = checked(analysis_of("refused", ("aten.relu.default",)), "too large")
    older = replace(check, environment=replace(check.environment, ttnn="0.79.0"))
    ann = person("alpha")
    ann.folder = write(tmp_path / "refused", analysis, older)
    monkeypatch.setattr(run, "installed_version", lambda: analysis.coverage.ttnn)
    monkeypatch.setattr(run, "ask_again", lambda *args: ((), {}))
    assert ann.sync(ask=None).answers == ()
    assert any("asking ttnn 0.81.1 about 1 gap" in text for text in ann.heard)


def bringup(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    environment = (
        {key: value for key, value in os.environ.items() if key != "GITHUB_TOKEN"} | {"PATH": "/nowhere"} | env
    )
    command = [sys.executable, "-m", "bringup", "issues", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_the_commands_in_a_row(github, person):
    ann = person("alpha")
    folder, where = str(ann.folder), ("--repo", "octo/ops", "--api-url", github.url)
    dry = bringup("file", folder, *where)
    assert dry.returncode == 0 and "would create" in dry.stdout and "GitHub was not asked" in dry.stdout
    none = bringup("file", folder, *where, "--yes")
    assert none.returncode == 2 and "there is no GitHub token" in none.stderr and github.requests == []
    filed = bringup("file", folder, *where, "--yes", GITHUB_TOKEN="good-token")
    assert filed.returncode == 0 and filed.stdout.count("created ") == 2, filed.stderr
    listed = bringup("list", folder)
    assert listed.returncode == 0 and "octo/ops#1 (open since" in listed.stdout
    assert json.loads(bringup("list", folder, "--json").stdout)[0]["issues"][0]["number"] == 1
    synced = bringup("sync", folder, "--api-url", github.url, "--json", GITHUB_TOKEN="good-token")
    assert synced.returncode == 0 and [i["state"] for i in json.loads(synced.stdout)["issues"]] == ["open", "open"]
    drafted = bringup("draft", folder, "--json")
    assert drafted.returncode == 0 and len(json.loads(drafted.stdout)["drafts"]) == 2
    github.close(1, "not_planned")
    held = bringup("sync", folder, "--api-url", github.url, GITHUB_TOKEN="good-token")
    assert held.returncode == 1 and "closed as not_planned" in held.stdout


def test_no_network_is_a_sentence_and_an_exit_code(person):
    ann = person("alpha")
    done = bringup(
        "file",
        str(ann.folder),
        "--yes",
        "--api-url",
        "http://127.0.0.1:9/api/v3",
        "--repo",
        "a/b",
        GITHUB_TOKEN="good-token",
    )
    assert done.returncode == 1
    assert "no answer from GitHub" in done.stderr and "Traceback" not in done.stderr
    assert list((ann.folder / "issues").glob("*.md"))


def test_not_a_folder(tmp_path):
    for command in ("draft", "file", "list", "sync"):
        done = bringup(command, str(tmp_path / "none"))
        assert done.returncode == 2 and ("bring-up folder" in done.stderr or "lock" in done.stderr), done.stderr


@pytest.mark.skipif(importlib.util.find_spec("ttnn") is None, reason="ttnn is not installed")
def test_the_installed_ttnn_itself_is_asked(github, person, tmp_path):
    ann = person("alpha")
    refused, _ = checked(analysis_of("refused", ("aten.relu.default",)), "too large")
    both = analysis_of("refused", ("aten.relu.default", "aten.mode.default"))
    verdicts = (*refused.coverage.verdicts, *both.coverage.verdicts[1:])
    ann.folder = write(tmp_path / "refused", replace(both, coverage=replace(both.coverage, verdicts=verdicts)))
    ann.file()
    run.update_files(ann.folder, None)
    report = ann.sync(ask=True)
    assert {a.gap.op: (a.is_closed, a.words) for a in report.answers} == {
        "aten.relu.default": (True, ""), "aten.mode.default": (False, ""),
    }  # fmt: skip
    assert "COVERAGE.md" in report.files and report.has_findings


@pytest.mark.skipif(importlib.util.find_spec("ttnn") is None, reason="ttnn is not installed")
def test_another_way_round_is_not_what_ttnn_takes_now():
    """torch can take this upsample apart into ops that ttnn has; the gap of ttnn.upsample is as open as before."""
    refused, check = checked(analysis_of("refused", ("aten.relu.default",)), "too large")
    (gap,) = find_gap_classes(refused, check).classes
    line = {"op": "aten.upsample_bilinear2d.vec", "args": [{"shape": [1, 16384, 1, 1]}, [8, 8], False, None]}
    wide = replace(gap, op=line["op"], variations=(read_line(1, json.dumps(line)).variation,))
    (answer,), _ = ask_again(refused, (wide,), LineOptions(check.environment, 1, 60.0, use_cache=False))
    assert answer.supported == () and "Out of Memory" in answer.words
