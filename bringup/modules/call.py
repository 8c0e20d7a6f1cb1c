"""How generated code calls the model and returns what it gives: names, paths and containers as Python text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from bringup.ir import Call, Given, Graph, Structure
from bringup.modules.naming import safe
from bringup.modules.writer import FunctionText
from bringup.python_text import literal


@dataclass(frozen=True, slots=True)
class InputName:
    """One tensor among the inputs.

    Args:
        path: Where the user has it: `state[0]`.
        name: What generated code calls it: `state_0`.
        argument: The argument that it is in or that it is, as generated code calls it: `state`.
        text: The expression of `argument` that is it: `state[0]`.
    """

    path: str
    name: str
    argument: str
    text: str


@dataclass(frozen=True, slots=True)
class NamedResult:
    """A class for results with names: its own name, its fields, and the model's class that it stands for."""

    name: str
    fields: tuple[str, ...]
    stands_for: str


def input_names(graph: Graph) -> dict[str, InputName]:
    """The names of the graph's inputs, each a name of its own."""
    values = graph.value_by_name()
    if graph.call is None:
        return {name: _plain_input(safe(values[name].source or name), values[name].source) for name in graph.inputs}
    found: list[InputName] = []
    taken = {safe(given.name) for given in graph.call.given}
    for given in graph.call.given:
        argument = safe(given.name)
        for path, leaf in given.structure.leaves():
            if leaf.kind == "tensor":
                name = _unused(safe(f"{given.name}{path}"), taken) if path else argument
                taken.add(name)
                found.append(InputName(given.name + path, name, argument, argument + path))
    return dict(zip(graph.inputs, found, strict=True))


def _plain_input(name: str, path: str) -> InputName:
    return InputName(path or name, name, name, name)


def _unused(name: str, taken: set[str]) -> str:
    number, found = 2, name
    while found in taken:
        found, number = f"{name}_{number}", number + 1
    return found


def unpacked(inputs: Sequence[InputName]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The arguments that inputs are in, and the lines that take the inputs out of them."""
    arguments = tuple(dict.fromkeys(given.argument for given in inputs))
    lines = tuple(f"{given.name} = {given.text}" for given in inputs if given.name != given.text)
    return arguments, lines


def arguments_with_tensors(graph: Graph) -> tuple[str, ...]:
    """The names of all arguments that hold tensors."""
    return tuple(dict.fromkeys(given.argument for given in input_names(graph).values()))


def call_text(call: Call, inputs: str = "inputs") -> str:
    """The call of the torch model as the user makes it: `model(inputs["x"], inputs["state"], scale=2.0)`."""
    if all(
        given.how == "keyword" and _is_from_inputs(given) and safe(given.name) == given.name for given in call.given
    ):
        return f"model(**{inputs})"
    return f"model({', '.join(_argument(given, inputs) for given in call.given)})"


def _is_from_inputs(given: Given) -> bool:
    return any(leaf.kind == "tensor" for _, leaf in given.structure.leaves())


def _argument(given: Given, inputs: str) -> str:
    is_input = _is_from_inputs(given)
    value = f"{inputs}[{literal(safe(given.name))}]" if is_input else structure_text(given.structure, iter(()), {})
    if given.how == "rest":
        return f"*{value}"
    return f"{given.name}={value}" if given.how == "keyword" else value


def structure_text(structure: Structure, tensors: Iterator[str], classes: Mapping[str, str]) -> str:
    """A structure as Python text.

    Args:
        tensors: How its tensors are written, in order.
        classes: What generated code calls the classes of what is named.
    """
    if structure.kind == "tensor":
        return next(tensors)
    if structure.kind == "constant":
        return structure.text
    members = [structure_text(member, tensors, classes) for member in structure.members]
    if structure.kind == "named":
        name = classes[class_key(structure)]
        return f"{name}({', '.join(f'{key}={m}' for key, m in zip(structure.keys, members, strict=True))})"
    if structure.kind == "dict":
        text = "{" + ", ".join(f"{key}: {m}" for key, m in zip(structure.keys, members, strict=True)) + "}"
        return f"{classes[class_key(structure)]}({text})" if class_key(structure) in classes else text
    if structure.kind == "list":
        return f"[{', '.join(members)}]"
    return f"({', '.join(members)}{',' if len(members) == 1 else ''})"


def class_key(structure: Structure) -> str:
    """What makes two named results of one class: transformers leaves out the fields that are None."""
    return f"{structure.class_name}({', '.join(structure.keys)})"


def named_results(structure: Structure) -> dict[str, NamedResult]:
    """A class for each kind of named result, by its key."""
    found: dict[str, NamedResult] = {}
    for part in parts_of(structure):
        if part.kind == "named" and class_key(part) not in found:
            name = part.class_name.rpartition(".")[2].lstrip("_") or "Result"
            name = _unused(name, {result.name for result in found.values()})
            found[class_key(part)] = NamedResult(name, part.keys, part.class_name)
    return found


def parts_of(structure: Structure) -> Iterator[Structure]:
    """A structure and everything in it."""
    yield structure
    for member in structure.members:
        yield from parts_of(member)


def is_flat(structure: Structure) -> bool:
    """Whether a result is a tensor, or a tuple of tensors: what a function returns without more words."""
    return structure.kind == "tensor" or (
        structure.kind == "tuple"
        and len(structure.members) > 1
        and all(member.kind == "tensor" for member in structure.members)
    )


def return_text(structure: Structure, names: Sequence[str]) -> str:
    """What a function returns: a result of this structure, and after it what else it has names for."""
    classes = {key: result.name for key, result in named_results(structure).items()}
    left = iter(names)
    text = structure_text(structure, left, classes)
    more = ", ".join(left)
    if more:
        return f"{text}, {more}"
    return text[1:-1] if structure.kind == "tuple" and len(structure.members) > 1 else text


def returns_of(graph: Graph) -> Callable[[Sequence[str]], str] | None:
    """How the model's function returns its results; None where they are tensors side by side.

    Buffers that forward writes follow the model's own result, which stays a tuple where it is one.
    """
    if graph.call is None or (is_flat(graph.call.result) and not (graph.state and graph.call.result.members)):
        return None
    return partial(return_text, graph.call.result)


def results_of(graph: Graph) -> tuple[NamedResult, ...]:
    """The classes that the model's function gives its results names with."""
    return () if graph.call is None else tuple(named_results(graph.call.result).values())


def with_arguments(function: FunctionText, inputs: Sequence[InputName], graph: Graph) -> FunctionText:
    """The model's function with forward's own arguments; what stands in containers is taken out of them first."""
    arguments, lines = unpacked(inputs)
    if not lines:
        return function
    order = arguments_with_tensors(graph)
    parameters = function.arguments[len(function.inputs) :]
    arguments = tuple(sorted(arguments, key=order.index))
    return replace(function, arguments=(*arguments, *parameters), inputs=arguments, lines=(*lines, *function.lines))
