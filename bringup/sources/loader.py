"""Loaders in tt-forge-models' form: any class with `load_model()` and `load_inputs()`."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from bringup.errors import SourceError
from bringup.sources.build import call_with_settings, class_name, construction, one_line, parse_settings, where
from bringup.sources.input_spec import accepts, call_for_inputs
from bringup.sources.loaded import Loaded, LoadOptions, ModelInfo
from bringup.sources.spec import slug
from bringup.sources.user_code import stops_as_errors


def is_loader(found: Any) -> bool:
    """Whether it is a loader's class, or one already made."""
    return not isinstance(found, nn.Module) and all(
        callable(getattr(found, name, None)) for name in ("load_model", "load_inputs")
    )


def load_loader(found: Any, info: ModelInfo, options: LoadOptions) -> Loaded:
    """The model and the inputs that a loader gives.

    Raises:
        SourceError: the loader fails, or gives no model.
    """
    with construction(options):
        loader = found
        if inspect.isclass(found):
            settings = _with_variant(found, parse_settings(options))
            loader = call_with_settings(found, settings, info.spec)
        model = _load_model(loader, options)
    if not isinstance(model, nn.Module):
        raise SourceError(
            f"load_model() of {info.spec} gave an object of type {type(model).__name__}, not a torch.nn.Module"
        )
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = {}
    if not options.inputs and not options.inputs_from:
        args, kwargs = call_for_inputs(loader.load_inputs, "load_inputs", options, batch_names=("batch_size",))
    return Loaded(model, args, kwargs, _described(loader, replace(info, class_name=class_name(model))))


def _load_model(loader: Any, options: LoadOptions) -> Any:
    wants_dtype = options.dtype and accepts(loader.load_model, "dtype_override")
    arguments = {"dtype_override": getattr(torch, options.dtype)} if options.dtype and wants_dtype else {}
    try:
        with stops_as_errors():
            return loader.load_model(**arguments)
    except Exception as error:
        raise SourceError(
            f"load_model() failed: {type(error).__name__}: {one_line(error)}",
            where=where(error),
            next_step="run the loader by itself; without a network, its weights must be in the cache",
        ) from error


def _with_variant(class_: Any, settings: dict[str, Any]) -> dict[str, Any]:
    """Variants are members of an enum there; on the command line they are texts."""
    wanted = settings.get("variant")
    variants = getattr(class_, "_VARIANTS", None)
    if not isinstance(wanted, str) or not isinstance(variants, dict) or wanted in variants:
        return settings
    named = {str(variant): variant for variant in variants}
    if wanted not in named:
        raise SourceError(
            f"{class_.__name__} has no variant {wanted!r}", next_step=f"it has: {', '.join(named) or 'none'}"
        )
    return {**settings, "variant": named[wanted]}


def _described(loader: Any, info: ModelInfo) -> ModelInfo:
    """What the loader says of its model, where it does."""
    given = None
    try:
        variant = getattr(loader, "_variant", None)
        with stops_as_errors():
            given = loader.get_model_info(variant) if variant is not None else loader.get_model_info()
    except Exception:  # optional there: a loader without a description is as good
        pass
    task, model = str(getattr(given, "task", "")), str(getattr(given, "model", ""))
    return replace(info, name=slug(model, info.name), source="loader", task=task, weights="as the loader makes them")
