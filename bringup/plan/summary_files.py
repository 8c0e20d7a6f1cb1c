"""summary/ops.csv and summary/ops.json: every op call and every variation with arguments and parameters."""

from __future__ import annotations

import csv
import io
import json
import math
from typing import Any

from bringup.analysis import Analysis
from bringup.inventory import Operand, Variation
from bringup.json_files import json_text, to_data
from bringup.mult_adds import mult_adds
from bringup.plan.coverage_report import value_text
from bringup.printable import printable

_COLUMNS = (
    "index", "op", "variation", "status", "module", "class", "source", "code", "inputs", "arguments", "outputs",
    "parameters", "parameter_elements", "mult_adds",
)  # fmt: skip


def ops_csv(analysis: Analysis) -> str:
    """One row per op call, in the order of the graph."""
    frames, values = analysis.graph.frame_by_id(), analysis.graph.value_by_name()
    variations = {variation.id: variation for variation in analysis.inventory.variations}
    variation_of = dict(analysis.inventory.variation_of)
    status = {verdict.variation: verdict.status for verdict in analysis.coverage.verdicts}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for index, call in enumerate(analysis.graph.calls):
        variation = variations[variation_of[call.name]]
        frame = frames[call.frame]
        weights = [values[ref] for ref in call.refs() if values[ref].kind == "parameter"]
        writer.writerow(
            (
                index, _cell(call.target), _cell(variation.id), status[variation.id],
                _cell(frame.path), _cell(frame.class_name),
                _cell(str(call.source or "")), _cell(call.source.code if call.source else ""),
                _operands(variation), _cell(_plain_arguments(variation)),
                "; ".join(_tensor(o) for o in variation.outputs),
                _cell("; ".join(weight.source for weight in weights)),
                sum(math.prod(weight.type.shape) for weight in weights), mult_adds(variation),
            )
        )  # fmt: skip
    return text.getvalue()


def _cell(text: str) -> str:
    """Text of the model's that a spreadsheet would not take for a formula."""
    shown = printable(text)
    return f"'{shown}" if shown.startswith(("=", "+", "-", "@")) else shown


def _tensor(operand: Operand) -> str:
    return value_text(operand)


def _operands(variation: Variation) -> str:
    return "; ".join(f"{name}={_tensor(operand)}" for name, operand in variation.operands())


def _plain_arguments(variation: Variation) -> str:
    plain = ((a.name, a.value) for a in variation.arguments if a.value is not None and not isinstance(a.value, Operand))
    return "; ".join(
        f"{name}={value_text(value)}"
        for name, value in plain
        if not (isinstance(value, tuple) and any(isinstance(item, Operand) for item in value))
    )


def ops_json(analysis: Analysis) -> str:
    """The op kinds, the variations with their places and verdicts, and the calls by variation."""
    verdicts = {verdict.variation: verdict for verdict in analysis.coverage.verdicts}
    variations = [
        {
            **to_data(variation),
            "mult_adds": mult_adds(variation),
            "status": verdicts[variation.id].status,
            "ttnn": list(verdicts[variation.id].ttnn),
        }
        for variation in analysis.inventory.variations
    ]
    calls = [list(pair) for pair in analysis.inventory.variation_of]
    kinds = [to_data(kind) for kind in analysis.inventory.op_kinds()]
    return _lines({"op_kinds": kinds, "variations": variations, "calls": calls})


def _lines(data: dict[str, list[Any]]) -> str:
    entries = (
        f"{json.dumps(key)}: [\n" + ",\n".join(f"  {json_text(item)}" for item in items) + "\n]"
        for key, items in data.items()
    )
    return "{\n" + ",\n".join(entries) + "\n}\n"


def module_table(analysis: Analysis) -> str:
    """Our own table of modules, from the trace: class, parameters and multiply-adds of each module call."""
    frames = analysis.graph.frame_by_id()
    variations = {variation.id: variation for variation in analysis.inventory.variations}
    variation_of = dict(analysis.inventory.variation_of)
    work: dict[str, int] = {}
    shapes: dict[str, str] = {}
    for call in analysis.graph.calls:
        variation = variations[variation_of[call.name]]
        current: str | None = call.frame
        while current is not None:
            work[current] = work.get(current, 0) + mult_adds(variation)
            if variation.outputs:
                shapes[current] = str(list(variation.outputs[0].shape))
            current = frames[current].parent
    own = _parameters_below(analysis)
    rows = [("Module", "Last output", "Parameters", "Mult-adds")]
    for frame in analysis.graph.frames:
        depth = frame.path.count(".") + 1 if frame.path else 0
        name = f"{'  ' * depth}{frame.class_name.rpartition('.')[2]}" + (f" ({frame.path})" if frame.path else "")
        name = f"{name[: len(name) - len(name.lstrip())]}{printable(name.lstrip())}"
        rows.append((name, shapes.get(frame.id, ""), f"{own.get(frame.path, 0):,}", f"{work.get(frame.id, 0):,}"))
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    lines = [f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c:>{widths[2]}}  {d:>{widths[3]}}".rstrip() for a, b, c, d in rows]
    return "\n".join(lines) + "\n"


def _parameters_below(analysis: Analysis) -> dict[str, int]:
    """Parameters of each module and all below it, tied ones once per module."""
    seen: dict[str, set[int]] = {}
    totals: dict[str, int] = {}
    for weight in analysis.graph.weights:
        if weight.kind != "parameter":
            continue
        names = weight.name.split(".")[:-1]
        for path in (".".join(names[:i]) for i in range(len(names) + 1)):
            if weight.storage not in seen.setdefault(path, set()):
                seen[path].add(weight.storage)
                totals[path] = totals.get(path, 0) + math.prod(weight.type.shape)
    return totals
