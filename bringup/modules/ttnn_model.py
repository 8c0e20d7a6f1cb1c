"""The TT-NN stage: the model's modules as functions of device tensors and prepared `parameters`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bringup.ir import Graph
from bringup.modules.call import input_names, returns_of
from bringup.modules.fallback import fall_back
from bringup.modules.flow import Flow, read_flow
from bringup.modules.fold import fold_views
from bringup.modules.functional import children, forwards, state_names, with_modules, with_outputs
from bringup.modules.functions import Grouping, group
from bringup.modules.fuse import fuse
from bringup.modules.fuse_node import Node
from bringup.modules.lowerings import SPECIAL
from bringup.modules.lowerings.common import is_complex
from bringup.modules.lowerings.complex_numbers import OF_COMPLEX
from bringup.modules.naming import safe
from bringup.modules.ownership import shared_buffers
from bringup.modules.preparation import HOST_ONLY, Preparations
from bringup.modules.program import Body, Emitted, Use
from bringup.modules.row_lowering import CannotLower
from bringup.modules.tree import build_tree
from bringup.modules.ttnn_lines import lower_by_row
from bringup.modules.ttnn_state import HostInput, State
from bringup.modules.variants import merging
from bringup.modules.writer import Arguments, FunctionText, Writer
from bringup.modules.writing import collect_hints, write_functions
from bringup.ops.registry import registry


@dataclass(frozen=True, slots=True)
class TtnnModel:
    """The model in TT-NN.

    Args:
        functions: Each before its callers, the last is the model.
        arguments: What differs between instances, by module path.
        inputs: The ids of the model function's arguments in order, each made by the host.
    """

    functions: tuple[FunctionText, ...]
    arguments: Arguments
    state: State
    preparations: Preparations
    inputs: tuple[tuple[str, str, HostInput], ...]
    root: Body
    grouping: Grouping
    flow: Flow
    orders: Mapping[str, tuple[int, ...]]


def write_ttnn(graph: Graph, issues: Mapping[str, str], refused: Mapping[str, str]) -> TtnnModel:
    """The TT-NN code of a graph.

    Args:
        issues: A line on the issue of each op call that TT-NN lacks, by the call's name.
        refused: What ttnn said of each op call that it was asked about and does not run, by the call's name.
    """
    flow = read_flow(graph, keep_casts=False)
    frames = graph.frame_by_id()
    nodes, owner_of = fuse(flow, frames, refused)
    state = State(flow, frames, owner_of, frozenset(weight.name for weight in graph.weights), issues)
    for node in nodes:
        lower(node, state)
    written = state_names(graph, flow.outputs)
    made = {value: _output(value, nodes, state, written.get(value, "")) for value in dict.fromkeys(flow.outputs)}
    outputs = tuple(made[value] for value in flow.outputs)
    emitted = _without_renamings(fold_views(state.emitted, outputs), outputs)
    root = with_outputs(build_tree(emitted[0], frames, owner_of, emitted[1]), emitted[1])
    grouping = group(root, children(graph), merging(state.weight_names))
    names = _input_names(state, graph)
    writer = Writer(
        grouping,
        forwards(graph),
        collect_hints(root, {**names, **state_names(graph, emitted[1])}),
        fixed_names=_fixed_names(state, graph, names),
        root=root.frame,
        returns=returns_of(graph),
        places=with_modules((*state.preparations.prepared, *state.preparations.arguments)),
        frees=True,
        sharing=shared_buffers(grouping),
        on_host=_on_host(state),
    )
    functions = write_functions(writer)
    order = writer.orders[id(grouping.function_of[root.frame])]
    ids = [root.inputs[i] for i in order]
    named = writer.names[id(grouping.function_of[root.frame])]
    inputs = tuple((id_, named[id_], state.host_inputs[id_]) for id_ in ids)
    orders = {function.name: writer.orders[id(function)] for function in grouping.functions}
    return TtnnModel(functions, writer.arguments, state, state.preparations, inputs, root, grouping, flow, orders)


def lower(node: Node, state: State) -> None:
    """Write one op: in its own way, as its row's test, or in torch on the host."""
    if node.refused:
        return fall_back(node, state, node.refused)
    has_complex = is_complex(state, *node.refs(), *node.outputs)
    special = (OF_COMPLEX if has_complex else SPECIAL).get(node.name)
    if special is not None and special(node, state):
        return
    plain = replace(node, activation=None, batch_norm=None)
    if node.activation is not None:
        made = node.last.refs() if node.last else ()
        first = replace(plain, outputs=tuple(list(made)[:1]), last=node.call)
        lower(first, state)
        lower(
            Node(node.activation.target, node.activation, node.outputs, node.activation.frame, last=node.activation),
            state,
        )
        return
    try:
        lower_by_row(node, state, registry())
    except CannotLower as error:
        fall_back(plain, state, str(error))


