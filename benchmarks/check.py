"""What the emulated board costs, in one run: per op, and `bringup check` against the torch work that it cannot avoid.

    python benchmarks/check.py [--model torchvision:resnet50]

Per op: the first call with no kernels compiled, the first call of a process that finds them on disk, a call that ttnn
has cached, and the reference value alone. For a model: `bringup check --no-cache` in both modes against what its torch
references (each test's inputs and reference, in a process of their own) and reference values take by themselves, and
the start-up (a check of no test). All of it in processor seconds, for both modes, the best of three.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPEATS = 3

OPS = """
import sys, time
from bringup.target import emulated_board
with emulated_board("n150", "exact") as emulation:
    import torch, ttnn
    from bringup.target.reference_call import ReferenceCall
    torch.set_num_threads(1)
    device = ttnn.open_device(device_id=0, l1_small_size=32768)
    spent = [0.0]
    compute = ReferenceCall.compute
    def timed(self, outputs):
        start = time.perf_counter(); made = compute(self, outputs); spent[0] += time.perf_counter() - start
        return made
    ReferenceCall.compute = timed
    def tile(*shape, layout=ttnn.TILE_LAYOUT):
        return ttnn.from_torch(torch.randn(shape), dtype=ttnn.bfloat16, layout=layout, device=device)
    x, w, n = tile(512, 1024), tile(1024, 1024), tile(1, 1024)
    image = tile(1, 1, 160 * 160, 64, layout=ttnn.ROW_MAJOR_LAYOUT)
    pooled = tile(1, 1, 112 * 112, 64, layout=ttnn.ROW_MAJOR_LAYOUT)
    kernel = ttnn.from_torch(torch.randn(64, 64, 3, 3), dtype=ttnn.bfloat16)
    q = tile(1, 8, 128, 64)
    sizes = dict(batch_size=1, input_height=160, input_width=160, in_channels=64, out_channels=64)
    ops = {
        "relu 512x1024": lambda: ttnn.relu(x),
        "add 512x1024": lambda: ttnn.add(x, x),
        "matmul 512x1024x1024": lambda: ttnn.matmul(x, w),
        "softmax 512x1024": lambda: ttnn.softmax(x, dim=-1),
        "layer_norm 512x1024": lambda: ttnn.layer_norm(x, weight=n, bias=n, epsilon=1e-5),
        "mean 512x1024": lambda: ttnn.mean(x, dim=-1),
        "permute 8x128x64": lambda: ttnn.permute(q, (0, 2, 1, 3)),
        "attention 8x128x64": lambda: ttnn.transformer.scaled_dot_product_attention(q, q, q, is_causal=False),
        "conv2d 160x160x64->64 3x3": lambda: ttnn.conv2d(
            input_tensor=image, weight_tensor=kernel, device=device, kernel_size=(3, 3), padding=(1, 1), **sizes),
        "max_pool2d 112x112x64": lambda: ttnn.max_pool2d(
            input_tensor=pooled, batch_size=1, input_h=112, input_w=112, channels=64, kernel_size=[3, 3], stride=[2, 2],
            padding=[1, 1], dilation=[1, 1]),
    }
    for name, run in ops.items():
        times = []
        for _ in range(6):
            spent[0] = 0.0
            start = time.perf_counter(); run(); total = time.perf_counter() - start
            times.append((total - spent[0], spent[0]))
        cached = min(t for t, _ in times[1:])
        print(name, times[0][0] * 1e3, cached * 1e3, min(g for _, g in times) * 1e3, sep="\\t")
    ttnn.close_device(device)
"""

REFERENCES_ALONE = """
import sys, time
from pathlib import Path
from bringup.analysis import read_analysis
from bringup.ops.registry import registry
from bringup.plan.op_tests import plan_op_tests
import torch
analysis = read_analysis(Path(sys.argv[1]))
planned = plan_op_tests(analysis.inventory, analysis.coverage, registry(), model="m", command="m")
spent = 0.0
for file in planned:
    for function in file.functions:
        for case in function.cases:
            for mode in ("exact", "rounded"):
                names = dict(torch=torch)
                for name, value in zip(function.parameters, case.values):
                    exec(f"{name} = {value}", names)
                start = time.process_time()
                torch.manual_seed(0)
                for tensor in function.tensors:
                    exec(tensor.torch, names)
                exec(f"reference = {function.reference}", names)
                spent += time.process_time() - start
