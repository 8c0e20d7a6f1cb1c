"""Building blocks of rows: how operands are made and moved, and the row for an op that is written in one line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Literal, Union

from bringup.inventory import Operand, Variation
from bringup.ir import Symbol
from bringup.ops.constraints import shape_of
from bringup.ops.dtypes import Family, family, is_integer, typed
from bringup.ops.results import Results, of_results
from bringup.ops.spec import Compare, Constraint, Lowering, OpSpec, Status
from bringup.ops.spec import TestInput as Tensor

TILE = "ttnn.from_torch({torch}, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)"
ROW_MAJOR = "ttnn.from_torch({torch}, dtype=ttnn.bfloat16, layout=ttnn.ROW_MAJOR_LAYOUT, device=device)"
ROW_MAJOR_MASK = "ttnn.from_torch({torch}.float(), dtype=ttnn.bfloat16, layout=ttnn.ROW_MAJOR_LAYOUT, device=device)"
INT32 = "ttnn.from_torch({torch}, dtype=ttnn.int32, layout=ttnn.TILE_LAYOUT, device=device)"
INT32_ROW_MAJOR = "ttnn.from_torch({torch}, dtype=ttnn.int32, layout=ttnn.ROW_MAJOR_LAYOUT, device=device)"
INDICES = "ttnn.from_torch({torch}, dtype=ttnn.uint32, layout=ttnn.ROW_MAJOR_LAYOUT, device=device)"
INDICES_TILE = "ttnn.from_torch({torch}, dtype=ttnn.uint32, layout=ttnn.TILE_LAYOUT, device=device)"
MASK = "ttnn.from_torch({torch}.float(), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)"
HOST = "ttnn.from_torch({torch}, dtype=ttnn.bfloat16)"

PAIR = "ttnn.from_torch(torch.view_as_real({torch}), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)"
"""A complex tensor: real and imaginary part as a last dimension of 2."""
FLOAT32 = "ttnn.from_torch({torch}.float(), dtype=ttnn.float32, layout=ttnn.TILE_LAYOUT, device=device)"
INT32_MASK = "ttnn.from_torch({torch}.int(), dtype=ttnn.int32, layout=ttnn.TILE_LAYOUT, device=device)"

RANDN = "torch.randn({shape})"
POSITIVE = "torch.rand({shape}) + 0.5"
INTEGERS = "torch.randint(0, 100, {shape})"
POSITIVE_INTEGERS = "torch.randint(1, 100, {shape})"
BETWEEN = "torch.rand({shape}) * 1.8 - 0.9"
PROBABILITY = "torch.rand({shape}) * 0.9 + 0.05"
OVER_ONE = "torch.rand({shape}) + 1.1"
FEW = "torch.randint(-1, 2, {shape}).float()"
"""Values that meet, and of both signs."""
SHIFTS = "torch.randint(0, 8, {shape})"
EXPONENTS = "torch.rand({shape}) * 4 - 2"
"""Integers of them are 0 to 7: larger ones leave int64."""
FACTORS = "torch.rand({shape}) * 1.5 + 0.5"
"""Integers of them are 1 and 2: products of many stay small."""
BOOLEANS = "torch.randint(0, 2, {shape}).bool()"

_MAKES_FLOATS = re.compile(r"torch\.randn?\(")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_CALL = re.compile(r"\b(ttnn\.[a-z_0-9.]+)\(")
_NOT_OPS = {"ttnn.from_torch", "ttnn.to_torch", "ttnn.to_layout", "ttnn.to_memory_config"}

Text = Union[str, Callable[[Variation], str]]
Lines = Union[str, tuple[str, ...], Callable[[Variation], "str | tuple[str, ...]"]]
Promotion = Literal["", "together", "float32"]
Values = Callable[[Variation], Mapping[str, object]]


def operand(variation: Variation, argument: str, name: str = "", make: str = "", to: str = "") -> Tensor:
    """How the test makes and moves an operand: floats random, integers small, booleans as bfloat16 0 and 1."""
    value = variation.get(argument)
    assert isinstance(value, Operand), f"{variation.op}: {argument}"
    moved = to or moved_as(value.dtype)
    if family(value.dtype) == "float8" and "{torch}.float()" not in moved:
        moved = moved.replace("{torch}", "{torch}.float()")
    return Tensor(name or own_name(argument), value.shape, made_as(value.dtype, make), moved)


def operands(variation: Variation, argument: str, name: str = "") -> Tensor:
    """A list of tensors as one test input."""
    value = variation.get(argument)
    assert isinstance(value, tuple), f"{variation.op}: {argument}"
    members = tuple(item for item in value if isinstance(item, Operand))
    dtype = members[0].dtype
    return Tensor(name or argument, tuple(m.shape for m in members), made_as(dtype), moved_as(dtype), many=True)


def own_name(argument: str) -> str:
    """The name of an operand in generated code: `self` is `input`."""
    return "input" if argument == "self" else argument


_DEFAULTS: Mapping[Family, tuple[str, str]] = {
    "float": (RANDN, TILE), "float8": (RANDN, MASK), "bool": (BOOLEANS, MASK), "complex": (RANDN, PAIR),
    "none": (RANDN, TILE),
    **dict.fromkeys(("integer", "narrow", "unsigned"), (INTEGERS, INT32)),
}  # fmt: skip
"""How tensors of a family are made and moved."""


def made_as(dtype: str, make: str = "") -> str:
    """An expression that makes a tensor of a dtype, as a row says where what it says is of that kind."""
    kind = family(dtype)
    if kind == "bool" or not make:
        make = make if ".bool()" in make else _DEFAULTS[kind][0]
    elif is_integer(dtype) and not _makes_integers(make):
        make = _DEFAULTS[kind][0]
    return typed(make, dtype)


def _makes_integers(make: str) -> bool:
    is_float = _MAKES_FLOATS.search(make) is not None and ".argsort(" not in make
    return not is_float and not make.endswith((".bool()", ".float()"))


def moved_as(dtype: str) -> str:
    """How a tensor of a dtype goes to the device where the row does not say it."""
    return _DEFAULTS[family(dtype)][1]


def plain(value: object) -> object:
    """An argument as a Python value: infinities come as symbols, lists of numbers as tuples."""
    if isinstance(value, Symbol):
        return float(value.text) if value.kind == "float" else value.text
    return value


def calls_in(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The ttnn ops that statements call, in order, without those that only move tensors to and from the device."""
    found = (match[1] for line in lines for match in _CALL.finditer(line))
    return tuple(dict.fromkeys(name for name in found if name not in _NOT_OPS))


