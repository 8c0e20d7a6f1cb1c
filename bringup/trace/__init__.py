"""From a torch model to a `Graph`."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable
from dataclasses import replace

from bringup.ir import Graph, Level
from bringup.ops.routes import ALL_ROWS, Rows
from bringup.sources.loaded import Loaded
from bringup.trace.constants import constant_weights, kept_constants
from bringup.trace.decompose import lower_to_level
from bringup.trace.fx import frames_in_use, read_program
from bringup.trace.known_numbers import fold_known_numbers
from bringup.trace.merge import merge_parts
from bringup.trace.model import read_modules, read_weights
from bringup.trace.parts import capture_inputs, child_paths, load_part
from bringup.trace.strategies import export, failure
from bringup.trace.structure import fits, with_paths
from bringup.trace.value_sizes import numbers_read, settle_sizes

__all__ = ["trace"]

_MAX_PARTS = 64


def trace(
    loaded: Loaded,
    level: Level = "ttnn",
    *,
    rows: Rows = ALL_ROWS,
    progress: Callable[[str], None] = lambda text: None,
) -> Graph:
    """The graph of a model, or of the parts of it that can be traced.

    Nothing is raised for a model that cannot be traced: `Graph.attempts` says why, `Graph.parts` what could be.

    Args:
        loaded: The model in eval mode with its example inputs.
        level: `ttnn` keeps ops where TT-NN has them, `core` is full core ATen.
        rows: What of ops has a row in the registry; the rest is taken apart. Default: all has.
        progress: Told what is being done.
    """
    whole = _trace_whole(loaded, level, rows)
    if whole.attempts[-1].status == "ok":
        return whole
    progress("cannot be traced whole: tracing its parts")
    return merge_parts(whole, _trace_parts(loaded, level, rows, progress))


def _trace_whole(loaded: Loaded, level: Level, rows: Rows) -> Graph:
    exported, attempts = export(loaded)
    modules, weights = read_modules(loaded.model), read_weights(loaded.model)
    versions = (("torch", importlib.metadata.version("torch")),)
    if exported is None:
        return Graph(level, (), (), (), (), (), weights, modules, attempts, versions=versions)
    try:
        read = numbers_read(settle_sizes(exported.program))
        fold_known_numbers(exported.program)
        lowered = lower_to_level(exported.program, level, rows)
        settle_sizes(lowered)
        reading = read_program(lowered, {module.path: module.class_name for module in modules})
    except Exception as error:  # torch's decompositions and shapes that depend on values: a finding about the model
        failed = (*attempts[:-1], failure(f"{attempts[-1].strategy}, then its ops", error))
        return Graph(level, (), (), (), (), (), weights, modules, failed, versions=versions)
    attempts = (*attempts[:-1], replace(attempts[-1], message=read))
    values = with_paths(reading.values, reading.inputs, exported.call)
    weights += constant_weights(loaded.model, reading.values.values(), reading.constants, len(weights))
    return Graph(
        level=level,
        calls=tuple(reading.calls),
        values=tuple(values.values()),
        frames=frames_in_use(reading),
        inputs=tuple(reading.inputs),
        outputs=tuple(reading.outputs),
        weights=weights,
        modules=modules,
        attempts=attempts,
        versions=versions,
        call=exported.call if fits(exported.call, reading.inputs, reading.outputs) else None,
        state=tuple(reading.state),
        constants=kept_constants(loaded.model, weights, reading.constants),
    )


def _trace_parts(loaded: Loaded, level: Level, rows: Rows, progress: Callable[[str], None]) -> dict[str, Graph]:
    captured = capture_inputs(loaded)
    found: dict[str, Graph] = {}
    todo = list(child_paths(loaded.model, ""))
    while todo and len(found) < _MAX_PARTS:
        path = todo.pop(0)
        graph = None
        if path in captured:
            progress(f"tracing {path}")
            graph = _trace_whole(load_part(loaded, path, captured[path]), level, rows)
        if graph is not None and graph.attempts[-1].status == "ok" and graph.calls:
            found[path] = graph
        else:
            todo = [*child_paths(loaded.model, path), *todo]
    return found
