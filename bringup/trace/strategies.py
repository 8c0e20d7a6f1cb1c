"""The ways to export a model, in the order in which they are tried."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace

import torch
from torch.export import ExportedProgram

from bringup.ir import Attempt, Call
from bringup.sources.loaded import Loaded
from bringup.sources.restore import unchanged
from bringup.sources.user_code import stops_as_errors
from bringup.trace.lines import error_line
from bringup.trace.structure import call_of, call_of_program, of_tensors, structure_of


@dataclass(frozen=True, slots=True)
class Strategy:
    """One way to export: what it is called, whether it fits a model, how it exports."""

    name: str
    fits: Callable[[Loaded, str], bool]
    export: Callable[[Loaded], Exported]


@dataclass(frozen=True, slots=True)
class Exported:
    """A program, and how the model was called for it; None where that has no structure of ours."""

    program: ExportedProgram
    call: Call | None


def _export(loaded: Loaded) -> Exported:
    program = torch.export.export(loaded.model, loaded.args, loaded.kwargs, strict=False)
    return Exported(program, call_of_program(loaded.model, program))


def _export_tensors(loaded: Loaded) -> Exported:
    """The model as a function of tensors alone: torch.export knows few containers, and few kinds of constants."""
    with of_tensors(loaded.model, loaded.args, loaded.kwargs) as (tensors, results):
        program = torch.export.export(loaded.model, tensors, strict=False)
    args, kwargs = structure_of(loaded.args), structure_of(loaded.kwargs)
    return Exported(program, call_of(loaded.model, args, kwargs, results[-1]))


def _export_without_cache(loaded: Loaded) -> Exported:
    return _export(replace(loaded, kwargs={**loaded.kwargs, "use_cache": False, "return_dict": False}))


def _export_strict(loaded: Loaded) -> Exported:
    program = torch.export.export(loaded.model, loaded.args, loaded.kwargs, strict=True)
    return Exported(program, call_of_program(loaded.model, program))


def _always(loaded: Loaded, failed: str) -> bool:
    return True


def _has_cache(loaded: Loaded, failed: str) -> bool:
    return hasattr(getattr(loaded.model, "config", None), "use_cache")


def _has_containers(loaded: Loaded, failed: str) -> bool:
    return any(words in failed for words in ("Unsupported input type", "not a known type", "Found <class", "pytree"))


STRATEGIES = (
    Strategy("torch.export", _always, _export),
    Strategy("torch.export of its tensors", _has_containers, _export_tensors),
    Strategy("torch.export with use_cache=False, return_dict=False", _has_cache, _export_without_cache),
    Strategy("torch.export with strict=True", _always, _export_strict),
)


def export(loaded: Loaded) -> tuple[Exported | None, tuple[Attempt, ...]]:
    """The first strategy's program that works, with a status for each strategy; None when all fail."""
    attempts: list[Attempt] = []
    exported: Exported | None = None
    for strategy in STRATEGIES:
        if exported is not None or not strategy.fits(loaded, attempts[-1].message if attempts else ""):
            continue
        try:
            with quiet(), torch.no_grad(), stops_as_errors(), unchanged(loaded.model):
                exported = strategy.export(loaded)
            attempts.append(Attempt(strategy.name, "ok"))
        except Exception as error:  # whatever a model's code raises is a finding about the model
            attempts.append(failure(strategy.name, error))
    return exported, tuple(attempts)


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
    message = _first_sentence(str(error)) or "no message"
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
    (
        ("Dynamic control flow", "torch.cond", "depends on a tensor's value"),
        "replace the `if` by torch.where, or trace a part with --submodule",
    ),
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
