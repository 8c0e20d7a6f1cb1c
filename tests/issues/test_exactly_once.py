"""Each gap has exactly one issue and each model one comment on it, whatever fails: at random, at every point, and at once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from folders import make_folder
from github_server import Fault, GitHubServer
from odd_answers import odd_answer
from person import Person

from bringup.errors import BringupError
from bringup.issues import run, state
from bringup.issues.filing import SETTLE
from bringup.issues.markers import find_markers
from bringup.issues.state import read_state

OPS = ("aten.mode.default", "aten.multinomial.default")
FAULTS = (
    "500", "502", "401", "403", "404", "422", "410", "primary", "secondary", "secondary-bare",
    "drop-before", "drop-after", "late", "500-after", "cut", "garbage", "odd", "odd-undone",
)  # fmt: skip
SCHEDULES = 50


class Killed(BaseException):
    """The process ends here."""


def issues_by_gap(github: GitHubServer) -> dict[str, list[int]]:
    """The numbers of the issues of each gap."""
    found: dict[str, list[int]] = {}
    for number, issue in github.issues.items():
        for key in find_markers("gap", issue["body"]):
            found.setdefault(key, []).append(number)
    return found


def assert_exactly_once(github: GitHubServer, persons: list[Person]) -> None:
    """One issue a gap; every model is in its body, or else in one comment."""
    found = issues_by_gap(github)
    assert len(found) == len(OPS) and all(len(numbers) == 1 for numbers in found.values()), found
    models = {read_model(person) for person in persons}
    for (number,) in found.values():
        in_body = find_markers("model", github.issues[number]["body"])
        in_comments = [key for comment in github.comments[number] for key in find_markers("model", comment["body"])]
        assert len(in_body) == 1
        assert sorted(in_comments) == sorted(models - set(in_body))
    for person in persons:
        known = read_state(person.folder)
        assert {filed.fingerprint: [filed.number] for filed in known.filed} == found
        assert known.intents == ()


def read_model(person: Person) -> str:
    from bringup.analysis import read_analysis
    from bringup.issues.markers import model_key

    return model_key(read_analysis(person.folder).info)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("made")
    for name in ("alpha", "beta"):
        make_folder(place, name, OPS)
    return place


@pytest.mark.parametrize("chunk", [pytest.param(n, marks=[pytest.mark.slow] if n > 2 else []) for n in range(20)])
def test_random_schedules_of_faults(chunk, made, monkeypatch):
    monkeypatch.setenv("GITHUB_TOKEN", "good-token")
    monkeypatch.setattr(run, "update_files", lambda *args: ())
    seen: set[str] = set()
    with GitHubServer(strict=False).running() as github:
        for seed in range(chunk * SCHEDULES, (chunk + 1) * SCHEDULES):
            seen |= run_schedule(github, made, random.Random(seed), monkeypatch)
    assert seen == {*FAULTS, "killed"}


def run_schedule(github: GitHubServer, made: Path, dice: random.Random, monkeypatch) -> set[str]:
    """Two models filed by turns until both are done; up to twelve requests and writes go wrong."""
    github.run_pending(everything=True)
    for store in (github.issues, github.comments, github.requests):
        store.clear()
    left = [dice.randint(1, 12)]
    seen: set[str] = set()

    def fault(verb: str, path: str) -> Fault | None:
        if left[0] and dice.random() < 0.3:
            left[0] -= 1
            kind = dice.choice(FAULTS)
            seen.add(kind)
            return Fault(kind, seconds=dice.choice((1.0, 5.0, 9.0)), made=odd_answer(random.Random(dice.random())))
        return None

    def write(folder: Path, known: state.State) -> None:
        if left[0] and dice.random() < 0.1:
            left[0] -= 1
            seen.add("killed")
            if dice.random() < 0.5:
                state.write_state(folder, known)
            raise Killed
        state.write_state(folder, known)

    monkeypatch.setattr("bringup.issues.filing.write_state", write)
    github.fault = fault
    persons = [Person(github, made / name) for name in ("alpha", "beta")]
    for person in persons:
        (person.folder / state.STATE_FILE).unlink(missing_ok=True)
    waiting = list(persons)
    while waiting:
        person = dice.choice(waiting)
        try:
            person.file()
            waiting.remove(person)
        except (BringupError, Killed):
            github.clock.sleep(dice.choice((0.0, 1.0, 3600.0)) if len(waiting) == 1 else SETTLE)
    github.fault = None
    github.run_pending(everything=True)
    for person in persons:
        person.file()
    assert_exactly_once(github, persons)
    return seen


def test_a_filing_that_sends_again_without_looking_is_caught(made, monkeypatch):
    monkeypatch.setenv("GITHUB_TOKEN", "good-token")
    monkeypatch.setattr(run, "update_files", lambda *args: ())
    monkeypatch.setattr("bringup.issues.lookup.Repository.of_gap", lambda self, key: ())
    with GitHubServer(strict=False).running() as github, pytest.raises(AssertionError):
        for seed in range(20):
            run_schedule(github, made, random.Random(seed), monkeypatch)


def test_killed_at_every_request_and_write(made, monkeypatch):
    monkeypatch.setenv("GITHUB_TOKEN", "good-token")
    monkeypatch.setattr(run, "update_files", lambda *args: ())
    points = 0
    with GitHubServer(strict=False).running() as github:
        for when in ("before", "after"):
            for point in range(200):
                github.issues.clear()
                github.comments.clear()
                persons = [Person(github, made / name) for name in ("alpha", "beta")]
                for person in persons:
                    (person.folder / state.STATE_FILE).unlink(missing_ok=True)
                was_killed = kill_at(persons, point, when, monkeypatch)
                for person in persons:
                    person.file()
                assert_exactly_once(github, persons)
                points += was_killed
                if not was_killed:
                    break
    assert points > 60


def kill_at(persons: list[Person], point: int, when: str, monkeypatch) -> bool:
    """File both models, and end it at one request or write, just before it or just after."""
    from github.Requester import Requester

    count = [0]

    def counted(function):
        def call(*args, **kwargs):
            is_here = count[0] == point
            count[0] += 1
            if is_here and when == "before":
                raise Killed
            answer = function(*args, **kwargs)
            if is_here:
                raise Killed
            return answer

        return call

    with monkeypatch.context() as patch:
        patch.setattr(Requester, "requestJson", counted(Requester.requestJson))
        patch.setattr(state.os, "fsync", counted(os.fsync))
        patch.setattr(state.Path, "replace", counted(Path.replace))
        try:
            for person in persons:
                person.file()
        except Killed:
            return True
    return False


DRIVER = """
import os, signal, sys
from pathlib import Path
from github.Requester import Requester
from bringup.issues import run, state
from bringup.issues.github import Clock
from bringup.issues.run import FileOptions

