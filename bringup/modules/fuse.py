"""Ops brought together that TT-NN runs as one: batch norms in convolutions, activations in what comes before them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from bringup.ir import Argument, Frame, Ref
from bringup.modules.flow import Flow, get
from bringup.modules.fuse_node import Node
from bringup.modules.grouped_heads import grouped_heads
from bringup.modules.tree import owners

_CONVOLUTIONS = frozenset({"conv2d", "conv_transpose2d"})
_MATRIX = frozenset({"linear", "addmm"})
_BINARY = frozenset({"add", "sub", "mul"})
_ACTIVATIONS = frozenset(
    {"relu", "relu6", "hardtanh", "silu", "gelu", "sigmoid", "tanh", "leaky_relu", "hardswish", "hardsigmoid"}
)


def fuse(
    flow: Flow, frames: Mapping[str, Frame], refused: Mapping[str, str]
) -> tuple[tuple[Node, ...], dict[str, str]]:
    """The device's ops, fused within the functions that they stand in, and the owner of each frame.

    Args:
        refused: Why ttnn does not run a call, by its name: such a call stays by itself.
    """
    nodes = [
        Node(call.target, call, call.outputs, call.frame, last=call, refused=refused.get(call.name, ""))
        for call in flow.calls
        if flow.roles[call.outputs[0]] == "device"
    ]
    while True:
        owner_of = owners(frames, [node.frame for node in nodes])
        fused = _pass(nodes, flow, owner_of)
        if len(fused) == len(nodes):
            return tuple(nodes), owner_of
        nodes = fused


def _pass(nodes: Sequence[Node], flow: Flow, owner_of: Mapping[str, str]) -> list[Node]:
    window = _Window(list(nodes), flow, owner_of)
    for pattern in (_rms_norm, _gelu_tanh, _grouped_heads, _batch_norm, _activation):
        window = _Window(_apply(pattern, window), flow, owner_of)
    return window.nodes


class _Window:
    """The nodes with who makes and who reads each value."""

    def __init__(self, nodes: list[Node], flow: Flow, owner_of: Mapping[str, str]) -> None:
        self.nodes, self.flow, self.owner_of = nodes, flow, owner_of
        self.maker = {value: node for node in nodes for value in node.outputs}
        self.readers = Counter(ref for node in nodes for ref in {*node.refs()})
        self.readers.update(flow.outputs)

    def only_reader(self, value: str, node: Node) -> Node | None:
        """The node that makes a value, when `node` alone reads it and both stand in one function."""
        maker = self.maker.get(value)
        if maker is None or self.readers[value] != 1 or len(maker.outputs) != 1:
            return None
        return maker if self.owner_of[maker.frame] == self.owner_of[node.frame] else None


Pattern = Callable[[Node, _Window], "tuple[Node, tuple[Node, ...]] | None"]


def _apply(pattern: Pattern, window: _Window) -> list[Node]:
    """Each node that ends a pattern becomes the fused one; those it takes in are left out."""
    gone: set[str] = set()
    found: dict[str, Node] = {}
    replaced: dict[str, Node] = {}
    for node in window.nodes:
        match = pattern(node, window)
        if match is None or any(part.outputs[0] in gone or part.outputs[0] in replaced for part in match[1]):
            continue
        fused, parts = match
        if any(part.refused for part in (node, *parts)):
            continue
        gone.update(part.outputs[0] for part in parts)
        replaced[node.outputs[0]] = fused
    for node in window.nodes:
        if node.outputs[0] not in gone:
            found[node.outputs[0]] = replaced.get(node.outputs[0], node)
    return list(found.values())


def _first(node: Node) -> str:
    refs = node.refs()
    return refs[0] if refs else ""


def _grouped_heads(node: Node, window: _Window) -> tuple[Node, tuple[Node, ...]] | None:
    return grouped_heads(node, window.only_reader, window.flow)


def _batch_norm(node: Node, window: _Window) -> tuple[Node, tuple[Node, ...]] | None:
    if node.name != "batch_norm" or get(node.call, "training"):
        return None
    conv = window.only_reader(_first(node), node)
    if conv is None or conv.name not in _CONVOLUTIONS or conv.batch_norm is not None or conv.activation is not None:
        return None
    rest = node.refs()[1:]
    if not rest or any(window.flow.roles[ref] != "weight" for ref in (*rest, *conv.refs()[1:])):
        return None
    fused = replace(conv, outputs=node.outputs, batch_norm=node.call, activation=node.activation, last=node.last)
    return fused, (conv,)


def _activation(node: Node, window: _Window) -> tuple[Node, tuple[Node, ...]] | None:
    if node.name not in _ACTIVATIONS or node.activation is not None:
        return None
    before = window.only_reader(_first(node), node)
    if before is None or before.activation is not None or not _takes(before, node, window):
        return None
    return replace(before, outputs=node.outputs, activation=node.call, last=node.call), (before,)


def _takes(before: Node, activation: Node, window: _Window) -> bool:
    """Whether TT-NN can run an activation within an op, to the same values."""
    if before.name in _CONVOLUTIONS or before.name == "conv1d" or before.name == "batch_norm":
        return True
    if before.name in _MATRIX:
        return activation.name in ("relu", "silu", "sigmoid", "tanh") or _is_erf_gelu(activation)
    if before.name in _BINARY:
        is_float = all(window.flow.values[ref].type.dtype.startswith(("float", "bfloat")) for ref in before.refs())
        return activation.name in ("relu", "silu", "sigmoid") and is_float and get(before.call, "alpha") in (None, 1)
    return False


def _is_erf_gelu(node: Node) -> bool:
    return node.name == "gelu" and get(node.call, "approximate") == "none"


def _rms_norm(node: Node, window: _Window) -> tuple[Node, tuple[Node, ...]] | None:
    """weight * (x * rsqrt(mean(x ** 2, -1) + epsilon))."""
    if node.name != "mul" or len(node.refs()) != 2:
        return None
    for weight, scaled in (node.refs()[:2], node.refs()[:2][::-1]):
        if window.flow.roles.get(weight) != "weight" or len(window.flow.values[weight].type.shape) != 1:
            continue
        product = window.only_reader(scaled, node)
        if product is None or product.name != "mul" or len(product.refs()) != 2:
            continue
        for x, inverse in (product.refs(), product.refs()[::-1]):
            found = _inverse_rms(x, inverse, product, window)
            if found is not None:
                parts, epsilon = found
                return _rms_node(node, x, weight, epsilon), (product, *parts)
    return None


def _inverse_rms(x: str, inverse: str, reader: Node, window: _Window) -> tuple[tuple[Node, ...], float] | None:
    rsqrt = window.only_reader(inverse, reader)
    if (
        rsqrt is None
        or rsqrt.name not in ("rsqrt", "pow")
        or (rsqrt.name == "pow" and get(rsqrt.call, "exponent") != -0.5)
    ):
        return None
    add = window.only_reader(_first(rsqrt), rsqrt)
    mean = window.only_reader(_first(add), add) if add is not None and add.name == "add" else None
    if add is None or mean is None or mean.name != "mean" or get(mean.call, "dim") not in ((-1,), -1):
        return None
    square = window.only_reader(_first(mean), mean)
    epsilon = get(add.call, "other")
    if square is None or square.name != "pow" or get(square.call, "exponent") != 2 or _first(square) != x:
        return None
    return ((rsqrt, add, mean, square), float(epsilon)) if isinstance(epsilon, (int, float)) else None


def _rms_node(node: Node, x: str, weight: str, epsilon: float) -> Node:
    arguments = (Argument("input", Ref(x)), Argument("weight", Ref(weight)), Argument("eps", epsilon))
    call = replace(node.call, target="rms_norm", arguments=arguments)
    return Node("rms_norm", call, node.outputs, node.frame, last=node.call)


def _gelu_tanh(node: Node, window: _Window) -> tuple[Node, tuple[Node, ...]] | None:
    """0.5 * x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x ** 3)))."""
    if node.name != "mul" or len(node.refs()) != 2:
        return None
    for half, one in (node.refs(), node.refs()[::-1]):
        halved, added = window.only_reader(half, node), window.only_reader(one, node)
        if halved is None or added is None or get(halved.call, "other") != 0.5 or halved.name != "mul":
            continue
        x = _first(halved)
        inner = _tanh_chain(x, added, window)
        if inner is not None:
            call = replace(node.call, target="gelu_tanh", arguments=(Argument("self", Ref(x)),))
            return Node("gelu_tanh", call, node.outputs, node.frame, last=node.call), (halved, added, *inner)
    return None


def _tanh_chain(x: str, added: Node, window: _Window) -> tuple[Node, ...] | None:
    chain: list[Node] = []
    current = added
    for name, check in (("add", 1.0), ("tanh", None), ("mul", 0.7978845608028654), ("add", None)):
        if current.name != name or (check is not None and get(current.call, "other") != check):
            return None
        chain.append(current)
        if name == "add" and check is None:
            break
        below = window.only_reader(_first(current), current)
        if below is None:
            return None
        current = below
    scaled = next(
        (m for ref in current.refs() if ref != x and (m := window.only_reader(ref, current)) is not None), None
    )
    if scaled is None or scaled.name != "mul" or get(scaled.call, "other") != 0.044715 or x not in current.refs():
        return None
    cube = window.only_reader(_first(scaled), scaled)
    if cube is None or cube.name != "pow" or get(cube.call, "exponent") != 3.0 or _first(cube) != x:
        return None
    return (*chain[1:], scaled, cube)
