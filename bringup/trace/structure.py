"""The structure of what a model is given and gives, as data: containers of any kind, with their tensors numbered."""

from __future__ import annotations

import ast
import copy
import dataclasses
import enum
import inspect
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import torch
from torch import nn
from torch.export import ExportedProgram
from torch.export.graph_signature import ConstantArgument, InputKind, OutputKind
from torch.utils._pytree import tree_map_only, tree_unflatten

from bringup.ir import Call, Given, Structure, Value
from bringup.python_text import literal


class UnknownStructure(TypeError):
    """A value that is neither a tensor, a constant that Python can write, nor a container of such."""


def structure_of(value: Any) -> Structure:
    """The structure of a value.

    Raises:
        UnknownStructure: it holds an object that is none of the known kinds.
    """
    if isinstance(value, torch.Tensor):
        return Structure("tensor")
    kind = _kind(value)
    if kind is None:
        return _constant(value)
    keys, members = _members(value)
    texts = tuple(str(key) if kind == "named" else _constant(key).text for key in keys)
    parts = tuple(structure_of(member) for member in members)
    class_name = _class_name(type(value)) if kind == "named" or type(value) not in (dict, list, tuple) else ""
    return Structure(kind, keys=texts if kind in ("named", "dict") else (), class_name=class_name, members=parts)


def _kind(value: Any) -> Any:
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return "named"
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return "named"
    if isinstance(value, Mapping):
        return "dict"
    if isinstance(value, (list, deque)):
        return "list"
    return "tuple" if isinstance(value, tuple) else None


