"""What a test does to its process, or leaves behind, costs that test alone; the user's own Ctrl-C ends the run."""

from __future__ import annotations

import os
import textwrap
import time
from contextlib import suppress
from pathlib import Path

import pytest

from bringup.check.results import Result
from bringup.check.session import Session, run_session
from bringup.errors import UsageError

MARK = str(time.time_ns())
BEHAVIOURS = """
    import faulthandler
    import os
    import signal
    import subprocess
    import sys
    import time

    import pytest


    def test_leaves_a_child_that_lives_on():
        if os.fork() == 0:
            time.sleep(600)
            os._exit(0)


    def test_leaves_a_daemon_by_c():
        import ctypes
        if ctypes.CDLL(None).fork() == 0:
            ctypes.CDLL(None).setsid()
            ctypes.CDLL(None).sleep(600)
            ctypes.CDLL(None)._exit(0)


    def test_leaves_a_program():
        subprocess.Popen(["sleep", "600"], start_new_session=True)


    def test_dies():
        os.kill(os.getpid(), signal.SIGSEGV)


    def test_is_forked_and_both_return():
        os.fork()


    def test_interrupts():
        raise KeyboardInterrupt


    def test_sends_the_interrupt():
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(20)


    def test_exits():
        sys.exit(0)


    def test_ends_pytest():
        pytest.exit("enough")


    def test_raises_a_base_exception():
        raise BaseException("base")


    def test_generator_exit():
        raise GeneratorExit


    def test_leaves():
        os._exit(0)


    @pytest.fixture
    def interrupting():
        raise KeyboardInterrupt("in a fixture")


    def test_has_a_fixture_that_interrupts(interrupting):
        pass


    @pytest.fixture
    def interrupting_later():
        yield
        raise KeyboardInterrupt("at the end")


    def test_has_a_fixture_that_interrupts_at_its_end(interrupting_later):
        pass


    def test_stops_its_process():
        os.kill(os.getpid(), signal.SIGSTOP)


    def test_switches_its_limit_off():
        faulthandler.cancel_dump_traceback_later()
        time.sleep(600)


    def test_closes_the_pipes():
        os.closerange(3, 256)


    def test_leaves_a_thread():
        import threading
        threading.Thread(target=time.sleep, args=(600,)).start()


    @pytest.mark.parametrize("number", range(6))
    def test_passes(number):
        pass
"""
WORDS = {
    "test_leaves_a_child_that_lives_on": ("passed", ""),
    "test_leaves_a_daemon_by_c": ("passed", ""),
    "test_leaves_a_program": ("passed", ""),
    "test_dies": ("failed", "the process ended with SIGSEGV"),
    "test_is_forked_and_both_return": ("passed", ""),
    "test_interrupts": ("failed", "the test itself raised KeyboardInterrupt"),
    "test_sends_the_interrupt": ("failed", "the test itself raised KeyboardInterrupt"),
    "test_exits": ("failed", "SystemExit"),
    "test_ends_pytest": ("failed", "the test itself raised Exit: enough"),
    "test_raises_a_base_exception": ("failed", "BaseException: base"),
    "test_generator_exit": ("failed", "GeneratorExit"),
    "test_leaves": ("failed", "the process ended with exit code 0"),
    "test_has_a_fixture_that_interrupts": ("failed", "KeyboardInterrupt: in a fixture"),
    "test_has_a_fixture_that_interrupts_at_its_end": ("failed", "KeyboardInterrupt: at the end"),
    "test_stops_its_process": ("failed", "took more than 6 s"),
    "test_switches_its_limit_off": ("failed", "took more than 6 s"),
    "test_closes_the_pipes": ("failed", "the process ended"),
    "test_leaves_a_thread": ("passed", ""),
    **{f"test_passes[{number}]": ("passed", "") for number in range(6)},
}
BROKEN = {
    "test_exits_at_import.py": ("raise SystemExit(0)", "raises SystemExit: 0 when it is imported"),
    "test_interrupts_at_import.py": ("raise KeyboardInterrupt", "raises KeyboardInterrupt when it is imported"),
    "test_is_no_python.py": ("def", "SyntaxError"),
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    root = tmp_path_factory.mktemp("guarded")
    (root / "test_behaviours.py").write_text(textwrap.dedent(BEHAVIOURS))
    for name, (text, _) in BROKEN.items():
        (root / name).write_text(f"{text}\n")
    os.environ["GUARDED"] = MARK
    started = time.monotonic()
    results = run_session(Session((root,), root, "", "exact", "", 2, 6.0), lambda result: None)
    return results, time.monotonic() - started


def test_every_test_has_its_result_and_no_limit_is_passed(run):
    results, seconds = run
    assert {result.test.partition("::")[2] for result in results if "::" in result.test} == set(WORDS)
    assert seconds < 200


@pytest.mark.parametrize("name", WORDS)
def test_each_end_costs_its_test_alone(run, name):
    outcome, words = WORDS[name]
    found = [result for result in run[0] if result.test.endswith(f"::{name}")]
    worst = next((result for result in found if result.outcome != "passed"), found[0])
    assert worst.outcome == outcome, worst
    assert words in worst.words


def test_files_that_cannot_be_collected_are_failures_of_their_own(run):
    found: dict[str, Result] = {result.test: result for result in run[0] if "::" not in result.test}
    assert set(found) == set(BROKEN)
    for name, (_, words) in BROKEN.items():
        assert words in found[name].words


def test_nothing_lives_on(run):
    import psutil

    assert run
    living = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            scratch = process.environ().get("BRINGUP_OP_LOG", "")
            if process.environ().get("GUARDED") == MARK and not Path(scratch).is_dir():
                living.append(process.cmdline())
    assert living == []


@pytest.mark.parametrize("where", ["test_a.py", "conftest.py"])
def test_a_process_that_ends_before_any_test_is_not_made_anew_for_ever(tmp_path, where):
    (tmp_path / "test_a.py").write_text("def test_a():\n    pass\n")
    (tmp_path / where).write_text("import os\nos._exit(7)\n")
    with pytest.raises(UsageError, match="exit code 7"):
        run_session(Session((tmp_path,), tmp_path, "", "exact", "", 1, 10.0), lambda result: None)


def test_what_is_no_expression_starts_nothing(tmp_path):
    with pytest.raises(UsageError, match="is no expression of pytest's"):
        run_session(Session((tmp_path,), tmp_path, "", "exact", "and and", 1, 10.0), lambda result: None)
