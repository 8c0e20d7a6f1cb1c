"""A call of each op that has limits and arguments that its schema alone does not tell. The smallest that is typical."""

from __future__ import annotations

from typing import Any, TypeAlias

Values: TypeAlias = dict[str, Any]
"""Arguments by name, as `bringup coverage FILE.jsonl` has them."""


def _t(*shape: int, dtype: str = "float32", kind: str = "activation") -> dict[str, Any]:
    return {"shape": list(shape), "dtype": dtype, "kind": kind}


def _weight(*shape: int) -> dict[str, Any]:
    return _t(*shape, kind="parameter")


_IMAGE = _t(1, 8, 16, 16)
_CONV_2D = {"input": _IMAGE, "weight": _weight(16, 8, 3, 3)}
_CONV_1D = {"input": _t(1, 8, 64), "weight": _weight(16, 8, 3)}
_STATISTICS = {"weight": _weight(8), "bias": _weight(8), "running_mean": _weight(8), "running_var": _weight(8)}
_BATCH_NORM = {"input": _IMAGE, **_STATISTICS, "training": False, "momentum": 0.1, "eps": 1e-5}
_LOOK_UP = {"self": _t(64, 32), "indices": [_t(8, dtype="int64")]}
_TWO_INTEGERS = {"self": _t(2, 3, 32, dtype="int64"), "other": _t(2, 3, 32, dtype="int64")}
_LSTM = [_weight(64, 16), _weight(64, 16), _weight(64), _weight(64)]

_VOLUME = _t(1, 8, 4, 8, 8)
_IN_3_D = {"stride": [1] * 3, "padding": [0] * 3, "dilation": [1] * 3, "output_padding": [0] * 3}
_SCATTER = {"self": _t(8, 32), "dim": 0, "index": _t(4, 32, dtype="int64"), "src": _t(4, 32)}
_GRID = {"input": _t(1, 32, 8, 8), "grid": _t(1, 4, 4, 2), "interpolation_mode": 0, "padding_mode": 0}
_HEADS = {
    "query": _t(2, 5, 32), "key": _t(2, 5, 32), "value": _t(2, 5, 32), "embed_dim": 32, "num_head": 2,
    "qkv_weight": _weight(96, 32), "qkv_bias": _weight(96), "proj_weight": _weight(32, 32), "proj_bias": _weight(32),
    "need_weights": False, "mask_type": 0,
}  # fmt: skip


_BOOLEANS = _t(2, 3, 32, dtype="bool")

