"""The generated files of both stages, planned: every text that their templates print."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bringup.ir import Graph
from bringup.modules.call import NamedResult, arguments_with_tensors, input_names, results_of
from bringup.modules.function_lines import attribute
from bringup.modules.functional import FunctionalModel
from bringup.modules.lowerings.common import CHANNEL_HOW
from bringup.modules.naming import HELPERS, safe
from bringup.modules.preparation import HOST_ONLY, Prepared
from bringup.modules.program import Part, Place
from bringup.modules.tables import TableRow, fold_rows
from bringup.modules.torch_block import closure, torch_block
from bringup.modules.ttnn_model import TtnnModel
from bringup.modules.writer import Arguments, FunctionText
from bringup.ops.accumulation import COMMENT, DEFINITION
from bringup.ops.accumulation import NAME as LONG_SUM
from bringup.python_text import identifier, literal

_KNOWN = {
    "ttnn.from_torch({torch}, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)": "tile",
    "ttnn.from_torch({torch}.T, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)": "transposed",
    "ttnn.from_torch({torch}.reshape(1, -1), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)": "row",
    "ttnn.from_torch({torch}, dtype=ttnn.bfloat16, layout=ttnn.ROW_MAJOR_LAYOUT, device=device)": "row_major",
    CHANNEL_HOW: "channels",
    "ttnn.from_torch({torch}, dtype=ttnn.bfloat16)": "kernel",
    "ttnn.from_torch({torch}.reshape(1, 1, 1, -1), dtype=ttnn.bfloat16)": "kernel_bias",
    "ttnn.from_torch({torch}, dtype=ttnn.uint32, layout=ttnn.ROW_MAJOR_LAYOUT, device=device)": "indices",
    HOST_ONLY: "on_host",
    "device": "the_device",
}
"""Names for the ways in which tensors are prepared, where one has a name."""
ACTIVATIONS = ("RELU", "RELU6", "SILU", "GELU", "SIGMOID", "TANH", "MISH", "HARDSWISH", "HARDSIGMOID")


@dataclass(frozen=True, slots=True)
class PreparationFunction:
    """A function of `tt/parameters.py` that makes one tensor."""

    name: str
    arguments: tuple[str, ...]
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FoldTable:
    """A table of modules whose weights are worked into each other."""

    name: str
    function: str
    comment: str
    rows: tuple[TableRow, ...]


@dataclass(frozen=True, slots=True)
class ParametersFile:
    """`tt/parameters.py`."""

    functions: tuple[PreparationFunction, ...]
    weights: tuple[TableRow, ...]
    tables: tuple[FoldTable, ...]
    arguments: tuple[TableRow, ...]
    uses_torch: bool


@dataclass(frozen=True, slots=True)
class ModelFile:
    """`tt/ttnn_<model>.py`."""

    functions: tuple[FunctionText, ...]
    helpers: tuple[str, ...]
    imports: tuple[str, ...]
    activations: tuple[str, ...]
    constants: tuple[str, ...]
    input_arguments: tuple[str, ...]
    input_lines: tuple[str, ...]
    inputs: tuple[str, ...]
    uses_torch: bool
    reads_parameters: bool
    results: tuple[NamedResult, ...]


@dataclass(frozen=True, slots=True)
class FunctionalFile:
    """`reference/functional_<model>.py`."""

    functions: tuple[FunctionText, ...]
    arguments: tuple[TableRow, ...]
    tied: tuple[tuple[str, str], ...]
    results: tuple[NamedResult, ...]


def plan_functional(model: FunctionalModel, graph: Graph) -> FunctionalFile:
    """The functional torch file."""
    return FunctionalFile(model.functions, _argument_rows(model.arguments), model.tied, results_of(graph))


def _argument_rows(arguments: Arguments | Mapping[str, Mapping[str, object]]) -> tuple[TableRow, ...]:
    return fold_rows({place: (_dict_text(values),) for place, values in arguments.items()})


def _dict_text(values: Mapping[str, object]) -> str:
    return "{" + ", ".join(f"{literal(name)}: {_value_text(value)}" for name, value in values.items()) + "}"


def _value_text(value: object) -> str:
    return _dict_text(value) if isinstance(value, dict) else literal(value)


def plan_parameters(model: TtnnModel) -> ParametersFile:
    """The file that prepares weights and arguments."""
    functions: dict[str, PreparationFunction] = {}
    weights: dict[str, tuple[str, ...]] = {}
    folds: dict[str, dict[str, tuple[str, ...]]] = {"fold_convolution": {}, "scale_and_shift": {}}
    for place, prepared in model.preparations.prepared.items():
        if prepared.fold:
            kind, row = _fold_row(prepared)
            folds[kind][place.rpartition(".")[0]] = row
        else:
            name, sources = _function(prepared, place, model, functions)
            listed = () if sources == (place,) else sources
            weights[place] = (name, *(listed or sources))
    merged: dict[str, dict[str, object]] = {}
    for place, values in (*model.preparations.arguments.items(), *model.arguments.items()):
        merged.setdefault(place, {}).update(values)
    merged = {place: values for place, values in merged.items() if values}
    tables = tuple(
        FoldTable(kind.upper(), kind, _COMMENTS[kind], fold_rows(rows)) for kind, rows in folds.items() if rows
    )
    text = "\n".join(line for function in functions.values() for line in function.lines)
    return ParametersFile(
        functions=tuple(functions.values()),
        weights=fold_rows(_quoted(weights, 1)),
        tables=tables,
        arguments=_argument_rows(merged),
        uses_torch=bool(tables) or "torch." in text.replace("from_torch", ""),
    )


_COMMENTS = {
    "fold_convolution": "For each index: the place, the convolution and the batch norm after it, "
    "epsilon and the dimension of output channels.",
    "scale_and_shift": "For each index: the place, the batch norm, and its epsilon.",
}


def _quoted(rows: Mapping[str, tuple[str, ...]], bare: int) -> dict[str, tuple[str, ...]]:
    """Rows as literals, their first texts (names of functions) as they are."""
    return {place: (*row[:bare], *(literal(text) for text in row[bare:])) for place, row in rows.items()}


def _fold_row(prepared: Prepared) -> tuple[str, tuple[str, ...]]:
    """A convolution with its batch norm, or a batch norm alone, by the names of the modules."""
    weight, _, _, _, mean, _, epsilon, channel_dim, _ = prepared.fold
    norm = str(mean).rpartition(".")[0]
    if not weight:
        return "scale_and_shift", (f"({literal(norm)},)", f"({literal(epsilon)},)")
    modules = str(weight).rpartition(".")[0], norm
    return "fold_convolution", (literal(modules), literal((epsilon, channel_dim)))


def _function(
    prepared: Prepared, place: str, model: TtnnModel, functions: dict[str, PreparationFunction]
) -> tuple[str, tuple[str, ...]]:
    """The function that prepares a tensor, made when it is new, and the names of the weights it takes."""
    if prepared.source.startswith("="):
        return _constant_function(prepared, place, model, functions)
    arguments = ("tensor",) if prepared.source else ()
    text = prepared.how.replace("{torch}", "tensor")
    name = _add(functions, _KNOWN.get(prepared.how, place.rpartition(".")[2]), arguments, (f"return {text}",))
    return name, (prepared.source,) if prepared.source else ()


def _add(
    functions: dict[str, PreparationFunction], wanted: str, arguments: tuple[str, ...], lines: tuple[str, ...]
) -> str:
    base = safe(wanted)
    number = 1
    while True:
        name = base if number == 1 else f"{base}_{number}"
        made = PreparationFunction(name, (*arguments, "device"), lines)
        if functions.setdefault(name, made) == made:
            return name
        number += 1


def _constant_function(
    prepared: Prepared, place: str, model: TtnnModel, functions: dict[str, PreparationFunction]
) -> tuple[str, tuple[str, ...]]:
    """A function that works a constant out of weights in torch, and moves it."""
    flow, value = model.flow, prepared.source[1:]
    calls = closure(flow, (value,), lambda v: bool(flow.values[v].source))
    sources: dict[str, str] = {}
    for call in calls:
        for ref in call.refs():
            source = flow.values[ref].source
            if source:
                sources.setdefault(ref, _argument_name(source, tuple(sources.values())))
    if not calls:
        sources[value] = "tensor"
    block = torch_block(calls, flow.values, tuple(sources.items()), (value,), _no_other)
    moved = prepared.how.replace("{torch}", block.names[value])
    lines = (*block.lines, f"return {moved}")
    wanted = place.rpartition(".")[2]
    hint = block.names[value]
    name = _add(functions, hint if wanted in ("other", "constant") else wanted, tuple(sources.values()), lines)
    return name, tuple(flow.values[ref].source for ref in sources)


def _argument_name(source: str, taken: tuple[str, ...]) -> str:
    """`embeddings.word_embeddings.weight` -> `word_embeddings_weight`; a buffer goes by its own name."""
    path, _, last = source.rpartition(".")
    name = safe(last)
    if last in ("weight", "bias"):
        name = safe(f"{path.rpartition('.')[2]}_{last}")
    number = 2
    while name in taken:
        name = f"{name.rstrip('0123456789_')}_{number}"
        number += 1
    return name


def _no_other(value: str) -> Part:
    raise KeyError(value)


def has_convolutions(helpers: Sequence[str]) -> bool:
    """Whether `tt/layers.py` has helpers that choose their compute config."""
    return any(name in helpers for name in ("conv1d", "conv2d", "conv_transpose2d"))


def plan_model(model: TtnnModel, graph: Graph) -> ModelFile:
    """The file of the TT-NN modules."""
    text = "\n".join(line for function in model.functions for line in function.lines)
    lines, reads = _input_lines(model, graph)
    helpers = tuple(name for name in sorted(HELPERS) if re.search(rf"(?<![\w.]){name}\(", text))
    has_long_sums = re.search(rf"\b{LONG_SUM}\b", text) is not None
    return ModelFile(
        functions=model.functions,
        helpers=helpers,
        imports=(LONG_SUM, *helpers) if has_long_sums and has_convolutions(helpers) else helpers,
        constants=(*COMMENT, DEFINITION) if has_long_sums and not has_convolutions(helpers) else (),
        activations=tuple(name for name in ACTIVATIONS if re.search(rf"(?<![\w.]){name}\b", text)),
        input_arguments=arguments_with_tensors(graph),
        input_lines=lines,
        inputs=tuple(name for _, name, _ in model.inputs),
        uses_torch="torch." in re.sub(r"from_torch|to_torch", "", text + "\n".join(lines)),
        reads_parameters=reads,
        results=results_of(graph),
    )


def _input_lines(model: TtnnModel, graph: Graph) -> tuple[tuple[str, ...], bool]:
    """What the host does with the model's inputs before it runs."""
    flow = model.flow
    wanted = tuple(dict.fromkeys(given.value for _, _, given in model.inputs))
    calls = closure(flow, wanted, lambda v: flow.roles[v] != "host")
    used = {ref for call in calls for ref in call.refs()} | set(wanted)
    named = input_names(graph)
    inputs = tuple((v, named[v].text) for v in sorted(used) if v in named)
    reads: list[str] = []

    def refer(value: str) -> Part:
        reads.append(value)
        return Place(attribute("parameters.host", identifier(value)))

    block = torch_block(calls, flow.values, inputs, wanted, refer)
    moved = tuple(
        f"{name} = {given.how.replace('{torch}', block.names[given.value])}" for _, name, given in model.inputs
    )
    return (*block.lines, *_ordered_moves(model, moved, block.names)), bool(reads)


