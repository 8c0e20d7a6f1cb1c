"""Functions as lines of Python: every name, argument and line decided; templates only print them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from bringup.modules.function_lines import FunctionLines
from bringup.modules.functions import Function, Grouping
from bringup.modules.naming import HELPERS, assigned_names, name_values, safe, snake_case
from bringup.modules.program import Body, ModuleCall, Statement
from bringup.modules.varying import varying_literals
from bringup.modules.writer import Arguments, FunctionText, Hints, Writer
from bringup.python_text import literal


def write_functions(writer: Writer) -> tuple[FunctionText, ...]:
    """The text of every function, and in `writer.arguments` what their instances are called with."""
    _name_functions(writer.grouping)
    taken = {*HELPERS, *(function.name for function in writer.grouping.functions)}
    # Callers first: what they call a tensor is the best name for it inside.
    for function in reversed(writer.grouping.functions):
        inputs = _input_names(function, writer)
        hints = writer.hints.by_frame[function.body.frame]
        names = name_values(inputs, function.pattern, function.body.outputs, hints, taken, function.option)
        writer.names[id(function)] = names
        writer.hints.by_frame[function.body.frame].update(names)
    for function in writer.grouping.functions:
        writer.texts[id(function)] = _write(function, writer)
    return tuple(writer.texts[id(function)] for function in writer.grouping.functions)


def _name_functions(grouping: Grouping) -> None:
    seen: Counter[str] = Counter()
    for function in grouping.functions:
        base = snake_case(function.class_name.rpartition(".")[2])
        base = f"{base}_module" if base in (*HELPERS, "prepare_inputs") else base
        seen[base] += 1
        function.name = base if seen[base] == 1 else f"{base}_{seen[base]}"


def _write(function: Function, writer: Writer) -> FunctionText:
    body = function.body
    flag = _option_flag(function, writer.arguments)
    varying = varying_literals(function, writer.arguments, writer.places)
    inputs = [(value, writer.names[id(function)][value]) for value in body.inputs]
    names = writer.names[id(function)]
    lines = FunctionLines(function, writer, names, varying, flag)
    written = tuple(lines.write())
    ordered = _order_inputs(inputs, writer.forwards.get(body.path, ()))
    writer.orders[id(function)] = tuple(inputs.index(item) for item in ordered)
    arguments = tuple(name for _, name in ordered)
    instances = tuple(dict.fromkeys(member.path for member in function.members))
    takes = lines.reads_parameters
    return FunctionText(
        function.name,
        function.class_name,
        (*arguments, *(("parameters",) if takes else ())),
        written,
        instances,
        arguments,
        takes,
    )


def _option_flag(function: Function, arguments: Arguments) -> str:
    """The condition of the optional steps; where no module tells, a flag among the arguments of each instance."""
    option = function.option
    if option is None:
        return ""
    if option.child:
        return f"{literal(option.child)} in parameters"
    last = function.pattern[option.stop - 1]
    noun = (last.hint or _first_op(last)) if isinstance(last, Statement) else function.name
    name = "has_residual" if noun == "add" else f"has_{noun}"
    for member, steps in zip(function.members, function.steps, strict=True):
        arguments.setdefault(member.path, {})[name] = steps[option.start] is not None
    return f"parameters.{name}"


def _first_op(statement: Statement) -> str:
    """The name of the op that an expression calls first, from outside in."""
    match = re.search(r"\w+(?=\()", "".join(part for part in statement.parts if isinstance(part, str)))
    return match[0] if match else "step"


def _order_inputs(inputs: Sequence[tuple[str, str]], forward: tuple[str, ...]) -> list[tuple[str, str]]:
    """Inputs in the order of forward's arguments; those that forward does not name come last."""
    position = {safe(name): index for index, name in enumerate(forward)}
    return sorted(inputs, key=lambda item: position.get(item[1], len(position)))


def _input_names(function: Function, writer: Writer) -> list[tuple[str, str]]:
    """A name for each input: forward's own where it has one, else what the caller calls it."""
    body = function.body
    listed = writer.forwards.get(body.path, ())
    forward = tuple("x" if name == "input" else safe(name) for name in listed if name not in ("args", "kwargs"))
    hints = [writer.fixed_names.get(value) or writer.hints.outside(body.frame, value) for value in body.inputs]
    is_root = body.frame == writer.root
    fixed = [writer.fixed_names.get(value, "") if is_root else "" for value in body.inputs]
    names = [own or (name if name in forward else "") for own, name in zip(fixed, hints, strict=True)]
    if len(names) == len(forward):
        rest = [name for name in forward if name not in names]
        names = [name or rest.pop(0) for name in names]
    elif forward and names and forward[0] not in names and body.inputs[0] not in writer.fixed_names:
        names[0] = names[0] or forward[0]
    for index, name in enumerate(names):
        candidates = (hints[index], "x", *(f"x{i}" for i in range(2, 99)))
        names[index] = name or next(n for n in candidates if n and n not in names)
    return list(zip(body.inputs, names, strict=True))


def _in_order(outputs: Sequence[str], named: Sequence[str], own: Mapping[str, str]) -> list[str]:
    """The names of a call's results: its function gives them in an order of its own, and may have named them."""
    known = [own.get(value, "") for value in outputs]
    rest = iter(name for name in named if name not in known)
    return [name if name in named else next(rest, named[0]) for name in known]


def collect_hints(root: Body, inputs: Mapping[str, str]) -> Hints:
    """The names that the model's lines give its values; `inputs` are the names of the model's own."""
    by_frame: dict[str, dict[str, str]] = {}
    parent_of: dict[str, str] = {}

    def visit(body: Body) -> None:
        found = by_frame.setdefault(body.frame, {})
        for item in body.items:
            if isinstance(item, ModuleCall):
                parent_of[item.body.frame] = body.frame
                visit(item.body)
            named = assigned_names(item.body.line if isinstance(item, ModuleCall) else item.line)
            if isinstance(item, ModuleCall) and len(item.outputs) == 1:
                named = named[:1]  # what a module gives beside its result (attention weights) is often unused
            if len(named) == len(item.outputs):
                own = by_frame[item.body.frame] if isinstance(item, ModuleCall) else {}
                found.update(zip(item.outputs, _in_order(item.outputs, named, own), strict=True))

    visit(root)
    by_frame[root.frame].update(inputs)
    parent_of[root.frame] = "<caller>"
    by_frame["<caller>"] = dict(inputs)
    return Hints(by_frame, parent_of)
