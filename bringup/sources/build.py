"""What every source needs to build a model: the device and dtype it is made with, settings, import errors."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import torch

from bringup.errors import SourceError, UsageError
from bringup.sources.loaded import LoadOptions
from bringup.sources.spec import near_matches


@contextmanager
def construction(options: LoadOptions) -> Iterator[None]:
    """Build models on meta for `--no-weights`, and in the dtype asked for.

    The default dtype is set before: `.to(dtype)` afterwards would hold the weights twice.
    """
    before = torch.get_default_dtype()
    if options.dtype:
        torch.set_default_dtype(getattr(torch, options.dtype))
    try:
        with torch.device("meta" if options.no_weights else "cpu"):
            yield
    finally:
        torch.set_default_dtype(before)


def parse_settings(options: LoadOptions) -> dict[str, Any]:
    """`--set key=value` pairs; values are Python literals where they parse as one, else text.

    Raises:
        UsageError: a pair has no `=`.
    """
    settings: dict[str, Any] = {}
    for text in options.settings:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise UsageError(f"--set {text}: not of the form key=value", next_step="for example --set num_layers=2")
        try:
            settings[key] = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            settings[key] = {"true": True, "false": False, "none": None}.get(value.lower(), value)
    return settings


def import_library(name: str) -> ModuleType:
    """A source's library.

    Raises:
        SourceError: it is not installed.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        package = name.partition(".")[0]
        raise SourceError(
            f"{package} cannot be imported: {error}", next_step="install it: pip install 'bringup[models]'"
        ) from error


def call_with_settings(factory: Callable[..., Any], settings: dict[str, Any], what: str) -> Any:
    """Call a class or function with settings.

    Raises:
        SourceError: an argument is missing or unknown, or the code raises.
    """
    try:
        signature = inspect.signature(factory)
    except (TypeError, ValueError):
        signature = None
    if signature is not None:
        _check_arguments(signature, settings, what)
    try:
        return factory(**settings)
    except Exception as error:
        raise SourceError(
            f"{what} cannot be built: {type(error).__name__}: {first_line(error)}",
            where=where(error),
            next_step="check its arguments (--set key=value)",
        ) from error


def _check_arguments(signature: inspect.Signature, settings: dict[str, Any], what: str) -> None:
    parameters = signature.parameters.values()
    missing = [
        p.name
        for p in parameters
        if p.default is p.empty and p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY) and p.name not in settings
    ]
    positional_only = [p.name for p in parameters if p.kind is p.POSITIONAL_ONLY and p.default is p.empty]
    if missing or positional_only:
        names = ", ".join([*positional_only, *missing])
        raise SourceError(
            f"{what} needs arguments: {names}", next_step=" ".join(f"--set {name}=..." for name in missing or ["NAME"])
        )
    if not any(p.kind is p.VAR_KEYWORD for p in parameters):
        known = [p.name for p in parameters]
        unknown = [name for name in settings if name not in known]
        if unknown:
            raise SourceError(
                f"{what} has no argument {unknown[0]}",
                next_step=near_matches(unknown[0], known) or f"it has: {', '.join(known)}",
            )


def first_line(error: BaseException) -> str:
    """The first line of an exception's text."""
    lines = str(error).strip().splitlines()
    return lines[0][:300] if lines else "no message"


def where(error: BaseException) -> str:
    """The line of the model's code that an exception came from."""
    from bringup.trace.lines import error_line

    line = error_line(error)
    return f"{line} in {line.function}: {line.code}" if line else ""


def class_name(model: torch.nn.Module) -> str:
    """Full class name of a model."""
    return f"{type(model).__module__}.{type(model).__qualname__}"


def random_image(options: LoadOptions, *shape: int) -> torch.Tensor:
    """A batch of random images (or other floats), on meta for `--no-weights`."""
    dtype = getattr(torch, options.dtype) if options.dtype else torch.float32
    if options.no_weights:
        return torch.empty(options.batch, *shape, device="meta", dtype=dtype)
    torch.manual_seed(0)
    return torch.randn(options.batch, *shape).to(dtype)
