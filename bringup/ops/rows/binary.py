"""Element-wise ops of two tensors, or of a tensor and a number."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from bringup.inventory import Operand, Variation
from bringup.ops.constraints import limit, not_below_zero
from bringup.ops.lowering import FEW, INT32_MASK, POSITIVE, RANDN, SHIFTS, Promotion, plain, row
from bringup.ops.spec import Lowering, OpSpec

_BROADCAST = limit(
    "equal sizes in all dimensions but the last six, which alone are broadcast",
    lambda v: len({_before_the_last_six(v, o.shape) for _, o in v.operands()}) <= 1,
    lambda v: " and ".join(str(list(o.shape)) for _, o in v.operands()),
)
LIMITS = (_BROADCAST,)
_LARGEST = 3.3895313892515355e38
"""The largest number that bfloat16 holds."""


def _before_the_last_six(v: Variation, shape: tuple[int, ...]) -> tuple[int, ...]:
    rank = max(len(operand.shape) for _, operand in v.operands())
    return ((1,) * (rank - len(shape)) + shape)[:-6]


def _other_is_tensor(v: Variation) -> bool:
    return isinstance(v.get("other"), Operand)


def _beside_number(v: Variation) -> bool:
    """Whether the first operand is a number: torch's decompositions write 1 - x so."""
    return not isinstance(v.get("self"), Operand)


def _filled(op: OpSpec) -> OpSpec:
    """Also for a number as the first operand: as a tensor of the second's shape."""
    lower = op.lower
    assert lower

    def lower_any(v: Variation) -> Lowering:
        made = lower(v)
        if not _beside_number(v):
            return made
        other = v.get("other")
        assert isinstance(other, Operand)
        is_float = isinstance(v.get("self"), float) or other.dtype.startswith(("float", "bfloat"))
        source = "torch_other.float()" if is_float else "torch_other"
        torch = made.torch.replace("torch_input", f"torch.full_like({source}, {{self}})")
        values = {**made.values, "self": plain(v.get("self"))}
        lines = ("input = ttnn.full_like(other, {self})", *made.ttnn)
        return replace(made, torch=torch, ttnn=lines, values=values, route=f"{made.route}of_number")

    return replace(op, lower=lower_any)


def _alpha(v: Variation) -> bool:
    return v.get("alpha") not in (None, 1, 1.0)


def _with_alpha(
    torch_name: str, unscaled: str, scaled: str
) -> tuple[Callable[[Variation], str], Callable[[Variation], str]]:
    def torch(v: Variation) -> str:
        other = "torch_other" if _other_is_tensor(v) else "{other}"
        return f"torch.{torch_name}(torch_input, {other}" + (", alpha={alpha})" if _alpha(v) else ")")

    def ttnn(v: Variation) -> str:
        other = "other" if _other_is_tensor(v) else "{other}"
        if torch_name == "add" and _other_is_tensor(v) and all(o.dtype == "bool" for _, o in v.operands()):
            return "ttnn.logical_or(input, other)"
        if not _alpha(v):
            return f"{unscaled}(input, {other})"
        return (
            f"{scaled}(input, other, {{alpha}})" if _other_is_tensor(v) else f"{unscaled}(input, {{other}} * {{alpha}})"
        )

    return torch, ttnn


def _route(v: Variation) -> str:
    return ("" if _other_is_tensor(v) else "scalar") + ("alpha" if _alpha(v) else "")


def _scaled(name: str, overload: str, unscaled: str, scaled: str) -> OpSpec:
    torch, ttnn = _with_alpha(name, unscaled, scaled)
    limits = (*(LIMITS if overload == "Tensor" else ()), *((not_below_zero(),) if name == "sub" else ()))
    made = row(
        f"aten.{name}.{overload}", torch, ttnn, names=(unscaled,), route=_route, constraints=limits, promotes="together"
    )
    return _filled(made)


def _two(op: str, torch_name: str, ttnn_name: str, *, other: str = "", promotes: Promotion = "together") -> OpSpec:
    """An op of two operands, the second a tensor or a number."""

    def torch(v: Variation) -> str:
        return f"torch.{torch_name}(torch_input, {'torch_other' if _other_is_tensor(v) else '{other}'})"

    def ttnn(v: Variation) -> str:
        return f"{ttnn_name}(input, {'other' if _other_is_tensor(v) else '{other}'})"

    make = {"other": other} if other else {}
    limits = () if op.endswith("Scalar") else LIMITS
    return _filled(
        row(op, torch, ttnn, names=(ttnn_name,), make=make, route=_route, constraints=limits, promotes=promotes)
    )


def _representable(*names: str) -> Callable[[Variation], dict[str, object]]:
    """`fill` and `fill_2`, numbers that bfloat16 holds: masks are filled with the lowest float32, which would become -inf, and nan in a softmax."""

    def values(v: Variation) -> dict[str, object]:
        found = (_held(plain(v.get(name))) for name in names)
        if v.outputs[0].dtype == "bool":
            found = (bool(number) for number in found)
        return dict(zip(("fill", "fill_2"), found, strict=False))

    return values


