"""`reference/load_model.py`: how the torch model and its example inputs are made again, without bringup."""

from __future__ import annotations

import ast
import math
import sys
from dataclasses import dataclass
from pathlib import Path

from bringup.errors import FolderError
from bringup.index_ranges import Draw, integer_draws
from bringup.ir import Graph, TensorType, Value
from bringup.modules.flow import Flow
from bringup.python_text import identifier, literal
from bringup.sources.given_path import loaded_path
from bringup.sources.loaded import ModelInfo
from bringup.sources.spec import LOAD_MODEL, is_dotted, split_target

_WITH_BACKBONE = ("fcn", "deeplab", "lraspp", "fasterrcnn", "maskrcnn", "keypointrcnn", "retinanet", "ssd", "fcos")
_TAKEN = ("load_model", "float32", "constants", "module_run", "choices", "conftest", "torch", "ttnn")
"""Modules that generated code imports beside the model's own."""
_WITH_HEADS = ("inception_v3", "googlenet")


@dataclass(frozen=True, slots=True)
class ModelSource:
    """How to build a model.

    Args:
        kind: `torchvision`, `timm`, `huggingface`, `python` or `loader`.
        target: The name there.
        attribute: What the module or file has; empty for a loader that is the module itself.
        class_name: The class, for transformers.
        settings: Arguments of the builder as Python text.
        is_random: Whether the folder's own weights are random.
        checkpoint: A file of weights, as it is from where `bringup init` ran.
        folder: A folder with a transformers model's weights, from there too; empty for the hub.
        has_config: Whether the folder has the model's config in a file.
        submodule: The part that was traced.
        dtype: What the model was cast to; empty for nothing.
        file: The name of a copied file that defines the model.
    """

    kind: str
    target: str
    attribute: str
    class_name: str
    settings: tuple[tuple[str, str], ...]
    is_random: bool
    checkpoint: str
    submodule: str
    dtype: str
    from_hub: bool
    folder: str
    has_config: bool

    @property
    def module(self) -> str:
        """The module to import the model from."""
        return module_of(self.target) if self.target.endswith(".py") else self.target


@dataclass(frozen=True, slots=True)
class ExampleInput:
    """One input of the model and the expression that makes it."""

    name: str
    made: str


def plan_source(info: ModelInfo) -> ModelSource:
    """Where the model comes from, for its file."""
    options = [(flag, value) for flag, value in info.options]
    settings = dict(_setting(value) for flag, value in options if flag == "--set")
    single = {flag: value for flag, value in options if flag != "--set"}
    prefix, _, target = info.spec.partition(":")
    kind, attribute = info.source, ""
    if kind in ("python", "loader", "example"):
        target, attribute = _python_target(info)
    if kind == "torchvision":
        if target.startswith(_WITH_BACKBONE):
            settings.setdefault("weights_backbone", "None")
        if target in _WITH_HEADS:
            settings.setdefault("aux_logits", "False")
            settings.setdefault("init_weights", "False")
    weights = single.get("--weights", "")
    is_random = info.weights in ("random", "as the code makes them") or info.weights.startswith("none")
    return ModelSource(
        kind="python" if kind in ("python", "example") else kind,
        target=target,
        attribute=attribute,
        class_name=info.class_name.rpartition(".")[2],
        settings=tuple(settings.items()),
        is_random=is_random,
        checkpoint=weights if "." in weights else "",
        submodule=single.get("--submodule", ""),
        dtype=single.get("--dtype", ""),
        from_hub=prefix == "hf",
        folder=target if prefix == "hf" and not info.url else "",
        has_config=bool(info.config),
    )


def _setting(text: str) -> tuple[str, str]:
    key, _, value = text.partition("=")
    value = value.strip()
    try:
        return key.strip(), literal(ast.literal_eval(value))
    except (ValueError, SyntaxError):
        return key.strip(), {"true": "True", "false": "False", "none": "None", "null": "None"}.get(
            value.lower(), literal(value)
        )


def _python_target(info: ModelInfo) -> tuple[str, str]:
    """The module or file, and the attribute."""
    if info.source == "example":
        from bringup.examples import EXAMPLES

        target, _, attribute = EXAMPLES[info.spec.partition(":")[2]].partition(":")
        return target.rpartition(".")[2] + ".py", attribute
    target, attribute = split_target(info.spec)
    is_file = target.endswith(".py")
    is_alone = target == info.spec
    if not (is_alone or is_dotted(attribute)) or not (is_file or is_dotted(target)):
        raise FolderError(
            f"no spec of a model: {info.spec!r}",
            where=".bringup/model.json",
            next_step="make the folder again with `bringup init`",
        )
    if info.source == "loader":
        attribute = "" if attribute == LOAD_MODEL else attribute.removesuffix(f".{LOAD_MODEL}")
    return target, attribute if attribute or info.source == "loader" else LOAD_MODEL


def copied_file(info: ModelInfo) -> tuple[str, str] | None:
    """A file that defines the model and goes into the folder: its name there, and where it is; None for a library's.

    Only the very file that was loaded is taken, never one that the spec in a folder's data leads to: a later process
    has loaded none, and leaves the folder's copy as it is.
    """
    source = plan_source(info)
    if source.kind not in ("python", "loader") or not source.target.endswith(".py"):
        return None
    if info.source == "example":
        import bringup.examples as examples

        path: Path | None = Path(next(iter(examples.__path__)), source.target)
    else:
        path = loaded_path(source.target)
    return None if path is None else (f"{source.module}.py", str(path))


def module_of(target: str) -> str:
    """The name by which a file's copy is imported: its own, unless that is taken beside it or is no name in Python."""
    stem = target.rpartition("/")[2].removesuffix(".py")
    is_taken = stem in _TAKEN or stem.startswith("functional_") or stem in sys.stdlib_module_names
    return stem if is_dotted(stem) and not is_taken and "." not in stem else f"original_{identifier(stem)}"


def plan_inputs(graph: Graph, flow: Flow) -> tuple[ExampleInput, ...]:
    """Example inputs of the traced shapes: floats random, ids within their tables, masks that hide the end."""
    draws = integer_draws(graph)
    return tuple(ExampleInput(name, _made(flow.values[name], draws.get(name))) for name in graph.inputs)


def _made(value: Value, draw: Draw | None) -> str:
    shape, dtype = literal(value.type.shape), value.type.dtype
    if dtype.startswith(("float", "bfloat", "complex")):
        return f"torch.randn({shape})" if dtype == "float32" else f"torch.randn({shape}, dtype=torch.{dtype})"
    if dtype == "bool" or ("mask" in value.name and (draw is None or draw.stop > 1)):
        return f"padding_mask({shape}, torch.{dtype})"
    return draw_text(draw or Draw(0, 2), value.type)


def draw_text(draw: Draw, type_: TensorType) -> str:
    """An integer input in torch."""
    shape, dtype = literal(type_.shape), type_.dtype
    cast = "" if dtype == "int64" else f".to(torch.{dtype})"
    if draw.bags:
        return f"(torch.arange({draw.bags}) * {draw.stop} // {max(1, draw.bags - draw.has_end)}){cast}"
    if draw.is_distinct:
        start = f"{draw.low} + " if draw.low else ""
        return f"({start}torch.randperm({draw.stop - draw.low})[: {math.prod(type_.shape)}]).reshape({shape}){cast}"
    given = "" if dtype == "int64" else f", dtype=torch.{dtype}"
    return f"torch.randint({draw.low}, {draw.stop}, {shape}{given})"
