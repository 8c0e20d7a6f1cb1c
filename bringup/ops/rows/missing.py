"""What TT-NN has nothing for, and torch no decomposition into what it has: the nearest way, and its cost."""

from __future__ import annotations

from bringup.ops.lowering import missing

_FOURIER = (
    "ttnn.experimental.fft and ifft transform the last dimension of pairs of ROW_MAJOR tensors (real, imaginary); no lowering is written here, for what "
    "reads the complex result needs one too. Else a matmul with a matrix of cosines and one with a matrix of sines, n products per value"
)
_SOLVER = "ttnn has no solver or factorisation, which decide by values as they go: on the host, one move each way"
_RANDOM = "random values cannot be compared with torch; ttnn.rand, ttnn.randn and ttnn.bernoulli exist for sampling"
_SHAPE = "the shape of its output depends on values; a graph on the device has fixed shapes: on the host, or with a fixed number and a mask"
_HISTOGRAM = "each value compared with each edge, and a sum: bins times the memory, as aten.histc does it for equal bins; no lowering is written for its second result"
_WINDOWS = "the places of its windows are random: each window element a gather, and the maximum of them"
_BITS = "it reads the bits as another dtype, and those on the device are of bfloat16: ttnn.bitcast does it where the dtypes agree with ttnn's own"
_BOXES = "boxes are picked one after the other by values: on the host, one move each way"

ROWS = (
    *(missing(f"aten.{name}.default", _FOURIER) for name in ("_fft_r2c", "_fft_c2c", "_fft_c2r")),
    *(missing(f"aten.{name}", _SOLVER) for name in (
        "linalg_inv_ex.default", "_linalg_solve_ex.default", "_linalg_svd.default", "_linalg_det.default", "_linalg_slogdet.default", "_linalg_eigh.default",
        "linalg_cholesky_ex.default", "linalg_qr.default", "linalg_lu_factor_ex.default", "linalg_solve_triangular.default", "triangular_solve.default",
        "linalg_eig.default", "linalg_lstsq.default", "linalg_ldl_factor_ex.default", "linalg_lu.default", "linalg_matrix_exp.default")),
    *(missing(f"aten.{name}", _RANDOM) for name in (
        "bernoulli.p", "bernoulli.default", "rand.default", "randn.default", "randint.default", "randint.low", "rand_like.default", "randn_like.default",
        "randint_like.default", "randint_like.low_dtype", "multinomial.default", "normal.Tensor_Tensor", "normal.Tensor_float", "normal.float_float",
        "uniform.default", "exponential.default", "rrelu_with_noise.default", "randperm.default")),
    *(missing(f"aten.{name}", _SHAPE) for name in (
        "nonzero.default", "masked_select.default", "_unique2.default", "unique_consecutive.default", "unique_dim.default", "repeat_interleave.Tensor")),
    *(missing(f"aten.{name}", f"it gives a number to the host, which decides by it: {_SHAPE}") for name in (
        "_local_scalar_dense.default", "item.default", "equal.default", "allclose.default", "is_nonzero.default")),
    *(missing(f"aten.{name}", _HISTOGRAM) for name in (
        "histogram.bin_ct", "histogram.bins_tensor", "_histogramdd_bin_edges.default", "_histogramdd_from_bin_cts.default", "_histogramdd_from_bin_tensors.default")),
    *(missing(f"aten.fractional_max_pool{rank}d.default", _WINDOWS) for rank in (2, 3)),
    missing("aten.view.dtype", _BITS),
    missing("aten.conv_tbc.default", "ttnn has no convolution with time first: a permute, ttnn.conv1d, and a permute back"),
    missing("aten._upsample_lanczos2d_aa.default", "ttnn has no Lanczos resize: a matmul for each direction, with matrices of its weights, which the sizes decide"),
    *(missing(f"torch_nn._linear_cross_entropy_batch_chunked{part}.default", "a loss: training does not run on this device; a linear, a log_softmax and a gather")
      for part in ("", "_no_reduction")),
    missing("aten._ctc_loss.Tensor", "a loss: training does not run on this device"),
    missing("torchvision.nms.default", f"ttnn has no non-maximum suppression: {_BOXES}"),
    missing("torchvision.roi_align.default", f"ttnn has no roi_align: a grid_sample per box with a grid of its own; {_BOXES}"),
    missing("torchvision.deform_conv2d.default", "ttnn has no deformable convolution: a grid_sample per kernel element, and a matmul"),
    missing("aten.mode.default", "ttnn has no mode: a comparison of all with all, a sum and an argmax"),
    missing("aten.grid_sampler_3d.default", "ttnn samples in two dimensions only: eight look-ups and their weighted sum"),
    missing("aten._ctc_loss.default", "a loss: training does not run on this device"),
)  # fmt: skip
