"""What torch's dtypes become on the device, where that loses something, and how tests make tensors of them.

The one place that says it: every dtype of torch stands in the table, also those that nothing carries.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

Family = Literal["float", "float8", "integer", "narrow", "unsigned", "bool", "complex", "none"]
"""`integer` is signed of 32 and 64 bits, `narrow` any of 8 and 16, `unsigned` of 32 and 64."""
ANY = ("float", "integer", "narrow", "unsigned", "bool")
MOVED = (*ANY, "float8")
"""What data movement takes."""
WIDE = ("float", "integer")
"""Where torch wraps the sums of narrow integers."""


@dataclass(frozen=True, slots=True)
class DeviceDtype:
    """A torch dtype on the device.

    Args:
        torch: `int64`.
        family: What rows tell apart; `none` for what the device cannot hold.
        ttnn: `ttnn.int32`, or what it is in words.
        loses: What does not survive.
    """

    torch: str
    family: Family
    ttnn: str
    loses: str


_INTEGERS = "ttnn.int32; indices ttnn.uint32"
_NARROW = "nothing; results beyond its range do not wrap as torch's do"
_PACKED = "torch itself computes nothing with it: unpack it on the host"
_EIGHT = "nothing: bfloat16 holds each of its values, in twice the bytes"
_PAIR = "a last dimension of 2, real and imaginary part, of ttnn.bfloat16"
DEVICE_DTYPES = (
    DeviceDtype("float32", "float", "ttnn.bfloat16", "all but 8 bits of mantissa; ttnn.float32 is an option for most ops"),  # noqa: E501
    DeviceDtype("float64", "float", "ttnn.bfloat16", "as float32; values from 3.4e38 become infinite"),
    DeviceDtype("float16", "float", "ttnn.bfloat16", "3 bits of mantissa; the range grows"),
    DeviceDtype("bfloat16", "float", "ttnn.bfloat16", "nothing"),
    DeviceDtype("int64", "integer", _INTEGERS, "values from 2**31; from 2**24 where sorted or reduced, as float32"),
    DeviceDtype("int32", "integer", _INTEGERS, "nothing; values from 2**24 where sorted or reduced, as float32"),
    DeviceDtype("int16", "narrow", "ttnn.int32", _NARROW),
    DeviceDtype("int8", "narrow", "ttnn.int32", _NARROW),
    DeviceDtype("uint8", "narrow", "ttnn.int32", _NARROW),
    DeviceDtype("uint16", "narrow", "ttnn.int32", _NARROW),
    DeviceDtype("uint32", "unsigned", "ttnn.int32", "values from 2**31; results below 0 do not wrap as torch's do"),
    DeviceDtype("uint64", "unsigned", "ttnn.int32", "values from 2**31; results below 0 do not wrap as torch's do"),
    DeviceDtype("bool", "bool", "ttnn.bfloat16, 0 and 1", "nothing; ttnn.int32 beside integers"),
    DeviceDtype("complex64", "complex", _PAIR, "as float32; tiles pad the 2 to 32"),
    DeviceDtype("complex128", "complex", _PAIR, "as float64; tiles pad the 2 to 32"),
    DeviceDtype("complex32", "complex", _PAIR, "as float16; tiles pad the 2 to 32"),
    *(DeviceDtype(f"float8_{kind}", "float8", "ttnn.bfloat16", _EIGHT)
      for kind in ("e4m3fn", "e4m3fnuz", "e5m2", "e5m2fnuz", "e8m0fnu")),
    *(DeviceDtype(name, "none", "", "quantised: dequantise it to float32 first")
      for name in ("qint8", "quint8", "qint32", "quint4x2", "quint2x4")),
    *(DeviceDtype(name, "none", "", _PACKED)
      for name in ("float4_e2m1fn_x2", "bcomplex32", "bits8", "bits16", "bits1x8", "bits2x4", "bits4x2",
                   *(f"{sign}int{bits}" for sign in ("", "u") for bits in range(1, 8)))),
)  # fmt: skip

_RANDOM = re.compile(r"torch\.(randn|rand)\(\{shape\}\)")
_RANDINT = re.compile(r"torch\.randint\((.*?\{shape\})\)")


@cache
def _by_name() -> dict[str, DeviceDtype]:
    return {entry.torch: entry for entry in DEVICE_DTYPES}


def device_dtypes(dtypes: Iterable[str]) -> tuple[DeviceDtype, ...]:
    """What becomes of the dtypes that a model has, in the order of the table."""
    present = set(dtypes)
    return tuple(entry for entry in DEVICE_DTYPES if entry.torch in present)


def family(dtype: str) -> Family:
    """What a dtype is to rows; `none` for one that torch does not have either."""
    entry = _by_name().get(dtype)
    return entry.family if entry else "none"


def on_device(dtype: str) -> str:
    """The dtype that values go to the device as: `ttnn.bfloat16`."""
    return "ttnn.int32" if is_integer(dtype) else "ttnn.bfloat16"


def is_integer(dtype: str) -> bool:
    """Whether a dtype holds integers, of any width and sign."""
    return family(dtype) in ("integer", "narrow", "unsigned")


def is_among(dtype: str, taken: Iterable[str]) -> bool:
    """Whether a dtype is one of some, or of one of their families."""
    taken = tuple(taken)
    return dtype in taken or family(dtype) in taken


def listed(taken: Iterable[str]) -> str:
    """The dtypes of families and single ones, as text in the order of the table."""
    return ", ".join(entry.torch for entry in DEVICE_DTYPES if is_among(entry.torch, taken))


def typed(make: str, dtype: str) -> str:
    """An expression of `{shape}` that makes a tensor of a dtype, out of one that makes float32, int64 or bool.

    bfloat16 and float16 give the values that these hold, as float32: what a test compares with is then not rounded.
    """
    if dtype in ("float32", "int64", "bool", ""):
        return make
    if is_integer(dtype):
        made = make.replace("100", "10") if dtype in ("int8", "uint8") else make
        made = made.replace("randint(-1,", "randint(0,") if dtype.startswith("uint") else made
        if _RANDINT.search(made):
            return _RANDINT.sub(rf"torch.randint(\1, dtype=torch.{dtype})", made)
        return f"{made if _is_call(made) else f'({made})'}.to(torch.{dtype})"
    whole = _RANDOM.fullmatch(make)
    if whole and family(dtype) != "float8":
        made = f"torch.{whole[1]}({{shape}}, dtype=torch.{dtype})"
    else:
        made = f"{make if _is_call(make) else f'({make})'}.to(torch.{dtype})"
    return f"{made}.float()" if dtype in ("bfloat16", "float16") else made


def _is_call(expression: str) -> bool:
    return re.fullmatch(r"[\w.]+\([^()]*\)(\.[\w.]+\([^()]*\))*", expression) is not None
