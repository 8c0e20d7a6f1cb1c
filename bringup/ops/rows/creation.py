"""New tensors: where they depend on no input they are made once on the host."""

from __future__ import annotations

from bringup.ops.lowering import folded, row

_ONCE = "its values are known before any input: made once on the host"
_NEW = (
    "arange.default", "arange.start", "arange.start_step", "zeros.default", "ones.default", "full.default", "empty.memory_format",
    "scalar_tensor.default", "eye.default", "eye.m", "linspace.default", "new_zeros.default", "new_ones.default",
    "new_full.default", "new_empty.default", "empty_like.default", "tril_indices.default",
)  # fmt: skip

ROWS = (
    *(folded(f"aten.{name}", _ONCE) for name in _NEW),
    row("aten.zeros_like.default", "torch.zeros_like(torch_input)", "ttnn.zeros_like(input)", compare="exact"),
    row("aten.ones_like.default", "torch.ones_like(torch_input)", "ttnn.ones_like(input)", compare="exact"),
    row(
        "aten.full_like.default",
        "torch.full_like(torch_input, {fill_value})",
        "ttnn.full_like(input, {fill_value})",
        compare="exact",
    ),
    row("aten.fill.Scalar", "torch.full_like(torch_input, {value})", "ttnn.full_like(input, {value})", compare="exact"),
    row(
        "aten.fill.Tensor",
        "torch.zeros_like(torch_input) + torch_value",
        "ttnn.add(ttnn.zeros_like(input), value)",
        status="composite",
        reason="zeros of its shape, and the value added",
        compare="exact",
    ),
    row("aten.zero.default", "torch.zeros_like(torch_input)", "ttnn.zeros_like(input)", compare="exact"),
)