folder, url, point = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
count = 0
def counted(function):
    def call(*args, **kwargs):
        global count
        answer = function(*args, **kwargs)
        if count == point:
            os.kill(os.getpid(), signal.SIGKILL)
        count += 1
        return answer
    return call
Requester.requestJson = counted(Requester.requestJson)
os.fsync = counted(os.fsync)
run.update_files = lambda *args: ()
run.file_drafts(folder, FileOptions((), "octo/ops", url, is_dry=False, clock=Clock(sleep=lambda s: None)), print)
"""


def test_a_process_that_is_killed_leaves_what_the_next_one_needs(github, person, monkeypatch):
    monkeypatch.setattr(run, "update_files", lambda *args: ())
    ann = person("alpha", OPS)
    codes = []
    for point in (7, 10, 13, 16):
        command = [sys.executable, "-c", DRIVER, str(ann.folder), github.url, str(point)]
        codes.append(subprocess.run(command, check=False, stdout=subprocess.DEVNULL).returncode)
    ann.file()
    assert codes[0] == -signal.SIGKILL and set(codes) <= {0, -signal.SIGKILL}
    assert_exactly_once(github, [ann])


def test_two_persons_at_once_make_at_most_one_duplicate_and_sync_says_so(made, monkeypatch):
    monkeypatch.setattr(run, "update_files", lambda *args: ())
    monkeypatch.setenv("GITHUB_TOKEN", "good-token")
    seen = set()
    for rounds in range(12):
        with GitHubServer().running() as github:
            persons = [Person(github, made / name) for name in ("alpha", "beta")]
            for person in persons:
                (person.folder / state.STATE_FILE).unlink(missing_ok=True)
            meeting = threading.Barrier(2, timeout=20)
            if rounds % 2:
                github.fault = _meet_before_first_post(meeting)
            threads = [threading.Thread(target=person.file) for person in persons]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            github.fault = None
            numbers = sorted(map(len, issues_by_gap(github).values()))
            assert len(numbers) == 2 and max(numbers) <= 2
            seen.add(max(numbers))
            changes = [change for person in persons for s in person.sync().synced for change in s.changes]
            duplicates = [change for change in changes if "the same gap is also in" in change]
            assert bool(duplicates) == (max(numbers) == 2)
    assert 2 in seen


def _meet_before_first_post(meeting: threading.Barrier):
    """Let both persons look before either files."""
    met = threading.local()

    def fault(verb: str, path: str) -> None:
        if verb == "POST" and not getattr(met, "done", False):
            met.done = True
            try:
                meeting.wait()
            except threading.BrokenBarrierError:
                return

    return fault
