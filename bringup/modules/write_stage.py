"""The files of the two stages, as text."""

from __future__ import annotations

from bringup.ir import Graph
from bringup.modules.files import host_constants, plan_functional, plan_model, plan_parameters
from bringup.modules.functional import FunctionalModel, write_functional
from bringup.modules.ttnn_model import TtnnModel, write_ttnn
from bringup.python_text import identifier, plain
from bringup.render import format_python, render


def functional_files(graph: Graph, name: str, made_by: tuple[str, ...]) -> tuple[dict[str, str], FunctionalModel]:
    """`reference/functional_<model>.py`."""
    model = write_functional(graph)
    text = render(
        "reference/functional_model.py.jinja", model=plain(name), made_by=made_by, file=plan_functional(model)
    )
    return {f"reference/functional_{identifier(name)}.py": text}, model


def ttnn_files(graph: Graph, name: str, made_by: tuple[str, ...]) -> tuple[dict[str, str], TtnnModel]:
    """`tt/`: modules, parameters and layers."""
    model = write_ttnn(graph)
    host_constants(model)
    file = plan_model(model, graph.inputs)
    common = {"model": plain(name), "made_by": made_by}
    files = {
        f"tt/ttnn_{identifier(name)}.py": render("tt/ttnn_model.py.jinja", **common, notes=(), file=file),
        "tt/parameters.py": render("tt/parameters.py.jinja", **common, file=plan_parameters(model)),
    }
    checks_rows = any(helper not in ("conv1d", "upsample", "lstm") for helper in file.helpers)
    if file.helpers:
        files["tt/layers.py"] = render("tt/layers.py.jinja", **common, helpers=file.helpers, checks_rows=checks_rows)
    return files, model


def module_files(graph: Graph, name: str, made_by: tuple[str, ...]) -> dict[str, str]:
    """All files of both stages, formatted."""
    functional, _ = functional_files(graph, name, made_by)
    ttnn, _ = ttnn_files(graph, name, made_by)
    return format_python({**functional, **ttnn})
