"""Options that apply to a model from any source: inputs, checkpoint, dtype, meta device, submodule."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from bringup.errors import SourceError
from bringup.sources.checkpoint import load_checkpoint
from bringup.sources.given import keep_given
from bringup.sources.guesses import is_integer
from bringup.sources.input_spec import given_inputs
from bringup.sources.loaded import Loaded, LoadOptions
from bringup.sources.submodule import take_submodule
from bringup.trace.structure import map_tensors

OWN_INPUTS = ("python", "loader")
"""Sources whose inputs are made by code of the user's, where no option gives others."""
Move = Callable[[torch.Tensor], torch.Tensor]


def apply_options(loaded: Loaded, options: LoadOptions) -> Loaded:
    """The model with `--input`, `--inputs`, `--weights`, `--dtype`, `--no-weights` and `--submodule` applied.

    Raises:
        SourceError: an option does not fit the model, or there are no inputs for it.
    """
    if options.inputs or options.inputs_from:
        args, kwargs = given_inputs(loaded.model, options)
        loaded = replace(
            loaded, args=args, kwargs=kwargs, has_guesses=_has_integers((*args, *kwargs.values()), options)
        )
    elif not loaded.args and not loaded.kwargs and inspect.signature(loaded.model.forward).parameters:
        raise _no_inputs(loaded)
    if options.weights and not names_own_weights(loaded.info.source, options.weights):
        loaded = load_checkpoint(loaded, options.weights)
    if options.dtype:
        loaded = _to_dtype(loaded, getattr(torch, options.dtype))
    is_own = bool(options.inputs_from) or (loaded.info.source in OWN_INPUTS and not options.inputs)
    loaded = keep_given(loaded, options, is_own=is_own)
    if options.no_weights:
        loaded = _to_meta(loaded)
    if not options.submodule:
        return loaded
    return keep_given(take_submodule(loaded, options.submodule), options, is_own=True)


def _has_integers(inputs: tuple[Any, ...], options: LoadOptions) -> bool:
    """Whether whole numbers were drawn for `--input`: those of the user's own function are as they must be."""
    tensors = (value for value in inputs if isinstance(value, torch.Tensor))
    return bool(options.inputs) and any(is_integer(tensor) for tensor in tensors)


def names_own_weights(source: str, text: str) -> bool:
    """Whether `--weights` names weights that the source itself has; else it is a checkpoint file."""
    if source == "timm":
        return text == "pretrained"
    return source == "torchvision" and text.isidentifier()


def _no_inputs(loaded: Loaded) -> SourceError:
    parameters = inspect.signature(loaded.model.forward).parameters.values()
    names = [p.name if p.default is p.empty else f"{p.name} (optional)" for p in parameters]
    return SourceError(
        f"no example inputs are known for {loaded.info.spec}: its forward takes {', '.join(names)}",
        next_step="give them in order or by name: --input 1x3x224x224, --input ids=1x128:int64, or "
        "--inputs file.py:function; or define example_inputs(batch) beside the model",
    )


def _moved(loaded: Loaded, move: Move) -> Loaded:
    return replace(
        loaded,
        args=map_tensors(move, loaded.args),
        kwargs=map_tensors(move, loaded.kwargs),
    )


def _to_dtype(loaded: Loaded, dtype: torch.dtype) -> Loaded:
    def move(tensor: torch.Tensor) -> torch.Tensor:
        return tensor.to(dtype) if tensor.is_floating_point() else tensor

    is_built_so = all(p.dtype == dtype for p in loaded.model.parameters() if p.is_floating_point())
    # transformers keeps some buffers in float32 (rotary frequencies): a model built in the dtype stays as built
    if not (is_built_so and loaded.info.source == "huggingface"):
        loaded.model.to(dtype)
    return _moved(loaded, move)


def _to_meta(loaded: Loaded) -> Loaded:
    _model_to_meta(loaded.model)
    moved = _moved(loaded, lambda tensor: tensor.to("meta"))
    return replace(moved, info=replace(moved.info, weights="none (meta device)"))


def _model_to_meta(model: nn.Module) -> None:
    """Like `.to("meta")`, which would untie tied weights."""
    moved: dict[int, Any] = {}
    kept: list[torch.Tensor] = []  # ids are only distinct as long as their tensors live
    for module in model.modules():
        for name, parameter in module._parameters.items():
            if parameter is not None and not parameter.is_meta:
                kept.append(parameter)
                if id(parameter) not in moved:
                    moved[id(parameter)] = nn.Parameter(parameter.to("meta"), requires_grad=parameter.requires_grad)
                module._parameters[name] = moved[id(parameter)]
        for name, buffer in module._buffers.items():
            if buffer is not None and not buffer.is_meta:
                kept.append(buffer)
                module._buffers[name] = moved.setdefault(id(buffer), buffer.to("meta"))
