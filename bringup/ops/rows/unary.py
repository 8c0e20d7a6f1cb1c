"""Element-wise ops of one tensor."""

from __future__ import annotations

from bringup.inventory import Variation
from bringup.ops.constraints import floats_only, limit, not_below_zero, shape_of, torch_floats
from bringup.ops.dtypes import WIDE
from bringup.ops.lowering import BETWEEN, EXPONENTS, FLOAT32, OVER_ONE, POSITIVE, RANDN, alike, plain, row
from bringup.ops.rows.binary import LIMITS
from bringup.ops.spec import OpSpec

_FLOATS = (torch_floats("self"),)

_SAME_NAME = (
    "relu", "relu6", "sigmoid", "tanh", "exp", "abs", "neg", "sin", "cos", "erf", "floor", "ceil", "round", "sign",
    "square", "trunc", "silu", "mish", "hardswish", "hardsigmoid", "selu", "expm1", "erfc", "atan", "exp2",
    "isnan", "isinf", "isfinite", "isposinf", "isneginf", "sinh", "cosh", "asinh", "frac", "rad2deg", "deg2rad", "signbit", "i0",
)  # fmt: skip
_TORCH = {name: f"torch.nn.functional.{name}" for name in ("relu6", "silu", "mish", "hardswish", "hardsigmoid", "selu")}
_POSITIVE = ("log", "sqrt", "rsqrt", "log2", "log10", "log1p", "reciprocal", "lgamma", "digamma")
_BOUNDED = ("asin", "acos", "atanh", "erfinv", "tan")
_OVER_ONE = ("acosh",)


def _same_name(name: str, make: str = RANDN) -> OpSpec:
    torch = f"{_TORCH.get(name, f'torch.{name}')}(torch_input)"
    takes_integers = name in ("relu", "abs", "neg", "square")
    return row(
        f"aten.{name}.default",
        torch,
        f"ttnn.{name}(input)",
        make={"input": make},
        promotes="" if takes_integers else "float32",
        constraints=(not_below_zero(),) if name == "neg" else (),
    )


def _gelu(variation: Variation) -> str:
    is_tanh = variation.get("approximate") == "tanh"
    return "ttnn.gelu(input, variant=ttnn.GeluVariant.Tanh)" if is_tanh else "ttnn.gelu(input)"


def _clamp_torch(variation: Variation) -> str:
    return f"torch.clamp(torch_input, {_bounds(variation)})"


def _clamp_ttnn(variation: Variation) -> str:
    return f"ttnn.clamp(input, {_bounds(variation)})"


def _bounds(variation: Variation) -> str:
    return ", ".join(f"{name}={{{name}}}" for name in ("min", "max") if variation.get(name) is not None)


_POW_LIMIT = limit(
    "self is of a floating dtype, or exponent is a whole number",
    lambda v: floats_only("self").holds(v) or float(str(v.get("exponent"))).is_integer(),
    lambda v: f"exponent {v.get('exponent')}",
)

_WITH_NANS = "1 / torch.randint(-1, 2, {shape}) * torch.randint(0, 2, {shape})"
_NAN_TO_NUM = "torch.nan_to_num(torch_input, {nan}, {posinf}, {neginf})"
_LARGEST = 3.4028234663852886e38
"""Of float32, which is what the operand is moved as: in bfloat16 it would be infinite."""


def _nan_values(v: Variation) -> dict[str, object]:
    given = {name: v.get(name) for name in ("nan", "posinf", "neginf")}
    defaults = {"nan": 0.0, "posinf": _LARGEST, "neginf": -_LARGEST}
    return {name: defaults[name] if value is None else value for name, value in given.items()}


def _never_nan(v: Variation) -> str:
    return "" if floats_only("self").holds(v) else "integers are never nan or infinite"


def _nan_lines(v: Variation) -> tuple[str, ...]:
    return (
        "output = ttnn.where(ttnn.isnan(input), {nan}, input)",
        "output = ttnn.where(ttnn.isposinf(input), {posinf}, output)",
        "output = ttnn.where(ttnn.isneginf(input), {neginf}, output)",
    )


