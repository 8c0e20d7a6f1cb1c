"""Lines mutated at random: whatever comes of them, each has its answer. `python tests/lines/mutated.py 5000`."""

from __future__ import annotations

import copy
import json
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from cases import CASES

SEED = 13
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**62, 2**63, 2**70, -(2**40), 0.5, 1e308, "inf", "-inf", "nan", "", "x", "bf16", "float16",
    "sparse_coo", "channels_last", "cuda:0", [], [[]], [None], [1, 2], [0] * 3, [2**31, 2**31], {}, {"shape": []},
    {"shape": [0]}, {"shape": [2, 3], "dtype": "complex64"}, {"shape": [1] * 70}, {"shape": [2**40, 2**40]}, {"shape": [3], "dtype": "int64"},
    {"shape": [3], "dtype": "bool"}, {"shape": [2, 2], "dtype": "qint8"}, {"shape": [2, 2], "dtype": "bits8"}, "\ud800", "\x00",
)  # fmt: skip
NAMES = (
    "dtype",
    "layout",
    "memory_format",
    "device",
    "out",
    "dim",
    "self",
    "other",
    "size",
    "generator",
    "alpha",
    "kind",
)


def mutated(number: int, seed: int = SEED) -> list[bytes]:
    """So many lines, each from a case of ours by one to three changes; the same for the same seed."""
    chance = random.Random(seed)
    return [_one(chance) for _ in range(number)]


def _one(chance: random.Random) -> bytes:
    line: dict[str, Any] = copy.deepcopy(chance.choice(CASES))
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        _change(line, chance)
    text = json.dumps(line).encode()
    if chance.random() < 0.05:
        text = _broken(text, chance)
    return text.replace(b"\n", b" ") or b"{"


def _change(line: dict[str, Any], chance: random.Random) -> None:
    kind = chance.random()
    args, kwargs = line.setdefault("args", []), line.setdefault("kwargs", {})
    if not isinstance(args, list) or not isinstance(kwargs, dict):
        return
    if kind < 0.12:
        line["op"] = chance.choice(CASES)["op"]  # another op with these arguments
    elif kind < 0.17:
        line["op"] = _mistyped(str(line["op"]), chance)
    elif kind < 0.3 and args:
        args[chance.randrange(len(args))] = copy.deepcopy(chance.choice(VALUES))
    elif kind < 0.4:
        kwargs[chance.choice(NAMES)] = copy.deepcopy(chance.choice(VALUES))
    elif kind < 0.47 and args:
        del args[chance.randrange(len(args))]
    elif kind < 0.52:
        args.insert(chance.randint(0, len(args)), copy.deepcopy(chance.choice(VALUES)))
    elif kind < 0.56:
        chance.shuffle(args)
    elif kind < 0.58:
        line[chance.choice(("args", "kwargs", "op", "x"))] = copy.deepcopy(chance.choice(VALUES))
    else:
        _change_inside(line, chance)


def _change_inside(line: dict[str, Any], chance: random.Random) -> None:
    tensors = [value for value in [*line["args"], *line["kwargs"].values()] if isinstance(value, dict)]
    if not tensors:
        return
    tensor = chance.choice(tensors)
    shape = tensor.get("shape")
    kind = chance.random()
    if kind < 0.3 and isinstance(shape, list) and shape:
        shape[chance.randrange(len(shape))] = chance.choice((0, 1, 2, 7, 33, 1000, 2**20, 2**31, 2**62, -1, "3", 1.5))
    elif kind < 0.5 and isinstance(shape, list):
        tensor["shape"] = shape + [1] * chance.choice((1, 2, 4, 61)) if chance.random() < 0.5 else shape[1:]
    elif kind < 0.85:
        names = (
            "bfloat16",
            "float64",
            "int8",
            "int64",
            "bool",
            "complex64",
            "uint16",
            "float8_e4m3fn",
            "bf16",
            "quint8",
            5,
        )
        tensor["dtype"] = chance.choice(names)
    else:
        tensor["kind"] = chance.choice(("parameter", "buffer", "constant", "prologue", "weights", None))


def _mistyped(name: str, chance: random.Random) -> str:
    at = chance.randrange(len(name))
    return name[:at] + chance.choice(("", "_", ".", "a", "::", name[at] * 2)) + name[at + 1 :]


def _broken(text: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(text))
    return chance.choice((text[:at], text[:at] + b"\xff" + text[at:], text[at:], text * 2, b"[" * 3000 + text))


def judge(lines: list[bytes], folder: Path, *options: str) -> tuple[int, list[dict[str, Any]], str]:
    """The exit code, the answers, and what was said."""
    path = folder / "mutated.jsonl"
    path.write_bytes(b"\n".join(lines) + b"\n")
    command = [sys.executable, "-m", "bringup", "coverage", str(path), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, [json.loads(text) for text in done.stdout.splitlines()], done.stderr


def faults(lines: list[bytes], answers: list[dict[str, Any]]) -> list[str]:
    """What is wrong with the answers: one lost, one out of order, or a bug of ours in the place of a verdict."""
    wanted = [number for number, text in enumerate(lines, 1) if text.strip()]
    found = [] if [answer["line"] for answer in answers] == wanted else ["answers are lost, or out of order"]
    for answer in answers:
        ours = [words for words in ("cannot judge this", "failed with", "cannot be made") if words in answer["reason"]]
        if ours:
            found.append(f"line {answer['line']}: {lines[answer['line'] - 1][:300]!r}: {answer['reason'][:300]}")
    return found


def main() -> None:
    import tempfile

    number, options = int(sys.argv[1]) if len(sys.argv) > 1 else 5000, sys.argv[2:] or ["--timeout", "20"]
    lines = mutated(number)
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        code, answers, said = judge(lines, Path(folder), *options)
        seconds = time.monotonic() - started
    print(f"{number} lines, exit code {code}, {len(answers)} answers, {seconds:.0f} s")
    print(Counter((answer["status"], answer["evidence"]) for answer in answers))
    late = [answer for answer in answers if "took more than" in answer["reason"]]
    ended = [answer for answer in answers if "ended the process" in answer["reason"]]
    print(f"{len(late)} took longer than the limit and were ended, {len(ended)} ended their process")
    print("\n".join(faults(lines, answers)) or "no fault")
    if code:
        print(said[-2000:])


if __name__ == "__main__":
    main()
