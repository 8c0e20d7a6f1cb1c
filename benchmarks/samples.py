"""torch's own operator samples as questions: what bringup answers for every op that torch itself tests.

    python benchmarks/samples.py [--dtype float32 ...] [--samples 6] [-k OP] [--keep FOLDER]

The samples are those of torch.testing._internal.common_methods_invocations.op_db. Each is run under a
TorchDispatchMode that writes down the ATen calls as JSON lines, each distinct one once; `bringup coverage` judges the
lines. Printed per dtype: how many came out with which status and evidence, in how many seconds; then, one line per op,
what is no answer to a call that torch took: `unknown`, `not settled by the check`, `invalid`, and lines without answer.
Exit code 1 when there is any. Needs what torch's tests need: `pip install expecttest`.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

UNSETTLED = "not settled by the check"
_SEED = 0


class Recorder(TorchDispatchMode):
    """Writes down each ATen call as a JSON object, in the form of README's "in a line"."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[str, None] = {}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        given = form(args), form(kwargs or {})
        made = func(*args, **(kwargs or {}))
        self.lines[json.dumps({"op": str(func), "args": given[0], "kwargs": given[1]})] = None
        return made


def form(value: Any) -> Any:
    """An argument as the lines have it."""
    if isinstance(value, torch.Tensor):
        layout = {} if value.layout == torch.strided else {"layout": str(value.layout).removeprefix("torch.")}
        return {"shape": list(value.shape), "dtype": str(value.dtype).removeprefix("torch."), **layout}
    if isinstance(value, (list, tuple)):
        return [form(item) for item in value]
    if isinstance(value, dict):
        return {name: form(item) for name, item in value.items() if not isinstance(item, torch.Generator)}
    if isinstance(value, float) and not abs(value) < float("inf"):
        return str(value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value).removeprefix("torch.")


def record(dtype: torch.dtype, samples: int, keyword: str) -> tuple[list[str], int]:
    """The distinct calls of the first samples of each op, and how many samples torch itself did not run."""
    from torch.testing._internal.common_methods_invocations import op_db

    recorder, refused = Recorder(), 0
    for op in op_db:
        if dtype in op.dtypes and re.search(keyword, op.name):
            for sample in first_samples(op, dtype, samples):
                try:
                    with recorder, torch.no_grad():
                        op(sample.input, *sample.args, **sample.kwargs)
                except Exception:  # a sample that this build of torch does not run is no question
                    refused += 1
    return list(recorder.lines), refused


def first_samples(op: Any, dtype: torch.dtype, samples: int) -> Iterator[Any]:
    """The first samples of an op, the same in every run."""
    random.seed(_SEED)
    torch.manual_seed(_SEED)
    try:
        made = iter(op.sample_inputs("cpu", dtype, requires_grad=False))
        for _ in range(samples):
            yield next(made)
    except Exception:  # StopIteration, or the op's own generator fails for this dtype
        return


def judge(lines: Iterable[str], place: Path) -> tuple[list[dict[str, Any]], float]:
    """What `bringup coverage` answers, and the wall seconds."""
    path = place / "lines.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines))
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "bringup", "coverage", str(path), "-j", "2"],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 1):
        raise SystemExit(f"bringup coverage ended with exit code {done.returncode}")
    (place / "answers.jsonl").write_text(done.stdout)
    return [json.loads(text) for text in done.stdout.splitlines()], time.perf_counter() - start


def fault_of(answer: dict[str, Any] | None) -> str:
    """Why an answer is none; empty where it is one."""
    if answer is None:
        return "no answer"
    if answer["status"] in ("unknown", "invalid"):
        return str(answer["status"])
    return "not settled" if UNSETTLED in answer["reason"] else ""


def print_table(dtype: str, lines: list[str], answers: list[dict[str, Any]], seconds: float, refused: int) -> int:
    """The table of a dtype; the number of lines without an answer."""
    by_line = {answer["line"]: answer for answer in answers}
    ops = [json.loads(line)["op"] for line in lines]
    print(f"\n{dtype}: {len(lines):,} calls of {len(set(ops))} ops in {seconds:.0f} s; torch ran {refused} samples not")
    for (status, evidence), number in Counter((a["status"], a["evidence"]) for a in answers).most_common():
        print(f"  {number:6,}  {status} ({evidence})")
    faults: dict[tuple[str, str], list[int]] = {}
    for number, op in enumerate(ops, 1):
        if fault := fault_of(by_line.get(number)):
            faults.setdefault((fault, op), []).append(number)
    for (fault, op), numbers in sorted(faults.items()):
        reason = by_line.get(numbers[0], {}).get("reason", "")
        print(f"  {fault}: {op} x{len(numbers)}: {reason[:200]} {lines[numbers[0] - 1][:160]}")
    counts = Counter(fault for (fault, _), numbers in faults.items() for _ in numbers)
    print("  " + ", ".join(f"{counts[fault]} {fault}" for fault in ("unknown", "not settled", "invalid", "no answer")))
    return sum(counts.values())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dtype", nargs="+", default=["float32"])
    parser.add_argument("--samples", type=int, default=6, help="of each op")
    parser.add_argument("-k", metavar="OP", default="", help="only ops whose name in op_db matches")
    parser.add_argument("--keep", type=Path, help="a folder for lines.jsonl and answers.jsonl of each dtype")
    arguments = parser.parse_args()
    without = 0
    with tempfile.TemporaryDirectory() as scratch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for dtype in arguments.dtype:
            place = (arguments.keep or Path(scratch)) / dtype
            place.mkdir(parents=True, exist_ok=True)
            lines, refused = record(getattr(torch, dtype), arguments.samples, arguments.k)
            answers, seconds = judge(lines, place)
            without += print_table(dtype, lines, answers, seconds, refused)
    raise SystemExit(bool(without))


if __name__ == "__main__":
    main()
