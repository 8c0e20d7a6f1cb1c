"""L1 that a stretch of TT-NN code takes per core, in ttnn's own figures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import ttnn

_L1_SMALL = ttnn.BufferType.L1_SMALL.value
"""How captured graphs write ttnn.BufferType.L1_SMALL."""


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
    # Not ttnn.graph.begin_graph_capture: that one also writes down every operand with a stack trace, for reports.
    ttnn._ttnn.graph.begin_graph_capture(ttnn.graph.RunMode.NO_DISPATCH)
    try:
        yield usage
    finally:
        graph = ttnn._ttnn.graph.end_graph_capture()
        usage.bytes_per_core = _peak(graph)


def _peak(graph: list[dict[str, Any]]) -> int | None:
    """L1_SMALL does not count: it is set apart when a device opens, and only a program's first run allocates in it."""
    for node in graph:
        if node["params"] and node["params"].get("buffer_type") == _L1_SMALL:
            node["params"]["type"] = "DRAM"
    found = ttnn.graph.extract_resource_usage_per_core(graph)
    return int(found.peak_total) if hasattr(found, "peak_total") else None
