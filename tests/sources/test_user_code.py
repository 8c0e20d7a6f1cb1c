"""A model's code may end the process, or change it: init says so with the line, and the process is as it was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bringup.errors import SourceError
from bringup.sources import LoadOptions, load
from bringup.sources.user_code import contained, stops_as_errors

MODEL = """import ctypes, os, signal, sys, threading, time
import torch
{at_import}

class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = torch.nn.Linear(8, 8)
        {at_init}

    def forward(self, x):
        {at_run}
        return self.fc(x)
{members}

def make():
    {at_inputs}
    return torch.randn(1, 8)
"""
PLACES = ("at_import", "at_init", "at_run", "at_inputs", "members")


def write(folder: Path, **code: str) -> Path:
    path = folder / f"model_{abs(hash(str(code)))}.py"
    path.write_text(
        MODEL.format(**{place: code.get(place, "" if place in PLACES[::4] else "pass") for place in PLACES})
    )
    return path


def run_model(path: Path) -> None:
    from bringup.init import trace_or_raise
    from bringup.progress import Progress
    from bringup.views.pictures import start_views

    loaded = load(f"{path}:Net", LoadOptions(inputs_from=f"{path}:make"))
    start_views(loaded)
    trace_or_raise(loaded, "ttnn", Progress(1, enabled=False))


ENDINGS = [
    ({"at_import": "sys.exit(0)"}, "SystemExit", "sys.exit(0)"),
    ({"at_import": "os._exit(0)"}, "os._exit", "os._exit(0)"),
    ({"at_init": "os._exit(0)"}, "os._exit", "os._exit(0)"),
    ({"at_init": "raise KeyboardInterrupt"}, "KeyboardInterrupt", "raise KeyboardInterrupt"),
    ({"at_inputs": "raise SystemExit"}, "SystemExit", "raise SystemExit"),
    ({"at_run": "sys.exit(0)"}, "SystemExit", "sys.exit(0)"),
    ({"at_run": "os._exit(0)"}, "os._exit", "os._exit(0)"),
    ({"at_run": "os.abort()"}, "os.abort", "os.abort()"),
    ({"at_run": 'os.execl("/bin/true", "true")'}, "os.execv", "os.execl("),
    ({"at_run": 'raise BaseException("odd")'}, "BaseException: odd", "raise BaseException"),
    ({"at_run": "raise GeneratorExit"}, "GeneratorExit", "raise GeneratorExit"),
    ({"members": "    def eval(self):\n        sys.exit(0)"}, "SystemExit", "sys.exit(0)"),
    ({"members": "    def named_parameters(self, *a, **k):\n        os._exit(0)"}, "os._exit", "os._exit(0)"),
]  # fmt: skip


@pytest.mark.torch
@pytest.mark.parametrize(("code", "name", "line"), ENDINGS)
def test_an_ending_is_an_error_with_its_line(code, name, line, tmp_path):
    with pytest.raises(SourceError) as caught:
        run_model(write(tmp_path, **code))
    assert name in caught.value.what
    assert line in caught.value.where
    assert caught.value.next_step


CHANGES = [
    "os.chdir('/')",
    "sys.stdout.close(); sys.stderr.close(); os.close(1); os.close(2)",
    "os.umask(0o777); sys.stdout = None",
    "signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.signal(signal.SIGINT, signal.SIG_IGN)",
    "os.fork()",
]


@pytest.mark.torch
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("place", ["at_import", "at_run"])
def test_the_process_is_as_it_was(place, change, tmp_path):
    path = write(tmp_path, **{place: change})
    before = state()
    run_model(path)
    assert state() == before


def state() -> tuple[object, ...]:
    mask = os.umask(0o022)
    os.umask(mask)
    files = [(os.fstat(number).st_dev, os.fstat(number).st_ino) for number in (1, 2)]
    handlers = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    return os.getpid(), Path.cwd(), mask, files, handlers, sys.stdout, sys.stderr


def test_the_users_own_interrupt_is_none_of_the_models():
    """The negative control: a signal is the user's, whatever the code makes of it."""
    for code in (lambda: None, swallow):
        with pytest.raises(KeyboardInterrupt), contained(), stops_as_errors():
            swallow_after(code)
    with pytest.raises(SourceError, match="KeyboardInterrupt"), contained(), stops_as_errors():
        raise KeyboardInterrupt


def swallow_after(code) -> None:
    try:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.1)
    except KeyboardInterrupt:
        if code is not swallow:
            raise


def swallow() -> None:
    """Stands for code that goes on after Ctrl-C."""


def init(path: Path, **options: object) -> subprocess.Popen[str]:
    command = [
        sys.executable,
        "-m",
        "bringup",
        "init",
        f"{path}:Net",
        "--input",
        "1x8",
        "--out",
        str(path.parent / "out"),
    ]
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )


@pytest.mark.torch
@pytest.mark.parametrize(
    ("at_run", "words"),
    [
        ("ctypes.CDLL(None)._exit(0)", "with exit code 0"),
        ("threading.Thread(target=lambda: (time.sleep(0.1), os._exit(0))).start()", "with exit code 0"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "of SIGKILL"),
        ("ctypes.string_at(0)", "of SIGSEGV"),
    ],
)
def test_a_process_that_dies_is_noticed(at_run, words, tmp_path):
    done = init(write(tmp_path, at_run=at_run))
    _, said = done.communicate(timeout=120)
    assert done.returncode == 2
    assert f"ended {words}, without an error" in said
    assert not (tmp_path / "out").exists()


@pytest.mark.torch
@pytest.mark.parametrize(
    "waits",
    ["time.sleep(60)", "while True:\n            try:\n                time.sleep(1)\n            except BaseException:\n                pass"],
    ids=["sleeps", "swallows"],
)  # fmt: skip
def test_ctrl_c_ends_a_model_and_is_said(waits, tmp_path):
    loop = f"print('running', file=sys.stderr, flush=True)\n        {waits}"
    running = init(write(tmp_path, at_run=loop), start_new_session=True)
    assert running.stderr
    while "running" not in running.stderr.readline():
        pass
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert (running.returncode, "interrupted" in said) == (130, True)


@pytest.mark.torch
def test_threads_and_exit_handlers_of_a_model_are_not_waited_for(tmp_path):
    at_import = "threading.Thread(target=time.sleep, args=(10**6,)).start()\nimport atexit\natexit.register(lambda: os._exit(0))"
    done = init(write(tmp_path, at_import=at_import, at_run="os.chdir('/')"))
    said, _ = done.communicate(timeout=120)
    assert done.returncode == 0
    assert "The folder is" in said
    assert (tmp_path / "out" / "MODEL_CARD.md").is_file()
