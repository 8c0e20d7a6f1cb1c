"""What coverage costs, in one run, as ratios to the time that ttnn itself takes for the calls.

    python benchmarks/coverage.py [--model torchvision:resnet50] [--calls 5000] [--lines 400]

Three things, all in wall seconds with -j 2:
- a model with no kernels compiled and no results kept, then warm; beyond the trace, which is measured apart;
- a model of thousands of calls of few variations: its cost is that of its distinct variations;
- `bringup coverage FILE.jsonl` on distinct variations of real models, per minute.
The time of ttnn is that of each distinct variation's program in both modes, in one process with nothing compiled: the
sum over ttnn's own calls, without start-up, references and reference values.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DEEP = """
import torch
from torch import nn

class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm, self.up, self.down = nn.LayerNorm(32), nn.Linear(32, 64), nn.Linear(64, 32)

    def forward(self, x):
        return x + self.down(torch.nn.functional.gelu(self.up(self.norm(x))))

class Deep(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList(Block() for _ in range({blocks}))

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return x

def example_inputs(batch=1):
    return (torch.randn(batch, 16, 32),)
"""

TTNN_ALONE = """
import sys, time
import pytest, ttnn
from bringup.target.emulation import Emulation
spent, inside = [0.0], [0]
for owner in (ttnn.decorators.FastOperation, ttnn.decorators.Operation):
    original = owner.__call__
    def timed(self, *args, _original=original, **kwargs):
        start = time.perf_counter()
        inside[0] += 1
        try:
            return _original(self, *args, **kwargs)
        finally:
            inside[0] -= 1
            if not inside[0]:
                spent[0] += time.perf_counter() - start
    owner.__call__ = timed
pytest.main(["-q", "-p", "bringup.target.emulate", "--emulate-mode", "both", "-p", "no:cacheprovider", sys.argv[1]])
print()
print(spent[0])
"""

MIXTURE = (
    ("torchvision:swin_t",),
    ("torchvision:efficientnet_v2_s",),
    ("hf-config:t5", "--set", "num_layers=2"),
    ("hf-config:gemma2", "--set", "num_hidden_layers=2"),
    ("torchvision:deeplabv3_resnet50",),
)
"""Models whose calls are asked about as lines."""


def run(command: list[str], cache: Path, cwd: Path) -> tuple[float, str]:
    """Wall seconds and stdout."""
    environment = {**os.environ, "BRINGUP_CACHE": str(cache), "OMP_NUM_THREADS": "1"}
    start = time.perf_counter()
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, env=environment, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr)
    return time.perf_counter() - start, done.stdout


def bringup(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "bringup", *arguments]


def print_model(name: str, spec: str, place: Path, arguments: tuple[str, ...] = ()) -> None:
    """Cold and warm coverage of a model, beyond its trace."""
    cache, folder = place / f"cache-{name}", name
    traced, _ = run(bringup("init", spec, "--out", folder, "--no-weights", *arguments), cache, place)
    for path in (place / folder / "tests").rglob("test_*.py"):
        if path.parent.name != "ops":
            path.unlink()  # coverage rests on the tests of ops
    check = bringup("check", folder, "-j", "2")
    cold, _ = run(check, cache, place)
    warm, _ = run(check, cache, place)
    _, out = run([sys.executable, "-c", TTNN_ALONE, str(place / folder / "tests")], place / f"alone-{name}", place)
    ttnn = float(out.split()[-1])
    inventory = json.loads((place / folder / ".bringup/inventory.json").read_text())["variations"]
    calls = sum(variation["count"] for variation in inventory)
    print(
        f"{spec}: {calls:,} calls, {len(inventory)} variations; init {traced:.1f} s; check cold {cold:.1f} s "
        f"({cold / ttnn:.1f} x ttnn's own {ttnn:.1f} s), warm {warm:.1f} s"
    )


def as_line(value: object) -> object:
    """An argument of an inventory as lines have it."""
    if isinstance(value, dict):
        return value.get("text", value)
    return [as_line(item) for item in value] if isinstance(value, list) else value


def mixture(place: Path) -> list[dict[str, object]]:
    """Each distinct variation of some models, in an order that mixes ops and models."""
    found: dict[str, dict[str, object]] = {}
    for spec, *arguments in MIXTURE:
        folder = spec.partition(":")[2]
        run(bringup("init", spec, "--out", folder, "--no-weights", *arguments), place / "cache-init", place)
        for made in json.loads((place / folder / ".bringup/inventory.json").read_text())["variations"]:
            kwargs = {argument["name"]: as_line(argument["value"]) for argument in made["arguments"]}
            found[made["id"]] = {"op": made["op"], "kwargs": kwargs}
    return [found[id_] for id_ in sorted(found, key=lambda id_: id_[-8:])]


def print_lines(number: int, place: Path) -> None:
    """Distinct variations of real models from a file, per minute; then all of them known."""
    lines = mixture(place)[:number]
    number = len(lines)
    path = place / "lines.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    command = bringup("coverage", str(path), "-j", "2")
    cold, out = run(command, place / "cache-lines", place)
    warm, _ = run(command, place / "cache-lines", place)
    judged = sum(json.loads(line)["evidence"] == "emulated" for line in out.splitlines())
    ops = len({line["op"] for line in lines})
    print(
        f"{number} lines of {ops} op kinds, {judged} emulated: {cold:.1f} s, {60 * number / cold:.0f} a minute; "
        f"all known {warm:.1f} s, {60 * number / warm:,.0f} a minute"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="torchvision:resnet50")
    parser.add_argument("--calls", type=int, default=5000)
    parser.add_argument("--lines", type=int, default=600)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        print_model("model", arguments.model, place)
        for blocks in (1, arguments.calls // 5):
            (place / f"deep{blocks}.py").write_text(DEEP.format(blocks=blocks))
            print_model(f"deep-{blocks}", f"deep{blocks}.py:Deep", place)
        print_lines(arguments.lines, place)


if __name__ == "__main__":
    main()
