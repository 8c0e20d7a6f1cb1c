"""Bring-up folders with gaps, made without torch."""

from __future__ import annotations

from pathlib import Path

from bringup.analysis import Analysis, analyse, analysis_files
from bringup.ir import Argument, Frame, Graph, OpCall, Ref, SourceLine, TensorType, Value
from bringup.issues.folder import draft_files
from bringup.sources.loaded import ModelInfo
from bringup.write import write_folder

OPS = ("aten.histc.default", "aten.bucketize.Tensor", "aten.max_pool3d.default", "aten.gru.input")


def analysis_of(
    name: str,
    ops: tuple[str, ...],
    *,
    module: str = "head",
    code: str = "x = f(x)",
    text: str = "",
    folder: Path | None = None,
) -> Analysis:
    """A model that calls some ops one after another; every name and text of it may be hostile."""
    values = [Value("x", TensorType((1, 8), "float32"), "activation", "x")]
    calls = []
    for number, op in enumerate(ops):
        values.append(Value(f"y{number}", TensorType((1, 8), "float32"), "activation"))
        arguments = (
            Argument("self", Ref(values[-2].name)),
            Argument("bins", 4 + number),
            Argument("text", text or None),
        )
        source = SourceLine("model.py", 7 + number, "forward", code)
        calls.append(OpCall(f"call{number}", op, arguments, (f"y{number}",), "1", source))
    frames = (Frame("0", "", f"models.{name}", None), Frame("1", module, "models.Head", "0"))
    graph = Graph(
        "ttnn", tuple(calls), tuple(values), frames, ("x",), (values[-1].name,), versions=(("torch", "2.15.0"),)
    )
    info = ModelInfo(name, f"models.py:{name}", class_name=f"models.{name}", source="python")
    return analyse(info, graph, folder)


def make_folder(place: Path, name: str, ops: tuple[str, ...] = OPS, **more) -> Path:
    """A folder of such a model, with its drafts."""
    analysis = analysis_of(name, ops, **more)
    texts = {**analysis_files(analysis), **draft_files(analysis, None)}
    write_folder(place / name, {path: text.encode() for path, text in texts.items()})
    return place / name
