"""What a model of the user's code is called: after the model, not after the code that makes it.

A folder called `modelloader` or `detectionmodel` says nothing, and those of two models would be one.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from torch import nn

from bringup.errors import SourceError
from bringup.python_text import snake_words
from bringup.sources.spec import Spec, slug
from bringup.sources.user_code import stops_as_errors

_MAKERS = ("load", "get", "build", "make", "create", "init", "construct", "new", "setup", "return")
_NOUNS = (
    "model",
    "network",
    "module",
    "loader",
    "factory",
    "builder",
    "wrapper",
    "pretrained",
    "config",
    "default",
    "nn",
)
_TASKS = ("base", "my", "the", "wrapped", "detection", "segmentation", "pose", "classification", "obb", "world")
_GENERIC = frozenset(_MAKERS).union(
    (*_NOUNS, "main", "obbmodel", "sequential", "graph_module", "graphmodule", "script_module"),
    (f"{maker}_{noun}" for maker in (*_MAKERS, "from") for noun in (*_NOUNS, "net")),
    (f"{noun}{between}{last}" for noun in ("model", "net") for last in _NOUNS for between in ("_", "")),
    (f"{task}{between}model" for task in _TASKS for between in ("_", "")),
)
"""Names, as slugs and in snake_case, of a loader, a factory or a class that any model may have."""
_PLACES = _GENERIC.union(
    ("models", "src", "source", "lib", "pytorch", "torch", "python", "code", "nets", "modeling", "modelling"),
    ("tasks", "utils", "common", "loaders", "networks"),
)
_VARIANT_KEYS = (
    *("cfg", "config", "variant", "arch", "architecture", "model_name", "pretrained_model_name_or_path"),
    *("size", "version"),
)
_PLAIN_VARIANTS = ("", "base", "default", "none")


def name_of_made(spec: Spec, found: Any, owner: Any, model: nn.Module, settings: Mapping[str, Any]) -> str:
    """What a class, factory or instance is called: its own name unless that is a generic word.

    Args:
        found: What the spec names.
        owner: The module, class or object that has it.
    """
    name, is_own = _own_name(spec.attribute, found, owner)
    if not is_own:
        name = _says_itself(model) or name or _class_name(model)
    return _first(_with_variant(name, _variant(settings)), _place(spec), spec.name)


def name_of_loaded(spec: Spec, model: nn.Module, described: tuple[str, str], settings: Mapping[str, Any]) -> str:
    """What a loader's model is called: as the loader says, as the model says, or after the model's class.

    Args:
        described: The model and its variant as the loader's `get_model_info` has them; empty where it does not.
    """
    title, variant = _slug(described[0]), _slug(described[1])
    name = title or _says_itself(model) or _class_name(model) or _without_loader(spec.attribute)
    return _first(_with_variant(name, variant or _variant(settings)), _place(spec), spec.name)


def _own_name(attribute: str, found: Any, owner: Any) -> tuple[str, bool]:
    """The name of what was named; whether it says the model by itself, not only its class."""
    holder, _, last = attribute.rpartition(".")
    own = "" if _slug(last) in _GENERIC else _slug(last)
    if not holder or inspect.isclass(found):
        return own, bool(own)
    held = _slug(holder.rpartition(".")[2])
    is_namespace = inspect.isclass(owner) and not issubclass(owner, nn.Module)
    if held in _GENERIC or (own and (is_namespace or own.startswith(held))):
        return own, bool(own)
    return (f"{held}_{own}", True) if own else (held, False)


def _says_itself(model: nn.Module) -> str:
    """The name that timm, transformers or ultralytics keep in their models."""
    for holder, key in (("pretrained_cfg", "architecture"), ("config", "name_or_path"), ("yaml", "yaml_file")):
        try:
            with stops_as_errors():
                kept = getattr(model, holder, None)
                text = kept.get(key) if isinstance(kept, Mapping) else getattr(kept, key, None)
        except Exception:  # an attribute of the user's may be anything
            continue
        if isinstance(text, str) and _stem(text) and _stem(text) not in _PLACES:
            return _stem(text)
    return ""


def _class_name(model: nn.Module) -> str:
    name = _slug(snake_words(type(model).__name__))
    return "" if name in _GENERIC else name


def _without_loader(attribute: str) -> str:
    """`YoloLoader` -> `yolo`."""
    words = [word for word in snake_words(attribute.rpartition(".")[2]).split("_") if word not in _GENERIC]
    return _slug("_".join(words))


def _variant(settings: Mapping[str, Any]) -> str:
    """The variant that the settings name by a text."""
    values = (settings.get(key) for key in _VARIANT_KEYS)
    return next((_stem(value) for value in values if isinstance(value, str) and _stem(value)), "")


def _with_variant(name: str, variant: str) -> str:
    if variant in _PLAIN_VARIANTS or not name:
        return name or variant
    if variant in name.split("_") or name.endswith(variant):
        return name
    return variant if variant.startswith(name) else f"{name}_{variant}"


def _place(spec: Spec) -> str:
    """The file's or module's name, or that of the nearest folder or package that says something."""
    parts = PurePath(spec.target.removesuffix(".py")).parts if spec.source == "path" else spec.target.split(".")
    return next((_slug(part) for part in reversed(parts) if _slug(part) and _slug(part) not in _PLACES), "")


def _stem(text: str) -> str:
    """`configs/yolov10n.yaml` -> `yolov10n`."""
    name = text.rstrip("/").rpartition("/")[2]
    for suffix in (".yaml", ".yml", ".json", ".toml", ".pt", ".pth"):
        name = name.removesuffix(suffix)
    return _slug(name)


def _first(*names: str) -> str:
    return next(name for name in names if name)


def _slug(text: str) -> str:
    try:
        return slug(text)
    except SourceError:
        return ""