print(spent)
"""

VALUES_ALONE = """
import os, sys, time
import pytest
sys.path.insert(0, os.getcwd())
from bringup.target.reference_call import ReferenceCall
spent = [0.0]
for method in ("prepare", "compute"):
    original = getattr(ReferenceCall, method)
    def timed(*args, _original=original, **kwargs):
        start = time.process_time()
        try:
            return _original(*args, **kwargs)
        finally:
            spent[0] += time.process_time() - start
    setattr(ReferenceCall, method, staticmethod(timed) if method == "prepare" else timed)
pytest.main(["-q", "-p", "bringup.target.emulate", "-p", "no:cacheprovider", sys.argv[1] + "/tests"])
print()
print(spent[0])
"""


def child(code: str, *arguments: str, cache: Path) -> str:
    """What a new process prints."""
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, env=one_thread(cache), check=True
    ).stdout


def one_thread(cache: Path) -> dict[str, str]:
    return {**os.environ, "BRINGUP_CACHE": str(cache), "OMP_NUM_THREADS": "1"}


def seconds(command: list[str], cache: Path, cwd: Path) -> float:
    """Processor seconds of a command and its children: neighbours on the machine do not count."""
    before = _children()
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, env=one_thread(cache), check=False)
    if done.returncode not in (0, 1, 5):
        raise SystemExit(done.stderr)
    return _children() - before


def _children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def print_ops(cache: Path) -> float:
    """The table per op; gives the share of the stand-in compiler in the cold run."""
    start = time.perf_counter()
    cold = [line.split("\t") for line in child(OPS, cache=cache).splitlines() if "\t" in line]
    total = time.perf_counter() - start
    warm = [line.split("\t") for line in child(OPS, cache=cache).splitlines() if "\t" in line]
    print(f"{'op, ms on one thread':<28}{'cold':>8}{'on disk':>9}{'cached':>8}{'reference':>11}")
    for first, second in zip(cold, warm, strict=True):
        figures = (float(first[1]), float(second[1]), float(second[2]), float(second[3]))
        print(f"{first[0]:<28}{figures[0]:>8.1f}{figures[1]:>9.1f}{figures[2]:>8.2f}{figures[3]:>11.2f}")
    compiler = next(cache.glob("root-*/runtime/sfpi/compiler/bin/riscv-tt-elf-g++"))
    outputs = sum(path.suffix in (".o", ".elf") and not path.stem.endswith("_weakened") for path in cache.rglob("*"))
    begin = time.perf_counter()
    for _ in range(100):
        subprocess.run([str(compiler), "a.o", "-o", "/dev/null"], check=True)
    per_call = (time.perf_counter() - begin) / 100
    share = outputs * per_call / total
    print(f"stand-in compiler: {outputs} calls of {per_call * 1e3:.1f} ms: {share:.1%} of a cold run of {total:.1f} s")
    return share


def keep_op_tests(tests: Path) -> None:
    """Only op tests are measured: the torch work that they are held against is theirs."""
    for path in tests.rglob("test_*.py"):
        if path.parent != tests / "ops":
            path.unlink()


def print_model(model: str, cache: Path, place: Path) -> None:
    """`bringup check` of a model against its torch work."""
    seconds([sys.executable, "-m", "bringup", "init", model, "--out", "folder"], cache, place)
    keep_op_tests(place / "folder/tests")
    check = [sys.executable, "-m", "bringup", "check", "folder", "--no-cache", "-j"]
    folder = str(place / "folder")
    print(f"{model}, both modes, processor seconds on one thread, best of {REPEATS}")
    references = min(float(child(REFERENCES_ALONE, folder, cache=cache).split()[-1]) for _ in range(REPEATS))
    values = min(float(child(VALUES_ALONE, folder, cache=cache).split()[-1]) for _ in range(REPEATS))
    print(f"  torch references {references:.2f}, reference values {values:.2f}")
    for name, jobs, caches in (
        ("no kernels compiled, -j 1", "1", [Path(f"{cache}-{index}") for index in range(REPEATS)]),
        ("kernels on disk, -j 1", "1", [cache] * REPEATS),
        ("kernels on disk, -j 2", "2", [cache] * REPEATS),
    ):
        measured = min(seconds([*check, jobs], each, place) for each in caches)
        start = min(seconds([*check, jobs, "-k", "nothing_has_this_name"], each, place) for each in caches)
        ratio = (measured - start) / (references + values)
        print(f"  {name:<27}{measured:>5.1f}: start-up {start:.1f}, then {ratio:.2f} x the torch work")
    print(f"  {'all results known':<27}{seconds(check[:-2], cache, place):>5.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="torchvision:resnet50")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        cache, place = Path(name) / "cache", Path(name)
        print_ops(cache)
        print_model(arguments.model, cache, place)


if __name__ == "__main__":
    main()
