"""Element-wise ops."""

from __future__ import annotations

from cases.lines import RANKS, add, b, i, t

ONE_TENSOR = (
    "acos", "acosh", "asin", "asinh", "atan", "atanh", "ceil", "celu", "cosh", "deg2rad", "digamma", "elu", "erfc", "erfinv", "exp2", "expm1",
    "floor", "frac", "hardshrink", "hardsigmoid", "hardswish", "hardtanh", "i0", "isfinite", "isinf", "isnan", "isneginf", "isposinf", "leaky_relu",
    "lgamma", "log10", "log1p", "log2", "log_sigmoid", "mish", "rad2deg", "reciprocal", "relu6", "round", "selu", "sgn", "sign", "signbit", "sinh",
    "softplus", "softshrink", "special_i1", "square", "tan", "trunc", "alias", "zero", "zeros_like", "ones_like", "nan_to_num",
)  # fmt: skip
INTEGERS_TOO = (
    "exp",
    "sigmoid",
    "sqrt",
    "tanh",
    "cos",
    "log",
    "reciprocal",
    "rsqrt",
    "floor",
    "isnan",
    "relu",
    "abs",
    "neg",
    "sign",
    "square",
)
EMPTY_TOO = ("relu", "exp", "neg", "sigmoid")

for op in ONE_TENSOR:
    for x in (RANKS[0], RANKS[1], RANKS[3]):
        add(f"{op}.default", x)
for op in INTEGERS_TOO:
    add(f"{op}.default", i(6, 7))
for op in EMPTY_TOO:
    add(f"{op}.default", t(1))
    add(f"{op}.default", t())
    add(f"{op}.default", t(1, 1, 1))
for x in (RANKS[0], RANKS[2], RANKS[4]):
    s = x["shape"]
    add("celu.default", x, 0.7)
    add("elu.default", x, 0.6)
    add("elu.default", x, 1.6733, 1.0507)
    add("hardshrink.default", x, 0.3)
    add("hardtanh.default", x, -0.4, 0.6)
    add("leaky_relu.default", x, 0.2)
    add("softplus.default", x, 2, 0.5)
    add("softshrink.default", x, 0.3)
    add("threshold.default", x, 0.2, -1.5)
    add("round.decimals", x, decimals=2)
    add("polygamma.default", 2, x)
    add("clamp_max.default", x, 0.3)
    add("clamp_min.default", x, -0.3)
    add("clamp.default", x, None, 0.3)
    add("nan_to_num.default", x, 0.5, 3.0, -3.0)
    add("pow.Scalar", 2.5, x)
    add("pow.Tensor_Tensor", x, x)
    add("pow.Tensor_Scalar", x, 0.5)
    add("gelu.default", x, approximate="tanh")
    for op in (
        "atan2",
        "fmax",
        "fmin",
        "fmod.Tensor",
        "hypot",
        "logaddexp",
        "logaddexp2",
        "max.other",
        "min.other",
        "minimum",
        "remainder.Tensor",
        "rsub.Tensor",
        "ge.Tensor",
        "gt.Tensor",
        "lt.Tensor",
        "ne.Tensor",
        "copysign.Tensor",
        "floor_divide",
        "nextafter",
    ):
        add(op if "." in op else f"{op}.default", x, x)
    for op in (
        "add.Scalar",
        "sub.Scalar",
        "mul.Scalar",
        "div.Scalar",
        "fmod.Scalar",
        "remainder.Scalar",
        "ge.Scalar",
        "le.Scalar",
        "lt.Scalar",
        "ne.Scalar",
        "floor_divide.Scalar",
    ):
        add(op, x, 0.7)
    for op in ("eq", "ne"):
        add(f"{op}.Tensor", x, x)
        add(f"{op}.Scalar", x, 1)
    add("add.Tensor", x, x, alpha=0.3)
    add("add.Tensor", x, 1.5, alpha=0.3)
    add("sub.Scalar", x, 1.5, 2)
    add("add.Scalar", x, 1.5, 2)
    add("rsub.Scalar", x, 1.5)
    add("lerp.Scalar", x, x, 0.3)
    add("lerp.Tensor", x, x, x)
    add("addcmul.default", x, x, x, value=0.3)
    add("addcdiv.default", x, x, x, value=0.3)
    add("where.ScalarOther", b(*s), x, 0.5)
    add("where.ScalarSelf", b(*s), 0.5, x)
    add("where.Scalar", b(*s), 0.5, 0.25)
    add("masked_fill.Tensor", x, b(*s), t())
    add("masked_fill.Scalar", x, b(s[-1]), "-inf")
    add("masked_fill.Scalar", x, b(s[-1]), -3.4028234663852886e38)
    for mode in ("floor", "trunc", None):
        add("div.Tensor_mode", x, x, rounding_mode=mode)
