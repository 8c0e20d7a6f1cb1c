"""What every source needs to build a model: the device and dtype it is made with, settings, import errors."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from types import ModuleType
from typing import Any

import torch

from bringup.errors import BringupError, SourceError, UsageError
from bringup.sources.loaded import LoadOptions
from bringup.sources.spec import near_matches
from bringup.sources.user_code import stops_as_errors

SEED = 0
"""Of random weights and random inputs: the same model gives the same folder."""


@contextmanager
def construction(options: LoadOptions) -> Iterator[None]:
    """Build models on meta for `--no-weights`, and in the dtype asked for, with the same random weights every time.

    The default dtype is set before: `.to(dtype)` afterwards would hold the weights twice.
    """
    before = torch.get_default_dtype()
    torch.manual_seed(SEED)
    try:
        if options.dtype:
            torch.set_default_dtype(getattr(torch, options.dtype))
        # a device context sees every torch call: none is opened where the default does
        with torch.device("meta") if options.no_weights else nullcontext():
            yield
    finally:
        torch.set_default_dtype(before)


def parse_settings(options: LoadOptions) -> dict[str, Any]:
    """`--set key=value` pairs; values are Python literals where they parse as one, else text.

    Raises:
        UsageError: a pair has no `=`, or a key is given twice.
    """
    settings: dict[str, Any] = {}
    for text in options.settings:
        key, equals, value = text.partition("=")
        key = key.strip()
        if not equals or not key:
            raise UsageError(f"--set {text}: not of the form key=value", next_step="for example --set num_layers=2")
        if key in settings:
            raise UsageError(f"--set {key} is given twice", next_step="give it once")
        settings[key] = parse_literal(value.strip())
    return settings


def parse_literal(text: str) -> Any:
    """A Python literal, `true`, `false` or `null` as in JSON, or the text itself."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return {"true": True, "false": False, "none": None, "null": None}.get(text.lower(), text)


def refuse_settings(settings: dict[str, Any], flags: dict[str, str]) -> None:
    """Raise for settings that an option of their own takes care of: the card would say something else."""
    for key, flag in flags.items():
        if key in settings:
            raise UsageError(f"--set {key}=... is not for settings", next_step=f"use {flag}")


def import_library(name: str) -> ModuleType:
    """A source's library.

    Raises:
        SourceError: it is not installed.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        package = name.partition(".")[0]
        is_missing = isinstance(error, ModuleNotFoundError) and error.name == package
        what = f"{package} is not installed" if is_missing else f"{package} cannot be imported: {one_line(error)}"
        raise SourceError(what, next_step="install it: pip install 'bringup[models]'") from error


def call_with_settings(factory: Callable[..., Any], settings: dict[str, Any], what: str, next_step: str = "") -> Any:
    """Call a class or function with settings.

    Raises:
        SourceError: an argument is missing or unknown, or the code raises.
    """
    check_arguments(factory, settings, what)
    try:
        with stops_as_errors():
            return factory(**settings)
    except BringupError:
        raise
    except Exception as error:
        raise SourceError(
            f"{what} cannot be built: {type(error).__name__}: {one_line(error)}",
            where=where(error),
            next_step=next_step or ("check --set" if settings else "run it by itself, then try again"),
        ) from error


def check_arguments(factory: Callable[..., Any], settings: dict[str, Any], what: str) -> None:
    """The settings are what a class or function takes, as far as it tells.

    Raises:
        SourceError: an argument is missing or unknown.
    """
    try:
        parameters = inspect.signature(factory).parameters.values()
    except (TypeError, ValueError):
        return
    required = [p for p in parameters if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    missing = [p.name for p in required if p.kind is not p.POSITIONAL_ONLY and p.name not in settings]
    positional = [p.name for p in required if p.kind is p.POSITIONAL_ONLY]
    if positional:
        raise SourceError(
            f"{what} needs arguments by position: {', '.join(positional)}",
            next_step="write a function without arguments that returns the model, and name that",
        )
    if missing:
        raise SourceError(
            f"{what} needs arguments: {', '.join(missing)}",
            next_step="give them: " + " ".join(f"--set {name}=..." for name in missing),
        )
    if not any(p.kind is p.VAR_KEYWORD for p in parameters):
        check_known(settings, [p.name for p in parameters], f"{what} has no argument")


def check_known(names: Iterable[str], known: list[str], what: str) -> None:
    """Raise for the first name that is not known, with those near to it."""
    for name in names:
        if name not in known:
            listed = f"it has: {', '.join(known)}" if known else "it has none"
            raise SourceError(f"{what} {name!r}", next_step=near_matches(name, known) or listed)


def one_line(error: BaseException) -> str:
    """An exception's text in one line."""
    text = " ".join(str(error).split())
    return (text if len(text) <= 300 else f"{text[:297]}...") or "no message"


def where(error: BaseException) -> str:
    """The line of the model's code that an exception came from; empty when there is none."""
    from bringup.trace.lines import error_line

    line = error_line(error)
    if line is None or (line.file.startswith("bringup/") and not line.file.startswith("bringup/examples/")):
        return ""
    return f"{line} in {line.function}: {line.code}"


def class_name(model: torch.nn.Module) -> str:
    """Full class name of a model."""
    return f"{type(model).__module__}.{type(model).__qualname__}"


def random_image(options: LoadOptions, *shape: int) -> torch.Tensor:
    """A batch of random images (or other floats), on meta for `--no-weights`."""
    dtype = getattr(torch, options.dtype) if options.dtype else torch.float32
    if options.no_weights:
        return torch.empty(options.batch, *shape, device="meta", dtype=dtype)
    torch.manual_seed(SEED)
    return torch.randn(options.batch, *shape).to(dtype)
