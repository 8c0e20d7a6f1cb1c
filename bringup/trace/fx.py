"""From an exported program to op calls with named arguments: the border that torch.fx does not cross."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import fx
from torch.export import ExportedProgram
from torch.export.graph_signature import InputKind, OutputKind

from bringup.ir import Argument, ArgumentValue, Frame, Kind, OpCall, Ref, Scalar, StateWrite, Symbol, TensorType, Value
from bringup.trace.frames import FrameTable
from bringup.trace.lines import parse_stack, user_line

_MOST_ELEMENTS = 64
"""Of a constant whose values the graph keeps."""
_KINDS: dict[InputKind, Kind] = {
    InputKind.PARAMETER: "parameter",
    InputKind.BUFFER: "buffer",
    InputKind.CONSTANT_TENSOR: "constant",
    InputKind.USER_INPUT: "activation",
}
_CHECKS = ("aten._assert", "aten.sym_constrain", "aten.sym_size", "aten.lift_fresh_copy", "aten.lift_fresh")
_READS_NO_VALUE = re.compile(r"aten\.(new_(zeros|ones|full|empty)|(zeros|ones|full|empty)_like)\.")
"""Ops that take a tensor for its shape and dtype alone: both are known before any input."""
_BRANCHES = ("cond", "while_loop", "map_impl", "scan", "associative_scan")
"""Subgraphs of which values say whether, and how often, they run."""
Names = tuple[str | None, ...]


@dataclass
class Reading:
    """What has been read of an exported program so far."""

    frames: FrameTable
    values: dict[str, Value] = field(default_factory=dict)
    calls: list[OpCall] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    state: list[StateWrite] = field(default_factory=list)
    names: dict[fx.Node, str | Names] = field(default_factory=dict)
    constants: dict[str, torch.Tensor] = field(default_factory=dict)

    def unused(self, name: str) -> str:
        """A name that no value of the graph has yet."""
        candidate, number = name, 1
        while candidate in self.values:
            candidate, number = f"{name}_{number}", number + 1
        return candidate


def read_program(program: ExportedProgram, class_by_path: Mapping[str, str]) -> Reading:
    """The calls, tensors and frames of a program, in order; subgraphs are inlined, dead ops left out."""
    reading = Reading(FrameTable(class_by_path))
    specs = {spec.arg.name: spec for spec in program.graph_signature.input_specs}
    for node in program.graph.find_nodes(op="placeholder"):
        spec = specs[node.name]
        if not isinstance(node.meta.get("val"), torch.Tensor):
            reading.names[node] = ()
            continue
        kind = _KINDS.get(spec.kind, "constant")
        reading.names[node] = node.name
        source = str(spec.target or node.name)
        held = program.constants.get(source) if kind == "constant" else None
        data = _elements(held)
        if isinstance(held, torch.Tensor):
            reading.constants[source] = held
        reading.values[node.name] = Value(node.name, _type(node.meta["val"]), kind, source, data)
        if kind == "activation":
            reading.inputs.append(node.name)
    returned = _read_nodes(reading, program.graph_module, "")
    for spec, node in zip(program.graph_signature.output_specs, returned, strict=False):
        names = _flat(reading.names[node]) if isinstance(node, fx.Node) else ()
        if spec.kind is OutputKind.USER_OUTPUT:
            reading.outputs += names
        elif spec.kind is OutputKind.BUFFER_MUTATION:
            reading.state += [StateWrite(str(spec.target), name) for name in names]
    _drop_dead(reading)
    return reading


def _read_nodes(reading: Reading, graph_module: fx.GraphModule, prefix: str) -> list[Any]:
    for node in graph_module.graph.nodes:
        if node.op == "output":
            return list(_leaves(node.args[0]))
        if node.op == "get_attr":
            _read_attribute(reading, graph_module, node, prefix)
        elif node.op == "call_function":
            _read_call(reading, graph_module, node, prefix)
    return []


def _read_attribute(reading: Reading, graph_module: fx.GraphModule, node: fx.Node, prefix: str) -> None:
    value = operator.attrgetter(str(node.target))(graph_module)
    if isinstance(value, torch.Tensor):
        name = reading.unused(prefix + node.name)
        reading.names[node] = name
        known = reading.constants.setdefault(str(node.target), value)
        source = str(node.target) if known is value else name  # subgraphs number their constants each for itself
        reading.constants[source] = value
        reading.values[name] = Value(name, _type(value), "constant", source, _elements(value))


def _elements(tensor: object) -> tuple[int | float, ...] | None:
    """The elements of a small tensor of plain numbers."""
    if type(tensor) is not torch.Tensor or tensor.numel() > _MOST_ELEMENTS or tensor.is_meta or tensor.is_complex():
        return None
    elements = tuple(int(x) if x is True or x is False else x for x in tensor.flatten().tolist())
    return elements if all(map(math.isfinite, elements)) else None


def _read_call(reading: Reading, graph_module: fx.GraphModule, node: fx.Node, prefix: str) -> None:
    if node.target is operator.getitem:
        base = reading.names[node.args[0]]  # type: ignore[index]
        reading.names[node] = base[node.args[1]] or ()  # type: ignore[index]
    elif getattr(node.target, "__name__", "") in _BRANCHES:
        stack = node.meta.get("stack_trace") or ""
        raise NotImplementedError(f"torch.{node.target} runs code that depends on a tensor's value\n{stack}")
    elif isinstance(node.target, torch._ops.HigherOrderOperator):
        _inline(reading, graph_module, node, prefix)
    elif str(node.target).startswith(_CHECKS[:3]):
        reading.names[node] = ()
    elif str(node.target).startswith(_CHECKS[3:]):
        reading.names[node] = reading.names[node.args[0]]  # type: ignore[index]
    elif isinstance(node.target, torch._ops.OpOverload):
        _read_op(reading, node, prefix)
    else:
        reading.names[node] = ()


def _inline(reading: Reading, graph_module: fx.GraphModule, node: fx.Node, prefix: str) -> None:
    """A `no_grad` or autocast region is a subgraph called with some of its operands: read it in place."""
    position, inner = next(
        (i, getattr(graph_module, str(arg.target)))
        for i, arg in enumerate(node.args)
        if isinstance(arg, fx.Node) and arg.op == "get_attr" and arg not in reading.names
    )
    for placeholder, outer in zip(inner.graph.find_nodes(op="placeholder"), node.args[position + 1 :], strict=False):
        reading.names[placeholder] = reading.names.get(outer, ())  # type: ignore[arg-type]
    returned = _read_nodes(reading, inner, f"{prefix}{node.name}_")
    reading.names[node] = tuple(_single(reading.names[n]) if isinstance(n, fx.Node) else None for n in returned)


def _read_op(reading: Reading, node: fx.Node, prefix: str) -> None:
    stack_trace = node.meta.get("stack_trace") or ""
    frame = reading.frames.frame_of(node.meta.get("nn_module_stack") or {}, parse_stack(stack_trace))
    arguments = tuple(Argument(name, _argument(reading, value)) for name, value in named_arguments(node))
    call = OpCall("", str(node.target), arguments, (), frame.id, user_line(stack_trace))
    kind = _output_kind(call.target, [reading.values[ref] for ref in call.refs()])
    name = reading.unused(prefix + node.name)
    result = node.meta.get("val")
    many = isinstance(result, (tuple, list))
    tensors = result if isinstance(result, (tuple, list)) else (result,)
    names = tuple(
        (f"{name}.{i}" if many else name) if isinstance(t, torch.Tensor) else None for i, t in enumerate(tensors)
    )
    for output, tensor in zip(names, tensors, strict=True):
        if output is not None:
            reading.values[output] = Value(output, _type(tensor), kind)
    outputs = tuple(n for n in names if n is not None)
    reading.names[node] = names if many else (name if outputs else ())
    by_name, at_default = _by_schema(node)
    reading.calls.append(OpCall(name, call.target, arguments, outputs, frame.id, call.source, by_name, at_default))


def _output_kind(target: str, operands: list[Value]) -> Kind:
    if _READS_NO_VALUE.match(target) or all(value.kind in ("parameter", "buffer", "constant") for value in operands):
        return "constant"
    return "prologue" if all(_is_prologue(value) for value in operands) else "activation"


def _is_prologue(value: Value) -> bool:
    """Whether the host knows the value before the model runs: no weight, no float input is in it."""
    is_float = value.type.dtype.startswith(("float", "bfloat", "complex"))
    return value.kind in ("prologue", "constant") or (value.source != "" and not is_float)


def named_arguments(node: fx.Node) -> Iterator[tuple[str, Any]]:
    """The arguments of a call by schema name, with the schema's defaults filled in."""
    schema = node.target._schema  # type: ignore[union-attr]
    for index, parameter in enumerate(schema.arguments):
        if index < len(node.args):
            yield parameter.name, node.args[index]
        elif parameter.name in node.kwargs:
            yield parameter.name, node.kwargs[parameter.name]
        else:
            yield parameter.name, parameter.default_value if parameter.has_default_value() else None


