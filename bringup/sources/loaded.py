"""What a source gives: a torch model in eval mode, example inputs, and what is known about both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import torch
    from torch import nn


@dataclass(frozen=True, slots=True)
class NoModules:
    """Why a folder has no tt/ and reference/; `kind` is empty where it has them.

    Args:
        kind: `chosen` by an option, or nothing is to be made; a `finding` about the model; or a `bug` of ours.
        reason: In a sentence.
        has_tests: Whether a module of the model has a test of its own.
    """

    kind: Literal["", "chosen", "finding", "bug"] = ""
    reason: str = ""
    has_tests: bool = True

    @property
    def exit_code(self) -> int:
        """What the command ends with."""
        return {"finding": 1, "bug": 3}.get(self.kind, 0)


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What is known of a model; an empty string means unknown and is shown so.

    Args:
        name: Name of the model, an identifier-like slug used for the folder: `mobilenet_v2`.
        spec: The spec as the user would type it again, paths relative.
        options: The options that shaped the model and its inputs, as `(flag, value)`, for remaking.
        source: `torchvision`, `timm`, `huggingface`, `python` or `loader`.
        class_name: Full class of the root module.
        task: In tt-forge-models' words where known: `cv_image_cls`, `nlp_causal_lm`.
        licence: Of the weights or the package, when known.
        weights: What the weights are: `random`, `none (meta device)`, a hub name, a file name.
        url: Where the model comes from.
        kept_inputs: Paths of the input tensors whose values are kept as they were given: `lengths`, `state[0]`.
        notes: Things done while loading that a reader must know (`use_cache=False`).
        config: The config of a transformers model as JSON, where neither a name nor settings say it.
        no_modules: Why no modules were made of it.
    """

    name: str
    spec: str
    options: tuple[tuple[str, str], ...] = ()
    source: str = ""
    class_name: str = ""
    task: str = ""
    licence: str = ""
    weights: str = "random"
    url: str = ""
    notes: tuple[str, ...] = ()
    config: str = ""
    kept_inputs: tuple[str, ...] = ()
    no_modules: NoModules = NoModules()


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model in eval mode with example inputs: `model(*args, **kwargs)` runs.

    `given` are the tensors that are no example but the user's own, by their paths. Whole numbers that bringup drew
    without knowing what they index (`has_guesses`) may be beyond their tables.
    """

    model: nn.Module
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    info: ModelInfo
    given: Mapping[str, torch.Tensor] = field(default_factory=dict)
    has_guesses: bool = False


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """The options of the command line that shape a model and its inputs.

    Args:
        settings: `--set key=value` pairs as typed.
        inputs: `--input` texts as typed: `1x3x320x320`, `ids=1x128:int64`.
        inputs_from: `--inputs path.py:fn`.
        batch: Batch size of example inputs.
        sequence: Sequence length of token inputs; None for the source's choice.
        dtype: `float32`, `bfloat16` or `float16`; None leaves the model as it is.
        weights: A checkpoint file.
        no_weights: Build on the meta device.
        submodule: Path of the part to trace; empty for all.
        class_name: For transformers: the class instead of the one the config names.
    """

    settings: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    inputs_from: str = ""
    batch: int = 1
    sequence: int | None = None
    dtype: str | None = None
    weights: str = ""
    no_weights: bool = False
    submodule: str = ""
    class_name: str = ""
    revision: str = ""
