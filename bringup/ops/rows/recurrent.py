"""Recurrent layers, unrolled over their steps."""

from __future__ import annotations

from bringup.inventory import Operand, Variation
from bringup.ops.constraints import limit, shape_of
from bringup.ops.lowering import RANDN, TILE, missing
from bringup.ops.spec import Lowering, OpSpec
from bringup.ops.spec import TestInput as Tensor

_REASON = "ttnn has no LSTM: per layer, direction and step two linears, four slices, three sigmoids, two tanhs, three products and two sums"
_UNROLLED = (
    "layers, directions = {num_layers}, {num_directions}",
    "weights = [tuple(params[i : i + {per_layer}]) for i in range(0, len(params), {per_layer})]",
    "steps = ttnn.split(input, 1, dim={step_dim})",
    "for layer in range(layers):",
    "    outputs = []",
    "    for direction in range(directions):",
    "        index = layer * directions + direction",
    "        hidden, cell = (ttnn.slice(state, [index, 0, 0], [index + 1, {batch}, {width}]) for state in hx)",
    "        made = []",
    "        for step in steps[::-1] if direction else steps:",
    "            weight_ih, weight_hh, *biases = weights[index]",
    "            gates = ttnn.linear(ttnn.reshape(step, (1, {batch}, -1)), weight_ih, transpose_b=True)",
    "            gates = ttnn.add(gates, ttnn.linear(hidden, weight_hh, transpose_b=True))",
    "            for bias in biases:",
    "                gates = ttnn.add(gates, bias)",
    "            i, f, g, o = ttnn.split(gates, {width}, dim=-1)",
    "            cell = ttnn.add(ttnn.multiply(ttnn.sigmoid(f), cell), ttnn.multiply(ttnn.sigmoid(i), ttnn.tanh(g)))",
    "            hidden = ttnn.multiply(ttnn.sigmoid(o), ttnn.tanh(cell))",
    "            made.append(hidden)",
    "        outputs.append(made[::-1] if direction else made)",
    "    steps = [ttnn.concat(list(parts), dim=-1) if directions > 1 else parts[0] for parts in zip(*outputs, strict=True)]",
    "steps = [ttnn.reshape(step, {step_shape}) for step in steps]",
    "output = ttnn.concat(steps, dim={step_dim})",
)
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


def _lstm(v: Variation) -> Lowering:
    batch_first = bool(v.get("batch_first"))
    batch, width = v.outputs[0].shape[0 if batch_first else 1], _members(v, "hx")[0][-1]
    directions = 2 if v.get("bidirectional") else 1
    out = directions * width
    scaled = f"{RANDN} * {width**-0.5:.4f}"
    inputs = (
        Tensor("input", shape_of(v, "input")),
        Tensor("hx", _members(v, "hx"), to_ttnn=TILE, many=True),
        Tensor("params", _members(v, "params"), make=scaled, to_ttnn=TILE, many=True),
    )
    values = {
        "has_biases": bool(v.get("has_biases")), "num_layers": v.get("num_layers"), "num_directions": directions, "batch": batch, "width": width,
        "per_layer": 4 if v.get("has_biases") else 2, "step_dim": 1 if batch_first else 0,
        "step_shape": (batch, 1, out) if batch_first else (1, batch, out),
        "bidirectional": bool(v.get("bidirectional")), "batch_first": batch_first,
    }  # fmt: skip
    torch = "torch.lstm(torch_input, torch_hx, torch_params, {has_biases}, {num_layers}, 0.0, False, {bidirectional}, {batch_first})[0]"
    return Lowering(inputs, torch, _UNROLLED, values, pcc=0.99, relative_error=0.05)


_NO_PROJECTION = limit("no projection (proj_size 0)", lambda v: len(_members(v, "params")) % (4 if v.get("has_biases") else 2) == 0,
                       lambda v: f"{len(_members(v, 'params'))} weights")  # fmt: skip

ROWS = (
    OpSpec("aten.lstm.input", "composite", _NAMES, _REASON, (_NO_PROJECTION,), _lstm),
    missing("aten.gru.input", "ttnn has no GRU: per layer, direction and step two linears, two sigmoids, a tanh and six products and sums"),
    missing("aten.rnn_tanh.input", "ttnn has no RNN: per layer, direction and step two linears, an add and a tanh"),
)  # fmt: skip
