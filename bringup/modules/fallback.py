"""What TT-NN lacks, run in torch on the host: the tensors come back, torch computes, the result goes to the device."""

from __future__ import annotations

from bringup.modules.fuse import Node
from bringup.modules.preparation import HOST_ONLY
from bringup.modules.program import Part, Use, parts
from bringup.modules.torch_text import torch_parts
from bringup.modules.ttnn_state import Fallback, Held, State, value_dtype


def fall_back(node: Node, state: State, reason: str) -> None:
    """Write a call in torch, marked with why."""
    state.fallbacks.append(Fallback(node.call.name, node.op, reason))
    on_host: dict[str, str] = {}
    for ref in dict.fromkeys(node.refs()):
        if state.is_device(ref):
            made = state.fresh()
            moved = parts(
                "ttnn.to_torch(", state.device(node, ref, "native"), ").float()" if _is_float(state, ref) else ")"
            )
            note = "" if on_host else f"Fallback to torch, {node.op}: {reason}"
            state.emit(
                node,
                (made,),
                moved,
                Held("native", "TILE", "torch"),
                hint=f"torch_{node.name}",
                comment=note,
                issue=state.issues.get(node.call.name, "") if note else "",
            )
            on_host[ref] = made

    def refer(value: str) -> Part:
        if value in on_host:
            return Use(on_host[value])
        if state.flow.roles[value] == "weight":
            return state.weight(node, value, HOST_ONLY)
        return Use(state.host(value, HOST_ONLY))

    computed = tuple(state.fresh() for _ in node.outputs)
    expression = torch_parts(node.call, state.flow.values, refer)
    state.emit(
        node,
        computed,
        expression,
        Held("native", "TILE", "torch"),
        hint=f"torch_{node.name}",
        is_list=len(computed) > 1,
    )
    device = next((Use(ref) for ref in node.refs() if state.is_device(ref)), None)
    for made, output in zip(computed, node.outputs, strict=True):
        dtype = value_dtype(state.flow.values[output])
        tensor = parts(Use(made), ".float()" if state.flow.values[output].type.dtype == "bool" else "")
        given = (
            f", dtype=ttnn.{dtype}, layout=ttnn.TILE_LAYOUT",
            *((", device=", device, ".device())") if device else (")",)),
        )
        state.emit(
            node, (output,), parts("ttnn.from_torch(", *tensor, *given), Held("native", "TILE", dtype), hint=node.name
        )


def _is_float(state: State, value: str) -> bool:
    return state.flow.values[value].type.dtype == "float32"
