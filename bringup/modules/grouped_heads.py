"""Grouped-query attention: heads of keys and values that a model repeats, and TT-NN takes as they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from bringup.ir import Argument, Ref
from bringup.modules.flow import Flow, get
from bringup.modules.fuse_node import Node

OnlyReader = Callable[[str, Node], "Node | None"]


@dataclass(frozen=True, slots=True)
class _Repeated:
    """The heads before they were repeated, and the ops that repeat them."""

    source: str
    nodes: tuple[Node, ...]


def grouped_heads(node: Node, only_reader: OnlyReader, flow: Flow) -> tuple[Node, tuple[Node, ...]] | None:
    """Attention of keys and values each repeated by unsqueeze, expand and reshape, as attention with `enable_gqa`."""
    if node.name != "scaled_dot_product_attention" or get(node.call, "enable_gqa"):
        return None
    _, key, value = node.refs()[:3]
    found = [_repeated(ref, node, only_reader, flow) for ref in (key, value)]
    if None in found or key == value:
        return None
    first, second = (repeated for repeated in found if repeated is not None)
    sources = {"key": first.source, "value": second.source}
    if flow.values[first.source].type.shape[1] != flow.values[second.source].type.shape[1]:
        return None
    arguments = tuple(
        Argument(a.name, True if a.name == "enable_gqa" else Ref(sources[a.name]) if a.name in sources else a.value)
        for a in node.call.arguments
    )
    if all(a.name != "enable_gqa" for a in arguments):
        arguments = (*arguments, Argument("enable_gqa", True))
    call = replace(node.call, arguments=arguments)
    return replace(node, call=call, last=node.last), (*first.nodes, *second.nodes)


def _repeated(ref: str, reader: Node, only_reader: OnlyReader, flow: Flow) -> _Repeated | None:
    """`x[:, :, None].expand(batch, heads, repeats, length, size).reshape(batch, heads * repeats, length, size)`."""
    reshape = only_reader(ref, reader)
    expand = only_reader(reshape.refs()[0], reshape) if reshape and reshape.name in ("reshape", "view") else None
    unsqueeze = only_reader(expand.refs()[0], expand) if expand and expand.name == "expand" else None
    if reshape is None or expand is None or unsqueeze is None or unsqueeze.name != "unsqueeze":
        return None
    source = unsqueeze.refs()[0]
    shapes = [flow.values[name].type.shape for name in (source, unsqueeze.outputs[0], expand.outputs[0], ref)]
    before, apart, repeated, after = shapes
    is_repeat = (
        len(before) == 4
        and apart == (*before[:2], 1, *before[2:])
        and repeated == (*before[:2], repeated[2], *before[2:])
        and after == (before[0], before[1] * repeated[2], *before[2:])
    )
    return _Repeated(source, (reshape, expand, unsqueeze)) if is_repeat else None
