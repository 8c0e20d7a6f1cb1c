"""`path/model.py:Name`, `package.module:Class.method` and `example:NAME`: classes, factories, instances and loaders."""

from __future__ import annotations

import inspect
from dataclasses import replace
from types import ModuleType
from typing import Any

from torch import nn

from bringup.errors import SourceError
from bringup.sources.attribute import find_attribute
from bringup.sources.build import call_with_settings, check_known, class_name, construction, parse_settings
from bringup.sources.called import name_of_made
from bringup.sources.given_path import keep_path, relative_path
from bringup.sources.imports import import_module, import_path
from bringup.sources.input_spec import call_for_inputs
from bringup.sources.loaded import Loaded, LoadOptions, ModelInfo
from bringup.sources.loader import is_loader, load_loader
from bringup.sources.spec import LOAD_MODEL, Spec
from bringup.sources.user_code import here


def load_python(spec: Spec, options: LoadOptions) -> Loaded:
    """A class, factory, instance or loader of the user's."""
    info = ModelInfo(spec.name, spec.text, source="python")
    if spec.source != "path":
        return _load_attribute(import_module(spec.target), spec, info, options)
    target = relative_path(spec.target)  # before the file's code may go to another folder
    path = (here() / spec.target).resolve()
    module = import_path(spec.target)
    keep_path(target, path)
    text = f"{target}:{spec.attribute}" if spec.attribute else target
    return _load_attribute(module, replace(spec, target=target), replace(info, spec=text), options)


def load_example(spec: Spec, options: LoadOptions) -> Loaded:
    """One of the models that bringup ships."""
    from bringup.examples import EXAMPLES

    check_known([spec.target], list(EXAMPLES), "there is no example")
    target, _, attribute = EXAMPLES[spec.target].partition(":")
    info = ModelInfo(spec.name, spec.text, source="example", licence="Apache-2.0")
    return _load_attribute(import_module(target), replace(spec, attribute=attribute), info, options)


def _load_attribute(module: ModuleType, spec: Spec, info: ModelInfo, options: LoadOptions) -> Loaded:
    found, owner = find_attribute(module, spec.attribute, info.spec)
    if is_loader(found):
        return load_loader(found, spec, info, options)
    name = spec.attribute or LOAD_MODEL
    model = _build(found, name, options)
    if not isinstance(model, nn.Module):
        raise SourceError(
            f"{info.spec} gave an object of type {type(model).__name__}, not a torch.nn.Module",
            next_step="name an nn.Module class, an instance, a function that returns one, or a loader with "
            "load_model() and load_inputs()",
        )
    # a class makes its weights; what a function or an instance holds is not ours to say
    weights = "random" if inspect.isclass(found) else "as the code makes them"
    called = info.name if info.source == "example" else name_of_made(spec, found, owner, model, parse_settings(options))
    info = replace(info, name=called, class_name=class_name(model), weights=weights)
    return Loaded(model, *_own_inputs(module, model, options), info)


def _build(found: Any, name: str, options: LoadOptions) -> Any:
    settings = parse_settings(options)
    if isinstance(found, nn.Module):
        if settings:
            raise SourceError(f"{name} is a finished model: --set has no meaning for it", next_step="leave --set out")
        return found
    if not callable(found):
        return found
    with construction(options):
        return call_with_settings(found, settings, name)


def _own_inputs(module: ModuleType, model: nn.Module, options: LoadOptions) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The inputs that `example_inputs(batch)` of the model or of its file gives; none without it."""
    function = getattr(model, "example_inputs", None) or getattr(module, "example_inputs", None)
    if not callable(function) or options.inputs or options.inputs_from:
        return (), {}
    return call_for_inputs(function, "example_inputs", options, batch_names=("batch", "batch_size"))
