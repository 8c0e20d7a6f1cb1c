"""Element-wise ops of one tensor."""

from __future__ import annotations

from bringup.inventory import Variation
from bringup.ops.constraints import floats_only, limit, one_of, rank_is
from bringup.ops.lowering import POSITIVE, RANDN, missing, row
from bringup.ops.spec import OpSpec

_FLOATS = (floats_only("self"),)
_BETWEEN = "torch.rand({shape}) * 1.8 - 0.9"

_SAME_NAME = (
    "relu", "relu6", "sigmoid", "tanh", "exp", "abs", "neg", "sin", "cos", "erf", "floor", "ceil", "round", "sign",
    "square", "trunc", "silu", "mish", "hardswish", "hardsigmoid", "selu", "expm1", "erfc", "atan", "exp2",
    "isnan", "isinf",
)  # fmt: skip
_TORCH = {name: f"torch.nn.functional.{name}" for name in ("relu6", "silu", "mish", "hardswish", "hardsigmoid", "selu")}
_POSITIVE = ("log", "sqrt", "rsqrt", "log2", "log10", "log1p", "reciprocal")
_BOUNDED = ("asin", "acos", "atanh")


def _same_name(name: str, make: str = RANDN) -> OpSpec:
    torch = f"{_TORCH.get(name, f'torch.{name}')}(torch_input)"
    takes_integers = name in ("relu", "abs", "neg", "square", "sign")
    return row(
        f"aten.{name}.default",
        torch,
        f"ttnn.{name}(input)",
        make={} if takes_integers else {"input": make},
        constraints=() if takes_integers else _FLOATS,
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

ROWS = (
    *(_same_name(name) for name in _SAME_NAME),
    *(_same_name(name, POSITIVE) for name in _POSITIVE),
    *(_same_name(name, _BETWEEN) for name in _BOUNDED),
    row("aten.alias.default", "torch_input", "ttnn.identity(input)", compare="exact"),
    row("aten.bitwise_not.default", "torch.bitwise_not(torch_input)", "ttnn.logical_not(input)", compare="exact",
        constraints=(limit("self is bool", lambda v: v.operands()[0][1].dtype == "bool", lambda v: v.operands()[0][1].dtype),)),
    row("aten.celu.default", "torch.nn.functional.celu(torch_input, alpha={alpha})", "ttnn.celu(input, alpha={alpha})", constraints=_FLOATS),
    row("aten.clamp.default", _clamp_torch, _clamp_ttnn, names=("ttnn.clamp",)),
    row("aten.clamp_max.default", "torch.clamp(torch_input, max={max})", "ttnn.clamp(input, max={max})"),
    row("aten.clamp_min.default", "torch.clamp(torch_input, min={min})", "ttnn.clamp(input, min={min})"),
    row("aten.elu.default", "torch.nn.functional.elu(torch_input, alpha={alpha})", "ttnn.elu(input, alpha={alpha})",
        constraints=(*_FLOATS, one_of("scale", 1, 1.0), one_of("input_scale", 1, 1.0))),
    row("aten.gelu.default", "torch.nn.functional.gelu(torch_input, approximate={approximate})", _gelu, names=("ttnn.gelu",),
        constraints=(*_FLOATS, one_of("approximate", "none", "tanh")), route=lambda v: "tanh" if v.get("approximate") == "tanh" else ""),
    row("aten.glu.default", "torch.nn.functional.glu(torch_input, dim={dim})", "ttnn.glu(input, {dim})",
        constraints=(rank_is("self", 4), one_of("dim", -1, 3))),
    row("aten.hardshrink.default", "torch.nn.functional.hardshrink(torch_input, lambd={lambd})", "ttnn.hardshrink(input, lambd={lambd})"),
    row("aten.hardtanh.default", "torch.nn.functional.hardtanh(torch_input, min_val={min_val}, max_val={max_val})",
        "ttnn.hardtanh(input, min_val={min_val}, max_val={max_val})", constraints=_FLOATS),
    row("aten.leaky_relu.default", "torch.nn.functional.leaky_relu(torch_input, negative_slope={negative_slope})",
        "ttnn.leaky_relu(input, negative_slope={negative_slope})", constraints=_FLOATS),
    row("aten.log_sigmoid.default", "torch.nn.functional.logsigmoid(torch_input)", "ttnn.log_sigmoid(input)", constraints=_FLOATS),
    row("aten.logical_not.default", "torch.logical_not(torch_input)", "ttnn.logical_not(input)", compare="exact"),
    row("aten.pow.Tensor_Scalar", "torch.pow(torch_input, {exponent})", "ttnn.pow(input, {exponent})", make={"input": POSITIVE}, constraints=(_POW_LIMIT,)),
    row("aten.pow.Scalar", "torch.pow({self}, torch_exponent)", "ttnn.rpow(exponent, {self})", constraints=(floats_only("exponent"),)),
    row("aten.pow.Tensor_Tensor", "torch.pow(torch_input, torch_exponent)", "ttnn.pow(input, exponent)", make={"input": POSITIVE}, constraints=_FLOATS),
    row("aten.prelu.default", "torch.nn.functional.prelu(torch_input, torch_weight)", "ttnn.prelu(input, weight)", constraints=_FLOATS),
    row("aten.softplus.default", "torch.nn.functional.softplus(torch_input, beta={beta}, threshold={threshold})",
        "ttnn.softplus(input, beta={beta}, threshold={threshold})", constraints=_FLOATS),
    missing("aten.bernoulli.p", "random values cannot be compared with torch; ttnn.bernoulli exists for sampling"),
)  # fmt: skip
