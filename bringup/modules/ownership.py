"""Who owns a tensor: which values of a function may share a buffer, also by way of the functions that it calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bringup.modules.functions import Function, Grouping
from bringup.modules.loops import Loop, Step
from bringup.modules.program import Item, Statement, Use
from bringup.modules.sharing import results_share, shared_operands

PARAMETERS = "=parameters"
"""Stands for all that a function reads of its parameters: theirs, as its inputs are its caller's."""


def shared_buffers(grouping: Grouping) -> dict[int, dict[str, frozenset[str]]]:
    """By the id of each function: for each of its values, those that may share its buffer, itself included.

    A function is written once for all of its members: what one of them shares counts for all. An optional part's
    result may be what that part was given.
    """
    found: dict[int, dict[str, frozenset[str]]] = {}
    for function in grouping.functions:
        groups = _Groups(grouping.function_of, found)
        groups.function(function)
        found[id(function)] = groups.by_value()
    return found


class _Groups:
    """Values of one function, brought together where they may share a buffer."""

    def __init__(self, function_of: Mapping[str, Function], known: Mapping[int, Mapping[str, frozenset[str]]]) -> None:
        self.function_of, self.known = function_of, known
        self.parent: dict[str, str] = {}

    def by_value(self) -> dict[str, frozenset[str]]:
        members: dict[str, set[str]] = {}
        for value in self.parent:
            members.setdefault(self._find(value), set()).add(value)
        return {value: frozenset(members[self._find(value)]) for value in self.parent}

    def function(self, function: Function) -> None:
        for value in (*function.body.inputs, *function.body.outputs):
            self._find(value)
        for step in function.pattern:
            self._step(step)
        if function.option is not None:
            self._join((function.option.source, function.option.result))

    def _step(self, step: Step) -> None:
        if isinstance(step, Loop):
            for item in step.body:
                self._item(item)
            self._join((step.result, *step.outputs))
        else:
            self._item(step)

    def _item(self, item: Item) -> None:
        for value in (*item.uses(), *item.outputs):
            self._find(value)
        if isinstance(item, Statement):
            for value, operands in zip(item.outputs, shared_operands(item.parts, len(item.outputs)), strict=True):
                self._join((value, *(part.value if isinstance(part, Use) else PARAMETERS for part in operands)))
            self._join(item.outputs if len(item.outputs) > 1 and results_share(item.parts) else ())
            return
        callee = self.function_of[item.body.frame]
        own = dict(zip((*callee.body.inputs, *callee.body.outputs), (*item.body.inputs, *item.outputs), strict=True))
        own[PARAMETERS] = PARAMETERS
        groups = self.known[id(callee)]
        for value in own:
            self._join(own[other] for other in groups.get(value, ()) if other in own)

    def _find(self, value: str) -> str:
        parent = self.parent.setdefault(value, value)
        while self.parent[parent] != parent:
            parent = self.parent[parent]
        self.parent[value] = parent
        return parent

    def _join(self, values: Iterable[str]) -> None:
        roots = [self._find(value) for value in values]
        self.parent.update(dict.fromkeys(roots[1:], roots[0]) if roots else {})
