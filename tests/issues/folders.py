"""Bring-up folders with gaps, made without torch."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bringup.analysis import Analysis, analyse, analysis_files
from bringup.check.evidence import CHECK_FILE, environment_text, lowering_hash
from bringup.check.results import CheckFile, Environment, Evidence, Result
from bringup.coverage import PROCESS_ENDED
from bringup.ir import Argument, Frame, Graph, OpCall, Ref, SourceLine, TensorType, Value
from bringup.issues.folder import draft_files
from bringup.json_files import to_json
from bringup.ops.registry import registry
from bringup.sources.loaded import ModelInfo
from bringup.write import write_folder

OPS = ("aten.mode.default", "aten.multinomial.default", "aten.grid_sampler_3d.default", "aten.linalg_inv_ex.default")
ENVIRONMENT = Environment("emulate", "n150", "0.81.1", "2.15.0", "stand-in")


def analysis_of(
    name: str,
    ops: tuple[str, ...],
    *,
    module: str = "head",
    code: str = "x = f(x)",
    text: str = "",
    shape: tuple[int, ...] = (1, 8),
    more: tuple[tuple[str, object], ...] = (),
) -> Analysis:
    """A model that calls some ops one after another; every name and text of it may be hostile."""
    values = [Value("x", TensorType(shape, "float32"), "activation", "x")]
    calls = []
    for number, op in enumerate(ops):
        values.append(Value(f"y{number}", TensorType(shape, "float32"), "activation"))
        arguments = [Argument("self", Ref(values[-2].name)), *(Argument(key, value) for key, value in more)]
        arguments += [Argument("text", text)] if text else []
        source = SourceLine("model.py", 7 + number, "forward", code)
        calls.append(OpCall(f"call{number}", op, tuple(arguments), (f"y{number}",), "1", source))
    frames = (Frame("0", "", f"models.{name}", None), Frame("1", module, "models.Head", "0"))
    inputs, outputs = ("x",), (values[-1].name,)
    graph = Graph("ttnn", tuple(calls), tuple(values), frames, inputs, outputs, versions=(("torch", "2.15.0"),))
    info = ModelInfo(name, f"models.py:{name}", class_name=f"models.{name}", source="python")
    return analyse(info, graph)


def checked(
    analysis: Analysis, words: str, *, kind: str = "rejected", target: str = "emulate"
) -> tuple[Analysis, CheckFile]:
    """The model after a check in which every variation ended like this."""
    words = f"{PROCESS_ENDED} with SIGFPE in {words}" if kind == "crash" else words
    environment = replace(ENVIRONMENT, target=target)
    results = tuple(
        Result(f"tests/ops/test_it.py::test_it[{v.id}]", "exact", v.id, "failed", kind, words, "ttnn.permute")
        for v in analysis.inventory.variations
    )
    rows = registry()
    standing = "rejected" if kind in ("rejected", "crash") else "unclear"
    evidence = tuple(
        Evidence(v.id, lowering_hash(v, rows[v.op]), standing, words) for v in analysis.inventory.variations
    )
    check = CheckFile(environment, evidence, results)
    from bringup.check.evidence import apply_evidence

    coverage = apply_evidence(analysis.coverage, analysis.graph, analysis.inventory, rows, check)
    assert coverage.checked_on == environment_text(environment)
    return replace(analysis, coverage=coverage), check


def make_folder(place: Path, name: str, ops: tuple[str, ...] = OPS, **more) -> Path:
    """A folder of such a model, with its drafts."""
    return write(place / name, analysis_of(name, ops, **more))


def write(folder: Path, analysis: Analysis, check: CheckFile | None = None) -> Path:
    """A folder with what an analysis says."""
    texts = {**analysis_files(analysis), **draft_files(analysis, check)}
    if check:
        texts[CHECK_FILE] = to_json(check)
    write_folder(folder, {path: text.encode() for path, text in texts.items()})
    return folder
