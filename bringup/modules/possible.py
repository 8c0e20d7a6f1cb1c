"""Whether modules can be made of a graph at all."""

from __future__ import annotations

from bringup.ir import Graph


def why_none(graph: Graph) -> str:
    """Why no modules can be made; empty when they can."""
    if not graph.is_complete or graph.level != "ttnn" or not graph.calls:
        return "the model was traced in parts only, or as core ATen: modules are made of a whole graph"
    kept = {weight.name for weight in graph.weights}
    made = [v for v in graph.values if v.kind == "constant" and v.source and v.data is None and v.source not in kept]
    if not made:
        return ""
    return f"the model's code makes a constant of shape {list(made[0].type.shape)}, {made[0].source}: make it a buffer"