def _held(number: object) -> object:
    if isinstance(number, float) and math.isfinite(number):
        return max(-_LARGEST, min(_LARGEST, number))
    return number


def _reversed(v: Variation) -> tuple[str, str]:
    other = "other" if _other_is_tensor(v) else "{other}"
    torch = f"torch.rsub(torch_input, {'torch_other' if _other_is_tensor(v) else other}"
    if not _alpha(v):
        return f"{torch})", f"ttnn.rsub(input, {other})"
    return f"{torch}, alpha={{alpha}})", f"ttnn.rsub(ttnn.multiply(input, {{alpha}}), {other})"


def _rounded_division(v: Variation) -> tuple[str, str]:
    mode = v.get("rounding_mode")
    other = "other" if _other_is_tensor(v) else "{other}"
    torch_other = f"torch_{other}" if other == "other" else other
    return f"torch.div(torch_input, {torch_other}, rounding_mode={mode!r})".replace(
        "'", '"'
    ), f"ttnn.div(input, {other}, rounding_mode={mode!r})".replace("'", '"')


def _integer(v: Variation) -> int:
    """The number beside integers; True and False beside booleans, which go as integers here."""
    value = v.get("other")
    return int(value) if isinstance(value, (bool, int)) else 0


_LOGICAL = ("logical_and", "logical_or", "logical_xor")
_BITWISE = ("and", "or", "xor")


def _logical(name: str) -> OpSpec:
    return row(
        f"aten.{name}.default",
        f"torch.{name}(torch_input, torch_other)",
        f"ttnn.{name}(input, other)",
        compare="exact",
        constraints=LIMITS,
        promotes="together",
    )


def _bitwise(op: str, name: str) -> OpSpec:
    """Of booleans, which are 0 and 1 in bfloat16, the logical op; of integers the bitwise one."""

    def ttnn(v: Variation) -> str:
        is_boolean = all(o.dtype == "bool" for _, o in v.operands())
        return f"ttnn.{'logical' if is_boolean else 'bitwise'}_{name}(input, other)"

    return row(
        f"aten.{op}.Tensor",
        f"torch.bitwise_{name}(torch_input, torch_other)",
        ttnn,
        names=(f"ttnn.logical_{name}", f"ttnn.bitwise_{name}"),
        compare="exact",
        constraints=LIMITS,
        promotes="together",
    )


def _comparison(name: str, overload: str) -> OpSpec:
    torch_other = "torch_other" if overload == "Tensor" else "{other}"
    ttnn_other = "other" if overload == "Tensor" else "{other}"
    limits = LIMITS if overload == "Tensor" else ()
    return row(
        f"aten.{name}.{overload}",
        f"torch.{name}(torch_input, {torch_other})",
        f"ttnn.{name}(input, {ttnn_other})",
        make={"input": FEW, "other": FEW} if name in ("eq", "ne") else {},
        compare="exact",
        constraints=limits,
        promotes="together",
    )


