"""Many models from end to end, in two tables: what TT-NN has for their ops, and what their generated modules are worth.

    python benchmarks/models.py OUT [--only swin_t --only bert] [--tables] [--no-cache]

For each line of benchmarks/models.txt: `bringup init` and `bringup check` on an emulated n150, in a folder below OUT.
Nothing is edited by hand. Results stand in OUT/results.jsonl: a run that was stopped goes on where it was, `--only`
makes a model again, and `--tables` prints what is there. Calls count as shown when they are native, composite or
folded with evidence `emulated`: their values agreed with torch's, in a test of the op, or in that of the whole model
for those that leave the device nothing to do.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

MODELS = Path(__file__).with_name("models.txt")
SUPPORTED = ("native", "composite", "folded")
MODEL_TEST = "tests/test_model.py::test_model"


def run(command: list[str], folder: Path) -> tuple[dict[str, Any], float, int]:
    """What a command prints with --json, its seconds and its peak memory in MB."""
    start = time.perf_counter()
    with (folder / "stdout").open("w+") as stdout, (folder / "stderr").open("w+") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "bringup", *command, "--json"], cwd=folder, stdout=stdout, stderr=stderr
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        stdout.seek(0)
        stderr.seek(0)
        try:
            printed = json.load(stdout)
        except ValueError:
            printed = {"error": stderr.read()[-1000:], "exit": os.waitstatus_to_exitcode(status)}
    return printed, seconds, usage.ru_maxrss // 1024


def survey(line: str, out: Path, *, use_cache: bool) -> dict[str, Any]:
    """One model: made, checked, and read."""
    made, init_seconds, init_memory = run(["init", *line.split()], out)
    if "error" in made:
        return {"model": line, "failed": f"init: {made['error']}"}
    folder = out / made["folder"]
    checked, check_seconds, _ = run(["check", made["folder"], *([] if use_cache else ["--no-cache"])], out)
    if "error" in checked:
        return {"model": line, "failed": f"check: {checked['error']}"}
    return {
        "model": line,
        "init_seconds": init_seconds,
        "init_memory": init_memory,
        "check_seconds": check_seconds,
        "tests": checked["all"]["tests"],
        "passed": checked["all"]["passed"],
        **coverage_figures(json.loads((folder / "coverage.json").read_text())),
        **module_figures(folder, json.loads((folder / "check.json").read_text())["results"]),
        "findings": [
            f"{f['result']['kind'] or f['result']['outcome']}: {f['result']['test']}: {f['result']['words'][:200]}"
            for f in checked["findings"]
        ],
    }


def coverage_figures(coverage: dict[str, Any]) -> dict[str, Any]:
    verdicts = coverage["verdicts"]

    def calls(of: list[dict[str, Any]]) -> int:
        return sum(verdict["calls"] for verdict in of)

    shown = [v for v in verdicts if v["status"] in SUPPORTED and v["evidence"] == "emulated"]
    others = [v for v in verdicts if v not in shown]
    by_status = {status: calls([v for v in shown if v["status"] == status]) for status in SUPPORTED}
    return {
        "calls": calls(verdicts),
        "kinds": len({verdict["op"] for verdict in verdicts}),
        "variations": len(verdicts),
        **by_status,
        "unknown": calls([v for v in verdicts if v["status"] == "unknown"]),
        "others": [f"{v['calls']} x {v['variation']} {v['status']} ({v['evidence']}): {v['reason']}" for v in others],
    }


def module_figures(folder: Path, results: list[dict[str, Any]]) -> dict[str, Any]:
    path = next(iter(sorted((folder / "tt").glob("ttnn_*.py"))), None)
    if path is None:
        return {"functions": 0}
    code = path.read_text()
    whole = {result["mode"]: result for result in results if result["test"] == MODEL_TEST}
    modules = json.loads((folder / ".bringup/modules.json").read_text())["entries"]
    return {
        "modules": len({entry["class_name"] for entry in modules}),
        "functions": len(re.findall(r"^def (?!prepare_inputs)", code, re.MULTILINE)),
        "lines": sum(bool(line.strip()) for line in code.splitlines()),
        "fallbacks": code.count("# Fallback to torch"),
        "outcomes": {mode: result["outcome"] for mode, result in whole.items()},
        "pcc": whole.get("rounded", {}).get("pcc"),
        "relative_error": whole.get("exact", {}).get("relative_error"),
    }


def name_of(line: str) -> str:
    return line.split()[0] + (" ..." if " " in line else "")


def print_tables(results: list[dict[str, Any]]) -> None:
    done = [result for result in results if "failed" not in result]
    print_row("model", "calls", "kinds", "variations", *SUPPORTED, "shown", "unknown", "other calls")
    print_row(*["---"] * 10)
    for r in done:
        found = [r[status] for status in SUPPORTED]
        figures = (r["calls"], r["kinds"], r["variations"], *found)
        print_row(name_of(r["model"]), *figures, *share(sum(found), r["calls"], r["unknown"]))
    total, found = sum(r["calls"] for r in done), [sum(r[status] for r in done) for status in SUPPORTED]
    print_row(f"all {len(done)}", total, "", "", *found, *share(sum(found), total, sum(r["unknown"] for r in done)))
    print()
    heads = ("model", "modules", "functions", "lines", "lines per variation", "fallbacks", "PCC rounded", "error exact")
    print_row(*heads, "tests", "passed", "init s", "MB", "check s")
    print_row(*["---"] * 13)
    for r in done:
        if r["functions"]:
            size = (r["modules"], r["functions"], r["lines"], f"{r['lines'] / r['variations']:.2f}", r["fallbacks"])
            values = (text(r["pcc"], ".5f"), text(r["relative_error"], ".0e"), r["tests"], r["passed"])
            seconds = (f"{r['init_seconds']:.0f}", r["init_memory"], f"{r['check_seconds']:.0f}")
            print_row(name_of(r["model"]), *size, *values, *seconds)
    print()
    for r in results:
        for words in (r["failed"],) if "failed" in r else (*r["findings"], *r["others"]):
            print(f"- {name_of(r['model'])}: {words}")


def share(shown: int, calls: int, unknown: int) -> tuple[object, ...]:
    return f"{shown / calls:.2%}", unknown, calls - shown


def print_row(*cells: object) -> None:
    print("|", " | ".join(map(str, cells)), "|")


def text(value: float | None, form: str) -> str:
    return "none" if value is None else format(value, form)


def read(path: Path) -> dict[str, dict[str, Any]]:
    """The last result of each model."""
    lines = path.read_text().splitlines() if path.exists() else []
    return {result["model"]: result for result in map(json.loads, lines)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument(
        "--only", action="append", default=[], help="models with this in their line, even when they are done"
    )
    parser.add_argument("--tables", action="store_true", help="run nothing")
    parser.add_argument("--no-cache", action="store_true", help="run also what earlier runs have settled")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    kept = arguments.out / "results.jsonl"
    known = read(kept)
    lines = [line for line in MODELS.read_text().splitlines() if line and not line.startswith("#")]
    wanted = [line for line in lines if any(part in line for part in arguments.only)]
    for line in [] if arguments.tables else wanted or [line for line in lines if line not in known]:
        result = survey(line, arguments.out.resolve(), use_cache=not arguments.no_cache)
        with kept.open("a") as file:
            file.write(json.dumps(result) + "\n")
        print(
            result.get("failed") or f"{line}: {result['passed']} of {result['tests']} tests",
            file=sys.stderr,
            flush=True,
        )
    known = read(kept)
    print_tables([known[line] for line in lines if line in known])


if __name__ == "__main__":
    main()
