"""In-place ops of an exported graph made functional, where nobody could see the difference.

`x.relu_()` is `x = x.relu()` as long as no other name for the same memory is read later. Where one is (a slice
that is written through), torch's own functionalisation has to do it, which retraces the model.
"""

from __future__ import annotations

import torch
from torch import fx

_EVAL_IDENTITY = {"aten.dropout.default", "aten.feature_dropout.default", "aten.alpha_dropout.default"}


def functionalise(graph_module: fx.GraphModule) -> bool:
    """Rewrite every in-place op of the graph; False, with the graph as it was, when one cannot be."""
    order = {node: index for index, node in enumerate(graph_module.graph.nodes)}
    mutations = [node for node in order if is_mutation(node)]
    if not all(_is_safe(node, order) for node in mutations):
        return False
    for node in mutations:
        target = _functional_overload(node)
        if target is None:
            return False
    for node in mutations:
        _rewrite(node, order)
    return True


def is_mutation(node: fx.Node) -> bool:
    """Whether the node writes to one of its operands."""
    schema = getattr(node.target, "_schema", None)
    return node.op == "call_function" and schema is not None and schema.is_mutable


def writes_statistics(node: fx.Node) -> bool:
    """Whether the node is a norm that learns its running statistics, which its schema does not tell."""
    if str(node.target) not in ("aten.batch_norm.default", "aten.instance_norm.default"):
        return False
    _, _, _, running_mean, _, learns = node.args[:6]
    return running_mean is not None and bool(learns)


def _is_safe(node: fx.Node, order: dict[fx.Node, int]) -> bool:
    written = node.args[0] if node.args else None
    if not isinstance(written, fx.Node) or _functional_overload(node) is None:
        return False
    aliases = _aliases(written, order[node])
    if any(alias.op != "call_function" for alias in aliases):
        return False
    others = aliases - {written}
    return not any(order[user] > order[node] for alias in others for user in alias.users)


def _aliases(node: fx.Node, before: int) -> set[fx.Node]:
    """All nodes that may name the same memory as `node`."""
    seen: set[fx.Node] = set()
    todo = [node]
    while todo:
        current = todo.pop()
        if current in seen:
            continue
        seen.add(current)
        if _returns_alias(current) and current.args and isinstance(current.args[0], fx.Node):
            todo.append(current.args[0])
        todo += [user for user in current.users if _returns_alias(user) and not is_mutation(user)]
    return seen


def _returns_alias(node: fx.Node) -> bool:
    if node.op != "call_function":
        return False
    if str(node.target) in _EVAL_IDENTITY or node.target.__class__.__name__ == "builtin_function_or_method":
        return True
    schema = getattr(node.target, "_schema", None)
    return schema is not None and any(r.alias_info is not None and not r.alias_info.is_write for r in schema.returns)


def _functional_overload(node: fx.Node) -> torch._ops.OpOverload | None:
    """`aten.relu_.default` -> `aten.relu.default`; None when torch has no such op."""
    target = node.target
    if not isinstance(target, torch._ops.OpOverload):
        return None
    namespace, name = target._schema.name.split("::")
    packet = getattr(getattr(torch.ops, namespace), name.removesuffix("_"), None)
    if packet is None or not name.endswith("_"):
        return None
    return getattr(packet, target._overloadname, None)


def _rewrite(node: fx.Node, order: dict[fx.Node, int]) -> None:
    written = node.args[0]
    assert isinstance(written, fx.Node)
    node.target = _functional_overload(node)  # type: ignore[assignment]
    later = [user for user in written.users if user is not node and order[user] > order[node]]
    for user in later:
        user.replace_input_with(written, node)
