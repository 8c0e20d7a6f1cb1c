"""The functional torch stage: every module as a function of its inputs and `parameters`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bringup.ir import Frame, Graph, OpCall
from bringup.modules.call import input_names, returns_of, with_arguments
from bringup.modules.flow import Flow, read_flow
from bringup.modules.fold import fold_views
from bringup.modules.functions import Grouping, group
from bringup.modules.naming import noun, safe
from bringup.modules.program import Body, Emitted, Part, Place, Statement, Use
from bringup.modules.torch_text import VIEWS, torch_parts
from bringup.modules.tree import build_tree, line_in_owner, owners
from bringup.modules.variants import merging
from bringup.modules.writer import Arguments, FunctionText, Writer
from bringup.modules.writing import collect_hints, write_functions
from bringup.variations import short_name


@dataclass(frozen=True, slots=True)
class FunctionalModel:
    """The model as functional torch.

    Args:
        functions: In an order in which each stands before its callers; the last is the model.
        arguments: What differs between instances, by module path.
        tied: Weights that stand at a second place: (place, name in the model).
        inputs: The model's inputs in the order of the function's arguments.
    """

    functions: tuple[FunctionText, ...]
    arguments: Arguments
    tied: tuple[tuple[str, str], ...]
    inputs: tuple[str, ...]
    root: Body
    grouping: Grouping
    orders: Mapping[str, tuple[int, ...]]


def write_functional(graph: Graph) -> FunctionalModel:
    """The functional torch code of a graph."""
    flow = read_flow(graph, keep_casts=True)
    frames = graph.frame_by_id()
    owner_of = owners(frames, [call.frame for call in flow.calls])
    places = _Places(graph, flow)
    emitted = [_emit(call, flow, frames, owner_of, places) for call in flow.calls]
    folded = fold_views(emitted, flow.outputs)
    returned, outputs = _returned(flow, frames, places)
    root = with_outputs(build_tree((*folded, *returned), frames, owner_of, outputs), outputs)
    names = frozenset(weight.name for weight in graph.weights)
    named = input_names(graph)
    grouping = group(root, children(graph), merging(names))
    writer = Writer(
        grouping,
        forwards(graph),
        collect_hints(root, {**{value: given.name for value, given in named.items()}, **state_names(graph, outputs)}),
        fixed_names={value: given.name for value, given in named.items()},
        root=root.frame,
        returns=returns_of(graph),
        places=with_modules((*names, *places.tied)),
    )
    functions = write_functions(writer)
    order = writer.orders[id(grouping.function_of[root.frame])]
    inputs = tuple(root.inputs[i] for i in order)
    functions = (*functions[:-1], with_arguments(functions[-1], [named[value] for value in inputs], graph))
    return FunctionalModel(
        functions, writer.arguments, tuple(sorted(places.tied.items())), inputs,
        root, grouping,
        {function.name: writer.orders[id(function)] for function in grouping.functions},
    )  # fmt: skip


def _returned(flow: Flow, frames: Mapping[str, Frame], places: _Places) -> tuple[tuple[Emitted, ...], tuple[str, ...]]:
    """Outputs that no call makes, read where they stand in `parameters`; and the ids of all outputs."""
    root = next(id_ for id_, frame in frames.items() if frame.parent is None)
    found: dict[str, Emitted] = {}
    for value in flow.outputs:
        part = places.part(value, "", "")
        if isinstance(part, Place):
            hint = safe(part.path.rpartition(".")[2])
            found[value] = Emitted(root, Statement((f"%{value}",), (part,), hint, is_heavy=False))
    return tuple(found.values()), tuple(f"%{value}" if value in found else value for value in flow.outputs)


def state_names(graph: Graph, outputs: tuple[str, ...]) -> dict[str, str]:
    """What to call the values that buffers have after the call: as the buffers; by the ids of all outputs."""
    ids = outputs[len(graph.outputs) :]
    return {id_: safe(write.buffer.rpartition(".")[2]) for write, id_ in zip(graph.state, ids, strict=True)}


def with_outputs(root: Body, outputs: tuple[str, ...]) -> Body:
    """The model's body with its outputs in order; those that it makes nowhere are handed through from its inputs."""
    made = {value for item in root.items for value in item.outputs}
    through = dict.fromkeys(value for value in outputs if value not in made and value not in root.inputs)
    return replace(root, inputs=(*root.inputs, *through), outputs=outputs)


def with_modules(places: Iterable[str]) -> frozenset[str]:
    """Places, and those of the modules around them."""
    return frozenset(".".join(place.split(".")[: i + 1]) for place in places for i in range(place.count(".") + 1))


def forwards(graph: Graph) -> dict[str, tuple[str, ...]]:
    """The names of forward's arguments by module path."""
    return {module.path: module.forward for module in graph.modules}


def children(graph: Graph) -> dict[str, tuple[str, ...]]:
    """The names of the modules in each module, by its path."""
    found: dict[str, tuple[str, ...]] = {}
    for module in graph.modules:
        prefix, _, last = module.path.rpartition(".")
        if last:
            found[prefix] = (*found.get(prefix, ()), last)
    return found


class _Places:
    """Where weights stand in `parameters`: below the module that reads them."""

    def __init__(self, graph: Graph, flow: Flow) -> None:
        self.names = {weight.name for weight in graph.weights}
        self.values = flow.values
        self.tied: dict[str, str] = {}

    def part(self, value: str, owner_path: str, frame_path: str) -> Part:
        """A weight as a place, every other value as it is."""
        source = self.values[value].source
        if self.values[value].kind not in ("parameter", "buffer", "constant") or not source:
            return Use(value)
        if not owner_path or source.startswith(f"{owner_path}."):
            return Place(source)
        own = f"{frame_path}.{source.rpartition('.')[2]}" if frame_path else source
        if own not in self.names:
            self.tied[own] = source
        return Place(own)


def _emit(
    call: OpCall, flow: Flow, frames: Mapping[str, Frame], owner_of: Mapping[str, str], places: _Places
) -> Emitted:
    owner = owner_of[call.frame]

    def refer(value: str) -> Part:
        return places.part(value, frames[owner].path, frames[call.frame].path)

    line = line_in_owner(frames, owner, call.frame, call.source)
    name = short_name(call.target)
    statement = Statement(
        call.outputs,
        torch_parts(call, flow.values, refer),
        noun(name),
        line,
        is_view=name in VIEWS,
        is_list=_gives_list(call),
    )
    return Emitted(owner, statement)


def _gives_list(call: OpCall) -> bool:
    return len(call.outputs) > 1 or short_name(call.target) in (
        "split",
        "chunk",
        "unbind",
        "split_with_sizes",
        "tensor_split",
    )
