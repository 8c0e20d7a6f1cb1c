"""Recurrent layers, unrolled over their steps."""

from __future__ import annotations

from bringup.inventory import Operand, Variation
from bringup.ops.constraints import dtype_of, limit, shape_of
from bringup.ops.lowering import RANDN, TILE, made_as
from bringup.ops.results import Made, of_results
from bringup.ops.spec import Lowering, OpSpec
from bringup.ops.spec import TestInput as Tensor

_REASON = "ttnn has no {kind}: unrolled, per layer, direction and step {cost}"
_HEAD = (
    "layers, directions = {num_layers}, {num_directions}",
    "weights = [tuple(params[i : i + {per_layer}]) for i in range(0, len(params), {per_layer})]",
    "steps = ttnn.split(input, 1, dim={step_dim})",
    "hiddens, cells = [], []",
    "for layer in range(layers):",
    "    outputs = []",
    "    for direction in range(directions):",
    "        index = layer * directions + direction",
)
_ONE_STATE = "        hidden = ttnn.slice(hx, [index, 0, 0], [index + 1, {batch}, {width}])"
_STEPS = (
    "        made = []",
    "        for step in steps[::-1] if direction else steps:",
    "            weight_ih, weight_hh, *biases = weights[index]",
)
_INPUT_GATES = "            gates = ttnn.linear(ttnn.reshape(step, (1, {batch}, -1)), weight_ih, transpose_b=True)"
_SUMMED_GATES = (
    _INPUT_GATES,
    "            gates = ttnn.add(gates, ttnn.linear(hidden, weight_hh, transpose_b=True))",
    "            for bias in biases:",
    "                gates = ttnn.add(gates, bias)",
)
_TAIL = (
    "            made.append(hidden)",
    "        outputs.append(made[::-1] if direction else made)",
    "        hiddens.append(hidden)",
    "        cells.append(cell)",
    "    steps = [ttnn.concat(list(parts), dim=-1) if directions > 1 else parts[0] for parts in zip(*outputs, strict=True)]",
    "steps = [ttnn.reshape(step, {step_shape}) for step in steps]",
    "output = ttnn.concat(steps, dim={step_dim})",
)
_LSTM = (
    *_HEAD,
    "        hidden, cell = (ttnn.slice(state, [index, 0, 0], [index + 1, {batch}, {width}]) for state in hx)",
    *_STEPS,
    *_SUMMED_GATES,
    "            i, f, g, o = ttnn.split(gates, {width}, dim=-1)",
    "            cell = ttnn.add(ttnn.multiply(ttnn.sigmoid(f), cell), ttnn.multiply(ttnn.sigmoid(i), ttnn.tanh(g)))",
    "            hidden = ttnn.multiply(ttnn.sigmoid(o), ttnn.tanh(cell))",
    *_TAIL,
)
_GRU = (
    *_HEAD,
    _ONE_STATE,
    *_STEPS,
    _INPUT_GATES,
    "            recurrent = ttnn.linear(hidden, weight_hh, transpose_b=True)",
    "            if biases:",
    "                gates, recurrent = ttnn.add(gates, biases[0]), ttnn.add(recurrent, biases[1])",
    "            reset, update, new = ttnn.split(gates, {width}, dim=-1)",
    "            reset_h, update_h, new_h = ttnn.split(recurrent, {width}, dim=-1)",
    "            reset, update = ttnn.sigmoid(ttnn.add(reset, reset_h)), ttnn.sigmoid(ttnn.add(update, update_h))",
    "            new = ttnn.tanh(ttnn.add(new, ttnn.multiply(reset, new_h)))",
    "            hidden = ttnn.add(new, ttnn.multiply(update, ttnn.subtract(hidden, new)))",
    *_TAIL,
)


def _rnn_lines(activation: str) -> tuple[str, ...]:
    return (*_HEAD, _ONE_STATE, *_STEPS, *_SUMMED_GATES, f"            hidden = ttnn.{activation}(gates)", *_TAIL)


_NAMES = (
    "ttnn.linear",
    "ttnn.sigmoid",
    "ttnn.tanh",
    "ttnn.multiply",
    "ttnn.add",
    "ttnn.split",
    "ttnn.slice",
    "ttnn.concat",
)


def _members(v: Variation, name: str) -> tuple[tuple[int, ...], ...]:
    value = v.get(name)
    return tuple(item.shape for item in value if isinstance(item, Operand)) if isinstance(value, tuple) else ()


