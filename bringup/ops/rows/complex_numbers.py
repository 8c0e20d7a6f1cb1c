"""Complex numbers, which ttnn has not: pairs in a last dimension of 2. Ops of complex tensors alone, and routes of others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from bringup.inventory import Operand, Variation
from bringup.ir import Symbol
from bringup.ops.constraints import dtype_of
from bringup.ops.lowering import folded, operand, plain, row
from bringup.ops.pairs import REASON, has_complex, is_complex, on_pairs
from bringup.ops.rows.binary import _alpha
from bringup.ops.spec import Lowering, NoRoute, OpSpec

_SPLIT = "real, imag = ttnn.split(input, 1, dim=-1)"
_SPLIT_OTHER = "other_real, other_imag = ttnn.split({other}, 1, dim=-1)"
_JOIN = "output = ttnn.concat([output_real, output_imag], dim=-1)"
_PRODUCT = (
    "output_real = ttnn.subtract(ttnn.multiply(real, other_real), ttnn.multiply(imag, other_imag))",
    "output_imag = ttnn.add(ttnn.multiply(real, other_imag), ttnn.multiply(imag, other_real))",
)
_QUOTIENT = (
    "size = ttnn.add(ttnn.square(other_real), ttnn.square(other_imag))",
    "output_real = ttnn.add(ttnn.multiply(real, other_real), ttnn.multiply(imag, other_imag))",
    "output_imag = ttnn.subtract(ttnn.multiply(imag, other_real), ttnn.multiply(real, other_imag))",
    "output = ttnn.divide(ttnn.concat([output_real, output_imag], dim=-1), size)",
)
"""Times the conjugate, divided by the square of its absolute value."""


def _two(v: Variation, torch: str, lines: tuple[str, ...], values: Mapping[str, object], route: str) -> Lowering:
    inputs = tuple(operand(v, name) for name in ("self", "other") if isinstance(v.get(name), Operand))
    used = {name: value for name, value in values.items() if any(f"{{{name}}}" in text for text in (torch, *lines))}
    return Lowering(inputs, torch, lines, used, route=route, reason=REASON)


def _number(v: Variation) -> complex:
    value = v.get("other")
    return complex(value.text.replace(" ", "")) if isinstance(value, Symbol) else complex(str(plain(value)))


def _products(name: str, both: tuple[str, ...], alike: str) -> Callable[[Variation], Lowering]:
    """A product or quotient: of two complex tensors, of a complex and a real one, of one and a number."""

    def lower(v: Variation) -> Lowering:
        first, second = v.get("self"), v.get("other")
        torch = f"torch.{name}(torch_input, {'torch_other' if isinstance(second, Operand) else '{other}'})"
        if not isinstance(second, Operand):
            return _by_number(v, torch, both, alike)
        if is_complex(first) and is_complex(second):
            return _two(v, torch, (_SPLIT, _SPLIT_OTHER.replace("{other}", "other"), *both), {}, "complex")
        if is_complex(first):
            return _two(v, torch, (f"output = {alike}(input, ttnn.unsqueeze(other, -1))",), {}, "complex_by_real")
        if name != "mul":
            raise NoRoute("a real tensor by a complex one")
        return _two(v, torch, ("output = ttnn.multiply(ttnn.unsqueeze(input, -1), other)",), {}, "real_by_complex")

    return lower


def _by_number(v: Variation, torch: str, both: tuple[str, ...], alike: str) -> Lowering:
    number = _number(v)
    if not is_complex(v.get("self")):
        raise NoRoute("a real tensor beside a complex number")
    if not number.imag:
        return _two(v, torch, (f"output = {alike}(input, {{other}})",), {"other": number.real}, "complex_by_number")
    if both is not _MUL:
        raise NoRoute("a quotient by a complex number")
    lines = (
        _SPLIT,
        "output_real = ttnn.subtract(ttnn.multiply(real, {real_part}), ttnn.multiply(imag, {imag_part}))",
        "output_imag = ttnn.add(ttnn.multiply(real, {imag_part}), ttnn.multiply(imag, {real_part}))",
        _JOIN,
    )
    torch = "torch.mul(torch_input, complex({real_part}, {imag_part}))"
    values = {"real_part": number.real, "imag_part": number.imag}
    return _two(v, torch, lines, values, "complex_by_complex_number")


def _sums(name: str, ttnn: str) -> Callable[[Variation], Lowering]:
    """A sum or difference: pairs as they are; what is real has no imaginary part."""

    def lower(v: Variation) -> Lowering:
        first, second = v.get("self"), v.get("other")
        if _alpha(v):
            raise NoRoute("alpha beside complex numbers")
        torch = f"torch.{name}(torch_input, {'torch_other' if isinstance(second, Operand) else '{other}'})"
        if isinstance(second, Operand):
            real = [n for n, x in (("input", first), ("other", second)) if not is_complex(x)]
            lines = [
                f"{n} = ttnn.concat([ttnn.unsqueeze({n}, -1), ttnn.unsqueeze(ttnn.zeros_like({n}), -1)], dim=-1)"
                for n in real
            ]
            return _two(v, torch, (*lines, f"output = ttnn.{ttnn}(input, other)"), {}, "_".join(("complex", *real)))
        number = _number(v)
        if number.imag or not is_complex(first):
            raise NoRoute("a complex number beside a tensor")
        lines = [_SPLIT, f"output = ttnn.concat([ttnn.{ttnn}(real, {{other}}), imag], dim=-1)"]
        return _two(v, torch, tuple(lines), {"other": number.real}, "complex_and_number")

    return lower


_MUL = (*_PRODUCT, _JOIN)


def _matmul(other: str) -> Callable[[Variation], Lowering]:
    """Four real products."""

    def lower(v: Variation) -> Lowering:
        first, second = v.get("self"), v.get(other)
        assert isinstance(first, Operand) and isinstance(second, Operand)
        same = first.shape[:-2] == second.shape[:-2] or len(second.shape) == 2
        if not same or min(len(first.shape), len(second.shape)) < 2:
            raise NoRoute("a product of complex matrices whose batches differ")
        lines = (
            _SPLIT,
            _SPLIT_OTHER.replace("{other}", other),
            *(f"{part} = ttnn.squeeze({part}, -1)" for part in ("real", "imag", "other_real", "other_imag")),
            *(line.replace("multiply", "matmul") for line in _PRODUCT),
            "output = ttnn.concat([ttnn.unsqueeze(output_real, -1), ttnn.unsqueeze(output_imag, -1)], dim=-1)",
        )
        inputs = (operand(v, "self"), operand(v, other))
        return Lowering(inputs, f"torch.matmul(torch_input, torch_{other})", lines, route="complex", reason=REASON)

    return lower


def _of_one(torch: str, *lines: str) -> Callable[[Variation], Lowering]:
    def lower(v: Variation) -> Lowering:
        return Lowering((operand(v, "self"),), torch, (_SPLIT, *lines), route="complex", reason=REASON)

    return lower


def _where(v: Variation) -> Lowering:
    if not (is_complex(v.get("self")) and is_complex(v.get("other"))):
        raise NoRoute("a choice between a complex and a real tensor")
    inputs = tuple(operand(v, name) for name in ("condition", "self", "other"))
    line = "output = ttnn.where(ttnn.unsqueeze(condition, -1), input, other)"
    return Lowering(
        inputs, "torch.where(torch_condition, torch_input, torch_other)", (line,), route="complex", reason=REASON
    )


def _total(v: Variation) -> Lowering:
    """Over all dimensions but that of the pairs."""
    given = operand(v, "self")
    values = {"dims": list(range(len(given.shape)))}
    line = "output = ttnn.sum(input, dim={dims})"
    return Lowering((given,), "torch.sum(torch_input)", (line,), values, route="complex", reason=REASON)


def _cast(v: Variation) -> Lowering:
    """A real tensor gets an imaginary part of zeros, a complex one loses its own."""
    to = v.outputs[0].dtype
    torch, inputs = f"torch_input.to(torch.{to})", (operand(v, "self"),)
    if is_complex(v.get("self")):
        lines: tuple[str, ...] = (_SPLIT, "output = ttnn.squeeze(real, -1)")
    else:
        is_moved = dtype_of(v, "self").startswith(("int", "uint"))
        first = ("input = ttnn.typecast(input, ttnn.bfloat16)",) if is_moved else ()
        pair = "[ttnn.unsqueeze(input, -1), ttnn.unsqueeze(ttnn.zeros_like(input), -1)]"
        lines = (*first, f"output = ttnn.concat({pair}, dim=-1)")
    return Lowering(inputs, torch, lines, compare="exact", route=f"{dtype_of(v, 'self')}_to_{to}", reason=REASON)


_CONJUGATE = _of_one("torch_input.conj()", "output = ttnn.concat([real, ttnn.neg(imag)], dim=-1)")
_EXP = _of_one(
    "torch.exp(torch_input)",
    "size = ttnn.exp(real)",
    "output = ttnn.concat([ttnn.multiply(size, ttnn.cos(imag)), ttnn.multiply(size, ttnn.sin(imag))], dim=-1)",
)
_RECIPROCAL = _of_one(
    "torch.reciprocal(torch_input)",
    "size = ttnn.add(ttnn.square(real), ttnn.square(imag))",
    "output = ttnn.divide(ttnn.concat([real, ttnn.neg(imag)], dim=-1), size)",
)
_MOVES = (
    "alias.default", "view.default", "_unsafe_view.default", "reshape.default", "flatten.using_ints", "unflatten.int",
    "view_as.default", "reshape_as.default", "squeeze.default", "squeeze.dims", "squeeze.dim", "unsqueeze.default", "permute.default",
    "transpose.int", "t.default", "numpy_T.default", "concat.default", "cat.default", "stack.default", "split.Tensor",
    "split_with_sizes.default", "chunk.default", "tensor_split.sections", "unbind.int", "slice.Tensor", "narrow.default", "select.int",
    "constant_pad_nd.default", "expand.default", "expand_as.default", "repeat.default", "repeat_interleave.self_int", "roll.default",
    "flip.default", "slice_scatter.default", "select_scatter.default", "copy.default", "index.Tensor", "_unsafe_index.Tensor",
    "index_select.default", "neg.default", "sum.dim_IntList", "mean.dim", "cumsum.default",
)  # fmt: skip
"""Ops that treat real and imaginary part alike."""
_CASTS = ("to.dtype", "to.dtype_layout", "to.device", "to.other", "_to_copy.default", "type_as.default")

ROUTES: Mapping[str, Callable[[Variation], Lowering]] = {
    **dict.fromkeys(
        ("aten.mul.Tensor", "aten.mul.Scalar", "aten.multiply.Tensor"), _products("mul", _MUL, "ttnn.multiply")
    ),
    **dict.fromkeys(("aten.div.Tensor", "aten.div.Scalar"), _products("div", (*_QUOTIENT,), "ttnn.divide")),
    **dict.fromkeys(("aten.add.Tensor", "aten.add.Scalar"), _sums("add", "add")),
    **dict.fromkeys(("aten.sub.Tensor", "aten.sub.Scalar"), _sums("sub", "subtract")),
    "aten.matmul.default": _matmul("other"),
    **dict.fromkeys(("aten.mm.default", "aten.bmm.default"), _matmul("mat2")),
    "aten.abs.default": _of_one("torch.abs(torch_input)", "output = ttnn.squeeze(ttnn.hypot(real, imag), -1)"),
    "aten.exp.default": _EXP,
    "aten.where.self": _where,
    "aten.reciprocal.default": _RECIPROCAL,
    "aten.sum.default": _total,
    **dict.fromkeys((f"aten.{name}" for name in _CASTS), _cast),
}
"""What is done to complex tensors by ops that have a row for others, by op."""

_PAIR_OF = "output = ttnn.concat([ttnn.unsqueeze({first}, -1), ttnn.unsqueeze({second}, -1)], dim=-1)"
_POLAR = _PAIR_OF.replace("{first}", "ttnn.multiply(abs, ttnn.cos(angle))").replace(
    "{second}", "ttnn.multiply(abs, ttnn.sin(angle))"
)
_ALONE = ("complex",)


_ANGLE = _of_one("torch.angle(torch_input)", "output = ttnn.squeeze(ttnn.atan2(imag, real), -1)")
_NAMES = ("ttnn.split", "ttnn.concat")
ROWS = (
    folded("aten.view_as_real.default", "real and imaginary part are the last dimension on the device already"),
    folded("aten.view_as_complex.default", "a last dimension of 2 is what a complex tensor is on the device"),
    folded("aten.resolve_conj.default", "nothing is left to be resolved on the device"),
    row("aten.complex.default", "torch.complex(torch_real, torch_imag)", _PAIR_OF.replace("{first}", "real").replace("{second}", "imag").removeprefix("output = "),
        status="composite", reason=REASON, compare="exact", dtypes=("float",)),
    row("aten.polar.default", "torch.polar(torch_abs, torch_angle)", _POLAR.removeprefix("output = "), status="composite", reason=REASON, dtypes=("float",)),
    *(OpSpec(f"aten.{name}.default", "composite", (*_NAMES, "ttnn.neg"), REASON, lower=_CONJUGATE, dtypes=_ALONE) for name in ("_conj", "_conj_physical", "conj_physical")),
    OpSpec("aten.angle.default", "composite", ("ttnn.split", "ttnn.atan2", "ttnn.squeeze"), REASON, lower=_ANGLE, dtypes=_ALONE),
)  # fmt: skip


def with_complex(spec: OpSpec) -> OpSpec:
    """A row that takes complex tensors too, where there is a way; others as they are."""
    lower = spec.lower
    route = ROUTES.get(spec.op)
    if lower is None or (route is None and spec.op.removeprefix("aten.") not in _MOVES):
        return spec
    own = route or on_pairs(lower)

    def lower_any(v: Variation) -> Lowering:
        return own(v) if has_complex(v) else lower(v)

    return replace(spec, lower=lower_any, dtypes=(*spec.dtypes, "complex"))
