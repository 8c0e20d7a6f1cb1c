"""`path/model.py:Name`, `package.module:Name` and `example:NAME`: classes, factories, instances and loaders."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import inspect
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from torch import nn

from bringup.errors import SourceError
from bringup.sources.build import call_with_settings, class_name, construction, first_line, parse_settings, where
from bringup.sources.loaded import Loaded, LoadOptions, ModelInfo
from bringup.sources.spec import Spec, near_matches


def load_python(spec: Spec, options: LoadOptions) -> Loaded:
    """A class, factory, instance or loader of the user's."""
    module = import_path(spec.target) if spec.source == "path" else _import_module(spec.target)
    text = f"{relative_path(spec.target)}:{spec.attribute}" if spec.source == "path" else spec.text
    return _load_attribute(module, spec.attribute, ModelInfo(spec.name, text, source="python"), options)


def load_example(spec: Spec, options: LoadOptions) -> Loaded:
    """One of the models that bringup ships."""
    from bringup.examples import EXAMPLES

    if spec.target not in EXAMPLES:
        raise SourceError(
            f"there is no example {spec.target!r}",
            next_step=near_matches(spec.target, list(EXAMPLES)) or ", ".join(EXAMPLES),
        )
    target, _, attribute = EXAMPLES[spec.target].partition(":")
    info = ModelInfo(spec.name, spec.text, source="example", licence="Apache-2.0")
    return _load_attribute(_import_module(target), attribute, info, options)


def _load_attribute(module: ModuleType, name: str, info: ModelInfo, options: LoadOptions) -> Loaded:
    found = getattr(module, name, None)
    if found is None:
        public = [n for n, value in vars(module).items() if callable(value) and not n.startswith("_")]
        raise SourceError(
            f"{info.spec}: there is no {name}", next_step=near_matches(name, public) or f"it has: {', '.join(public)}"
        )
    with construction(options):
        if hasattr(found, "load_model"):
            return _load_loader(found, info, options)
        model = found if isinstance(found, nn.Module) else call_with_settings(found, parse_settings(options), name)
    if not isinstance(model, nn.Module):
        raise SourceError(f"{name} is no torch.nn.Module: it gave a {type(model).__name__}", where=info.spec)
    return Loaded(model, *_module_inputs(module, options), _with_class(info, model))


def _with_class(info: ModelInfo, model: nn.Module) -> ModelInfo:
    from dataclasses import replace

    return replace(info, class_name=class_name(model))


def _module_inputs(module: ModuleType, options: LoadOptions) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The inputs that `example_inputs(batch)` of the model's own file gives; none without it."""
    function = getattr(module, "example_inputs", None)
    if function is None or options.inputs or options.inputs_from:
        return (), {}
    takes_batch = bool(inspect.signature(function).parameters)
    return split_inputs(function(options.batch) if takes_batch else function())


def _load_loader(found: Any, info: ModelInfo, options: LoadOptions) -> Loaded:
    """A loader in tt-forge-models' form."""
    from dataclasses import replace

    settings = parse_settings(options)
    loader = call_with_settings(found, settings, info.spec) if inspect.isclass(found) else found
    try:
        model = loader.load_model()
        given = loader.load_inputs() if not options.inputs and not options.inputs_from else ()
    except Exception as error:
        raise SourceError(
            f"the loader failed: {type(error).__name__}: {first_line(error)}", where=where(error)
        ) from error
    if not isinstance(model, nn.Module):
        raise SourceError(f"load_model() gave a {type(model).__name__}, no torch.nn.Module", where=info.spec)
    return Loaded(
        model,
        *split_inputs(given),
        replace(info, source="loader", class_name=class_name(model), weights="the loader's"),
    )


def split_inputs(given: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """What a function for inputs returned, as args and kwargs: a tensor, a list or tuple, a dict, or (args, kwargs)."""
    if isinstance(given, dict) or hasattr(given, "keys"):
        return (), dict(given)
    if isinstance(given, (tuple, list)):
        if len(given) == 2 and isinstance(given[0], (tuple, list)) and isinstance(given[1], dict):
            return tuple(given[0]), dict(given[1])
        return tuple(given), {}
    return (given,), {}


def import_path(text: str) -> ModuleType:
    """Import a file as Python would: its folder on sys.path, its own name unless another module has it.

    Raises:
        SourceError: there is no such file, or it raises.
    """
    path = Path(text)
    if not path.is_file():
        raise SourceError(f"there is no file {text}", next_step="paths are relative to the current folder")
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    name = path.stem
    if name in sys.modules or not name.isidentifier() or importlib.util.find_spec(name.partition(".")[0]) is None:
        name = f"{path.stem}_{hashlib.sha256(path.name.encode()).hexdigest()[:8]}"
    spec = importlib.util.spec_from_file_location(name, path.resolve())
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException as error:
        sys.modules.pop(name, None)
        if not isinstance(error, Exception):
            raise
        raise SourceError(
            f"{text} cannot be imported: {type(error).__name__}: {first_line(error)}", where=where(error)
        ) from error
    return module


def _import_module(name: str) -> ModuleType:
    if "" not in sys.path and str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        return importlib.import_module(name)
    except Exception as error:
        raise SourceError(
            f"{name} cannot be imported: {type(error).__name__}: {first_line(error)}",
            next_step="install it, or run from the folder that holds it",
        ) from error


def relative_path(text: str) -> str:
    """A path below the current folder as it is from there, any other as its bare name."""
    path = Path(text).resolve()
    return path.relative_to(Path.cwd()).as_posix() if path.is_relative_to(Path.cwd()) else path.name