ROWS = (
    _scaled("add", "Tensor", "ttnn.add", "ttnn.addalpha"),
    _scaled("add", "Scalar", "ttnn.add", "ttnn.addalpha"),
    _scaled("sub", "Tensor", "ttnn.subtract", "ttnn.subalpha"),
    _scaled("sub", "Scalar", "ttnn.subtract", "ttnn.subalpha"),
    _two("aten.mul.Tensor", "mul", "ttnn.multiply"),
    _two("aten.multiply.Tensor", "mul", "ttnn.multiply"),
    _two("aten.mul.Scalar", "mul", "ttnn.multiply"),
    _two("aten.div.Tensor", "div", "ttnn.divide", other=POSITIVE),
    _two("aten.div.Scalar", "div", "ttnn.divide"),
    _two("aten.floor_divide.default", "floor_divide", "ttnn.floor_div", other=POSITIVE),
    _two("aten.remainder.Scalar", "remainder", "ttnn.remainder"),
    _two("aten.remainder.Tensor", "remainder", "ttnn.remainder", other=POSITIVE),
    _two("aten.fmod.Scalar", "fmod", "ttnn.fmod"),
    _two("aten.maximum.default", "maximum", "ttnn.maximum"),
    _two("aten.minimum.default", "minimum", "ttnn.minimum"),
    _two("aten.max.other", "maximum", "ttnn.maximum"),
    _two("aten.min.other", "minimum", "ttnn.minimum"),
    _two("aten.atan2.default", "atan2", "ttnn.atan2", promotes="float32"),
    row("aten.div.Tensor_mode", lambda v: _rounded_division(v)[0], lambda v: _rounded_division(v)[1], names=("ttnn.div",),
        make={"other": POSITIVE}, route=_route, constraints=LIMITS, promotes="together"),
    _two("aten.floor_divide.Scalar", "floor_divide", "ttnn.floor_div"),
    _two("aten.fmod.Tensor", "fmod", "ttnn.fmod", other=POSITIVE),
    _two("aten.fmax.default", "fmax", "ttnn.maximum"),
    _two("aten.fmin.default", "fmin", "ttnn.minimum"),
    _two("aten.hypot.default", "hypot", "ttnn.hypot"),
    _two("aten.gcd.default", "gcd", "ttnn.gcd"),
    _two("aten.lcm.default", "lcm", "ttnn.lcm", other=POSITIVE),
    _two("aten.nextafter.default", "nextafter", "ttnn.nextafter"),
    _two("aten.logaddexp.default", "logaddexp", "ttnn.logaddexp"),
    _two("aten.logaddexp2.default", "logaddexp2", "ttnn.logaddexp2"),
    *(_two(f"aten.{op}.{overload}", f"bitwise_{side}_shift", f"ttnn.bitwise_{side}_shift", other=SHIFTS if overload == "Tensor" else "")
      for op, side in (("__lshift__", "left"), ("__rshift__", "right")) for overload in ("Tensor", "Scalar")),
    _two("aten.bitwise_left_shift.Tensor", "bitwise_left_shift", "ttnn.bitwise_left_shift", other=SHIFTS),
    _two("aten.bitwise_left_shift.Tensor_Scalar", "bitwise_left_shift", "ttnn.bitwise_left_shift"),
    _two("aten.bitwise_right_shift.Tensor", "bitwise_right_shift", "ttnn.bitwise_right_shift", other=SHIFTS),
    _two("aten.bitwise_right_shift.Tensor_Scalar", "bitwise_right_shift", "ttnn.bitwise_right_shift"),
    *(row(f"aten.bitwise_{name}.Scalar", f"torch.bitwise_{name}(torch_input, {{other}})", f"ttnn.bitwise_{name}(input, {{number}})", compare="exact",
          values=lambda v: {"number": _integer(v)}, to={"input": INT32_MASK}) for name in _BITWISE),
    row("aten.copysign.Tensor", "torch.copysign(torch_input, torch_other)",
        ("size = ttnn.abs(input)", "output = ttnn.where(ttnn.signbit(other), ttnn.neg(size), size)"),
        names=("ttnn.abs", "ttnn.where", "ttnn.signbit", "ttnn.neg"), status="composite", reason="a where on the sign bit", promotes="float32", constraints=LIMITS),
    row("aten.lerp.Tensor", "torch.lerp(torch_input, torch_end, torch_weight)", "ttnn.lerp(input, end, weight)", constraints=LIMITS),
    *(row(f"aten.rsub.{overload}", lambda v: _reversed(v)[0], lambda v: _reversed(v)[1], names=("ttnn.rsub", "ttnn.multiply"),
          route=_route, promotes="together", constraints=(*(LIMITS if overload == "Tensor" else ()), not_below_zero())) for overload in ("Scalar", "Tensor")),
    row("aten.addcmul.default", "torch.addcmul(torch_input, torch_tensor1, torch_tensor2, value={value})",
        "ttnn.addcmul(input, tensor1, tensor2, value={value})", constraints=LIMITS),
    row("aten.addcdiv.default", "torch.addcdiv(torch_input, torch_tensor1, torch_tensor2, value={value})",
        "ttnn.addcdiv(input, tensor1, tensor2, value={value})", make={"tensor2": POSITIVE}, constraints=LIMITS),
    row("aten.lerp.Scalar", "torch.lerp(torch_input, torch_end, {weight})", "ttnn.lerp(input, end, {weight})", constraints=LIMITS),
    row("aten.where.self", "torch.where(torch_condition, torch_input, torch_other)", "ttnn.where(condition, input, other)", promotes="together", constraints=LIMITS),
    row("aten.where.ScalarOther", "torch.where(torch_condition, torch_input, {other})", "ttnn.where(condition, input, {fill})", values=_representable("other"), promotes="together", constraints=LIMITS),
    row("aten.where.ScalarSelf", "torch.where(torch_condition, {self}, torch_other)", "ttnn.where(condition, {fill}, other)", values=_representable("self"), promotes="together", constraints=LIMITS),
    row("aten.where.Scalar", "torch.where(torch_condition, {self}, {other})", "ttnn.where(condition, {fill}, {fill_2})", values=_representable("self", "other")),
    row("aten.masked_fill.Scalar", "torch_input.masked_fill(torch_mask, {value})", "ttnn.where(mask, {fill}, input)", values=_representable("value"), promotes="together", constraints=LIMITS),
    row("aten.masked_fill.Tensor", "torch_input.masked_fill(torch_mask, torch_value)", "ttnn.where(mask, value, input)",
        make={"value": RANDN}, promotes="together", constraints=LIMITS),
    *(_logical(name) for name in _LOGICAL),
    *(_bitwise(f"bitwise_{name}", name) for name in _BITWISE),
    *(_bitwise(f"__{name}__", name) for name in _BITWISE),
    *(_comparison(name, overload) for name in ("eq", "ne", "lt", "le", "gt", "ge") for overload in ("Tensor", "Scalar")),
)  # fmt: skip
