"""Numbers that forward reads out of constants: `float(self.stride[0])` is 8.0 in every run, whatever the input."""

from __future__ import annotations

from typing import Any

import torch
from torch import fx
from torch.export import ExportedProgram
from torch.export.graph_signature import InputKind
from torch.fx.node import map_aggregate

_NUMBERS = (bool, int, float)


def fold_known_numbers(program: ExportedProgram) -> None:
    """Write each number that follows from constants alone in place of the op that reads it."""
    known = _Known(program)
    for node in list(program.graph.nodes):
        if node.op != "call_function" or isinstance(node.meta.get("val"), (torch.Tensor, tuple, list)):
            continue
        if isinstance(node.meta.get("val"), (torch.SymInt, torch.SymFloat, torch.SymBool)):
            number = known.value(node)
            if isinstance(number, _NUMBERS):
                _replace(node, number)


def _replace(node: fx.Node, number: bool | int | float) -> None:
    def given(item: Any) -> Any:
        return number if item is node else item

    for user in list(node.users):
        user.args = map_aggregate(user.args, given)
        user.kwargs = map_aggregate(user.kwargs, given)
    node.graph.erase_node(node)


class _Known:
    """The values of nodes that read nothing but the program's constants, worked out when they are asked for."""

    def __init__(self, program: ExportedProgram) -> None:
        self._found: dict[fx.Node, Any] = {}
        specs = {spec.arg.name: spec for spec in program.graph_signature.input_specs}
        for node in program.graph.find_nodes(op="placeholder"):
            spec = specs[node.name]
            held = program.constants.get(str(spec.target)) if spec.kind is InputKind.CONSTANT_TENSOR else None
            self._found[node] = held if type(held) is torch.Tensor and not held.is_meta else None

    def value(self, node: fx.Node) -> Any:
        """What a node gives in every run; None when that is not known."""
        if node not in self._found:
            self._found[node] = None
            operands = [self.value(operand) for operand in node.all_input_nodes]
            if node.op == "call_function" and operands and all(operand is not None for operand in operands):
                self._found[node] = self._run(node)
        return self._found[node]

    def _run(self, node: fx.Node) -> Any:
        def given(item: Any) -> Any:
            return self._found[item] if isinstance(item, fx.Node) else item

        try:
            return node.target(*map_aggregate(node.args, given), **map_aggregate(node.kwargs, given))  # type: ignore[operator]
        except Exception:  # an op on constants that raises is the model's own matter: it stays in the graph
            return None
