"""`example_inputs()` and the call of the model in `reference/load_model.py`: inputs in the user's structure."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Sequence
from dataclasses import dataclass

from bringup.ir import Graph, Structure
from bringup.modules.call import (
    NamedResult,
    call_text,
    class_key,
    input_names,
    named_results,
    parts_of,
    structure_text,
)
from bringup.modules.naming import safe
from bringup.modules.reference_model import ModelSource

_PLAIN = ("collections.OrderedDict", "collections.defaultdict")
"""Classes that do what a dict does."""


@dataclass(frozen=True, slots=True)
class Example:
    """The inputs and the call.

    Args:
        inputs: Names and expressions of the arguments that hold tensors.
        call: The call of the model.
        imports: Modules and the classes of theirs that the inputs need; and those that the call needs.
        classes: Named tuples that stand for classes which nobody can import.
    """

    inputs: tuple[tuple[str, str], ...]
    call: str
    imports: tuple[tuple[str, str], ...]
    call_imports: tuple[tuple[str, str], ...]
    classes: tuple[NamedResult, ...]


def plan_example(graph: Graph, made: Sequence[str], source: ModelSource) -> Example:
    """The inputs in their structure, of expressions for their tensors."""
    names = input_names(graph)
    if graph.call is None:
        inputs = tuple((given.name, text) for given, text in zip(names.values(), made, strict=True))
        return Example(inputs, "model(*inputs.values())", (), (), ())
    whole = Structure("tuple", members=tuple(given.structure for given in graph.call.given))
    is_file = source.target.endswith(".py")
    own = source.target.rpartition("/")[2].removesuffix(".py") if is_file else ""
    importable = {part.class_name for part in parts_of(whole) if part.class_name and _is_importable(part, own)}
    named = named_results(whole)
    classes = {
        key: result.stands_for.rpartition(".")[2] if result.stands_for in importable else result.name
        for key, result in named.items()
    }
    for part in parts_of(whole):
        if part.kind == "dict" and part.class_name in importable and part.class_name not in _PLAIN:
            classes[class_key(part)] = part.class_name.rpartition(".")[2]
    tensors = iter(made)
    inputs = tuple(
        (safe(given.name), structure_text(given.structure, tensors, classes))
        for given in graph.call.given
        if any(leaf.kind == "tensor" for _, leaf in given.structure.leaves())
    )
    homes = (name.rpartition(".")[::2] for name in importable if name not in _PLAIN)
    classes_used = sorted((source.module if is_file and home == own else home, name) for home, name in homes)
    given, call = " ".join(text for _, text in inputs), call_text(graph.call)
    replaced = tuple(result for result in named.values() if result.stands_for not in importable)
    return Example(inputs, call, _read_in(given, classes_used), _read_in(call, classes_used), replaced)


def _read_in(text: str, classes: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The classes that a text reads."""
    return tuple((module, name) for module, name in classes if re.search(rf"\b{name}\b", text))


def _is_importable(part: Structure, own: str) -> bool:
    """Whether a class can be imported where the folder is used: from the copied file, or from an installed package."""
    module, _, name = part.class_name.rpartition(".")
    if "<" in part.class_name or not name.isidentifier():
        return False
    if module == own:
        return True
    top = module.partition(".")[0]
    try:
        found = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return False
    origin = (found.origin or "") if found else ""
    return (
        origin in ("built-in", "frozen") or "site-packages" in origin or f"/{top}/" in origin or module == top == "enum"
    )
