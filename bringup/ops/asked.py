"""How an input variation is put to ttnn: as its row writes it; beyond a limit, compared with the op itself."""

from __future__ import annotations

import re
from dataclasses import replace

from bringup.inventory import ItemValue, Operand, Variation
from bringup.ir import Symbol
from bringup.ops.cancelling import with_terms_of_one_sign
from bringup.ops.lowering import own_name
from bringup.ops.results import read_of
from bringup.ops.spec import CANNOT_WRITE, Lowering, OpSpec, TestInput
from bringup.python_text import identifier, keyword_argument, literal

_PLACED = ("aten.to.device",)
"""Ops that need a device, which no variation keeps."""
_FLOATS = ("float", "bfloat")
_MAKES_FLOATS = re.compile(r"\btorch\.randn?\(")


def asked_lowering(variation: Variation, row: OpSpec | None) -> Lowering | None:
    """The code that shows whether ttnn runs a variation; None where there is none to write.

    A row's torch expression holds within its limits only: a `pad` by constants is no reference for one that reflects.
    So a variation beyond a limit is compared with the ATen op itself, or with nothing.
    """
    if row is None or row.lower is None:
        return None
    beyond = row.beyond(variation)
    if any(limit.unasked for limit in beyond):
        return None
    try:
        lowered = row.lower(variation)
    except CANNOT_WRITE:
        return None
    lowered = with_terms_of_one_sign(variation, lowered)
    return _compared_with_the_op(variation, lowered) if beyond else lowered


def _compared_with_the_op(variation: Variation, lowered: Lowering) -> Lowering | None:
    inputs = {given.name: given for given in lowered.inputs}
    arguments = []
    for argument in variation.arguments:
        text = _argument(argument.value, inputs.get(own_name(argument.name)))
        if text is None:
            return None
        arguments.append(keyword_argument(argument.name, text))
    if variation.op in _PLACED:
        arguments.append('device="cpu"')
    call = f"torch.ops.{variation.op}({', '.join(arguments)})"
    return replace(lowered, torch=read_of(variation, call))


def _argument(value: ItemValue, given: TestInput | None) -> str | None:
    """An argument as Python; None for tensors of which the test's inputs are not the very ones."""
    if isinstance(value, Operand):
        is_own = given is not None and not given.many and given.shape == value.shape
        is_own = is_own and (value.dtype.startswith(_FLOATS) or not _MAKES_FLOATS.search(given.make if given else ""))
        return f"torch_{given.name}" if given and is_own else None
    if isinstance(value, tuple) and any(isinstance(item, Operand) for item in value):
        shapes = tuple(item.shape for item in value if isinstance(item, Operand))
        is_own = given is not None and given.many and tuple(given.shape) == shapes and len(shapes) == len(value)
        return f"torch_{given.name}" if given and is_own else None
    return plain_argument(value)


def plain_argument(value: ItemValue) -> str:
    """An argument without tensors as Python."""
    if isinstance(value, tuple):
        return "[" + ", ".join(plain_argument(item) for item in value) + "]"
    if isinstance(value, Symbol):
        numbers = {"float": f'float("{value.text}")', "complex": f'complex("{value.text}")'}
        return numbers.get(value.kind) or f"torch.{identifier(value.text)}"
    return literal(value)
