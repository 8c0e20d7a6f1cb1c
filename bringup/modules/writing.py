"""Functions as lines of Python: every name, argument and line decided; templates only print them."""

from __future__ import annotations

import keyword
import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bringup.modules.functions import Function, Grouping, Loop, Option, Step, below
from bringup.modules.naming import assigned_names, name_values, safe, snake_case
from bringup.modules.program import Body, Literal, ModuleCall, Part, Place, Statement, Use
from bringup.python_text import comment, literal, plain

Arguments = dict[str, dict[str, object]]
"""What differs between the instances of a function, by the module's path and the argument's name."""


@dataclass(frozen=True, slots=True)
class FunctionText:
    """A function ready to be printed.

    `instances` are the paths of its modules; `lines` its body, indented relative to it.
    """

    name: str
    class_name: str
    arguments: tuple[str, ...]
    lines: tuple[str, ...]
    instances: tuple[str, ...]
    inputs: tuple[str, ...]
    takes_parameters: bool

    @property
    def has_docstring(self) -> bool:
        """Whether its lines begin with one of their own."""
        return self.lines[0].startswith('"""')

    @property
    def summary(self) -> str:
        """The first line of its docstring."""
        name = plain(self.class_name.rpartition(".")[2])
        if self.instances == ("",):
            return f"{name}, the model."
        others = len(self.instances) - 1
        return f"{name}: {plain(self.instances[0])}" + (f" and {others} more." if others else ".")


@dataclass(frozen=True, slots=True)
class Hints:
    """What the model's own lines call a value: in each module call by its frame, and which call is around which."""

    by_frame: Mapping[str, dict[str, str]]
    parent_of: Mapping[str, str]

    def outside(self, frame: str, value: str) -> str:
        """What the modules around a call name a value that it reads; empty when none does."""
        current: str | None = self.parent_of.get(frame)
        while current is not None:
            if value in self.by_frame[current]:
                return self.by_frame[current][value]
            current = self.parent_of.get(current)
        return ""


@dataclass
class Writer:
    """What is known while functions are written, callees first."""

    grouping: Grouping
    forwards: Mapping[str, tuple[str, ...]]
    hints: Hints
    fixed_names: Mapping[str, str] = field(default_factory=dict)
    frees: bool = False
    aliases: Mapping[str, frozenset[str]] = field(default_factory=dict)
    on_host: frozenset[str] = frozenset()
    names: dict[int, dict[str, str]] = field(default_factory=dict)
    texts: dict[int, FunctionText] = field(default_factory=dict)
    arguments: Arguments = field(default_factory=dict)
    orders: dict[int, tuple[int, ...]] = field(default_factory=dict)


def write_functions(writer: Writer) -> tuple[FunctionText, ...]:
    """The text of every function, and in `writer.arguments` what their instances are called with."""
    _name_functions(writer.grouping)
    taken = {function.name for function in writer.grouping.functions}
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
        seen[base] += 1
        function.name = base if seen[base] == 1 else f"{base}_{seen[base]}"


def _write(function: Function, writer: Writer) -> FunctionText:
    body = function.body
    flag = _option_flag(function, writer.arguments)
    varying = _varying_literals(function, writer.arguments)
    inputs = [(value, writer.names[id(function)][value]) for value in body.inputs]
    names = writer.names[id(function)]
    lines = _Lines(function, writer, names, varying, flag)
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
    noun = last.hint if isinstance(last, Statement) else function.name
    name = "has_residual" if noun == "add" else f"has_{noun}"
    for member, steps in zip(function.members, function.steps, strict=True):
        arguments.setdefault(member.path, {})[name] = steps[option.start] is not None
    return f"parameters.{name}"


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
    names = [name if name in forward else "" for name in hints]
    if len(names) == len(forward):
        rest = [name for name in forward if name not in names]
        names = [name or rest.pop(0) for name in names]
    elif forward and names and forward[0] not in names and body.inputs[0] not in writer.fixed_names:
        names[0] = names[0] or forward[0]
    for index, name in enumerate(names):
        candidates = (hints[index], "x", *(f"x{i}" for i in range(2, 99)))
        names[index] = name or next(n for n in candidates if n and n not in names)
    return list(zip(body.inputs, names, strict=True))


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
            if len(named) == len(item.outputs):
                found.update(zip(item.outputs, named, strict=True))

    visit(root)
    by_frame[root.frame].update(inputs)
    parent_of[root.frame] = "<caller>"
    by_frame["<caller>"] = dict(inputs)
    return Hints(by_frame, parent_of)