_FORMS = frozenset(
    f"ttnn.{name}"
    for name in ("reshape", "permute", "transpose", "squeeze", "unsqueeze", "is_sharded", "sharded_to_interleaved")
)
"""What brings a tensor into the form that an op wants, and back into torch's own."""
_MOVES = _FORMS | {
    f"ttnn.{name}"
    for name in ("slice", "split", "concat", "stack", "pad", "repeat", "repeat_interleave", "roll", "clone")
}


def alike(variation: Variation, *names: str) -> dict[str, object]:
    """Numbers of one kind: several that ttnn takes together are all ints or all floats."""
    found = {name: plain(variation.get(name)) for name in names if variation.get(name) is not None}
    has_float = any(isinstance(number, float) for number in found.values())
    return {name: float(str(number)) if has_float else number for name, number in found.items()}


def counted_calls(lines: tuple[str, ...], *, with_forms: bool = False) -> tuple[str, ...]:
    """The calls of ttnn ops that a program consists of, with repeats: forms do not count beside an op that computes."""
    found = [name for line in lines for name in _CALL.findall(line) if name not in _NOT_OPS]
    computes = any(name not in _MOVES for name in found)
    return tuple(name for name in found if with_forms or not (computes and name in _FORMS))


def row(
    op: str,
    torch: Text,
    ttnn: Lines,
    *,
    names: tuple[str, ...] = (),
    status: Status = "native",
    reason: str = "",
    make: Mapping[str, str] | None = None,
    to: Mapping[str, str] | None = None,
    values: Values | None = None,
    constraints: tuple[Constraint, ...] = (),
    compare: Compare = "close",
    pcc: float = 0.999,
    relative_error: float = 0.02,
    route: Text = "",
    many_outputs: bool = False,
    only: tuple[str, ...] = (),
    folds: Callable[[Variation], str] | None = None,
    promotes: Promotion = "",
    dtypes: tuple[str, ...] = (),
    results: Results = (),
) -> OpSpec:
    """A row whose lowering is a torch expression and ttnn statements.

    Args:
        op: The ATen overload.
        torch: Expression of `torch_<operand>` and `{argument}`.
        ttnn: Expression for `output`, or statements the last of which assigns it.
        names: The ttnn ops, when they cannot be read off the text.
        make: How an operand is made, by its name in generated code; to: how it is moved.
        values: Arguments that are worked out, beside those of the op itself.
        only: The operands that the test makes, by argument name; default: all.
        folds: Why a variation leaves nothing to run; an empty text when it does not.
        promotes: `together`: operands of several dtypes are moved as the dtype that torch computes in; `float32`:
            integers and booleans are moved as float32, which holds them exactly up to 2**24.
        dtypes: As in `OpSpec`.
        results: Of an op with several results, how each is made and compared; the torch expression gives all of them,
            and so does `ttnn` where it is one expression.
    """

    def lower(variation: Variation) -> Lowering:
        moved = {**promoted(variation, promotes), **(to or {})}
        inputs = _inputs(variation, make or {}, moved, only)
        expression = torch(variation) if callable(torch) else torch
        lines = ttnn(variation) if callable(ttnn) else ttnn
        if results:
            written = of_results(variation, expression, lines, results)
            expression, lines, checks, many = written.torch, written.lines, written.checks, written.many
        else:
            checks, many = (), many_outputs
        lines = _statements(lines)
        texts = (expression, *lines, *(f"{check.source} {check.dim} {check.view}" for check in checks))
        return Lowering(
            inputs, expression, lines, _values(variation, texts, values), compare, pcc, relative_error,
            route(variation) if callable(route) else route, many, checks,
        )  # fmt: skip

    found = names or calls_in(_statements(ttnn) if not callable(ttnn) else ())
    return OpSpec(op, status, found, reason, constraints, lower, folds, dtypes)


