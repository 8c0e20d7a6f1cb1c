"""Recurrent layers: a call of a helper of `tt/layers.py`, which runs over layers, directions and steps."""

from __future__ import annotations

from bringup.ir import Ref
from bringup.modules.flow import get
from bringup.modules.fuse_node import Node
from bringup.modules.lowerings.common import TILED, is_weight, ref
from bringup.modules.preparation import Prepared
from bringup.modules.program import Part, Place, parts
from bringup.modules.row_lowering import CannotLower, lowering_of
from bringup.modules.ttnn_state import TILE_HOW, State
from bringup.ops.registry import registry
from bringup.ops.rows.matmul import _BIAS as ROW_HOW
from bringup.ops.rows.matmul import _WEIGHT as TRANSPOSED_HOW

_STATES = ("hidden", "cell")


def recurrent(node: Node, state: State) -> bool:
    """The whole layer in one call of its helper; False where its weights are no weights, or its row refuses it."""
    call = node.call
    given, params = get(call, "hx"), get(call, "params")
    weights = _refs(params)
    first = _refs(given)
    is_known = bool(first) and bool(weights) and is_weight(state, *weights) and not is_weight(state, ref(call, "input"))
    if not is_known or not _is_taken(node, state):
        return False
    kept = is_weight(state, *first)
    prepared = {
        name: Prepared(TRANSPOSED_HOW if name.startswith("weight") else ROW_HOW, state.source(value))
        for name, value in zip(_weight_names(node), weights, strict=True)
    }
    if kept:
        prepared |= {name: Prepared(TILE_HOW, state.source(value)) for name, value in zip(_STATES, first, strict=False)}
    place = state.preparations.bundle(
        state.site(node), prepared, {"arguments": _arguments(node, state, state.shape(first[0])[-1])}
    )
    text: list[Part] = [f"{node.name}(", state.operand(node, ref(call, "input"), TILE_HOW), ", ", Place(place)]
    for value in () if kept else first:
        text += [", ", state.operand(node, value, TILE_HOW, name="hidden")]
    read = [value for value in node.outputs if value in state.flow.read]
    pick = f")[{node.outputs.index(read[0])}]" if len(read) == 1 else ")"
    outputs = tuple(read) if len(read) == 1 else node.outputs
    hint = "output" if len(read) == 1 else ""
    state.emit(node, outputs, parts(*text, pick), TILED, hint=hint, is_list=len(outputs) > 1)
    return True


def _refs(value: object) -> list[str]:
    members = value if isinstance(value, tuple) else (value,)
    return [member.ref for member in members if isinstance(member, Ref)]


def _is_taken(node: Node, state: State) -> bool:
    try:
        lowering_of(node, state, registry())
    except CannotLower:
        return False
    return True


def _directions(node: Node) -> int:
    return 2 if get(node.call, "bidirectional") else 1


def _weight_names(node: Node) -> list[str]:
    """The weights' names as torch's own modules have them, in the order in which the op takes them."""
    kinds = ("weight_ih", "weight_hh", *(("bias_ih", "bias_hh") if get(node.call, "has_biases") else ()))
    layers = range(int(str(get(node.call, "num_layers"))))
    ways = ("", "_reverse")[: _directions(node)]
    return [f"{kind}_l{layer}{way}" for layer in layers for way in ways for kind in kinds]


def _arguments(node: Node, state: State, width: int) -> dict[str, object]:
    batch_first = bool(get(node.call, "batch_first"))
    out = state.shape(node.outputs[0])
    batch = out[0 if batch_first else 1]
    return {
        "num_layers": get(node.call, "num_layers"),
        "num_directions": _directions(node),
        "batch_size": batch,
        "hidden_size": width,
        "step_dim": 1 if batch_first else 0,
        "step_shape": (batch, 1, out[2]) if batch_first else (1, batch, out[2]),
    }