def _by_schema(node: fx.Node) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The arguments that the schema takes by name alone, and those that have its default."""
    schema = node.target._schema.arguments  # type: ignore[union-attr]
    values = dict(named_arguments(node))
    defaults = tuple(p.name for p in schema if p.has_default_value() and _is(values[p.name], p.default_value))
    return tuple(p.name for p in schema if p.kwarg_only), defaults


def _is(value: Any, default: Any) -> bool:
    """Whether a value is a default: True is not 1."""
    return repr(value) == repr(default)


def _argument(reading: Reading, value: Any) -> ArgumentValue:
    if isinstance(value, (tuple, list)):
        return tuple(_scalar(reading, item) for item in value)
    return _scalar(reading, value)


def _scalar(reading: Reading, value: Any) -> Scalar:
    if isinstance(value, fx.Node):
        name = _single(reading.names[value])
        return None if name is None else Ref(name)
    if isinstance(value, float) and not math.isfinite(value):
        return Symbol("float", str(value))
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    for kind, torch_class in _SYMBOLS:
        if isinstance(value, torch_class):
            return Symbol(kind, str(value).removeprefix("torch."))
    return Symbol("other", str(value))


_SYMBOLS: tuple[tuple[str, type], ...] = (
    ("dtype", torch.dtype),
    ("layout", torch.layout),
    ("memory_format", torch.memory_format),
    ("device", torch.device),
    ("complex", complex),
)


def _type(tensor: torch.Tensor) -> TensorType:
    return TensorType(tuple(int(size) for size in tensor.shape), str(tensor.dtype).removeprefix("torch."))


def _single(names: str | Names) -> str | None:
    if isinstance(names, str):
        return names
    return names[0] if names else None


def _flat(names: str | Names) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(name for name in names if name)


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, (tuple, list)):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


def _drop_dead(reading: Reading) -> None:
    """Leave out ops that nothing needs that a call leaves behind: asserts, and what HF computes and throws away."""
    live = {*reading.outputs, *(write.value for write in reading.state)}
    kept: list[OpCall] = []
    for call in reversed(reading.calls):
        if live.intersection(call.outputs):
            kept.append(call)
            live.update(call.refs())
    reading.calls = kept[::-1]
    produced = {output for call in reading.calls for output in call.outputs}
    reading.values = {n: v for n, v in reading.values.items() if n in live or n in produced or n in reading.inputs}


def frames_in_use(reading: Reading) -> tuple[Frame, ...]:
    """The frames that a call stands in, and those around them, in the order of their first call."""
    return reading.frames.frames({call.frame for call in reading.calls})
