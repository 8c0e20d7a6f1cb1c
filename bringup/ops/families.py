"""What holds for whole families of ops without a row of their own, by their names: of the first pattern that fits.

An op that torch takes apart into what has rows is judged by its parts all the same.
"""

from __future__ import annotations

import re
from functools import cache

from bringup.ops.spec import OpSpec, Status

_RANDOM = "random values cannot be compared with torch; ttnn.rand, ttnn.randn, ttnn.uniform and ttnn.bernoulli exist for sampling"
NO_SPARSE = "ttnn has no sparse tensors: as dense ones, whose ops compute the zeros too (`to_dense()` on the host, when weights are loaded)"
NO_QUANTISED = "torch's quantised forms are not taken over: `dequantize()` on the host, and ttnn.bfloat8_b or ttnn.bfloat4_b for weights, which are ttnn's own"
_FAMILIES: tuple[tuple[str, Status, str], ...] = (
    (r"_assert\w*|_functional_assert\w*|(_functional_)?sym_constrain\w*|_validate_\w+|_linalg_check_errors|_print", "folded",
     "a check or a message on the host: it gives no tensor"),
    (r"is_(same_size|pinned|coalesced|set_to|contiguous\w*|floating_point|complex|signed|leaf|inference|neg|conj|distributed)|dense_dim|sparse_dim|_nnz|_dim[IV]|q_\w+|qscheme|_has_same_storage_numel|_fused_sdp_choice|_use_\w+_ctc_loss|\w*_get_(max|min)_seqlen|"
     r"sym_\w+|size|stride|numel|dim|storage_offset|_nested_get_ragged_idx", "folded", "a fact of the tensor that Python knows: nothing to compute"),
    (r"\w*_backward\w*|\w+_jvp|\w+_grad", "missing",
     "a gradient: training is not brought up here; ttnn has an op of its own, ending in _bw, for the gradients of most element-wise ops"),
    (r"_fused_(adam|adamw|sgd|adagrad)|_amp_\w+", "missing", "a step of an optimiser: training is not brought up here; a few element-wise ops for each parameter"),
    (r"\w*sparse\w*|_?coalesced?|\w*(crow|ccol|col|row)_indices\w*|_?indices(_copy)?|_?values(_copy)?|hspmm|_spdiags|_spsolve|_cslt\w+|_to_dense|_convert_indices_\w+", "missing",
     NO_SPARSE),
    (r"_?nested\w*|\w*jagged\w*|\w*_padded\w*", "missing", "ttnn has no nested tensors: padded to the longest on the host, with a mask"),
    (r"\w*quanti[sz]e\w*|\w*quantized\w*|int_repr|_weight_int\w+|_convert_weight_to_int\w+|\w*_obs_fq_\w+|_dyn_quant\w+|_mixed_dtypes_linear|_scaled_\w*mm\w*|_int_mm", "missing",
     NO_QUANTISED),
    (r"\w*(cudnn|miopen|mkldnn|mps|nnpack|xnnpack|triton)\w*|\w*_(flash|efficient)_attention\w*|\w*_overrideable\w*", "missing",
     "an op of another device's library, which torch does not give for the processor: write the general op that it stands for"),
    (r"b?mm", "missing", "ttnn.matmul takes the dtype of its result; torch computes it on CUDA alone, so that there is nothing to compare with"),
    (r"_?(standard_gamma|sample_dirichlet)|binomial|poisson|cauchy|geometric|log_normal|\w*(philox|bernoulli|randint|randn|rand|random|randperm|normal|uniform|exponential|dropout)(_\w+)?", "missing", _RANDOM),
    (r"set|set_data|_resize_output|_copy_from\w*|_lazy_clone|record_stream|_pin_memory|from_file|_reshape_alias\w*|_make_dep_token|_efficientzerotensor|_?fw_primal\w*|_make_dual\w*", "missing",
     "it is about where a tensor's memory is, which no tensor on the device has: a copy, a view or a reshape says what is meant"),
    (r"_?linalg_\w+|\w*cholesky\w*|geqrf|ormqr|lu_unpack|orgqr|_lu_\w+", "missing",
     "ttnn has no solver or factorisation, which decide by values as they go: on the host, one move each way"),
    (r"batch_norm_\w+|native_norm|_masked_scale|_masked_softmax|_thnn_fused_\w+|_transform\w+|_weight_norm_interface|_add_relu|slow_conv\w+|_slow_conv\w+|"
     r"_conv_depthwise2d|conv_depthwise3d|_c\w+_helper|_logcumsumexp|_aminmax|_unique|_linalg_\w+|_test_\w+|_foobar", "missing",
     "an op inside of torch that no model calls: write the public op that it is a part of"),
)  # fmt: skip


@cache
def family_row(op: str) -> OpSpec | None:
    """What is known of an op by its name alone; None where that is nothing."""
    namespace, _, rest = op.partition(".")
    if namespace != "aten":
        return None
    name = rest.partition(".")[0].removesuffix("_") if not rest.startswith("__") else rest
    for pattern, status, reason in _FAMILIES:
        if re.fullmatch(pattern, name):
            return OpSpec(op, status, reason=reason)
    return None
