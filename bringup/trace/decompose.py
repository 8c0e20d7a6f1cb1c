"""Which ops of an exported program stay as they are, and which torch takes apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import fx
from torch.export import ExportedProgram

from bringup.ir import Level
from bringup.ops.routes import Rows
from bringup.trace.beyond_limits import BeyondLimits
from bringup.trace.functional import functionalise, writes_statistics
from bringup.trace.strategies import quiet

_DEEPEST = 3
"""How often what is taken apart is taken apart again."""


def lower_to_level(program: ExportedProgram, level: Level, rows: Rows) -> ExportedProgram:
    """The program at a level: `core` is full core ATen; `ttnn` takes apart only what the rows do not take.

    The usual model needs no retracing at all at level `ttnn`: its ops have rows and its in-place ops are harmless.
    """
    with quiet(), torch.no_grad():
        if level == "core":
            return _taken_apart(program, None)
        tried: set[Any] = set()
        beyond = BeyondLimits(rows)
        for _ in range(_DEEPEST):
            for node in op_nodes(program.graph_module):
                beyond.take_apart(node)
            targets = {node.target for node in op_nodes(program.graph_module)} - tried
            table = _table_without_rows(targets, rows.has)
            is_pure = not any(map(writes_statistics, op_nodes(program.graph_module)))
            if not table and is_pure and all(functionalise(module) for module in graph_modules(program.graph_module)):
                break
            tried |= table.keys()
            program = _without(program, table)
        return program


def _without(program: ExportedProgram, table: dict[Any, Any]) -> ExportedProgram:
    """The program without these ops, which are taken apart; as it is where torch cannot do that with this model."""
    try:
        return _taken_apart(program, table)
    except Exception:  # decompositions raise what they like: there is no such route then
        return _taken_apart(program, {})


def _taken_apart(program: ExportedProgram, table: dict[Any, Any] | None) -> ExportedProgram:
    """The program with the table's ops taken apart; None: all that are not core ATen."""
    made: ExportedProgram = program.run_decompositions(table)
    return made


def _table_without_rows(targets: set[Any], has_row: Callable[[str], bool]) -> dict[Any, Any]:
    """torch's decompositions of the ops that have no row."""
    rowless = [target for target in targets if not has_row(functional_name(str(target)))]
    return {target: made for target in rowless if (made := _decomposition(target))}


def _decomposition(target: Any) -> Callable[..., Any] | None:
    """How torch takes an op apart: by its tables, or because the op is written in terms of others."""
    from torch._decomp import core_aten_decompositions, decomposition_table

    for table in (torch.export.default_decompositions(), core_aten_decompositions(), decomposition_table):
        if target in table:
            return table[target]
    is_composite = torch._C._dispatch_has_kernel_for_dispatch_key(target.name(), "CompositeImplicitAutograd")
    return target.decompose if is_composite else None


def functional_name(target: str) -> str:
    """`aten.relu_.default` -> `aten.relu.default`; other names stay."""
    namespace, _, rest = target.partition(".")
    name, _, overload = rest.partition(".")
    if name.endswith("_") and not name.startswith("__"):
        return f"{namespace}.{name[:-1]}.{overload}"
    return target


def op_nodes(graph_module: fx.GraphModule) -> list[fx.Node]:
    """Every op call of a program, those in subgraphs too."""
    calls = [n for module in graph_modules(graph_module) for n in module.graph.nodes if n.op == "call_function"]
    return [node for node in calls if isinstance(node.target, torch._ops.OpOverload)]


def graph_modules(graph_module: fx.GraphModule) -> list[fx.GraphModule]:
    """A graph and its subgraphs (`no_grad` and autocast regions)."""
    return [module for module in graph_module.modules() if isinstance(module, fx.GraphModule)]
