"""Calls beyond a limit of their row, taken apart where the rows take all of it: a reflecting pad is a look-up."""

from __future__ import annotations

import operator
from typing import Any

import torch
from torch import fx

from bringup.errors import UsageError
from bringup.lines.parts import form_of, graph_of_parts, variations_of
from bringup.lines.read import read_variation
from bringup.ops.routes import Rows
from bringup.trace.functional import is_mutation

_WHERE = ("nn_module_stack", "stack_trace", "source_fn_stack", "torch_fn")
"""What a node's metadata say of its place in the model."""


class BeyondLimits:
    """Calls of a program that its rows do not take; each distinct one is looked at once."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._parts: dict[str, fx.Graph | None] = {}

    def take_apart(self, node: fx.Node) -> None:
        """Replace a call that its row does not take by torch's decomposition, where the rows take all of that."""
        if is_mutation(node) or not (self._rows.has_limits(str(node.target)) or _reads_complex(node)):
            return
        try:
            form = form_of(node, {})
        except UsageError:
            return
        key = repr(form)
        if key not in self._parts:
            self._parts[key] = self._parts_of(form)
        parts = self._parts[key]
        if parts is not None:
            _inline(node, parts)

    def _parts_of(self, form: dict[str, Any]) -> fx.Graph | None:
        try:
            variation = read_variation(form)
        except UsageError:
            return None
        parts = None if self._rows.takes(variation) else graph_of_parts(variation, self._rows.has)
        if parts is None or any(part.op == "get_attr" for part in parts.nodes):
            return None
        made = variations_of(parts, variation)
        return parts if made and all(self._rows.takes(part) for part in made) else None


def _reads_complex(node: fx.Node) -> bool:
    """Whether an operand is complex: few rows take those."""
    if not isinstance(node.target, torch._ops.OpOverload):
        return False
    values = (operand.meta.get("val") for operand in node.all_input_nodes)
    return any(isinstance(value, torch.Tensor) and value.is_complex() for value in values)


def _inline(node: fx.Node, parts: fx.Graph) -> None:
    found = dict(zip(parts.find_nodes(op="placeholder"), _operands(node), strict=True))
    (returned,) = parts.output_node().args
    results = list(returned) if isinstance(returned, (list, tuple)) else [returned]
    if any(not isinstance(result, fx.Node) or result in found for result in results):
        return
    replaced = _results(node, len(results))
    if replaced is None:
        return
    with node.graph.inserting_before(node):
        for part in parts.nodes:
            if part.op not in ("placeholder", "output"):
                copy = node.graph.node_copy(part, lambda other: found[other])
                copy.meta = {key: node.meta[key] for key in _WHERE if key in node.meta} | {"val": part.meta.get("val")}
                found[part] = copy
    for index, old in replaced.items():
        old.replace_all_uses_with(found[results[index]])
        node.graph.erase_node(old)
        found[results[index]].name = old.name  # the program's signature names its outputs
    if not isinstance(node.meta.get("val"), torch.Tensor):
        node.graph.erase_node(node)


def _operands(node: fx.Node) -> list[fx.Node]:
    """The tensors of a call, in the order of the op's schema."""
    assert isinstance(node.target, torch._ops.OpOverload)
    found: list[fx.Node] = []
    for index, parameter in enumerate(node.target._schema.arguments):
        value = node.args[index] if index < len(node.args) else node.kwargs.get(parameter.name)
        fx.node.map_arg(value, found.append)
    return found


def _results(node: fx.Node, count: int) -> dict[int, fx.Node] | None:
    """The nodes that stand for each result of a call; None where something else is done with them."""
    if isinstance(node.meta.get("val"), torch.Tensor):
        return {0: node} if count == 1 else None
    chosen: dict[int, Any] = {}
    for user in node.users:
        if user.target is not operator.getitem or user.args[1] in chosen:
            return None
        chosen[int(user.args[1])] = user  # type: ignore[arg-type]
    return chosen
