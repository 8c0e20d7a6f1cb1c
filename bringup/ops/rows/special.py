"""torch.special: what is a short formula of ttnn's own functions, and what has none."""

from __future__ import annotations

from functools import partial

from bringup.ops.constraints import torch_floats
from bringup.ops.lowering import PROBABILITY, missing
from bringup.ops.lowering import row as any_row

row = partial(any_row, promotes="float32")

_HALF_ROOT = 0.7071067811865476
_ROOT = 1.4142135623730951
_WITH_ZEROS = "torch.randint(-1, 2, {shape}) * (torch.rand({shape}) + 0.5)"

_FIT = "ttnn has none: fits by polynomials on ranges of the argument, joined by a where, some twenty multiplications and additions each"
_STEPS = "ttnn has none: by its recurrence, about three element-wise ops for each order up to the largest n"
_OF_TENSOR = f"{_STEPS}, with a where at each, for n is a tensor"
_SERIES = "ttnn has none: a series or a continued fraction of several hundred element-wise ops, as many as its argument asks for"

_FITTED = (
    "bessel_j0", "bessel_j1", "bessel_y0", "bessel_y1", "modified_bessel_k0", "modified_bessel_k1", "scaled_modified_bessel_k0",
    "scaled_modified_bessel_k1", "airy_ai",
)  # fmt: skip
_POLYNOMIALS = (
    *(f"{shifted}chebyshev_polynomial_{kind}" for shifted in ("", "shifted_") for kind in "tuvw"),
    "hermite_polynomial_h", "hermite_polynomial_he", "laguerre_polynomial_l", "legendre_polynomial_p",
)  # fmt: skip


def _scaled(order: int) -> tuple[str, ...]:
    return (f"output = ttnn.multiply(ttnn.i{order}(input), ttnn.exp(ttnn.neg(ttnn.abs(input))))",)


ROWS = (
    row("aten.special_modified_bessel_i0.default", "torch.special.i0(torch_input)", "ttnn.i0(input)", dtypes=("float",)),
    row("aten.special_modified_bessel_i1.default", "torch.special.i1(torch_input)", "ttnn.i1(input)", dtypes=("float",)),
    *(row(f"aten.special_i{order}e.default", f"torch.special.i{order}e(torch_input)", _scaled(order), status="composite", constraints=(torch_floats("self"),),
          reason=f"i{order} times exp(-|x|), which ends at |x| of 88: beyond it i{order} is infinite") for order in (0, 1)),
    row("aten.special_ndtri.default", "torch.special.ndtri(torch_input)",
        f"ttnn.multiply(ttnn.erfinv(ttnn.subtract(ttnn.multiply(input, 2.0), 1.0)), {_ROOT})", make={"input": PROBABILITY},
        status="composite", reason="erfinv of 2x - 1, times the root of 2"),
    row("aten.special_log_ndtr.default", "torch.special.log_ndtr(torch_input)",
        f"ttnn.log(ttnn.multiply(ttnn.erfc(ttnn.multiply(input, -{_HALF_ROOT})), 0.5))",
        status="composite", reason="the log of half an erfc, which ends at x of -13: below it erfc is 0"),
    row("aten.special_spherical_bessel_j0.default", "torch.special.spherical_bessel_j0(torch_x)",
        "ttnn.where(ttnn.eqz(x), 1.0, ttnn.divide(ttnn.sin(x), x))", make={"x": _WITH_ZEROS},
        status="composite", reason="sin(x) / x, and 1 at 0"),
    *(missing(f"aten.special_{name}.default", _FIT) for name in _FITTED),
    missing("aten.special_erfcx.default", "ttnn has no scaled erfc: exp(x * x) times erfc(x), of which one ends at x of 9; beyond it a fit by polynomials"),
    *(missing(f"aten.special_{name}.{overload}", _STEPS if overload == "n_scalar" else _OF_TENSOR)
      for name in _POLYNOMIALS for overload in ("default", "n_scalar", "x_scalar")),
    *(missing(f"aten.{name}", _SERIES) for name in ("igamma.default", "igammac.default", "special_zeta.default", "special_zeta.self_scalar", "special_zeta.other_scalar")),
    missing("aten.frexp.Tensor", "ttnn has no frexp: the floor of log2 is the exponent, but for numbers beside a power of two, where log2 is rounded"),
    missing("aten.hash_tensor.default", "ttnn has no reduction by xor: a bitwise_xor per element, one after the other"),
)  # fmt: skip
