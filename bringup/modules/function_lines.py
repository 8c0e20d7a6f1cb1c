"""The body of one function as lines of Python."""

from __future__ import annotations

import keyword
import re
import textwrap
from collections.abc import Collection, Iterator, Mapping

from bringup.modules.functions import Function, Option, Where, below
from bringup.modules.loops import Loop, Step, step_items
from bringup.modules.program import Item, ModuleCall, Part, Place, Statement, Use
from bringup.modules.writer import Writer
from bringup.python_text import comment, literal


class FunctionLines:
    """The lines of one function."""

    def __init__(
        self,
        function: Function,
        writer: Writer,
        names: Mapping[str, str],
        varying: Mapping[Where, str],
        condition: str,
    ) -> None:
        self.function, self.writer, self.names, self.varying = function, writer, dict(names), varying
        self.condition = condition
        self.reads_parameters = bool(condition)
        self.body, self.steps = function.body, function.pattern
        self.member = ("", "")

    def write(self) -> Iterator[str]:
        """The lines in order, indented relative to the function's body."""
        option = self.function.option
        last = len(self.steps) - 1
        index = 0
        while index <= last:
            if option is not None and index == option.start:
                yield from self._option(option)
                index = option.stop
                continue
            step = self.steps[index]
            is_result = index == last and step.outputs == self.body.outputs and not self._is_structured
            # A list of tensors is taken apart, and given as a tuple.
            is_list = isinstance(step, Statement) and step.is_list
            if is_result and not is_list and not isinstance(step, Loop):
                yield from self._comment(step)
                yield f"return {self._expression(step, (index, 0))}"
                return
            yield from self._step(step, index)
            index += 1
        names = [self.names[value] for value in self.body.outputs]
        returns = self.writer.returns if self._is_structured else None
        yield f"return {returns(names) if returns else ', '.join(names)}"

    @property
    def _is_structured(self) -> bool:
        """Whether it is the model, and gives more than tensors side by side."""
        return self.writer.returns is not None and self.body.frame == self.writer.root

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
            yield from self._loop(step, index)
        else:
            yield from self._comment(step)
            yield f"{self._targets(step)} = {self._expression(step, (index, 0))}"
        if self.writer.frees:
            yield from self._frees(index)

    def _comment(self, step: Step) -> Iterator[str]:
        if isinstance(step, Statement) and step.comment:
            yield from textwrap.wrap(comment(step.comment), 100, initial_indent="# ", subsequent_indent="# ")
        if isinstance(step, Statement) and step.issue:
            yield f"# {step.issue}"

    def _expression(self, item: Item, where: tuple[int, int]) -> str:
        return self._statement(item, where) if isinstance(item, Statement) else self._call(item)

    def _targets(self, step: Item) -> str:
        names = [self.names[value] for value in step.outputs]
        is_list = isinstance(step, Statement) and step.is_list
        return ", ".join(names) + ("," if is_list and len(names) == 1 else "")

    def _statement(self, step: Statement, where: tuple[int, int]) -> str:
        return "".join(self._part(part, (*where, position)) for position, part in enumerate(step.parts))

    def _part(self, part: Part, where: Where) -> str:
        if isinstance(part, str):
            return part
        if isinstance(part, Use):
            return self.names[part.value]
        if isinstance(part, Place):
            return self._place(part.path)
        name = self.varying.get(where)
        if name is not None:
            self.reads_parameters = True
            text = f"{'*' if part.is_splat else ''}parameters.{name}"
        else:
            text = literal(part.value)
            text = text[1:-1].rstrip(",") if part.is_splat else text
        if not part.is_keyword:
            return text
        return "" if name is None and part.value == part.default else f", {part.name}={text}"

    def _place(self, path: str) -> str:
        """What stands at a place: below the loop's member where it is of one, else below the function's parameters."""
        self.reads_parameters = True
        member, name = self.member
        if member and (path == member or path.startswith(f"{member}.")):
            return attribute(name, below(path, member))
        return attribute("parameters", below(path, self.body.path))

    def _call(self, call: ModuleCall) -> str:
        function = self.writer.grouping.function_of[call.body.frame]
        text = self.writer.texts[id(function)]
        given = [self.names[value] for value in call.body.inputs]
        arguments = [given[i] for i in self.writer.orders[id(function)]]
        if text.takes_parameters:
            arguments.append(self._place(call.body.path))
        return f"{text.name}({', '.join(arguments)})"

    def _loop(self, loop: Loop, index: int) -> Iterator[str]:
        target, carried = self.names[loop.result], self.names[loop.carried]
        if carried != target:
            yield f"{target} = {carried}"
        member, name, members = self._member(loop)
        outside = self.names[loop.carried]
        self.names[loop.carried] = target
        self.member = ("", "") if loop.repeats else (loop.member, member)
        lines = [line for inner, item in enumerate(loop.body) for line in self._round(loop, index, inner, item)]
        self.names[loop.carried], self.member = outside, ("", "")
        if any(member in line for line in lines):
            yield f"for {name} in {members}:"
        else:
            yield f"for _ in range({len(loop.groups)}):"
        for line in lines:
            yield f"    {line}"

    def _member(self, loop: Loop) -> tuple[str, str, str]:
        """What a member of the loop's list is called, the loop's variable, and what that goes over."""
        members = attribute("parameters", below(loop.prefix, self.body.path))
        stop = loop.start + len(loop.groups)
        if loop.stem and not loop.is_all:
            index = "number" if "index" in self.names.values() else "index"
            return f'{members}[f"{loop.stem}{{{index}}}"]', index, f"range({loop.start}, {stop})"
        name = self._loop_name(loop)
        return name, name, members if loop.is_all else f"{members}[{loop.start}:{stop}]"

    def _round(self, loop: Loop, index: int, inner: int, item: Item) -> Iterator[str]:
        yield from self._comment(item)
        yield f"{self._targets(item)} = {self._expression(item, (index, inner))}"
        if self.writer.frees:
            made = {value for other in loop.body for value in other.outputs if value != loop.result}
            later = {value for other in loop.body[inner + 1 :] for value in other.uses()}
            yield from self._freed(item, made, later)

    def _loop_name(self, loop: Loop) -> str:
        last = loop.prefix.rpartition(".")[2]
        is_named = len(loop.body) > 1 or isinstance(loop.body[0], Statement)
        name = "layer" if last.rstrip("s") == "layer" or is_named else "block"
        if loop.stem:
            name = "layer" if loop.stem.endswith("layer") else "block"
        elif is_named and re.fullmatch(r"[a-z_]+[^s\W]s", last):
            name = last.removesuffix("s")
        is_taken = name in self.names.values() or any(
            name == function.name for function in self.writer.grouping.functions
        )
        return f"{name}_parameters" if is_taken else name

    def _frees(self, index: int) -> Iterator[str]:
        """Deallocations after a step: tensors made here that nothing reads any more and no name takes over."""
        if index >= len(self.steps) - 1:
            return
        made = {value for step in self.steps for value in step.outputs}
        made |= {value for step in self.steps for item in step_items(step) for value in item.outputs}
        later = {value for step in self.steps[index + 1 :] for value in step.uses()} | set(self.body.outputs)
        yield from self._freed(self.steps[index], made, later)

    def _freed(self, step: Step, made: Collection[str], later: Collection[str]) -> Iterator[str]:
        """Each buffer once, and only where all that may share it was made here and is read no more."""
        rebound = {self.names[value] for value in step.outputs}
        done: set[str] = set()
        for value in dict.fromkeys(step.uses()):
            if value not in made or value in self.writer.on_host or self.names[value] in rebound:
                continue
            group = self.writer.sharing[id(self.function)][value]
            if group <= set(made) and not group & {*later, *done}:
                done.add(value)
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