def _unrolled(v: Variation, function: str, lines: tuple[str, ...]) -> Lowering:
    batch_first = bool(v.get("batch_first"))
    states = _members(v, "hx") or (shape_of(v, "hx"),)
    batch, width = v.outputs[0].shape[0 if batch_first else 1], states[0][-1]
    directions = 2 if v.get("bidirectional") else 1
    out = directions * width
    scaled = f"{RANDN} * {width**-0.5:.4f}"
    has_cell, dtype = bool(_members(v, "hx")), dtype_of(v, "input")
    inputs = (
        Tensor("input", shape_of(v, "input"), made_as(dtype)),
        Tensor("hx", states if has_cell else states[0], made_as(dtype), TILE, many=has_cell),
        Tensor("params", _members(v, "params"), made_as(dtype, scaled), TILE, many=True),
    )
    values = {
        "has_biases": bool(v.get("has_biases")), "num_layers": v.get("num_layers"), "num_directions": directions, "batch": batch, "width": width,
        "per_layer": 4 if v.get("has_biases") else 2, "step_dim": 1 if batch_first else 0,
        "step_shape": (batch, 1, out) if batch_first else (1, batch, out),
        "bidirectional": bool(v.get("bidirectional")), "batch_first": batch_first,
    }  # fmt: skip
    torch = (
        f"torch.{function}(torch_input, torch_hx, torch_params, {{has_biases}}, {{num_layers}}, 0.0, False, "
        "{bidirectional}, {batch_first})"
    )
    *before, steps, joined = lines
    results = (Made("sequence", lines=(steps, joined)), *(Made(name, lines=_LAST.format(name)) for name in _STATES))
    written = of_results(v, torch, _kept(tuple(before), v.read), results)
    texts = " ".join((torch, *written.lines))
    used = {name: value for name, value in values.items() if f"{{{name}}}" in texts}
    route = "" if v.read == (0,) else "_and_".join(results[place].name for place in v.read)
    return Lowering(inputs, written.torch, written.lines, used, pcc=0.99, relative_error=0.05, route=route,
                    many_outputs=written.many, results=written.checks if written.many else ())  # fmt: skip


_STATES = ("hidden", "cell")
_LAST = "ttnn.concat({0}s, dim=0) if len({0}s) > 1 else {0}s[0]"


def _kept(lines: tuple[str, ...], read: tuple[int, ...]) -> tuple[str, ...]:
    """The lines that keep the last states, for those that are read."""
    names = [f"{name}s" for place, name in enumerate(_STATES, 1) if place in read]
    made = {"hiddens, cells = [], []": [f"{name} = []" for name in names]}
    kept: list[str] = []
    for line in lines:
        is_kept = ".append(" not in line or line.strip().partition(".")[0] not in ("hiddens", "cells")
        kept += made.get(line, [line] if is_kept or line.strip().partition(".")[0] in names else [])
    return tuple(kept)


_NO_PROJECTION = limit("no projection (proj_size 0)", lambda v: len(_members(v, "params")) % (4 if v.get("has_biases") else 2) == 0,
                       lambda v: f"{len(_members(v, 'params'))} weights", unasked="the row writes no projection")  # fmt: skip


def _row(op: str, kind: str, cost: str, function: str, lines: tuple[str, ...], *names: str) -> OpSpec:
    every = (*_NAMES, *names)
    used = tuple(name for name in every if any(f"{name}(" in line for line in lines))
    return OpSpec(
        op,
        "composite",
        used,
        _REASON.format(kind=kind, cost=cost),
        (_NO_PROJECTION,) if function == "lstm" else (),
        lambda v: _unrolled(v, function, lines),
    )


_LSTM_COST = "two linears, four slices, three sigmoids, two tanhs, three products and two sums"
_GRU_COST = "two linears, six slices, two sigmoids, a tanh, two products and five sums"
_RNN_COST = "two linears, an add and the activation"
DTYPES = ("float",)
ROWS = (
    _row("aten.lstm.input", "LSTM", _LSTM_COST, "lstm", _LSTM),
    _row("aten.gru.input", "GRU", _GRU_COST, "gru", _GRU, "ttnn.subtract"),
    _row("aten.rnn_tanh.input", "RNN", _RNN_COST, "rnn_tanh", _rnn_lines("tanh")),
    _row("aten.rnn_relu.input", "RNN", _RNN_COST, "rnn_relu", _rnn_lines("relu"), "ttnn.relu"),
)
