"""Multiply-adds of op calls, from shapes alone.

Counted: convolutions, matrix products, attention, recurrent layers. Element-wise work is not, as is the custom.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from bringup.inventory import Inventory, Operand, Variation


def total_mult_adds(inventory: Inventory) -> int:
    """Multiply-adds of one run of the model."""
    return sum(mult_adds(variation) * variation.count for variation in inventory.variations)


def mult_adds(variation: Variation) -> int:
    """Multiply-adds of one call; 0 for ops without products, and for what depends on no activation."""
    if not any(output.kind == "activation" for output in variation.outputs):
        return 0
    count = _COUNTS.get(".".join(variation.op.split(".")[:2]))
    return count(variation) if count else 0


def _shape(variation: Variation, name: str) -> tuple[int, ...]:
    value = variation.get(name)
    if not isinstance(value, Operand):
        raise TypeError(f"{variation.op}: argument {name} is no tensor")
    return value.shape


def _convolution(variation: Variation) -> int:
    """Each output element is a dot product over in_channels / groups and the kernel; transposed: each input element."""
    weight = _shape(variation, "weight")
    is_transposed = "transpose" in variation.op or variation.get("transposed") is True
    elements = math.prod(_shape(variation, "input")) if is_transposed else math.prod(variation.outputs[0].shape)
    return elements * math.prod(weight[1:])


def _linear(variation: Variation) -> int:
    return math.prod(_shape(variation, "input")) * _shape(variation, "weight")[0]


def _product(first: str) -> Callable[[Variation], int]:
    """A matrix product: each output element is a dot product over the last dimension of the first operand."""

    def count(variation: Variation) -> int:
        inner = _shape(variation, first)[-1]
        return math.prod(variation.outputs[0].shape) * inner

    return count


def _einsum(variation: Variation) -> int:
    """The product over all distinct indices of the equation, as one contraction."""
    equation, tensors = variation.get("equation"), variation.get("tensors")
    if not isinstance(equation, str) or not isinstance(tensors, tuple) or "." in equation:
        return 0
    sizes: dict[str, int] = {}
    for indices, tensor in zip(equation.replace(" ", "").split("->")[0].split(","), tensors, strict=True):
        if isinstance(tensor, Operand):
            sizes.update(zip(indices, tensor.shape, strict=True))
    return math.prod(sizes.values()) if len(tensors) > 1 else 0


def _attention(variation: Variation) -> int:
    """Query times key, and scores times value."""
    query, key, value = (_shape(variation, name) for name in ("query", "key", "value"))
    scores = math.prod(query[:-1]) * key[-2]
    return scores * (query[-1] + value[-1])


def _recurrent(variation: Variation) -> int:
    """Every weight matrix is used once per step and batch element."""
    params = variation.get("params")
    weights = params if isinstance(params, tuple) else ()
    matrices = sum(math.prod(w.shape) for w in weights if isinstance(w, Operand) and len(w.shape) == 2)
    return math.prod(_shape(variation, "input")[:-1]) * matrices


_COUNTS: dict[str, Callable[[Variation], int]] = {
    **dict.fromkeys(
        ("aten.conv1d", "aten.conv2d", "aten.conv3d", "aten.convolution", "aten.conv_transpose1d"), _convolution
    ),
    **dict.fromkeys(("aten.conv_transpose2d", "aten.conv_transpose3d", "aten._convolution"), _convolution),
    "aten.linear": _linear,
    **dict.fromkeys(("aten.matmul", "aten.mm", "aten.mv"), _product("self")),
    "aten.bmm": _product("self"),
    "aten.addmm": _product("mat1"),
    "aten.baddbmm": _product("batch1"),
    "aten.einsum": _einsum,
    "aten.scaled_dot_product_attention": _attention,
    "aten._scaled_dot_product_flash_attention_for_cpu": _attention,
    "transformers.grouped_mm_fallback": _product("input"),
    "aten.lstm": _recurrent,
    "aten.gru": _recurrent,
    "aten.rnn_tanh": _recurrent,
}
