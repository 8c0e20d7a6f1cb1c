"""`reference/constants.py`: the tensors that the model's code keeps beside its parameters and buffers."""

from __future__ import annotations

import json
from collections.abc import Mapping

from bringup.ir import Graph
from bringup.render import render


def constant_files(graph: Graph, common: Mapping[str, object]) -> dict[str, str]:
    """The file that loads them; none where there are none."""
    kept = {constant.name: constant for constant in graph.constants}
    names = [weight.name for weight in graph.weights if weight.kind == "constant"]
    if not names:
        return {}
    attributes = tuple(name for name in names if name not in kept)
    made = render("reference/constants.py.jinja", **common, attributes=attributes, kept=bool(kept))
    return {"reference/constants.py": made}


def constant_values(graph: Graph) -> dict[str, str]:
    """`reference/constants.json`: dtype, shape and bytes of each constant that stands at no place of the model."""
    lines = (f"{json.dumps(c.name)}: {json.dumps([c.type.dtype, c.type.shape, c.packed])}" for c in graph.constants)
    return {"reference/constants.json": "{\n" + ",\n".join(lines) + "\n}\n"} if graph.constants else {}
