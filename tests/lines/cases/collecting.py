"""Distances, reductions of what belongs together, elements by place and rank, special functions."""

from __future__ import annotations

from cases.lines import CASES, add, b, i, t

# fmt: off (a table)
for p in (0.0, 1.0, 2.0, 3.5, "inf"):
    add("_cdist_forward.default", t(2, 5, 7), t(2, 6, 7), p, 1)
    add("_pdist_forward.default", t(5, 7), p)
add("_cdist_forward.default", t(5, 33), t(1, 33), 2.0, 0)
add("_cdist_forward.default", t(1, 3, 4), t(5, 3, 4), 2.0, None)
add("_trilinear.default", t(6, 3), t(5, 3, 4), t(6, 4), [1, 3], [0], [1, 2], [2, 3])
add("_trilinear.default", t(6, 3), t(5, 3, 4), t(6, 4), [1, 3], [0], [1, 2], [])
add("take.default", t(6, 7), i(3, 5))
add("take.default", t(6, 7), i())
add("take.default", t(), i(4))
add("put.default", t(6, 7), i(3, 5), t(3, 5))
add("put.default", t(6, 7), i(9), t(9), True)
add("put.default", i(6, 7), i(9), i(9), True)
for x in (t(9), t(8), t(), t(3, 6, 7)):
    add("nanmedian.default", x)
    for dim in (0, -1):
        add("nanmedian.dim", x, dim)
add("nanmedian.dim", t(3, 6, 7), 1, True)
CASES += [{"op": "aten.nanmedian.dim", "args": [t(3, 6, 7), 1], "kwargs": {}, "reads": [place]} for place in (0, 1)]
for x in (t(9), t(3, 4), t(2, 3, 4), b(3, 4)):
    add("nonzero_static.default", x, size=5)
    add("nonzero_static.default", x, size=30, fill_value=-2)
add("resize.default", t(6, 7), [7, 3, 2])
add("resize.default", t(6, 7), [5, 3])
add("resize.default", i(6, 7), [2])
add("diagonal_scatter.default", t(5, 6), t(5))
add("diagonal_scatter.default", t(2, 5, 6), t(2, 4), 1, 2, 1)
add("as_strided_scatter.default", t(5, 6), t(2, 3), [2, 3], [1, 2])
add("as_strided_scatter.default", t(5, 6), t(2, 3), [2, 3], [12, 2], 4)

for reduce in ("prod", "mean", "amax", "amin"):
    for include_self in (True, False):
        add("index_reduce.default", t(6, 7), 0, i(9), t(9, 7), reduce, include_self=include_self)
        add("index_reduce.default", t(2, 6, 7), -1, i(3), t(2, 6, 3), reduce, include_self=include_self)
for reduce in ("sum", "prod", "mean", "amax", "amin"):
    for include_self in (True, False):
        add("scatter_reduce.two", t(6, 9), 1, i(6, 14), t(6, 14), reduce, include_self=include_self)
        add("scatter_reduce.two", t(3, 6, 5), 1, i(2, 4, 3), t(3, 4, 5), reduce, include_self=include_self)
add("index_reduce.default", t(), 0, i(1), t(), "prod")
add("scatter_reduce.two", t(), 0, i(), t(), "amax")
add("scatter.reduce", t(6, 9), 1, i(6, 3), t(6, 3), reduce="multiply")
add("scatter.value_reduce", t(6, 9), 1, i(6, 3), 2.5, reduce="multiply")
add("scatter.value_reduce", t(6, 9), 0, i(4, 9), 2.5, reduce="add")
for reduce in ("sum", "prod", "mean", "max", "min"):
    add("segment_reduce.default", t(9, 4), reduce, lengths=i(3))
    add("segment_reduce.default", t(9), reduce, lengths=i(6), initial=1.5)
    add("segment_reduce.default", t(9, 4), reduce, offsets=i(4), unsafe=True)
    add("segment_reduce.default", t(2, 9, 4), reduce, lengths=i(2, 3), axis=1, initial=2)
for order, most in ((1.0, 3.0), (2.0, 2.0), (3.0, 1.7), ("inf", 1.4)):
    add("embedding_renorm.default", t(9, 4), i(2, 3), most, order)

for name in (
    "special_modified_bessel_i0",
    "special_modified_bessel_i1",
    "special_i0e",
    "special_i1e",
    "special_ndtri",
    "special_log_ndtr",
    "special_spherical_bessel_j0",
):
    add(f"{name}.default", t(6, 37))
    add(f"{name}.default", t(3))
add("searchsorted.Scalar", t(9), 0.3)
add("searchsorted.Scalar", t(9), 0.3, right=True)


for name in (
    "bessel_j0",
    "bessel_j1",
    "bessel_y0",
    "bessel_y1",
    "modified_bessel_k0",
    "modified_bessel_k1",
    "scaled_modified_bessel_k0",
    "scaled_modified_bessel_k1",
    "airy_ai",
    "erfcx",
):
    add(f"special_{name}.default", t(5))
for name in (
    *(f"{shifted}chebyshev_polynomial_{kind}" for shifted in ("", "shifted_") for kind in "tuvw"),
    "hermite_polynomial_h",
    "hermite_polynomial_he",
    "laguerre_polynomial_l",
    "legendre_polynomial_p",
):
    add(f"special_{name}.default", t(5), t(5))
    add(f"special_{name}.n_scalar", t(5), 3)
    add(f"special_{name}.x_scalar", 0.5, t(5))
for name in ("igamma", "igammac", "special_zeta"):
    add(f"{name}.default", t(5), t(5))
add("special_zeta.self_scalar", 2.0, t(5))
add("special_zeta.other_scalar", t(5), 2.0)
add("frexp.Tensor", t(5))
add("hash_tensor.default", t(5))
add("allclose.default", t(5), t(5))
add("is_nonzero.default", t())
add("histogram.bin_ct", t(5), 3)
add("histogram.bins_tensor", t(5), t(3))
add("_histogramdd_bin_edges.default", t(5, 2), [3, 3])
add("_histogramdd_from_bin_cts.default", t(5, 2), [3, 3])
add("_histogramdd_from_bin_tensors.default", t(5, 2), [t(3), t(3)])
add("fractional_max_pool2d.default", t(1, 3, 9, 9), [3, 3], [2, 2], t(1, 3, 2))
add("fractional_max_pool3d.default", t(1, 3, 9, 9, 9), [3, 3, 3], [2, 2, 2], t(1, 3, 3))
add("view.dtype", t(4), "int32")
add("conv_tbc.default", t(5, 2, 3), t(3, 3, 4), t(4))
add("_upsample_lanczos2d_aa.default", t(1, 3, 8, 8), [4, 4], False)
add("_ctc_loss.Tensor", t(5, 1, 4), i(1, 2), i(1), i(1))

for part, more in (("", ["mean", -100, 0.0, 1]), ("_no_reduction", [-100, 1])):
    given = [t(1, 3), t(4, 3), i(1), None, None, *more, "compact", "float32"]
    op = f"torch_nn._linear_cross_entropy_batch_chunked{part}.default"
    CASES.append({"op": op, "args": given + ([] if part else [True, False, False, False]), "kwargs": {}})
