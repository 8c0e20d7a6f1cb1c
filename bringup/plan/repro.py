"""The shortest script that shows one op call: torch and ttnn alone."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass

from bringup.analysis import Analysis
from bringup.errors import UsageError
from bringup.inventory import Variation
from bringup.near import nearest
from bringup.ops.accumulation import COMMENT, DEFINITION, sum_of
from bringup.ops.asked import asked_lowering
from bringup.ops.registry import registry
from bringup.ops.spec import Lowering
from bringup.plan.coverage_report import call_text, merge_sites
from bringup.plan.op_tests import TensorLines, fill, tensor_lines
from bringup.python_text import comment, literal
from bringup.render import format_python, render

_LINE = 116


@dataclass(frozen=True, slots=True)
class Repro:
    """A script."""

    head: tuple[str, ...]
    shapes: tuple[tuple[str, str], ...]
    tensors: tuple[TensorLines, ...]
    reference: str
    statements: tuple[str, ...]
    many_outputs: bool
    constants: tuple[str, ...]


def repro_script(analysis: Analysis, variation_id: str) -> str:
    """The script of one variation.

    Raises:
        UsageError: there is no such variation, or nothing of it runs in ttnn.
    """
    variation = find_variation(analysis, variation_id)
    row = registry().get(variation.op)
    lowering = asked_lowering(variation, row)
    if lowering is None:
        raise UsageError(
            f"{variation.op} runs nothing in ttnn, so there is nothing to show",
            where=variation_id,
            next_step=_reason(analysis, variation),
        )
    text = render("repro.py.jinja", repro=_plan(analysis, variation, lowering))
    return format_python({"repro.py": text})["repro.py"]


def _reason(analysis: Analysis, variation: Variation) -> str:
    found = next((v.reason for v in analysis.coverage.verdicts if v.variation == variation.id and v.reason), "")
    return f"its reason: {found}" if found else ""


def find_variation(analysis: Analysis, variation_id: str) -> Variation:
    """A variation by its id, or by a part of it that only one has.

    Raises:
        UsageError: none has it, or several do.
    """
    found = [variation for variation in analysis.inventory.variations if variation_id in variation.id]
    exact = [variation for variation in found if variation.id == variation_id]
    if len(exact or found) == 1:
        return (exact or found)[0]
    known = [variation.id for variation in found or analysis.inventory.variations]
    near = ", ".join([] if found else nearest(variation_id, known)) or ", ".join(known[:5])
    raise UsageError(
        f"{'several variations are' if found else 'no variation is'} called {variation_id!r}",
        next_step=f"give one of: {near} ... (all are in coverage.json)",
    )


def _plan(analysis: Analysis, variation: Variation, lowering: Lowering) -> Repro:
    values = {name: literal(value) for name, value in lowering.values.items()}
    sites, found = merge_sites(variation.sites), sum_of(variation)
    head = [f"{variation.id} of {analysis.name}", call_text(variation), *sites[:1]]
    reference, statements = fill(lowering.torch, values), tuple(fill(s, values) for s in lowering.ttnn)
    names = {t.name: f"{t.name}_shapes" if t.many else f"{t.name}_shape" for t in lowering.inputs}
    used = {name for name in names.values() if re.search(rf"\b{name}\b", "\n".join((reference, *statements)))}
    return Repro(
        head=tuple(line for text in head for line in textwrap.wrap(comment(text), _LINE)),
        shapes=tuple((names[t.name], literal(t.shape)) for t in lowering.inputs if names[t.name] in used),
        tensors=tuple(
            tensor_lines(t, names[t.name] if names[t.name] in used else literal(t.shape)) for t in lowering.inputs
        ),
        reference=reference,
        statements=statements,
        many_outputs=lowering.many_outputs,
        constants=(*COMMENT, DEFINITION) if found and found.is_long else (),
    )