for shape, dim in (((6,), 0), ((6, 8), -1), ((3, 6, 8), 1), ((2, 4, 6, 8), 1)):
    add("glu.default", t(*shape), dim)
add("prelu.default", t(2, 5, 7), t(5))
add("prelu.default", t(2, 5, 7, 3), t(1))
for op in ("bitwise_and", "bitwise_or", "bitwise_xor"):
    add(f"{op}.Tensor", i(6, 7), i(6, 7))
    add(f"{op}.Tensor", b(6, 7), b(7))
    add(f"{op}.Scalar", i(6, 7), 5)
for op in ("__and__", "__or__", "__xor__"):
    add(f"{op}.Tensor", i(6, 7), i(6, 7))
    add(f"{op}.Tensor", b(3, 6, 7), b(7))
for op in ("logical_and", "logical_or", "logical_xor"):
    add(f"{op}.default", b(6, 7), b(6, 7))
    add(f"{op}.default", t(6, 7), b(6, 7))
for op in ("bitwise_left_shift", "bitwise_right_shift"):
    add(f"{op}.Tensor", i(6, 7), i(6, 7))
    add(f"{op}.Tensor_Scalar", i(6, 7), 2)
add("bitwise_not.default", i(6, 7))
add("gcd.default", i(6, 7), i(6, 7))
add("lcm.default", i(6, 7), i(7))
add("floor_divide.default", i(6, 7), i(6, 7))
add("remainder.Scalar", i(6, 7), 5)
add("remainder.Tensor", i(6, 7), i(6, 7))
add("fmod.Scalar", i(6, 7), 5)
add("div.Tensor_mode", i(6, 7), 4, rounding_mode="floor")
add("pow.Tensor_Scalar", i(6, 7), 2)
add("add.Tensor", i(6, 7), i(6, 7), alpha=3)
add("eq.Scalar", i(6, 7), 1)
add("ne.Scalar", i(6, 7), 1)
add("eq.Tensor", b(6, 7), b(6, 7))
for op in ("lt", "ge", "ne"):
    add(f"{op}.Scalar", i(6, 7), 40)
    add(f"{op}.Tensor", i(6, 7), i(6, 1))
add("maximum.default", i(6, 7), i(6, 7))
add("where.self", b(1, 1, 6, 7), t(2, 3, 6, 7), t(1, 3, 1, 7))
add("mul.Tensor", t(), t(3, 5))
add("multiply.Tensor", t(4, 3, 5), t(3, 1))
add("add.Tensor", t(0, 5), t(0, 5))
add("addcmul.default", t(3, 5), t(3, 1), t(5))
for shape in ((2, 2, 2, 2, 2, 2, 3), (2, 1, 2, 2, 2, 2, 2, 3)):
    add("add.Tensor", t(*shape), 2.0)
    add("div.Scalar", t(*shape), 2.0)
    add("add.Tensor", t(*shape), t(*shape[:-2], 1, 3))
    add("where.self", b(*shape), t(*shape), t(*shape))
add("elu.default", t(3, 5), 0.7, 1.3, 2.0)
add("elu.default", t(3, 5), 0.7, 1, 2.0)
add("add.Tensor", b(6, 7), b(7))
add("rsub.Scalar", t(3, 5), 1, 2)
add("rsub.Tensor", t(3, 5), t(5), alpha=3)
add("pow.Scalar", 2, i(5))
add("pow.Tensor_Tensor", i(6, 7), i(7))
for op in ("bitwise_and", "bitwise_or", "bitwise_xor"):
    add(f"{op}.Scalar", b(6, 7), True)
add("where.ScalarOther", b(6, 7), i(6, 7), 3)
add("where.ScalarSelf", b(6, 7), 3, i(6, 7))
add("where.ScalarOther", b(6, 7), i(6, 7), 0.5)
add("where.self", b(6, 7), i(6, 7), t(7))
for op in ("__lshift__", "__rshift__"):
    add(f"{op}.Tensor", i(6, 7), i(6, 7))
    add(f"{op}.Scalar", i(6, 7), 2)
for op in ("add", "sub", "mul", "div"):
    add(f"{op}.Tensor", 2.5, t(3, 5))
add("sub.Tensor", 1, i(3, 5))
add("sub.Tensor", 1, t(3, 5), alpha=2)
add("clamp.default", t(3, 5), 0, 1.5)
add("clamp.default", t(3, 5), -0.5, 2)
add("clamp.default", i(3, 5), 0.5, 40)
add("clamp.default", i(3, 5), 5, 40)
add("clamp_min.default", i(3, 5), 20.5)
