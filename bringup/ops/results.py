"""Ops with several results: those that are read are written, and each is compared as what it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Union

from bringup.inventory import Variation
from bringup.ops.spec import Constraint, Lowering, Result

Lines = Union[str, tuple[str, ...]]
CLOSE = Result("close")


@dataclass(frozen=True, slots=True)
class Made:
    """One result of an op.

    Args:
        name: What it is called where several are read.
        check: How it compares, or how that follows from the variation.
        lines: Statements, the last of which assigns `output`, or the expression of that one; empty where the row's own
            expression gives all results.
    """

    name: str
    check: Result | Callable[[Variation], Result] = CLOSE
    lines: Lines | Callable[[Variation], Lines] = ""

    def check_of(self, variation: Variation) -> Result:
        """How it compares."""
        return self.check(variation) if callable(self.check) else self.check

    def statements(self, variation: Variation) -> tuple[str, ...]:
        """How it is made."""
        lines = self.lines(variation) if callable(self.lines) else self.lines
        return (f"output = {lines}",) if isinstance(lines, str) else lines


Results = tuple[Made, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """The results that are read: the reference, the statements, how each compares, and whether there are several."""

    torch: str
    lines: tuple[str, ...]
    checks: tuple[Result, ...]
    many: bool


def of_results(variation: Variation, torch: str, ttnn: Lines, results: Results) -> Written:
    """What a row says of the results that are read.

    Args:
        torch: The expression that gives all results.
        ttnn: The expression that gives all results as a list, or statements that come before those of each result.
    """
    read = variation.read or (0,)
    checks = tuple(results[place].check_of(variation) for place in read)
    reference = read_of(variation, torch)
    if isinstance(ttnn, str) and ttnn:
        chosen = f"output = {ttnn}" if len(read) == len(results) else f"output = {ttnn}[{read[0]}]"
        if 1 < len(read) < len(results):
            raise NotImplementedError("some of the results of one call")
        return Written(reference, (chosen,), checks, len(read) > 1)
    lines = list(ttnn)
    for place in read:
        made = results[place].statements(variation)
        lines += [line for line in _named(made, results[place].name, len(read) > 1) if line not in lines]
    if len(read) > 1:
        lines.append(f"output = [{', '.join(results[place].name for place in read)}]")
    return Written(reference, tuple(lines), checks, len(read) > 1)


def read_of(variation: Variation, torch: str) -> str:
    """The results that are read, of an expression that gives all of them."""
    read = variation.read
    if len(read) == len(variation.outputs):
        return torch
    if len(read) == 1:
        return f"{torch}[{read[0]}]"
    return f"[result for place, result in enumerate({torch}) if place in {read}]"


def _named(lines: tuple[str, ...], name: str, is_one_of_several: bool) -> tuple[str, ...]:
    """The statements with the last one's target under the result's own name."""
    *before, last = lines
    return (*before, f"{name}{last.removeprefix('output')}") if is_one_of_several else lines


def only_first(what: str) -> Constraint:
    """The row writes the first result alone."""
    return Constraint(
        f"no result read but the first: the row does not write {what}",
        lambda v: set(v.read) <= {0},
        lambda v: f"results {', '.join(map(str, v.read))} are read",
        "the registry",
        "the row writes the first result alone",
    )


def with_checks(lowering: Lowering, *checks: Result) -> Lowering:
    """A lowering whose outputs compare each in its own way."""
    return replace(lowering, results=checks, many_outputs=len(checks) > 1)
