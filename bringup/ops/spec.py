"""What one row of the op registry says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from bringup.inventory import Variation
from bringup.ops.dtypes import ANY, is_among, is_integer, listed

Status = Literal["native", "composite", "folded", "rejected", "missing", "unknown"]
Compare = Literal["close", "exact"]
"""`exact` for data movement: values come out as they went in, after rounding to bfloat16."""


@dataclass(frozen=True, slots=True)
class Constraint:
    """A limit of TT-NN on a variation.

    Args:
        needs: What ttnn needs, as a sentence part: `approximate is 'none' or 'tanh'`.
        holds: Whether a variation keeps to it.
        got: What to show of a variation that does not: `erf`.
        source: How we know: a document and section, or a probe of ttnn.
        unasked: Why no call can show it to an installed ttnn; empty where one can.
    """

    needs: str
    holds: Callable[[Variation], bool]
    got: Callable[[Variation], str]
    source: str
    unasked: str = ""


class NoRoute(ValueError):
    """A variation that a row has no way for, and knows it: `a quotient by a complex number`."""


CANNOT_WRITE = (ValueError, TypeError, LookupError, AttributeError, AssertionError, ArithmeticError)
"""What a row's code raises for a variation that it was not written for."""


@dataclass(frozen=True, slots=True)
class TestInput:
    """A torch tensor that an op's test makes and hands to both sides.

    `make` is a torch expression of `{shape}`; `to_ttnn` one of `{torch}` that moves it to the device, empty for
    a tensor that only the torch side uses. `many` makes a list of tensors, one per shape.
    """

    name: str
    shape: tuple[int, ...] | tuple[tuple[int, ...], ...]
    make: str = "torch.randn({shape})"
    to_ttnn: str = "ttnn.from_torch({torch}, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)"
    many: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """How one of an op's results compares, where not all do so alike.

    Args:
        compare: `picks` for indices: the same, or of elements that are equal within the bound.
        source: For `picks`, the torch expression of the tensor that the indices pick from.
        dim: Along which dimension of it, as text.
        view: What is done to reference and output, so that they have the dimensions of the source: `.unsqueeze({dim})`.
    """

    compare: Literal["close", "exact", "picks"]
    source: str = "torch_input"
    dim: str = "{dim}"
    view: str = ""


@dataclass(frozen=True, slots=True)
class Lowering:
    """How one variation is written in torch and in TT-NN, for its test.

    Strings hold `{name}` for each of `values`: a value that all variations of a test share is printed in place, one
    that differs becomes a test parameter. Two variations whose strings are equal share one test function.

    Args:
        inputs: Tensors that both sides get; `torch_<name>` on the torch side, `<name>` on the ttnn side.
        torch: Expression for the reference, of `torch_<name>` and `{value}`.
        ttnn: Statements, the last of which assigns `output`.
        values: Arguments by name.
        compare: How the output compares.
        pcc: Required PCC; relative_error: required relative L2 error (of bfloat16 on hardware).
        route: Suffix of the test function's name when an op kind has several routes: `scalar`.
        many_outputs: `output` is a list of ttnn tensors, and the torch expression gives a list or tuple.
        results: How each output compares, where not all do as `compare` says.
        reason: Why it is composite, where its row does not say it for all.
    """

    inputs: tuple[TestInput, ...]
    torch: str
    ttnn: tuple[str, ...]
    values: Mapping[str, object] = field(default_factory=dict)
    compare: Compare = "close"
    pcc: float = 0.999
    relative_error: float = 0.02
    route: str = ""
    many_outputs: bool = False
    results: tuple[Result, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OpSpec:
    """One row: an ATen overload, what TT-NN has for it, its limits, and how it is written.

    Args:
        op: As the tracer prints it: `aten.gelu.default`.
        status: `native`, `composite`, `folded` or `missing`.
        ttnn: The ttnn ops that the lowering calls: `("ttnn.gelu",)`; empty for `folded` and `missing`.
        reason: Why it is composite, folded or missing; for missing, the nearest decomposition and its cost.
        constraints: What makes ttnn refuse a variation.
        lower: A variation's lowering; None for folded and missing rows.
        folds: Why a variation leaves nothing to run, though others do; an empty text when it does not.
        dtypes: Families of dtypes, or single ones, that ttnn was asked about: operands of no other are taken. Empty for
            the `DTYPES` of the row's module, which are `ANY` where it has none.
    """

    op: str
    status: Status
    ttnn: tuple[str, ...] = ()
    reason: str = ""
    constraints: tuple[Constraint, ...] = ()
    lower: Callable[[Variation], Lowering] | None = None
    folds: Callable[[Variation], str] | None = None
    dtypes: tuple[str, ...] = ()

    def beyond(self, variation: Variation) -> tuple[Constraint, ...]:
        """The limits that a variation does not keep to; of dtypes alone where that is one of them."""
        dtypes = self.dtypes or ANY
        other = _other_dtype(variation, dtypes) if self.lower else ""
        if other:
            needs = f"operands of the dtypes that it was asked about: {listed(dtypes)}"
            return (Constraint(needs, lambda v: False, lambda v: other, NOT_WRITTEN, unasked=NEVER_ASKED),)
        return tuple(limit for limit in self.constraints if not limit.holds(variation))


NOT_WRITTEN = "bringup/ops/dtypes.py"
"""Where a refusal comes from that is bringup's own, not TT-NN's."""
NEVER_ASKED = "no call of this dtype is written"
_ANY_INTEGER, _ANY_MASK = ("index", "indices"), ("mask", "condition", "attn_mask")
"""Operands that are what they are whatever the others hold."""


def _other_dtype(variation: Variation, dtypes: tuple[str, ...]) -> str:
    """The first operand of a dtype that is not among some: `other is complex64`; empty when there is none."""
    for name, operand in variation.operands():
        role = name.partition(".")[0]
        is_index = role in _ANY_INTEGER and is_integer(operand.dtype)
        is_own = is_index or (role in (*_ANY_MASK, *_ANY_INTEGER) and operand.dtype == "bool")
        if not is_own and not is_among(operand.dtype, dtypes):
            return f"{name} is {operand.dtype}"
    return ""
