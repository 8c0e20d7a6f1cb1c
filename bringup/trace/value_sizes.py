"""Sizes that depend on values (`y[mask]`, nms), as they are at the example inputs.

torch.export leaves them open. A graph on the device has fixed shapes, so the ops that make them run on the host, and
what follows has the sizes of the example.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import fx
from torch.export import ExportedProgram
from torch.export.graph_signature import InputKind
from torch.utils._pytree import tree_leaves

from bringup.trace.lines import user_line


def settle_sizes(program: ExportedProgram) -> tuple[fx.Node, ...]:
    """Run a program on its example inputs where sizes are open, and write what they are into it.

    Returns:
        The ops whose results have the sizes; none where no size is open.
    """
    makers = tuple(_makers(program))
    if not makers:
        return ()
    measured = _Measuring(program.graph_module)
    with torch.no_grad():
        measured.run(*_flat_inputs(program))
    for node, value in measured.seen.items():
        if isinstance(value, torch.Tensor):
            node.meta["val"] = torch.empty(value.shape, dtype=value.dtype, device="meta")
        elif isinstance(value, (tuple, list)) and all(isinstance(item, torch.Tensor) for item in value):
            node.meta["val"] = [torch.empty(item.shape, dtype=item.dtype, device="meta") for item in value]
        elif isinstance(value, (bool, int, float)):
            node.meta["val"] = value
            for user in tuple(node.users):
                _write_number(user, node, value)
    return makers


def numbers_read(makers: tuple[fx.Node, ...]) -> str:
    """Where forward reads numbers out of tensors, which are those of the example inputs then; empty for nowhere."""
    read = [node for node in makers if not isinstance(node.meta.get("val"), (torch.Tensor, tuple, list))]
    places = []
    for node in read:
        line = user_line(node.meta.get("stack_trace") or "")
        module = next((path for path, _ in reversed((node.meta.get("nn_module_stack") or {}).values())), "")
        places.append(f"{node.target} in {module or 'the model'}" + (f" ({line}: {line.code})" if line else ""))
    listed = "; ".join(dict.fromkeys(places))
    return f"numbers that forward reads out of tensors are those of the example inputs: {listed}" if read else ""


def _write_number(user: fx.Node, node: fx.Node, value: bool | int | float) -> None:
    def written(argument: fx.Node) -> Any:
        return value if argument is node else argument

    user.args = fx.node.map_arg(user.args, written)
    user.kwargs = fx.node.map_arg(user.kwargs, written)


def _makers(program: ExportedProgram) -> Iterator[fx.Node]:
    """The ops whose results have sizes that none of their operands has."""
    known: set[Any] = set()
    for node in program.graph.nodes:
        symbols = {symbol for value in tree_leaves(node.meta.get("val")) for symbol in _open(value)}
        if symbols - known and isinstance(node.target, torch._ops.OpOverload):
            yield node
        known |= symbols


def _open(value: Any) -> Iterator[Any]:
    sizes = value.shape if isinstance(value, torch.Tensor) else (value,)
    for size in sizes:
        if isinstance(size, (torch.SymInt, torch.SymFloat, torch.SymBool)):
            yield from size.node.expr.free_symbols


class _Measuring(fx.Interpreter):
    """Runs a program and keeps what each of its nodes gives."""

    def __init__(self, module: fx.GraphModule) -> None:
        super().__init__(module, garbage_collect_values=False)
        self.seen: dict[fx.Node, Any] = {}

    def run_node(self, n: fx.Node) -> Any:
        value = super().run_node(n)
        if n.op == "call_function":
            self.seen[n] = value
        return value


def _flat_inputs(program: ExportedProgram) -> list[Any]:
    given = iter(tree_leaves(program.example_inputs))
    found: list[Any] = []
    for spec in program.graph_signature.input_specs:
        if spec.kind in (InputKind.PARAMETER, InputKind.BUFFER) and spec.target in program.state_dict:
            found.append(program.state_dict[spec.target])
        elif spec.kind is InputKind.USER_INPUT:
            found.append(next(given))
        else:
            found.append(program.constants[str(spec.target)])
    return [item.detach().clone() if isinstance(item, torch.Tensor) else item for item in found]
