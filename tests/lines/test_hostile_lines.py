"""Lines that crash, hang or fill memory, and names that are mistyped: each costs its own answer and no other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bringup.lines.read import read_line

GOOD = b'{"op": "aten.relu.default", "args": [{"shape": [2, 3]}]}'
SGD = {
    "self": [{"shape": [1, 8]}, {"shape": [8, 8, 1, 3], "dtype": "float16"}],
    "grads": [{"shape": [32, 2, 0, 8]}, {"shape": [4, 3, 1, 8], "dtype": "uint8"}],
    "momentum_buffer_list": [{"shape": [4]}, {"shape": [2, 1]}],
    "weight_decay": 1.0, "momentum": 1.0, "lr": 0.0, "dampening": 0.5, "nesterov": False, "maximize": True,
    "is_first_step": False, "found_inf": None,
}  # fmt: skip


def line(op, *args, **kwargs):
    return json.dumps({"op": op, "args": args, "kwargs": kwargs}).encode()


HOSTILE = [
    (b"[" * 100_000, "invalid", "nested too deeply"),
    (line("aten.relu.overloads", {"shape": [2]}), "invalid", "torch has no op aten.relu.overloads"),
    (line("aten.to.dtype_layout", "nan"), "unknown", "cannot judge this variation"),
    (line("aten.relu.default", {"shape": [1] * 5000}), "native", ""),
    (line("aten.relu.default", {"shape": [2**62]}), "invalid", "torch refuses the call: Storage size"),
    (line("aten.relu.default", {"shape": [2**70]}), "invalid", "torch refuses the call"),
    (line("aten._fused_sgd_.default", **SGD), "invalid", "it ended the process with SIGSEGV"),
    (line("aten.adaptive_max_pool2d.default", {"shape": [2, 4, 4, 4]}, [1, 2**31]), "invalid", "it took more than 5 s"),
    (line("aten.unbind.int", {"shape": [10**8, 2]}), "invalid", "torch cannot make out the call: it "),
    (b'{"op": "aten.cat.default", "args": [' + b"[" * 5000 + b"]" * 5000 + b"]}", "invalid", "nested too deeply"),
    (GOOD.replace(b"relu.", b"relu\xff."), "invalid", "not UTF-8: invalid start byte at byte 17"),
    (b"\xef\xbb\xbf" + GOOD + b"\r", "native", ""),
    (GOOD + b" " * 40_000_000, "invalid", "more than 32 MB are not read"),
    (b'{"op": "aten.\\ud800.default"}', "invalid", "is no op"),
    (b"null", "invalid", "not of the form"),
    (line(f"aten.{'r' * 1_000_000}.default"), "invalid", "is no op"),
    (b'{"op": "aten.relu.default", "args": [{"shape": [' + b"9" * 100_000 + b"]}]}", "invalid", "not JSON"),
]


def test_each_line_has_its_answer_in_order_and_costs_no_other(tmp_path):
    path = tmp_path / "hostile.jsonl"
    path.write_bytes(b"\n".join(text for hostile, _, _ in HOSTILE for text in (hostile, GOOD)))
    command = [sys.executable, "-m", "bringup", "coverage", "--table", "--timeout", "5", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answers = [json.loads(text) for text in done.stdout.splitlines()]
    assert [answer["line"] for answer in answers] == list(range(1, 2 * len(HOSTILE) + 1))
    assert {answer["status"] for answer in answers[1::2]} == {"native"}
    for answer, (_, status, words) in zip(answers[::2], HOSTILE, strict=True):
        assert answer["status"] == status, answer
        assert words in answer["reason"], answer


def test_who_asks_and_waits_is_answered():
    """A program that writes a line and reads its answer before it writes the next."""
    command = [sys.executable, "-m", "bringup", "coverage", "--table", "-"]
    run = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    for number in (1, 2):
        run.stdin.write(GOOD + b"\n")
        run.stdin.flush()
        assert json.loads(run.stdout.readline())["line"] == number
    run.stdin.close()
    assert run.wait(60) == 0


def test_no_child_outlives_a_run_that_is_killed():
    command = [sys.executable, "-m", "bringup", "coverage", "--table", "-"]
    run = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    run.stdin.write(GOOD + b"\n" + HOSTILE[7][0] + b"\n")
    run.stdin.flush()
    descendants = set()
    deadline = time.time() + 100
    while len(descendants) < 3 and time.time() < deadline:  # the resource tracker, the one that forks, a child
        time.sleep(0.2)
        descendants = children_of(run.pid)
    assert len(descendants) >= 3
    run.kill()
    run.wait()
    while any(alive(pid) for pid in descendants) and time.time() < deadline:
        time.sleep(0.2)
    assert not [pid for pid in descendants if alive(pid)]


def children_of(pid):
    import psutil

    return {child.pid for child in psutil.Process(pid).children(recursive=True)}


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] != "Z"


X = {"shape": [2, 3]}
MISTYPED = [
    ({"op": "aten.relu.default", "args": [{"shape": [2], "dtype": "bf16"}]}, "torch has no dtype bf16; did you mean bfloat16?"),
    ({"op": "aten.relu.default", "args": [{"shape": [2], "dtype": "FLOAT64"}]}, "did you mean float64?"),
    ({"op": "aten.relu.default", "args": [{"shape": [2], "dtype": 6}]}, "torch has no dtype 6"),
    ({"op": "aten.relu.default", "args": [{"shape": [2], "dtyp": "float64"}]}, "no 'dtyp'; did you mean dtype?"),
    ({"op": "aten.relu.default", "args": [{"shape": [2], "kind": "paramter"}]}, "did you mean parameter?"),
    ({"op": "aten._to_copy.default", "args": [X], "kwargs": {"dtype": "bf16"}}, "did you mean bfloat16?"),
    ({"op": "aten._to_copy.default", "args": [X], "kwargs": {"dtype": "relu"}}, "torch has no dtype 'relu'"),
    ({"op": "aten._to_copy.default", "args": [X], "kwargs": {"dtype": 99}}, "torch has no dtype 99"),
    ({"op": "aten._to_copy.default", "args": [X], "kwargs": {"dtype": True}}, "torch has no dtype True"),
    ({"op": "aten._to_copy.default", "args": [X], "kwargs": {"layout": "strid"}}, "did you mean strided?"),
    ({"op": "aten._to_copy.default", "args": [X], "kwargs": {"device": "cpuu"}}, "torch has no device 'cpuu'; did you mean cpu"),
    ({"op": "aten.clone.default", "args": [X], "kwargs": {"memory_format": "chanels_last"}}, "did you mean channels_last"),
    ({"op": "aten.clone.default", "args": [X], "kwargs": {"memory_format": "NHWC"}}, "did you mean channels_last?"),
    ({"op": "aten.sum.dim_IntList", "args": [X, [0]], "kwargs": {"dtype": "flaot32"}}, "did you mean float32"),
    ({"op": "aten.relux.default", "args": [X]}, "did you mean aten.relu.default"),
    ({"op": "aten.relu.defalt", "args": [X]}, "did you mean aten.relu.default"),
    ({"op": "aten.max.dims", "args": [X, 0]}, "did you mean aten.max.dim"),
    ({"op": "aten.to", "args": [X]}, "did you mean aten.to.device"),
    ({"op": "aten.relu.__class__", "args": [X]}, "torch has no op aten.relu.__class__"),
    ({"op": "load_library.relu.default", "args": [X]}, "torch has no op load_library"),
    ({"op": "aten.add.Tensor", "args": [X, 2], "kwargs": {"alfa": 1}}, "has no argument 'alfa'; did you mean alpha"),
    ({"op": "aten.add.Tensor", "args": [X, 2], "kwargs": {"other": 1}}, "got other in args and in kwargs"),
    ({"op": "aten.relu.default", "arg": [X]}, "no 'arg'; did you mean args"),
    ({"op": "aten.relu.default", "Args": [X]}, "did you mean args?"),
    ({"op": "aten.gelu.default", "args": [X], "kwargs": {"approximate": "tahn"}}, "did you mean tanh?"),
    ({"op": "aten.div.Tensor_mode", "args": [X, 2], "kwargs": {"rounding_mode": "flor"}}, "did you mean floor?"),
    ({"op": "aten.pad.default", "args": [X, [1, 1], "reflct"]}, "torch refuses the call: Unrecognised padding mode"),
    ({"op": "aten.bucketize.Tensor", "args": [X, X], "kwargs": {"right": "yes"}}, "right is bool, got 'yes'"),
    ({"op": "aten.view.default", "args": [X, X]}, "size is List[int], got a tensor"),
    ({"op": "aten.relu.default", "args": ["x"]}, "self is a tensor"),
    ({"op": "aten.view.default", "args": [X, [[3, 2]]]}, "size has a list inside a list"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "words"), MISTYPED, ids=[words for _, words in MISTYPED])
def test_what_is_mistyped_is_invalid_and_never_nothing_given(data, words):
    read = read_line(1, json.dumps(data))
    assert read.variation is None
    assert words in read.problem


@pytest.mark.parametrize(
    ("given", "dtype"), [("half", "float16"), ("torch.bfloat16", "bfloat16"), ("long", "int64"), (15, "bfloat16")]
)
def test_every_name_that_torch_has_is_taken(given, dtype):
    cast = read_line(1, json.dumps({"op": "aten._to_copy.default", "args": [X], "kwargs": {"dtype": given}}))
    assert cast.variation and cast.variation.outputs[0].dtype == dtype
    if isinstance(given, str):
        tensor = read_line(1, json.dumps({"op": "aten.abs.default", "args": [{"shape": [2], "dtype": given}]}))
        assert tensor.variation and tensor.variation.get("self").dtype == dtype


def test_keys_of_a_program_s_own_may_stand_in_a_line():
    assert read_line(1, json.dumps({"op": "aten.relu.default", "args": [X], "calls": 3, "model": "x"})).variation
