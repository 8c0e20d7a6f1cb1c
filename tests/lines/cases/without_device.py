"""What leaves nothing to run, and what TT-NN has nothing for."""

from __future__ import annotations

from cases.lines import CASES, add, b, i, t

for name, args in (
    ("arange.default", [5]), ("arange.start", [1, 5]), ("arange.start_step", [1, 9, 2]), ("zeros.default", [[2, 3]]), ("ones.default", [[2, 3]]),
    ("full.default", [[2, 3], 0.5]), ("empty.memory_format", [[2, 3]]), ("scalar_tensor.default", [0.5]), ("eye.default", [3]), ("eye.m", [3, 4]),
    ("linspace.default", [0, 1, 5]), ("new_zeros.default", [t(2), [2, 3]]), ("new_ones.default", [t(2), [2, 3]]), ("new_full.default", [t(2), [2, 3], 0.5]),
    ("new_empty.default", [t(2), [2, 3]]), ("empty_like.default", [t(2)]), ("tril_indices.default", [3, 3]), ("clone.default", [t(2, 3)]),
    ("contiguous.default", [t(2, 3)]), ("detach.default", [t(2, 3)]), ("dropout.default", [t(2, 3), 0.5, False]), ("feature_dropout.default", [t(2, 3), 0.5, False]),
    ("native_dropout.default", [t(2, 3), 0.5, False]), ("lift_fresh_copy.default", [t(2, 3)]),
):  # fmt: skip
    add(name, *args)

SQUARE, COMPLEX = t(3, 3), t(3, 4, dtype="complex64")
for name, args in (
    ("view_as_complex.default", [t(3, 2)]), ("view_as_real.default", [COMPLEX]), ("resolve_conj.default", [COMPLEX]),
    ("_fft_r2c.default", [t(3, 4), [1], 0, True]), ("_fft_c2c.default", [COMPLEX, [1], 0, True]), ("_fft_c2r.default", [COMPLEX, [1], 0, 6]),
    ("linalg_inv_ex.default", [SQUARE]), ("_linalg_solve_ex.default", [SQUARE, t(3)]), ("_linalg_svd.default", [SQUARE]), ("_linalg_det.default", [SQUARE]),
    ("_linalg_slogdet.default", [SQUARE]), ("_linalg_eigh.default", [SQUARE]), ("linalg_cholesky_ex.default", [SQUARE]), ("linalg_qr.default", [SQUARE]),
    ("linalg_lu_factor_ex.default", [SQUARE]), ("linalg_solve_triangular.default", [SQUARE, SQUARE], ), ("triangular_solve.default", [SQUARE, SQUARE]),
    ("linalg_eig.default", [SQUARE]), ("linalg_lstsq.default", [SQUARE, SQUARE]), ("linalg_ldl_factor_ex.default", [SQUARE]), ("linalg_lu.default", [SQUARE]),
    ("linalg_matrix_exp.default", [SQUARE]), ("bernoulli.p", [t(3), 0.5]), ("bernoulli.default", [t(3)]), ("rand_like.default", [t(3)]), ("randn_like.default", [t(3)]),
    ("randint_like.default", [t(3), 5]), ("randint_like.low_dtype", [t(3), 1, 5]), ("multinomial.default", [t(5), 2]), ("normal.Tensor_Tensor", [t(3), t(3)]),
    ("normal.Tensor_float", [t(3), 1.0]), ("uniform.default", [t(3)]), ("exponential.default", [t(3)]), ("rrelu_with_noise.default", [t(3), t(3)]),
    ("nonzero.default", [t(3)]), ("masked_select.default", [t(3), b(3)]), ("_unique2.default", [i(3)]), ("unique_consecutive.default", [i(3)]),
    ("unique_dim.default", [i(3), 0]), ("repeat_interleave.Tensor", [i(3)]), ("_local_scalar_dense.default", [t()]), ("item.default", [t()]), ("equal.default", [t(3), t(3)]),
    ("mode.default", [t(3)]), ("grid_sampler_3d.default", [t(1, 2, 3, 4, 5), t(1, 2, 2, 2, 3), 0, 0, False]),
    ("_ctc_loss.default", [t(5, 1, 4), i(1, 2), [5], [2]]), ("bincount.default", [i(5)]),
    ("rand.default", [[3]]), ("randn.default", [[3]]), ("randint.default", [5, [3]]), ("randint.low", [1, 5, [3]]), ("normal.float_float", [0.0, 1.0, [3]]), ("randperm.default", [5]),
):  # fmt: skip
    add(name, *args, **({"upper": True} if name == "linalg_solve_triangular.default" else {}))
CASES += [
    {"op": "torchvision.nms.default", "args": [t(5, 4), t(5), 0.5], "kwargs": {}},
    {"op": "torchvision.roi_align.default", "args": [t(1, 3, 8, 8), t(2, 5), 1.0, 2, 2, 2, False], "kwargs": {}},
    {"op": "torchvision.deform_conv2d.default", "kwargs": {},
     "args": [t(1, 4, 8, 8), t(6, 4, 3, 3), t(1, 18, 6, 6), t(1, 9, 6, 6), t(6), 1, 1, 0, 0, 1, 1, 1, 1, True]},
]  # fmt: skip
