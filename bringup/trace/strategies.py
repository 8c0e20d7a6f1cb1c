"""The ways to export a model, in the order in which they are tried."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass

import torch
from torch.export import ExportedProgram

from bringup.ir import Attempt
from bringup.sources.loaded import Loaded
from bringup.sources.user_code import stops_as_errors
from bringup.trace.lines import error_line


@dataclass(frozen=True, slots=True)
class Strategy:
    """One way to export: what it is called, whether it fits a model, how it exports."""

    name: str
    fits: Callable[[Loaded], bool]
    export: Callable[[Loaded], ExportedProgram]


def _export(loaded: Loaded) -> ExportedProgram:
    return torch.export.export(loaded.model, loaded.args, loaded.kwargs, strict=False)


def _export_without_cache(loaded: Loaded) -> ExportedProgram:
    kwargs = {**loaded.kwargs, "use_cache": False, "return_dict": False}
    return torch.export.export(loaded.model, loaded.args, kwargs, strict=False)


def _export_strict(loaded: Loaded) -> ExportedProgram:
    return torch.export.export(loaded.model, loaded.args, loaded.kwargs, strict=True)


def _has_cache(loaded: Loaded) -> bool:
    return hasattr(getattr(loaded.model, "config", None), "use_cache")


STRATEGIES = (
    Strategy("torch.export", lambda loaded: True, _export),
    Strategy("torch.export with use_cache=False, return_dict=False", _has_cache, _export_without_cache),
    Strategy("torch.export with strict=True", lambda loaded: True, _export_strict),
)


def export(loaded: Loaded) -> tuple[ExportedProgram | None, tuple[Attempt, ...]]:
    """The first strategy's program that works, with a status for each strategy; None when all fail."""
    attempts: list[Attempt] = []
    program: ExportedProgram | None = None
    for strategy in STRATEGIES:
        if program is not None or not strategy.fits(loaded):
            continue
        try:
            with quiet(), torch.no_grad(), stops_as_errors():
                program = strategy.export(loaded)
            attempts.append(Attempt(strategy.name, "ok"))
        except Exception as error:  # whatever a model's code raises is a finding about the model
            attempts.append(failure(strategy.name, error))
    return program, tuple(attempts)


@contextmanager
def quiet() -> Iterator[None]:
    """torch's own warnings and log lines about exporting, kept off the user's terminal."""
    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        # torch also prints the graph that it had so far, on stderr.
        with warnings.catch_warnings(), redirect_stderr(io.StringIO()), redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)


def failure(name: str, error: Exception) -> Attempt:
    """How a strategy failed, where, and what to try."""
    message = _first_sentence(str(error)) or type(error).__name__
    return Attempt(name, "failed", f"{type(error).__name__}: {message}", error_line(error), _next_step(error))


def _first_sentence(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[0][:300] if lines else ""


_NEXT_STEPS = (
    (
        (
            "data-dependent",
            "GuardOnDataDependent",
            "DataDependentOutput",
            "_local_scalar_dense",
            "aten.nonzero",
            "unbacked",
        ),
        "the model takes a decision or a shape from a tensor's value here: use torch.where, a mask or a fixed shape, "
        "or trace the parts before and after it with --submodule",
    ),
    (
        ("DynamicCache", "Found type", "pytree"),
        "the model returns or takes an object that is not a tensor: give it use_cache=False",
    ),
    (("Dynamic control flow", "torch.cond"), "replace the `if` by torch.where, or trace a part with --submodule"),
    (
        ("size mismatch", "must match the size", "cannot be multiplied", "expected input", "shape"),
        "the example inputs do not fit the model: give others with --input",
    ),
)


def _next_step(error: Exception) -> str:
    text = f"{type(error).__name__} {error}"
    for words, step in _NEXT_STEPS:
        if any(word in text for word in words):
            return step
    return "read the line named above; a part of the model can be traced with --submodule PATH"
