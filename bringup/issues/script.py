"""The script in an issue: torch and ttnn alone, of the smallest variation that shows the gap."""

from __future__ import annotations

import math
from dataclasses import dataclass

from bringup.analysis import Analysis
from bringup.inventory import ItemValue, Operand, Variation
from bringup.issues.gaps import OTHER_NAMES, GapClass
from bringup.ops.asked import asked_lowering, plain_argument
from bringup.ops.registry import registry
from bringup.plan.repro import repro_script
from bringup.python_text import comment, identifier, keyword_argument, literal
from bringup.render import format_python, render
from bringup.variations import short_name

_MAX = 8_000


@dataclass(frozen=True, slots=True)
class TorchScript:
    """A script that runs the op in torch, and looks for it in ttnn."""

    head: tuple[str, ...]
    tensors: tuple[tuple[str, str], ...]
    call: str
    names: tuple[str, ...]


def short_script(analysis: Analysis, gap: GapClass, torch_name: str) -> str:
    """A script of at most 8,000 characters; empty when even the smallest variation's is longer."""
    row = registry().get(gap.op)
    for variation in sorted(gap.variations, key=lambda v: (_elements(v), v.id)):
        if asked_lowering(variation, row):
            script = repro_script(analysis, variation.id)
        else:
            script = torch_script(gap, variation, torch_name)
        if len(script) <= _MAX:
            return script
    return ""


def _elements(variation: Variation) -> int:
    return sum(math.prod(operand.shape) for _, operand in variation.operands())


def torch_script(gap: GapClass, variation: Variation, torch_name: str) -> str:
    """The op in torch, then whether ttnn has it."""
    tensors: dict[str, str] = {}
    arguments = [
        keyword_argument(a.name, _value(a.name, a.value, tensors)) for a in variation.arguments if a.name.isidentifier()
    ]
    name = short_name(gap.op)
    script = TorchScript(
        head=tuple(comment(t) for t in (f"{gap.op}, {torch_name}" if torch_name else gap.op,)),
        tensors=tuple(tensors.items()),
        call=f"torch.ops.{gap.op}({', '.join(arguments)})",
        names=tuple(dict.fromkeys((name, *OTHER_NAMES.get(name, ())))),
    )
    text = render("issues/torch_script.py.jinja", script=script)
    return format_python({"script.py": text})["script.py"]


def _value(name: str, value: ItemValue, tensors: dict[str, str]) -> str:
    """An argument as Python; tensors get lines of their own."""
    if isinstance(value, tuple):
        return "[" + ", ".join(_value(f"{name}_{i}", item, tensors) for i, item in enumerate(value)) + "]"
    if isinstance(value, Operand):
        variable = identifier(name)
        tensors[variable] = _tensor(value)
        return variable
    return plain_argument(value)


def _tensor(operand: Operand) -> str:
    if operand.dtype == "bool":
        return f"torch.randint(0, 2, {literal(operand.shape)}).bool()"
    if operand.dtype.startswith(("int", "uint")):
        return f"torch.randint(0, 2, {literal(operand.shape)}, dtype=torch.{identifier(operand.dtype)})"
    return f"torch.randn({literal(operand.shape)}, dtype=torch.{identifier(operand.dtype)})"
