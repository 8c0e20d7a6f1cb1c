"""What torch's dtypes become on the device, and where that loses something. The one place that says it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeviceDtype:
    """A torch dtype on the device.

    Args:
        torch: `int64`.
        ttnn: `ttnn.int32`, or what it is in words.
        loses: What does not survive.
    """

    torch: str
    ttnn: str
    loses: str


_INTEGERS = "ttnn.int32; indices ttnn.uint32"
DEVICE_DTYPES = (
    DeviceDtype("float32", "ttnn.bfloat16", "all but 8 bits of mantissa; ttnn.float32 is an option for most ops"),
    DeviceDtype("float64", "ttnn.bfloat16", "as float32"),
    DeviceDtype("float16", "ttnn.bfloat16", "3 bits of mantissa; the range grows"),
    DeviceDtype("bfloat16", "ttnn.bfloat16", "nothing"),
    DeviceDtype("int64", _INTEGERS, "values from 2**31; from 2**24 where sorted or reduced, as float32"),
    DeviceDtype("int32", _INTEGERS, "nothing; values from 2**24 where sorted or reduced, as float32"),
    DeviceDtype("uint8", "ttnn.int32", "nothing"),
    DeviceDtype("bool", "ttnn.bfloat16, 0 and 1", "nothing; ttnn.int32 beside integers"),
)


def device_dtypes(dtypes: Iterable[str]) -> tuple[DeviceDtype, ...]:
    """What becomes of the dtypes that a model has, in the order of the table."""
    present = set(dtypes)
    return tuple(entry for entry in DEVICE_DTYPES if entry.torch in present)
