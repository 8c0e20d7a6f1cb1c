"""Where torch documents an op."""

from __future__ import annotations

import re
from contextlib import suppress

from bringup.inventory import Variation
from bringup.ops.spec import CANNOT_WRITE, OpSpec
from bringup.variations import short_name

_PAGES = "https://docs.pytorch.org/docs/stable/generated/"
_CALL = re.compile(r"\btorch\.(?!ops\.|Tensor\b)[a-z_.]*[A-Za-z_]\w*(?=\()")
_MAKERS = {"torch.tensor", "torch.zeros", "torch.ones", "torch.full", "torch.arange", "torch.manual_seed"}
NAMES = {
    "native_multi_head_attention": "torch.nn.MultiheadAttention",
    "gru": "torch.nn.GRU",
    "lstm": "torch.nn.LSTM",
    "rnn_tanh": "torch.nn.RNN",
    "rnn_relu": "torch.nn.RNN",
    "im2col": "torch.nn.functional.unfold",
    "col2im": "torch.nn.functional.fold",
    "index_put": "torch.Tensor.index_put_",
    "max_pool3d": "torch.nn.functional.max_pool3d",
    "avg_pool3d": "torch.nn.functional.avg_pool3d",
    "conv_transpose3d": "torch.nn.functional.conv_transpose3d",
    "native_batch_norm_legit_no_training": "torch.nn.functional.batch_norm",
    "adaptive_avg_pool2d": "torch.nn.functional.adaptive_avg_pool2d",
    "adaptive_avg_pool3d": "torch.nn.functional.adaptive_avg_pool3d",
    "embedding_bag_forward_only": "torch.nn.functional.embedding_bag",
    "fft_c2c": "torch.fft.fftn",
    "fft_c2r": "torch.fft.irfftn",
    "fft_r2c": "torch.fft.rfftn",
    "item": "torch.Tensor.item",
    "local_scalar_dense": "torch.Tensor.item",
    "exponential": "torch.Tensor.exponential_",
    "uniform": "torch.Tensor.uniform_",
    "rrelu_with_noise": "torch.nn.functional.rrelu",
    "unique2": "torch.unique",
    "unique_dim": "torch.unique",
    "permute": "torch.permute",
    "slice": "torch.narrow",
    "and": "torch.bitwise_and",
    "lshift": "torch.bitwise_left_shift",
    "rshift": "torch.bitwise_right_shift",
    "or": "torch.bitwise_or",
    "xor": "torch.bitwise_xor",
    "to_copy": "torch.Tensor.to",
    "unsafe_view": "torch.Tensor.view",
    "unsafe_index_put": "torch.Tensor.index_put_",
    "copy": "torch.Tensor.copy_",
    "cdist_forward": "torch.cdist",
    "pdist_forward": "torch.nn.functional.pdist",
    "embedding_renorm": "torch.nn.functional.embedding",
    "resize": "torch.Tensor.resize_",
    **dict.fromkeys(
        ("histogramdd_bin_edges", "histogramdd_from_bin_cts", "histogramdd_from_bin_tensors"), "torch.histogramdd"
    ),
    "zero": "torch.Tensor.zero_",
    "safe_softmax": "torch.nn.functional.softmax",
    "scaled_dot_product_flash_attention_for_cpu": "torch.nn.functional.scaled_dot_product_attention",
    "log_sigmoid": "torch.nn.functional.logsigmoid",
    "max_pool2d_with_indices": "torch.nn.functional.max_pool2d",
    "max_pool3d_with_indices": "torch.nn.functional.max_pool3d",
    **dict.fromkeys(("alias", "index", "lift_fresh_copy", "numpy_T", "special_i1", "trilinear", "unsafe_index"), ""),
    **{
        name: f"torch.nn.functional.{name}"
        for name in (
            "adaptive_max_pool2d", "adaptive_max_pool3d", "avg_pool2d", "elu", "fractional_max_pool2d",
            "fractional_max_pool3d", "glu", "grouped_mm", "hardtanh", "max_unpool2d", "max_unpool3d",
            "scaled_dot_product_attention",
        )
    },
    **{
        name: f"torch.Tensor.{name}"
        for name in (
            "contiguous", "expand", "expand_as", "new_empty", "new_full", "new_ones", "new_zeros", "repeat",
            "reshape_as", "to", "type_as", "view", "view_as",
        )
    },
}  # fmt: skip
"""Of ops whose own name is not what torch's users call; empty for those that have no page."""


def torch_name(op: str, row: OpSpec | None, variation: Variation) -> str:
    """What a torch user calls: `torch.nn.functional.interpolate`; empty for an op that is not torch's own."""
    name = short_name(op)
    if name in NAMES:
        return NAMES[name]
    if not op.startswith("aten."):
        return ""
    if name.startswith("upsample_"):
        return "torch.nn.functional.interpolate"
    if name.startswith("linalg_"):
        return f"torch.linalg.{name.removeprefix('linalg_')}"
    if name.startswith("special_"):
        return f"torch.special.{name.removeprefix('special_')}"
    if row is not None and row.lower is not None:
        found: list[str] = []
        with suppress(*CANNOT_WRITE):
            found = [call for call in _CALL.findall(row.lower(variation).torch) if call not in _MAKERS]
        own = [call for call in found if call.rpartition(".")[2].strip("_") == name]
        if own:
            return own[0]
    return f"torch.{name}"


def torch_page(name: str) -> str:
    """The address of its page."""
    return f"{_PAGES}{name}.html" if name else ""