def _ordered_moves(model: TtnnModel, moved: tuple[str, ...], names: Mapping[str, str]) -> tuple[str, ...]:
    """Moves to the device, those that read a tensor in torch before the one that takes its name."""
    pending = list(zip(model.inputs, moved, strict=True))
    found: list[str] = []
    while pending:
        for index, ((_, name, _given), _line) in enumerate(pending):
            others = [_base(names[other[2].value]) for other, _ in pending[:index] + pending[index + 1 :]]
            if name not in others:
                break
        else:
            index = 0
        (_, name, given), line = pending.pop(index)
        found += [] if given.how == HOST_ONLY and names[given.value] == name else [line]
    return tuple(found)


def _base(text: str) -> str:
    """The name that an expression reads: `state` of `state[0]`."""
    return re.split(r"[.\[]", text, maxsplit=1)[0]


def host_constants(model: TtnnModel) -> None:
    """Prepare what the host's own code reads of weights and constants."""
    flow = model.flow
    wanted = tuple(dict.fromkeys(given.value for _, _, given in model.inputs))
    calls = closure(flow, wanted, lambda v: flow.roles[v] != "host")
    for call in calls:
        for ref in call.refs():
            if flow.roles[ref] == "weight":
                model.preparations.place(f"host.{identifier(ref)}", Prepared(HOST_ONLY, model.state.source(ref)))
