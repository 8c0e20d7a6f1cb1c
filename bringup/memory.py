"""DRAM that a model needs: weights as tiles, and the activations that are alive at once."""

from __future__ import annotations

import math
from dataclasses import dataclass

from bringup.ir import Graph, OpCall, Ref, TensorType, Value
from bringup.variations import short_name

_TILE = 32
_BYTES = {"bool": 2, "int64": 4, "int32": 4}
"""Bytes of an element on the device where they are not those of bfloat16."""
_COPIES = ("expand", "reshape", "clone", "view", "unsqueeze", "repeat_interleave", "contiguous")
_RECURRENT = ("lstm", "gru", "rnn_tanh", "rnn_relu")


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes on the device, padded to tiles; views are counted as tensors of their own, so this is an upper bound.

    Args:
        inputs: The model's inputs.
        peak: Activations alive at the worst call, inputs and outputs with them.
        peak_call: That call.
        peak_module: The module that it stands in.
        caches: Keys and values of all attention calls, before heads are repeated: what a decoder keeps when it writes a
            token at a time.
        states: What recurrent ops keep from one call to the next.
    """

    inputs: int
    peak: int
    peak_call: str
    peak_module: str
    caches: int = 0
    states: int = 0


def activation_bytes(type_: TensorType) -> int:
    """Bytes of an activation in TILE layout: its last two dimensions padded to 32."""
    *lead, rows, columns = (1, 1, *type_.shape)[-max(2, len(type_.shape)) :]
    elements = math.prod(lead) * math.ceil(rows / _TILE) * math.ceil(columns / _TILE) * _TILE * _TILE
    return elements * _BYTES.get(type_.dtype, 2)


def plan_memory(graph: Graph) -> Memory:
    """Liveness over the calls in order: a tensor lives from its call to its last use."""
    values = graph.value_by_name()
    last_use: dict[str, int] = {}
    for index, call in enumerate(graph.calls):
        for ref in call.refs():
            last_use[ref] = index
    for name in graph.results:
        last_use[name] = len(graph.calls)
    size = {name: activation_bytes(v.type) for name, v in values.items() if v.kind == "activation"}
    alive = {name for name in graph.inputs if name in size}
    inputs = total = sum(size[name] for name in alive)
    peak, where = total, None
    frames = graph.frame_by_id()
    for index, call in enumerate(graph.calls):
        made = [name for name in call.outputs if name in size]
        total += sum(size[name] for name in made)
        alive.update(made)
        if total > peak:
            peak, where = total, call
        done = {name for name in (*call.refs(), *made) if name in alive and last_use.get(name, index) <= index}
        total -= sum(size[name] for name in done)
        alive -= done
    module = frames[where.frame].path if where else ""
    return Memory(
        inputs, peak, where.target if where else "", module, _cache_bytes(graph, values), _state_bytes(graph, values)
    )


def _cache_bytes(graph: Graph, values: dict[str, Value]) -> int:
    attention = [call for call in graph.calls if "scaled_dot_product" in call.target]
    names = [call.argument(name) for call in attention for name in ("key", "value")]
    makers = {output: call for call in graph.calls for output in call.outputs}
    return sum(_before_repeats(name.ref, values, makers) for name in names if isinstance(name, Ref))


def _before_repeats(name: str, values: dict[str, Value], makers: dict[str, OpCall]) -> int:
    """Bytes of keys or values as they are kept: query heads that share them get copies."""
    smallest = activation_bytes(values[name].type)
    while (maker := makers.get(name)) and short_name(maker.target) in _COPIES:
        name = next(iter(maker.refs()))
        smallest = min(smallest, activation_bytes(values[name].type))
    return smallest


def _state_bytes(graph: Graph, values: dict[str, Value]) -> int:
    """The outputs of recurrent ops after the first: hidden and cell states."""
    recurrent = [call for call in graph.calls if short_name(call.target) in _RECURRENT]
    return sum(activation_bytes(values[name].type) for call in recurrent for name in call.outputs[1:])
