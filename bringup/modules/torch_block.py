"""Runs of torch code outside the modules: what the host makes of its inputs, and constants made of weights."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bringup.ir import OpCall, Value
from bringup.modules.flow import Flow
from bringup.modules.fold import fold_views
from bringup.modules.naming import assigned_names, name_values, noun
from bringup.modules.program import Emitted, Literal, Part, Place, Statement, Use
from bringup.modules.torch_text import VIEWS, torch_parts
from bringup.python_text import literal
from bringup.variations import short_name


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of torch code, and what each value is called after them."""

    lines: tuple[str, ...]
    names: Mapping[str, str]


def closure(flow: Flow, wanted: Iterable[str], stop: Callable[[str], bool]) -> tuple[OpCall, ...]:
    """The calls that make the wanted values, in order, back to values where `stop` says so."""
    maker = {output: call for call in flow.calls for output in call.outputs}
    needed: set[str] = set()
    todo = list(wanted)
    while todo:
        value = todo.pop()
        call = maker.get(value)
        if call is None or call.name in needed or stop(value):
            continue
        needed.add(call.name)
        todo += call.refs()
    return tuple(call for call in flow.calls if call.name in needed)


def torch_block(
    calls: Sequence[OpCall],
    values: Mapping[str, Value],
    inputs: Sequence[tuple[str, str]],
    outputs: Sequence[str],
    refer: Callable[[str], Part],
) -> Block:
    """The calls as lines of torch.

    Args:
        inputs: Values that are there already, with their names.
        outputs: Values that are read afterwards.
        refer: How another value is written.
    """
    given = {value for value, _ in inputs}
    made = {output for call in calls for output in call.outputs}

    def part(value: str) -> Part:
        return Use(value) if value in made or value in given else refer(value)

    emitted = [Emitted("", _statement(call, values, part)) for call in calls]
    steps = [entry.statement for entry in fold_views(emitted, outputs)]
    hints: dict[str, str] = {}
    for step in steps:
        named = assigned_names(step.line)
        if len(named) == len(step.outputs):
            hints.update(zip(step.outputs, named, strict=True))
    names = name_values(inputs, steps, outputs, hints, (), None)
    lines = tuple(f"{_targets(step, names)} = {_text(step, names)}" for step in steps)
    return Block(lines, names)


def _statement(call: OpCall, values: Mapping[str, Value], part: Callable[[str], Part]) -> Statement:
    name = short_name(call.target)
    is_list = len(call.outputs) > 1 or name in ("split", "chunk", "unbind", "split_with_sizes")
    expression = torch_parts(call, values, part)
    return Statement(call.outputs, expression, noun(name), call.source, is_view=name in VIEWS, is_list=is_list)


def _targets(step: Statement, names: Mapping[str, str]) -> str:
    joined = ", ".join(names[value] for value in step.outputs)
    return f"{joined}," if step.is_list and len(step.outputs) == 1 else joined


def _text(step: Statement, names: Mapping[str, str]) -> str:
    found = []
    for item in step.parts:
        if isinstance(item, str):
            found.append(item)
        elif isinstance(item, Use):
            found.append(names[item.value])
        elif isinstance(item, Literal):
            found.append(_literal(item))
        elif isinstance(item, Place):
            found.append(item.path)
    return "".join(found)


def _literal(item: Literal) -> str:
    text = literal(item.value)
    text = text[1:-1].rstrip(",") if item.is_splat else text
    if not item.is_keyword:
        return text
    return "" if item.value == item.default else f", {item.name}={text}"
