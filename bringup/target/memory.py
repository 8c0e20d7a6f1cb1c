"""L1 that a stretch of TT-NN code takes per core, in ttnn's own figures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import ttnn


@dataclass(slots=True)
class Usage:
    """Peak bytes per core of circular buffers, L1 tensors and scratch; None when nothing was measured."""

    bytes_per_core: int | None = None


@contextmanager
def measuring(*, is_dispatching: bool) -> Iterator[Usage]:
    """Measure what runs within, unless it is to be dispatched: only then does the allocator refuse what does not fit.

    Without dispatch ttnn's capture also sees data-flow buffers and scratch, so that is when the figures are taken.
    """
    usage = Usage()
    if is_dispatching or ttnn.graph.is_graph_capture_active():
        yield usage
        return
    ttnn.graph.begin_graph_capture(ttnn.graph.RunMode.NO_DISPATCH)
    try:
        yield usage
    finally:
        graph = ttnn.graph.end_graph_capture()
        usage.bytes_per_core = _peak(graph)


def _peak(graph: object) -> int | None:
    found = ttnn.graph.extract_resource_usage_per_core(graph)
    return int(found.peak_total) if hasattr(found, "peak_total") else None