_GLU = ("left, right = ttnn.split(input, {half}, dim={dim})", "output = ttnn.multiply(left, ttnn.sigmoid(right))")


def _halves(v: Variation) -> dict[str, object]:
    shape = shape_of(v, "self")
    dim = int(str(v.get("dim"))) % len(shape)
    return {"dim": dim, "half": shape[dim] // 2}


def _threshold(v: Variation) -> dict[str, object]:
    """torch brings both to the tensor's dtype."""
    cast = float if floats_only("self").holds(v) else int
    return {name: cast(float(str(plain(v.get(name))))) for name in ("threshold", "value")}


def _hard_bounds(v: Variation) -> dict[str, object]:
    """torch brings them to the tensor's dtype."""
    cast = float if floats_only("self").holds(v) else int
    return {name: cast(float(str(plain(v.get(name))))) for name in ("min_val", "max_val")}


_PRELU = "ttnn.where(ttnn.gtz(input), input, ttnn.multiply(input, ttnn.reshape(weight, {slopes})))"


def _prelu_lines(v: Variation) -> str:
    """ttnn.prelu takes one slope per channel."""
    return "ttnn.prelu(input, weight)" if shape_of(v, "weight") == shape_of(v, "self")[1:2] else _PRELU


def _elu(v: Variation) -> str:
    call = "ttnn.elu(input, alpha={alpha})"
    if v.get("input_scale") not in (1, 1.0):
        negative = "ttnn.elu(ttnn.multiply(input, {input_scale}), alpha={alpha})"
        call = f"ttnn.where(ttnn.gtz(input), input, {negative})"
    return call if v.get("scale") in (1, 1.0) else f"ttnn.multiply({call}, {{scale}})"


def _bitwise_not(v: Variation) -> str:
    return f"ttnn.{'logical' if v.operands()[0][1].dtype == 'bool' else 'bitwise'}_not(input)"


ROWS = (
    *(_same_name(name) for name in _SAME_NAME),
    *(_same_name(name, POSITIVE) for name in _POSITIVE),
    *(_same_name(name, BETWEEN) for name in _BOUNDED),
    *(_same_name(name, OVER_ONE) for name in _OVER_ONE),
    row("aten.sgn.default", "torch.sgn(torch_input)", "ttnn.sign(input)", promotes="float32"),
    row("aten.polygamma.default", "torch.polygamma({n}, torch_input)", "ttnn.polygamma(input, {n})", make={"input": POSITIVE},
        constraints=(limit("n is 1 to 10", lambda v: 1 <= int(str(v.get("n"))) <= 10, lambda v: f"n {v.get('n')}"),), promotes="float32"),
    row("aten.round.decimals", "torch.round(torch_input, decimals={decimals})", "ttnn.round(input, decimals={decimals})", promotes="float32"),
    row("aten.special_i1.default", "torch.special.i1(torch_input)", "ttnn.i1(input)", promotes="float32", make={"input": EXPONENTS}),
    row("aten.softshrink.default", "torch.nn.functional.softshrink(torch_input, {lambd})", "ttnn.softshrink(input, lambd={lambd})"),
    row("aten.threshold.default", "torch.nn.functional.threshold(torch_input, {threshold}, {value})", "ttnn.threshold(input, {threshold}, {value})", promotes="float32", values=_threshold),
    row("aten.nan_to_num.default", _NAN_TO_NUM, _nan_lines, status="composite", reason="a where for each of nan and the infinities",
        names=("ttnn.where", "ttnn.isnan", "ttnn.isposinf", "ttnn.isneginf"), values=_nan_values, make={"input": _WITH_NANS}, to={"input": FLOAT32}, folds=_never_nan),
    row("aten.alias.default", "torch_input", "ttnn.identity(input)", compare="exact"),
    row("aten.bitwise_not.default", "torch.bitwise_not(torch_input)", _bitwise_not, names=("ttnn.logical_not", "ttnn.bitwise_not"), compare="exact"),
    row("aten.celu.default", "torch.nn.functional.celu(torch_input, alpha={alpha})", "ttnn.celu(input, alpha={alpha})", constraints=_FLOATS),
    row("aten.clamp.default", _clamp_torch, _clamp_ttnn, names=("ttnn.clamp",), values=lambda v: alike(v, "min", "max"), promotes="together"),
    row("aten.clamp_max.default", "torch.clamp(torch_input, max={max})", "ttnn.clamp(input, max={max})", promotes="together"),
    row("aten.clamp_min.default", "torch.clamp(torch_input, min={min})", "ttnn.clamp(input, min={min})", promotes="together"),
    row("aten.elu.default", "torch.ops.aten.elu(torch_input, {alpha}, {scale}, {input_scale})", _elu,
        names=("ttnn.elu", "ttnn.multiply", "ttnn.where", "ttnn.gtz"),
        route=lambda v: "_".join(name for name in ("scale", "input_scale") if v.get(name) not in (1, 1.0))),
    row("aten.gelu.default", "torch.nn.functional.gelu(torch_input, approximate={approximate})", _gelu, names=("ttnn.gelu",),
        constraints=_FLOATS, route=lambda v: "tanh" if v.get("approximate") == "tanh" else ""),
    row("aten.glu.default", "torch.nn.functional.glu(torch_input, dim={dim})", _GLU, values=_halves, constraints=_FLOATS, status="composite",
        reason="a split, and one half times the sigmoid of the other (ttnn.glu takes the last of four dimensions only)"),
    row("aten.hardshrink.default", "torch.nn.functional.hardshrink(torch_input, lambd={lambd})", "ttnn.hardshrink(input, lambd={lambd})"),
    row("aten.hardtanh.default", "torch.nn.functional.hardtanh(torch_input, min_val={min_val}, max_val={max_val})",
        "ttnn.hardtanh(input, min_val={min_val}, max_val={max_val})", promotes="float32", values=_hard_bounds),
    row("aten.leaky_relu.default", "torch.nn.functional.leaky_relu(torch_input, negative_slope={negative_slope})",
        "ttnn.leaky_relu(input, negative_slope={negative_slope})"),
    row("aten.log_sigmoid.default", "torch.nn.functional.logsigmoid(torch_input)", "ttnn.log_sigmoid(input)", constraints=_FLOATS),
    row("aten.logical_not.default", "torch.logical_not(torch_input)", "ttnn.logical_not(input)", compare="exact"),
    row("aten.pow.Tensor_Scalar", "torch.pow(torch_input, {exponent})", "ttnn.pow(input, {exponent})", make={"input": POSITIVE}, constraints=(_POW_LIMIT,)),
    row("aten.pow.Scalar", "torch.pow({self}, torch_exponent)", "ttnn.rpow(exponent, {self})", make={"exponent": EXPONENTS}, promotes="float32"),
    row("aten.pow.Tensor_Tensor", "torch.pow(torch_input, torch_exponent)", "ttnn.pow(input, exponent)", dtypes=WIDE, make={"input": POSITIVE, "exponent": EXPONENTS}, promotes="float32", constraints=LIMITS),
    row("aten.prelu.default", "torch.nn.functional.prelu(torch_input, torch_weight)", _prelu_lines, constraints=_FLOATS,
        names=("ttnn.prelu", "ttnn.where", "ttnn.gtz", "ttnn.multiply", "ttnn.reshape"), values=lambda v: {"slopes": [1] * max(1, len(shape_of(v, "self")))}),
    row("aten.softplus.default", "torch.nn.functional.softplus(torch_input, beta={beta}, threshold={threshold})",
        "ttnn.softplus(input, beta={beta}, threshold={threshold})", constraints=_FLOATS),
)  # fmt: skip
