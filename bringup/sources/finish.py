"""Options that apply to a model from any source: inputs, dtype, checkpoint, submodule."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch

from bringup.errors import SourceError
from bringup.sources.checkpoint import load_checkpoint
from bringup.sources.input_spec import given_inputs
from bringup.sources.loaded import Loaded, LoadOptions
from bringup.sources.submodule import take_submodule

_OWN_WEIGHTS = {"pretrained", "DEFAULT"}


def apply_options(loaded: Loaded, options: LoadOptions) -> Loaded:
    """The model with `--input`, `--inputs`, `--weights`, `--dtype`, `--no-weights` and `--submodule` applied."""
    if options.inputs or options.inputs_from:
        args, kwargs = given_inputs(loaded.model, options)
        loaded = replace(loaded, args=args, kwargs=kwargs)
    if not loaded.args and not loaded.kwargs:
        raise _no_inputs(loaded)
    if options.weights and ("." in options.weights or "/" in options.weights):
        loaded = load_checkpoint(loaded, options.weights)
    if options.dtype:
        loaded = _to_dtype(loaded, getattr(torch, options.dtype))
    if options.no_weights:
        loaded = _to_meta(loaded)
    if options.submodule:
        loaded = take_submodule(loaded, options.submodule)
    return loaded


def _no_inputs(loaded: Loaded) -> SourceError:
    parameters = inspect.signature(loaded.model.forward).parameters.values()
    needed = [p.name for p in parameters if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD]
    return SourceError(
        f"no example inputs are known for {loaded.info.name}: its forward takes {', '.join(needed) or 'no arguments'}",
        next_step="give them in order or by name: --input 1x3x224x224, --input ids=1x128:int64, "
        "or --inputs file.py:function",
    )


def _to_dtype(loaded: Loaded, dtype: torch.dtype) -> Loaded:
    def move(tensor: torch.Tensor) -> torch.Tensor:
        return tensor.to(dtype) if tensor.is_floating_point() else tensor

    return replace(
        loaded, model=loaded.model.to(dtype), args=tree_map(move, loaded.args), kwargs=tree_map(move, loaded.kwargs)
    )


def _to_meta(loaded: Loaded) -> Loaded:
    def move(tensor: torch.Tensor) -> torch.Tensor:
        return tensor.to("meta")

    info = replace(loaded.info, weights="none (meta device)")
    return Loaded(loaded.model.to("meta"), tree_map(move, loaded.args), tree_map(move, loaded.kwargs), info)


def tree_map(function: Callable[[torch.Tensor], torch.Tensor], value: Any) -> Any:
    """Apply to every tensor of nested tuples, lists and dicts."""
    from torch.utils._pytree import tree_map_only

    return tree_map_only(torch.Tensor, function, value)