def _varying_literals(function: Function, arguments: Arguments) -> dict[tuple[int, int], str]:
    """Names for the literals that differ between members, by (step, part); their values go into `arguments`."""
    found: dict[tuple[int, int], str] = {}
    seen: Counter[str] = Counter()
    for index, step in enumerate(function.pattern):
        if not isinstance(step, Statement):
            continue
        for position, part in enumerate(step.parts):
            if not isinstance(part, Literal):
                continue
            values = [
                (member.path, _literal_at(steps, index, position))
                for member, steps in zip(function.members, function.steps, strict=True)
                if steps[index] is not None
            ]
            if len({literal(value) for _, value in values}) == 1:
                continue
            seen[part.name] += 1
            name = part.name if seen[part.name] == 1 else f"{part.name}_{seen[part.name]}"
            found[(index, position)] = name
            for path, value in values:
                arguments.setdefault(path, {})[name] = value
    return found


def _literal_at(steps: tuple[Step | None, ...], index: int, position: int) -> object:
    step = steps[index]
    assert isinstance(step, Statement)
    part = step.parts[position]
    assert isinstance(part, Literal)
    return part.value


class _Lines:
    """The lines of one function."""

    def __init__(
        self,
        function: Function,
        writer: Writer,
        names: Mapping[str, str],
        varying: Mapping[tuple[int, int], str],
        condition: str,
    ) -> None:
        self.function, self.writer, self.names, self.varying = function, writer, names, varying
        self.condition = condition
        self.reads_parameters = bool(condition)
        self.body, self.steps = function.body, function.pattern

    def write(self) -> Iterator[str]:
        option = self.function.option
        last = len(self.steps) - 1
        index = 0
        while index <= last:
            if option is not None and index == option.start:
                yield from self._option(option)
                index = option.stop
                continue
            step = self.steps[index]
            is_result = index == last and step.outputs == self.body.outputs
            if is_result and not isinstance(step, Loop):
                yield from self._comment(step)
                yield f"return {self._expression(step, index)}"
                return
            yield from self._step(step, index)
            index += 1
        yield f"return {', '.join(self.names[value] for value in self.body.outputs)}"

    def _option(self, option: Option) -> Iterator[str]:
        source, result = self.names[option.source], self.names[option.result]
        if source != result:
            yield f"{result} = {source}"
        yield f"if {self.condition}:"
        for index in range(option.start, option.stop):
            for line in self._step(self.steps[index], index):
                yield f"    {line}"

    def _step(self, step: Step, index: int) -> Iterator[str]:
        if isinstance(step, Loop):
            yield from self._loop(step)
        else:
            yield from self._comment(step)
            yield f"{self._targets(step)} = {self._expression(step, index)}"
        if self.writer.frees:
            yield from self._frees(index)

    def _comment(self, step: Step) -> Iterator[str]:
        if isinstance(step, Statement) and step.comment:
            yield from textwrap.wrap(comment(step.comment), 100, initial_indent="# ", subsequent_indent="# ")

    def _expression(self, step: Statement | ModuleCall, index: int) -> str:
        return self._statement(step, index) if isinstance(step, Statement) else self._call(step)

    def _targets(self, step: Statement | ModuleCall) -> str:
        names = [self.names[value] for value in step.outputs]
        is_list = isinstance(step, Statement) and step.is_list
        return ", ".join(names) + ("," if is_list and len(names) == 1 else "")

    def _statement(self, step: Statement, index: int) -> str:
        return "".join(self._part(part, index, position) for position, part in enumerate(step.parts))

    def _part(self, part: Part, index: int, position: int) -> str:
        if isinstance(part, str):
            return part
        if isinstance(part, Use):
            return self.names[part.value]
        if isinstance(part, Place):
            self.reads_parameters = True
            return attribute("parameters", below(part.path, self.body.path))
        name = self.varying.get((index, position))
        if name is not None:
            self.reads_parameters = True
            text = f"{'*' if part.is_splat else ''}parameters.{name}"
        else:
            text = literal(part.value)
            text = text[1:-1].rstrip(",") if part.is_splat else text
        if not part.is_keyword:
            return text
        return "" if name is None and part.value == part.default else f", {part.name}={text}"

    def _call(self, call: ModuleCall) -> str:
        function = self.writer.grouping.function_of[call.body.frame]
        place = below(call.body.path, self.body.path)
        return self._call_text(function, [self.names[v] for v in call.body.inputs], attribute("parameters", place))

    def _call_text(self, function: Function, given: list[str], place: str) -> str:
        text = self.writer.texts[id(function)]
        order = self.writer.orders[id(function)]
        arguments = [given[i] for i in order]
        if text.takes_parameters:
            self.reads_parameters = True
            arguments.append(place)
        return f"{text.name}({', '.join(arguments)})"

    def _loop(self, loop: Loop) -> Iterator[str]:
        call = loop.calls[0]
        function = self.writer.grouping.function_of[call.body.frame]
        target = self.names[loop.outputs[0]]
        given = [self.names[v] for v in call.body.inputs]
        if given[loop.carried] != target:
            yield f"{target} = {given[loop.carried]}"
            given[loop.carried] = target
        if loop.repeats:
            yield f"for _ in range({loop.repeats}):"
            place = attribute("parameters", below(call.body.path, self.body.path))
            yield f"    {target} = {self._call_text(function, given, place)}"
            return
        members = attribute("parameters", below(loop.prefix, self.body.path))
        name = self._loop_name(loop.prefix)
        text = self._call_text(function, given, name)
        if not self.writer.texts[id(function)].takes_parameters:
            yield f"for _ in range({len(loop.calls)}):"
        else:
            part = "" if loop.is_all else f"[{loop.start}:{loop.start + len(loop.calls)}]"
            yield f"for {name} in {members}{part}:"
        yield f"    {target} = {text}"

    def _loop_name(self, prefix: str) -> str:
        last = prefix.rpartition(".")[2]
        name = "layer" if last.rstrip("s") == "layer" else "block"
        is_taken = name in self.names.values() or any(
            name == function.name for function in self.writer.grouping.functions
        )
        return f"{name}_parameters" if is_taken else name

    def _frees(self, index: int) -> Iterator[str]:
        """Deallocations after a step: tensors made here that nothing reads any more and no name takes over."""
        steps = self.steps
        if index >= len(steps) - 1:
            return
        made_here = {value for step in steps for value in step.outputs}
        later = {value for step in steps[index + 1 :] for value in step.uses()} | set(self.body.outputs)
        rebound = {self.names[value] for value in steps[index].outputs}
        for value in dict.fromkeys(steps[index].uses()):
            if value in self.writer.on_host:
                continue
            group = self.writer.aliases.get(value, frozenset((value,)))
            if value in made_here and not group & later and self.names[value] not in rebound and group <= made_here:
                yield f"ttnn.deallocate({self.names[value]})"


def attribute(base: str, path: str) -> str:
    """`parameters`, `layer1.0.conv1` -> `parameters.layer1[0].conv1`."""
    text = base
    for part in path.split(".") if path else ():
        if part.isdigit():
            text += f"[{part}]"
        elif part.isidentifier() and part.isascii() and not keyword.iskeyword(part):
            text += f".{part}"
        else:
            text += f"[{literal(part)}]"
    return text