EXAMPLES: dict[str, Values] = {
    "aten.masked_fill.Scalar": {"self": _t(2, 3, 32), "mask": _BOOLEANS, "value": 0.5},
    "aten.masked_fill.Tensor": {"self": _t(2, 3, 32), "mask": _BOOLEANS, "value": _t()},
    "aten.where.ScalarOther": {"condition": _BOOLEANS, "self": _t(2, 3, 32), "other": 0.5},
    "aten.where.ScalarSelf": {"condition": _BOOLEANS, "self": 0.5, "other": _t(2, 3, 32)},
    "aten.where.self": {"condition": _BOOLEANS, "self": _t(2, 3, 32), "other": _t(2, 3, 32)},
    "aten._native_multi_head_attention.default": {**_HEADS, "mask": _t(5, 5, dtype="bool")},
    "aten.avg_pool1d.default": {"self": _t(1, 8, 16), "kernel_size": [2]},
    "aten.avg_pool3d.default": {"self": _VOLUME, "kernel_size": [2, 2, 2]},
    "aten.conv_transpose3d.input": {"input": _VOLUME, "weight": _weight(8, 16, 2, 2, 2), "stride": [2, 2, 2]},
    "aten.diff.default": {"self": _t(4, 32)},
    "aten.grid_sampler.default": {**_GRID, "align_corners": False},
    "aten.grid_sampler_2d.default": {**_GRID, "align_corners": False},
    "aten.histc.default": {"self": _t(64)},
    "aten.index_add.default": {"self": _t(8, 32), "dim": 0, "index": _t(4, dtype="int64"), "source": _t(4, 32)},
    "aten.index_copy.default": {"self": _t(8, 32), "dim": 0, "index": _t(4, dtype="int64"), "source": _t(4, 32)},
    "aten.index_fill.int_Scalar": {"self": _t(8, 32), "dim": 0, "index": _t(4, dtype="int64"), "value": 1.0},
    "aten.index_fill.int_Tensor": {"self": _t(8, 32), "dim": 0, "index": _t(4, dtype="int64"), "value": _t()},
    "aten.masked_scatter.default": {"self": _t(8, 32), "mask": _t(8, 32, dtype="bool"), "source": _t(256)},
    "aten.scatter.reduce": {**_SCATTER, "reduce": "add"},
    "aten.scatter_reduce.two": {**_SCATTER, "reduce": "sum"},
    "aten.searchsorted.Tensor": {"sorted_sequence": _t(8), "self": _t(4, 8)},
    "aten.bitwise_left_shift.Tensor": _TWO_INTEGERS,
    "aten.bitwise_right_shift.Tensor": _TWO_INTEGERS,
    "aten.gcd.default": _TWO_INTEGERS,
    "aten.lcm.default": _TWO_INTEGERS,
    "aten.__and__.Tensor": _TWO_INTEGERS,
    "aten.__or__.Tensor": _TWO_INTEGERS,
    "aten.__xor__.Tensor": _TWO_INTEGERS,
    "aten.__lshift__.Tensor": _TWO_INTEGERS,
    "aten.__rshift__.Tensor": _TWO_INTEGERS,
    "aten._adaptive_avg_pool2d.default": {"self": _IMAGE, "output_size": [4, 4]},
    "aten._native_batch_norm_legit_no_training.default": {k: v for k, v in _BATCH_NORM.items() if k != "training"},
    "aten._softmax.default": {"self": _t(2, 3, 32), "dim": -1, "half_to_float": False},
    "aten._log_softmax.default": {"self": _t(2, 3, 32), "dim": -1, "half_to_float": False},
    "aten._to_copy.default": {"self": _t(2, 32), "dtype": "int32"},
    "aten._unsafe_index.Tensor": _LOOK_UP,
    "aten.adaptive_avg_pool1d.default": {"self": _t(1, 8, 16), "output_size": [1]},
    "aten.adaptive_avg_pool2d.default": {"self": _IMAGE, "output_size": [4, 4]},
    "aten.adaptive_max_pool2d.default": {"self": _IMAGE, "output_size": [4, 4]},
    "aten.addmm.default": {"self": _t(32), "mat1": _t(16, 64), "mat2": _t(64, 32)},
    "aten.as_strided.default": {"self": _t(4, 32), "size": [4, 32], "stride": [32, 1]},
    "aten.avg_pool2d.default": {"self": _IMAGE, "kernel_size": [2, 2]},
    "aten.batch_norm.default": {**_BATCH_NORM, "cudnn_enabled": False},
    "aten.baddbmm.default": {"self": _t(2, 16, 16), "batch1": _t(2, 16, 32), "batch2": _t(2, 32, 16)},
    "aten.bitwise_and.Tensor": _TWO_INTEGERS,
    "aten.bitwise_or.Tensor": _TWO_INTEGERS,
    "aten.bitwise_xor.Tensor": _TWO_INTEGERS,
    "aten.bitwise_not.default": {"self": _t(2, 32, dtype="bool")},
    "aten.bmm.default": {"self": _t(2, 16, 32), "mat2": _t(2, 32, 16)},
    "aten.cat.default": {"tensors": [_t(2, 32), _t(2, 32)]},
    "aten.constant_pad_nd.default": {"self": _t(2, 3, 16, 32), "pad": [1, 1]},
    "aten.conv1d.default": _CONV_1D,
    "aten.conv1d.padding": {**_CONV_1D, "padding": "same"},
    "aten.conv2d.default": _CONV_2D,
    "aten.conv2d.padding": {**_CONV_2D, "padding": "valid"},
    "aten.conv3d.default": {"input": _t(1, 32, 4, 8, 8), "weight": _weight(32, 32, 3, 3, 3)},
    "aten.conv_transpose2d.input": {"input": _IMAGE, "weight": _weight(8, 16, 2, 2), "stride": [2, 2]},
    "aten.convolution.default": {
        **_CONV_2D, "bias": None, "stride": [1, 1], "padding": [0, 0], "dilation": [1, 1], "transposed": False,
        "output_padding": [0, 0], "groups": 1,
    },
    "aten.div.Tensor_mode": {"self": _t(2, 3, 32), "other": _t(2, 3, 32), "rounding_mode": "floor"},
    "aten.embedding.default": {"weight": _weight(64, 32), "indices": _t(1, 8, dtype="int64")},
    "aten.flip.default": {"self": _t(2, 3, 16, 32), "dims": [1]},
    "aten.gather.default": {"self": _t(2, 32, 64), "dim": 1, "index": _t(2, 32, 64, dtype="int64")},
    "aten.glu.default": {"self": _t(1, 2, 32, 128)},
    "aten.index.Tensor": _LOOK_UP,
    "aten.index_select.default": {"self": _t(64, 32), "dim": 0, "index": _t(8, dtype="int64")},
    "aten.layer_norm.default": {"input": _t(2, 16, 32), "normalized_shape": [32]},
    "aten.linear.default": {"input": _t(2, 16, 32), "weight": _weight(64, 32)},
    "aten.linalg_vector_norm.default": {"self": _t(2, 16, 32), "dim": [-1]},
    "aten.lstm.input": {
        "input": _t(4, 1, 16), "hx": [_t(1, 1, 16), _t(1, 1, 16)], "params": _LSTM, "has_biases": True,
        "num_layers": 1, "dropout": 0.0, "train": False, "bidirectional": False, "batch_first": False,
    },
    "aten.matmul.default": {"self": _t(2, 3, 16, 32), "other": _t(2, 3, 32, 16)},
    "aten.max_pool2d.default": {"self": _IMAGE, "kernel_size": [2, 2]},
    "aten.mean.dim": {"self": _t(2, 16, 32), "dim": [-1]},
    "aten.mm.default": {"self": _t(16, 32), "mat2": _t(32, 64)},
    "aten.mv.default": {"self": _t(16, 32), "vec": _t(32)},
    "aten.native_layer_norm.default": {
        "input": _t(2, 16, 32), "normalized_shape": [32], "weight": None, "bias": None, "eps": 1e-5,
    },
    "aten.pad.default": {"self": _t(2, 3, 16, 32), "pad": [1, 1, 1, 1]},
    "aten.pow.Scalar": {"self": 2.0, "exponent": _t(2, 3, 32)},
    "aten.pow.Tensor_Scalar": {"self": _t(2, 3, 32), "exponent": 2.5},
    "aten.prelu.default": {"self": _IMAGE, "weight": _weight(8)},
    "aten.rms_norm.default": {"input": _t(2, 16, 32), "normalized_shape": [32]},
    "aten.roll.default": {"self": _t(2, 3, 16, 32), "shifts": [1], "dims": [2]},
    "aten.scaled_dot_product_attention.default": {name: _t(1, 2, 32, 64) for name in ("query", "key", "value")},
    "aten._scaled_dot_product_flash_attention_for_cpu.default": {
        name: _t(1, 2, 32, 64) for name in ("query", "key", "value")
    },
    "aten.stack.default": {"tensors": [_t(2, 32), _t(2, 32)]},
    "aten.sum.dim_IntList": {"self": _t(2, 16, 32), "dim": [-1]},
    "aten.to.device": {"self": _t(2, 32), "device": "cpu", "dtype": "int32"},
    "aten.to.dtype_layout": {"self": _t(2, 32), "dtype": "int32"},
    "aten.to.other": {"self": _t(2, 32), "other": _t(2, 32, dtype="int32")},
    "aten.type_as.default": {"self": _t(2, 32), "other": _t(2, 32, dtype="int32")},
    "aten.to.dtype": {"self": _t(2, 32), "dtype": "int32"},
}  # fmt: skip