def _output(value: str, nodes: tuple[Node, ...], state: State, name: str) -> str:
    """A model output in torch's own shape; what no device op makes is a tensor in torch: exact, whatever its dtype."""
    root = next(id_ for id_, frame in state.frames.items() if frame.parent is None)
    role = state.flow.roles[value]
    if role == "host":
        return state.host(value, HOST_ONLY)
    if role == "weight":
        return state.returned(value, root, name or _op_name(value))
    if not nodes:
        return state.device_input(value)
    return state.device(replace(nodes[-1], frame=root), value, "native").value


def _without_renamings(emitted: tuple[Emitted, ...], outputs: tuple[str, ...]) -> tuple[list[Emitted], tuple[str, ...]]:
    """Statements that give a tensor another torch shape without moving it are left out."""
    renamed: dict[str, str] = {}
    kept: list[Emitted] = []
    for entry in emitted:
        statement = entry.statement
        given = tuple(
            Use(renamed.get(part.value, part.value)) if isinstance(part, Use) else part for part in statement.parts
        )
        if len(given) == 1 and isinstance(given[0], Use) and len(statement.outputs) == 1:
            renamed[statement.outputs[0]] = given[0].value
        else:
            kept.append(replace(entry, statement=replace(statement, parts=given)))
    return kept, tuple(renamed.get(value, value) for value in outputs)


def _input_names(state: State, graph: Graph) -> dict[str, str]:
    """Names of what the host makes: the model's own inputs by name, the rest by what it holds."""
    found: dict[str, str] = {}
    named = input_names(graph)
    for id_, given in state.host_inputs.items():
        own = named.get(given.value)
        name = own.name if own else safe(_made_name(given, state))
        found[id_] = (
            name if name not in found.values() else f"{name}_{sum(n.startswith(name) for n in found.values()) + 1}"
        )
    return found


def _fixed_names(state: State, graph: Graph, names: Mapping[str, str]) -> dict[str, str]:
    """The names of the model's own inputs."""
    inside = input_names(graph)
    return {id_: names[id_] for id_, given in state.host_inputs.items() if given.value in inside}


def _on_host(state: State) -> frozenset[str]:
    """Values that are torch tensors while the model runs."""
    inputs = {id_ for id_, given in state.host_inputs.items() if given.how == HOST_ONLY}
    return frozenset(inputs | {value for value, held in state.held.items() if held.dtype == "torch"})


def _made_name(given: HostInput, state: State) -> str:
    """What to call a tensor that the host works out: by what it is for, else by the op that makes it."""
    if "masked_fill" in given.how or state.flow.values[given.value].type.dtype == "bool":
        return "attention_mask" if len(state.flow.values[given.value].type.shape) == 4 else "mask"
    return _op_name(given.value)


def _op_name(value: str) -> str:
    """The name of the op that makes a value: torch numbers values of the same op."""
    return "constant" if value.startswith("c_lifted_tensor") else value.split(".")[0].rstrip("_0123456789") or value
