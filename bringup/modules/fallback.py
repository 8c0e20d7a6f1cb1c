"""What TT-NN lacks, run in torch on the host: the tensors come back, torch computes, the result goes to the device."""

from __future__ import annotations

from bringup.modules.fuse_node import Node
from bringup.modules.lowerings.common import is_complex
from bringup.modules.preparation import HOST_ONLY
from bringup.modules.program import Part, Use, parts
from bringup.modules.torch_text import torch_parts
from bringup.modules.ttnn_state import Fallback, Held, State, value_dtype

_TAILS = {"float32": ").float()", "bool": ").bool()", "int64": ").long()"}
"""What makes of a tensor that comes from the device one of the dtype that torch has."""


def fall_back(node: Node, state: State, reason: str) -> None:
    """Write a call in torch, marked with why."""
    state.fallbacks.append(Fallback(node.call.name, node.op, reason))
    comment, issue = f"Fallback to torch, {node.op}: {reason}", state.issues.get(node.call.name, "")
    host = Held("native", "TILE", "torch")
    on_host: dict[str, str] = {}
    for ref in dict.fromkeys(node.refs()):
        if state.is_device(ref):
            made = state.fresh()
            tail = _TAILS.get(state.flow.values[ref].type.dtype, ")")
            moved = parts("ttnn.to_torch(", state.device(node, ref, "native"), tail)
            if is_complex(state, ref):
                moved = parts("torch.view_as_complex(", *moved, ".float())")
            state.emit(node, (made,), moved, host, hint=f"torch_{node.name}", comment=comment, issue=issue)
            on_host[ref], comment, issue = made, "", ""

    def refer(value: str) -> Part:
        if value in on_host:
            return Use(on_host[value])
        if state.flow.roles[value] == "weight":
            return state.weight(node, value, HOST_ONLY)
        return Use(state.host(value, HOST_ONLY))

    computed = tuple(state.fresh() for _ in node.outputs)
    expression = torch_parts(node.call, state.flow.values, refer)
    is_list = len(computed) > 1
    state.emit(
        node, computed, expression, host, hint=f"torch_{node.name}", is_list=is_list, comment=comment, issue=issue
    )
    state.device_of.update(dict.fromkeys(node.outputs, _device(node, state)))
    for made, output in zip(computed, node.outputs, strict=True):
        _to_device(node, state, made, output)


def _to_device(node: Node, state: State, made: str, output: str) -> None:
    """Move a result of torch to the device of the op's operands."""
    dtype = value_dtype(state.flow.values[output])
    tensor = parts(Use(made), ".float()" if state.flow.values[output].type.dtype == "bool" else "")
    if is_complex(state, output):
        tensor = parts("torch.view_as_real(", *tensor, ")")
    device = state.device_of[output]
    where = (Use(device), ".device())") if device else (state.own_device(node), ")")
    given = (f", dtype=ttnn.{dtype}, layout=ttnn.TILE_LAYOUT, device=", *where)
    moved = parts("ttnn.from_torch(", *tensor, *given)
    state.emit(node, (output,), moved, Held("native", "TILE", dtype), hint=node.name)


def _device(node: Node, state: State) -> str:
    """A tensor on the device that the op's result depends on; empty where there is none."""
    return next((ref for ref in node.refs() if state.is_device(ref)), "")


def _is_float(state: State, value: str) -> bool:
    return state.flow.values[value].type.dtype == "float32"