def _members(value: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """The keys of a container and what stands there; outputs of transformers are without the fields that are None."""
    if isinstance(value, Mapping):
        return tuple(value), tuple(value.values())
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return tuple(value._fields), tuple(value)
    if dataclasses.is_dataclass(value):
        names = tuple(field.name for field in dataclasses.fields(value))
        return names, tuple(getattr(value, name) for name in names)
    return tuple(range(len(value))), tuple(value)


def _constant(value: Any) -> Structure:
    if isinstance(value, enum.Enum):
        return Structure("constant", text=f"{type(value).__name__}.{value.name}", class_name=_class_name(type(value)))
    if value is None or isinstance(value, (bool, int, float, str)):
        return Structure("constant", text=literal(value))
    if isinstance(value, (torch.dtype, torch.layout, torch.memory_format)):
        return Structure("constant", text=str(value))
    if isinstance(value, torch.device):
        return Structure("constant", text=f'torch.device("{value}")')
    if isinstance(value, (complex, bytes, slice, range)) or value is ...:
        return Structure("constant", text=repr(value))
    raise UnknownStructure(f"an object of class {_class_name(type(value))} that holds no tensors by name")


def _class_name(class_: type) -> str:
    return f"{class_.__module__}.{class_.__qualname__}"


def tensors_of(value: Any) -> Iterator[torch.Tensor]:
    """The tensors of a value, in the order of its structure."""
    if isinstance(value, torch.Tensor):
        yield value
    elif _kind(value) is not None:
        for member in _members(value)[1]:
            yield from tensors_of(member)


def with_tensors(value: Any, replaced: Iterator[Any]) -> Any:
    """The same value with other tensors, taken in the order of its structure."""
    if isinstance(value, torch.Tensor):
        return next(replaced)
    kind = _kind(value)
    if kind is None:
        return value
    keys, members = _members(value)
    members = tuple(with_tensors(member, replaced) for member in members)
    if kind == "named" and not isinstance(value, tuple):
        made = copy.copy(value)
        for key, member in zip(keys, members, strict=True):
            if isinstance(value, Mapping):
                made[key] = member
            else:
                object.__setattr__(made, key, member)
        return made
    if kind == "dict":
        made = copy.copy(value)
        made.update(zip(keys, members, strict=True))
        return made
    return type(value)(*members) if kind == "named" else type(value)(members)


def map_tensors(move: Callable[[torch.Tensor], torch.Tensor], value: Any) -> Any:
    """The same value with each tensor moved, also in objects that others have registered as containers."""
    if isinstance(value, torch.Tensor) or _kind(value) is None:
        return tree_map_only(torch.Tensor, move, value)
    if isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
        return type(value)(map_tensors(move, member) for member in value)
    if type(value) is dict:
        return {key: map_tensors(move, member) for key, member in value.items()}
    return with_tensors(value, iter([map_tensors(move, tensor) for tensor in tensors_of(value)]))


@contextmanager
def of_tensors(
    model: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Iterator[tuple[tuple[torch.Tensor, ...], list[Structure]]]:
    """The model as a function from tensors to tensors, for tools that know few containers.

    Gives the tensors to call it with, and a list that gets the structure of what each call gives.
    """
    given, results = (args, kwargs), list[Structure]()
    own, forward = vars(model).get("forward"), model.forward

    def call(*tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
        args, kwargs = with_tensors(given, iter(tensors))
        output = forward(*args, **kwargs)
        results.append(structure_of(output))
        return tuple(tensors_of(output))

    model.forward = call
    try:
        yield tuple(tensors_of(given)), results
    finally:
        del model.forward
        if own is not None:
            model.forward = own


def call_of(model: nn.Module, args: Structure, kwargs: Structure, result: Structure) -> Call:
    """A call by the names that forward gives its arguments."""
    parameters = list(inspect.signature(model.forward).parameters.values())
    by_position = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    given = [Given(name, "position", part) for name, part in zip(by_position, args.members, strict=False)]
    rest = args.members[len(by_position) :]
    if rest:
        name = next(p.name for p in parameters if p.kind is p.VAR_POSITIONAL)
        given.append(Given(name, "rest", Structure("tuple", members=rest)))
    names = (ast.literal_eval(key) for key in kwargs.keys)
    given += [Given(name, "keyword", part) for name, part in zip(names, kwargs.members, strict=True)]
    return Call(tuple(given), result)


def call_of_program(model: nn.Module, program: ExportedProgram) -> Call | None:
    """How a program was called, by its own account; None where it holds objects that have no structure of ours."""
    spec, signature = program.call_spec, program.graph_signature
    inputs = [s.arg for s in signature.input_specs if s.kind is InputKind.USER_INPUT]
    outputs = [s.arg for s in signature.output_specs if s.kind is OutputKind.USER_OUTPUT]
    try:
        args, kwargs = tree_unflatten(list(map(_leaf, inputs)), spec.in_spec)
        result = tree_unflatten(list(map(_leaf, outputs)), spec.out_spec)
        return call_of(model, structure_of(args), structure_of(kwargs), structure_of(result))
    except Exception:  # containers registered by others are made again by their own code
        return None


def _leaf(argument: Any) -> Any:
    """What stands for an input or output of a program: any tensor, or the constant itself."""
    return argument.value if isinstance(argument, ConstantArgument) else torch.empty(0)


def fits(call: Call | None, inputs: Sequence[str], outputs: Sequence[str]) -> bool:
    """Whether a call has as many tensors as a graph."""
    if call is None:
        return False
    return len(input_paths(call)) == len(inputs) and len(list(tensor_paths(call.result))) == len(outputs)


def tensor_paths(structure: Structure, path: str = "") -> list[str]:
    """The paths of the tensors of a structure."""
    return [place for place, leaf in structure.leaves(path) if leaf.kind == "tensor"]


def input_paths(call: Call) -> list[str]:
    """The paths of a call's tensors: `x`, `state[0]`."""
    return [path for given in call.given for path in tensor_paths(given.structure, given.name)]


def with_paths(values: dict[str, Value], inputs: Sequence[str], call: Call | None) -> dict[str, Value]:
    """The values of a graph, its inputs by their paths."""
    paths = input_paths(call) if call else []
    if len(paths) != len(inputs):
        return values
    return {**values, **{name: replace(values[name], source=path) for name, path in zip(inputs, paths, strict=True)}}