_SEVEN, _MASK = _t(2, 2, 2, 2, 2, 2, 32), _t(32, dtype="bool")
FURTHER: dict[str, list[Values]] = {
    "aten.to.other": [{"other": _t(2, 32, dtype="float8_e4m3fn")}],
    "aten.type_as.default": [{"other": _t(2, 32, dtype="float8_e4m3fn")}],
    "aten.masked_fill.Scalar": [{"self": _SEVEN, "mask": _MASK}],
    "aten.masked_fill.Tensor": [{"self": _SEVEN, "mask": _MASK}],
    "aten.scatter.reduce": [{"reduce": "multiply"}],
    "aten.scatter_reduce.two": [{"reduce": "amax"}, {"include_self": False}],
    "aten.searchsorted.Tensor": [{"sorter": _t(8, dtype="int64")}],
    "aten.sum.dim_IntList": [{"self": _t(2, 2, 2, 2, 2, 2, 2, 3, 32), "dim": [0]}],
    "aten.where.ScalarOther": [{"condition": _MASK, "self": _SEVEN}],
    "aten.where.ScalarSelf": [{"condition": _MASK, "other": _SEVEN}],
    "aten.where.self": [{"condition": _MASK, "self": _SEVEN}],
    "aten.conv_transpose3d.input": [{"weight": _weight(8, 4, 2, 2, 2), "groups": 2}],
    "aten.convolution.default": [
        {"input": _t(1, 8, 4, 8, 8), "weight": _weight(8, 4, 2, 2, 2), "groups": 2, "transposed": True, **_IN_3_D}
    ],
    "aten.pad.default": [{"mode": "reflect"}],
    "aten.masked_scatter.default": [{"self": _t(32)}],
}
"""Changes of several arguments at once, for limits that no change of one reaches."""
