"""Whether modules can be made of a graph at all."""

from __future__ import annotations

from bringup.ir import Graph
from bringup.sources.loaded import NoModules


def why_none(graph: Graph) -> NoModules:
    """Why no modules can be made; of no kind when they can."""
    if graph.level != "ttnn":
        return NoModules("chosen", "the graph is core ATen (--level core): modules are made of ops as TT-NN has them")
    if not graph.is_complete:
        return NoModules("finding", "the model was traced in parts only: modules are made of a whole graph")
    if not graph.calls:
        return NoModules("chosen", "the model has no ops: there is nothing to write in TT-NN")
    reason = _unknown_constant(graph)
    return NoModules("finding", reason) if reason else NoModules()


def _unknown_constant(graph: Graph) -> str:
    """A constant whose values no checkpoint and no graph has; empty when there is none."""
    kept = {weight.name for weight in graph.weights}
    made = [v for v in graph.values if v.kind == "constant" and v.source and v.data is None and v.source not in kept]
    if not made:
        return ""
    return f"the model's code makes a constant of shape {list(made[0].type.shape)}, {made[0].source}: make it a buffer"
