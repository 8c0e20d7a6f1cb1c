"""A module to write by hand: its name, arguments and everything that one has to know, and no body."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from bringup.ir import Frame, Graph
from bringup.modules.functions import Function
from bringup.modules.program import Body
from bringup.modules.ttnn_model import TtnnModel
from bringup.modules.writer import FunctionText
from bringup.python_text import plain


def stub_function(model: TtnnModel, graph: Graph, name: str) -> FunctionText | None:
    """The function without its body: shapes and ops stand in its docstring; None when there is no such function."""
    function = next((f for f in model.grouping.functions if f.name == name), None)
    text = next((t for t in model.functions if t.name == name), None)
    if function is None or text is None:
        return None
    lines = (*_shapes(function, text, model), *_ops(function.body, graph))
    docstring = ('"""' + text.summary, "", *lines, '"""', f'raise NotImplementedError("{name} is not written yet")')
    return FunctionText(
        text.name, text.class_name, text.arguments, docstring, text.instances, text.inputs, text.takes_parameters
    )


def _shapes(function: Function, text: FunctionText, model: TtnnModel) -> list[str]:
    order = [function.body.inputs[i] for i in model.orders[function.name]]
    found = ["Args:"]
    found += [f"    {name}: {_shape(value, model)}" for name, value in zip(text.inputs, order, strict=True)]
    found += ["Returns:"]
    found += [f"    {_shape(value, model)}" for value in function.body.outputs]
    return found


def _shape(value: str, model: TtnnModel) -> str:
    held = model.state.held[value]
    known = model.flow.values.get(value)
    shape = list(known.type.shape) if known else "made by prepare_inputs"
    forms = {"rows": ", held as (1, 1, N * H * W, C)", "sequence": ", held as (N, L, C)", "native": ""}
    return f"{shape} in torch{forms[held.form]}, {held.dtype}, {held.layout}"


def _ops(body: Body, graph: Graph) -> list[str]:
    """The ATen ops of the module, those of its children included, with their number."""
    frames = graph.frame_by_id()
    counts = Counter(plain(call.target) for call in graph.calls if _is_below(call.frame, body.frame, frames))
    return ["Ops:", *(f"    {op} x{count}" for op, count in counts.most_common())]


def _is_below(frame: str, above: str, frames: Mapping[str, Frame]) -> bool:
    current: str | None = frame
    while current is not None:
        if current == above:
            return True
        current = frames[current].parent
    return False
