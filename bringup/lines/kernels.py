"""Whether torch itself computes a call: tensors without data, by which lines are read, take more than kernels do."""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bringup.inventory import ItemValue, Operand

if TYPE_CHECKING:
    import torch

_MOST_ELEMENTS = 2**17
"""Of all tensors of a call that is run."""
_OF_DTYPES = re.compile(
    r"dtype|not implemented for|not support|only support|bool tensor|Expected .*(type|tensor)|integer|floating",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(r"not implemented for '(Half|BFloat16)'|histogram_cpu")
"""What torch has on other devices than the processor."""


def refusal(
    overload: torch._ops.OpOverload, arguments: Sequence[tuple[str, ItemValue]], outputs: Sequence[Operand]
) -> str:
    """What torch's own kernels say of a call's dtypes; empty where they take them, or it is too large to be run.

    Only a call with another dtype than float32 is run, on ones: random values would have to keep to each op's ranges.
    """
    import torch

    operands = [item for _, value in arguments for item in (value if isinstance(value, tuple) else (value,))]
    tensors = [item for item in operands if isinstance(item, Operand)]
    elements = sum(math.prod(tensor.shape) for tensor in (*tensors, *outputs))
    if elements > _MOST_ELEMENTS or all(tensor.dtype == "float32" for tensor in tensors):
        return ""
    from bringup.lines.read import called, torch_value

    def real(value: ItemValue) -> object:
        if isinstance(value, tuple):
            return [real(item) for item in value]
        if isinstance(value, Operand):
            return torch.ones(value.shape).to(getattr(torch, value.dtype))
        return torch_value(value)

    try:
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            called(overload, {name: real(value) for name, value in arguments})
    except Exception as error:  # kernels raise what they like
        words = " ".join(str(error).split())
        return words[:300] if _OF_DTYPES.search(words) and not _ELSEWHERE.search(words) else ""
    return ""
