"""Loaders in tt-forge-models' form: any class, object or module with `load_model()` and `load_inputs()`."""

from __future__ import annotations

import inspect
from dataclasses import replace
from enum import Enum
from typing import Any

import torch
from torch import nn

from bringup.errors import SourceError
from bringup.sources.build import (
    call_with_settings,
    check_arguments,
    class_name,
    construction,
    one_line,
    parse_settings,
    where,
)
from bringup.sources.called import name_of_loaded
from bringup.sources.input_spec import accepts, call_for_inputs
from bringup.sources.loaded import Loaded, LoadOptions, ModelInfo
from bringup.sources.spec import Spec
from bringup.sources.user_code import stops_as_errors


def is_loader(found: Any) -> bool:
    """Whether it is a loader's class, one already made, or a module that has its functions."""
    return not isinstance(found, nn.Module) and all(
        callable(getattr(found, name, None)) for name in ("load_model", "load_inputs")
    )


def load_loader(found: Any, spec: Spec, info: ModelInfo, options: LoadOptions) -> Loaded:
    """The model and the inputs that a loader gives.

    Args:
        found: A class, which is made with the settings; an object or a module, whose load_model() is given them.

    Raises:
        SourceError: the loader fails, or gives no model.
    """
    settings = parse_settings(options)
    with construction(options):
        loader, arguments = found, settings
        if inspect.isclass(found):
            loader, arguments = call_with_settings(found, _with_variant(found, settings), info.spec), {}
        model = _load_model(loader, options, arguments)
    if not isinstance(model, nn.Module):
        raise SourceError(
            f"load_model() of {info.spec} gave an object of type {type(model).__name__}, not a torch.nn.Module"
        )
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = {}
    if not options.inputs and not options.inputs_from:
        args, kwargs = call_for_inputs(loader.load_inputs, "load_inputs", options, batch_names=("batch_size", "batch"))
    described = _description(loader)
    info = replace(
        info,
        name=name_of_loaded(spec, model, described[:2], settings),
        class_name=class_name(model),
        source="loader",
        task=described[2],
        weights="as the loader makes them",
    )
    return Loaded(model, args, kwargs, info)


def _load_model(loader: Any, options: LoadOptions, settings: dict[str, Any]) -> Any:
    check_arguments(loader.load_model, settings, "load_model()")
    wants_dtype = options.dtype and accepts(loader.load_model, "dtype_override")
    given = {"dtype_override": getattr(torch, options.dtype)} if options.dtype and wants_dtype else {}
    try:
        with stops_as_errors():
            return loader.load_model(**{**settings, **given})
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


def _description(loader: Any) -> tuple[str, str, str]:
    """The model, the variant and the task as the loader says them; empty where it does not."""
    given = None
    variant = getattr(loader, "_variant", None)
    try:
        with stops_as_errors():
            given = loader.get_model_info(variant) if variant is not None else loader.get_model_info()
    except Exception:  # optional there: a loader without a description is as good
        pass
    if given is None:
        return "", _text(variant), ""
    return _text(given, "model"), _text(given, "variant") or _text(variant), str(getattr(given, "task", ""))


def _text(holder: Any, name: str = "") -> str:
    found = getattr(holder, name, None) if name else holder
    return "" if found is None else str(found.value if isinstance(found, Enum) else found)