def _statements(lines: str | tuple[str, ...]) -> tuple[str, ...]:
    return (f"output = {lines}",) if isinstance(lines, str) else lines


def promoted(variation: Variation, how: Promotion) -> dict[str, str]:
    """How operands are moved that ttnn does not take in their own dtype, or not beside another one."""
    dtypes = {name: operand.dtype for name, operand in variation.operands()}
    if how == "float32":
        return {own_name(name): FLOAT32 for name, dtype in dtypes.items() if not _is_float(dtype)}
    if not how:
        return {}
    numbers = [plain(a.value) for a in variation.arguments if not isinstance(a.value, (Operand, tuple))]
    has_float = any(_is_float(d) for d in dtypes.values()) or any(isinstance(n, float) for n in numbers)
    if "mask" in dtypes:
        has_float = any(_is_float(d) for name, d in dtypes.items() if name != "mask")
    is_true_division = variation.op.startswith("aten.div.") and variation.get("rounding_mode") is None
    if has_float or is_true_division:
        return {own_name(name): MASK for name, dtype in dtypes.items() if not _is_float(dtype)}
    if any(dtype != "bool" for dtype in dtypes.values()):
        return {own_name(name): INT32_MASK for name, dtype in dtypes.items() if dtype == "bool"}
    return {}


def _is_float(dtype: str) -> bool:
    return dtype.startswith(("float", "bfloat"))


def _inputs(
    variation: Variation, make: Mapping[str, str], to: Mapping[str, str], only: tuple[str, ...]
) -> tuple[Tensor, ...]:
    found: list[Tensor] = []
    for argument in variation.arguments:
        if only and argument.name not in only:
            continue
        name = own_name(argument.name)
        if isinstance(argument.value, Operand):
            made = _made_as(argument.value, make.get(name, ""))
            found.append(operand(variation, argument.name, name, made, to.get(name, "")))
        elif isinstance(argument.value, tuple) and any(isinstance(item, Operand) for item in argument.value):
            found.append(operands(variation, argument.name, name))
    return tuple(found)


def _made_as(operand: Operand, make: str) -> str:
    """A row says how floats are made; integers that must not be 0 or below start at 1."""
    if _is_float(operand.dtype):
        return make
    if operand.dtype == "bool":
        return "torch.randint(1, 2, {shape}).bool()" if make == OVER_ONE else ""
    if make.endswith(".sort().values"):
        return f"{INTEGERS}.sort().values"
    return {
        POSITIVE: POSITIVE_INTEGERS,
        SHIFTS: SHIFTS,
        EXPONENTS: SHIFTS,
        FEW: FEW.removesuffix(".float()"),
        FACTORS: "torch.randint(1, 3, {shape})",
        BETWEEN: "torch.randint(-1, 2, {shape})",
        OVER_ONE: POSITIVE_INTEGERS,
        PROBABILITY: "torch.randint(0, 2, {shape})",
    }.get(make, "")


def _values(variation: Variation, texts: tuple[str, ...], values: Values | None) -> dict[str, object]:
    worked_out = dict(values(variation)) if values else {}
    used = dict.fromkeys(match[1] for text in texts for match in _PLACEHOLDER.finditer(text))
    return {
        name: plain(worked_out[name] if name in worked_out else variation.get(name))
        for name in used
        if name in worked_out or name in {argument.name for argument in variation.arguments}
    }


def folded(op: str, reason: str) -> OpSpec:
    """A row for an op that leaves nothing to run."""
    return OpSpec(op, "folded", reason=reason)


def missing(op: str, reason: str) -> OpSpec:
    """A row for an op that TT-NN has nothing for; the reason names the nearest decomposition and its cost."""
    return OpSpec(op, "missing", reason=reason)


def batched(
    lower: Callable[[Variation], Lowering], rank: int, argument: str = "input"
) -> Callable[[Variation], Lowering]:
    """Also for an input without a batch dimension, which is one of 1."""

    def lower_any(v: Variation) -> Lowering:
        found = shape_of(v, argument)
        if len(found) == rank:
            return lower(v)
        given = v.get(argument)
        assert isinstance(given, Operand)
        arguments = tuple(
            replace(a, value=replace(given, shape=(1, *found))) if a.name == argument else a for a in v.arguments
        )
        outputs = tuple(replace(o, shape=(1, *o.shape)) for o in v.outputs)
        made = lower(replace(v, arguments=arguments, outputs=outputs))
        inputs = tuple(
            replace(i, shape=found, to_ttnn=i.to_ttnn.replace("{torch}", "{torch}.unsqueeze(0)"))
            if i.name == "input"
            else i
            for i in made.inputs
        )
        lines = tuple(line.replace("= input_shape", "= (1, *input_shape)") for line in made.ttnn)
        return replace(
            made, inputs=inputs, ttnn=(*lines, "output = ttnn.squeeze(output, 0)"), route=f"{made.route}_unbatched"
        )

    return lower_any


def positive_dims(variation: Variation, argument: str, rank: int) -> tuple[int, ...]:
    """Dimensions counted from the front; all of them when none is given."""
    value = variation.get(argument)
    dims = value if isinstance(value, tuple) else (value,)
    listed = tuple(dim % rank for dim in dims if isinstance(dim, int) and rank)
    return listed or tuple(range(rank))
