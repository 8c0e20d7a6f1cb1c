"""Reductions, norms of vectors, sorting, counting."""

from __future__ import annotations

from cases.lines import RANKS, add, b, i, t

for x in RANKS:
    last = len(x["shape"]) - 1
    add("amin.default", x, [0], False)
    add("amax.default", x, list(range(last + 1)), False)
    add("min.dim", x, 0, True)
    add("max.dim", x, -1, True)
    add("mean.dim", x, [0, last] if last else [0])
    add("sum.dim_IntList", x, None)
    add("var.correction", x, [-1], correction=1)
    add("var.correction", x, [0], correction=3, keepdim=True) if x["shape"][0] > 3 else None
    add("std.correction", x, [-1], correction=1)
    add("std.correction", x, [-1], correction=0, keepdim=True)
    add("var_mean.correction", x, [-1], correction=0, keepdim=True)
    add("std_mean.correction", x, [-1])
    add("argmin.default", x, -1)
    add("argmax.default", x, 0, True)
    add("cumprod.default", x, -1)
    add("cumsum.default", x, 0)
    add("logcumsumexp.default", x, -1)
    add("logsumexp.default", x, [-1], True)
    add("cummax.default", x, -1)
    add("cummin.default", x, 0)
    add("median.dim", x, -1)
    add("kthvalue.default", x, 2, -1, True)
    add("sort.default", x, -1, True)
    add("sort.stable", x, stable=True, dim=0, descending=True)
    add("diff.default", x, 1, -1)
    add("linalg_vector_norm.default", x, 2, [-1], True)
    for op in ("mean", "sum", "max", "min", "argmax", "argmin", "median", "prod"):
        add(f"{op}.default", x if op != "prod" else t(3, 5))
    for op in ("any", "all"):
        add(f"{op}.dim", b(*x["shape"]), 0, True)
        add(f"{op}.dim", x, -1)
        add(f"{op}.default", b(*x["shape"]))
for order in (1, 3, 0, "inf", "-inf"):
    add("linalg_vector_norm.default", t(6, 7), order, [1])
add("linalg_vector_norm.default", t(3, 6, 7), 2)
add("prod.default", t(33))
add("prod.dim_int", t(3, 5, 4), 0, True)
add("prod.dim_int", t(3, 5, 4), -1)
add("std.correction", t(6, 7), [1], correction=2)
add("topk.default", t(3, 6, 70), 3, -1, True)
add("topk.default", t(3, 60, 7), 5, 1, False)
for op in ("max", "min", "sum"):
    add(f"{op}.default", i(6, 7))
add("max.dim", i(6, 7), 1)
add("amax.default", i(6, 7), [0])
add("any.default", i(6, 7))
add("cumsum.default", b(6, 7), 0)
add("isin.Tensor_Tensor", i(7), i(3), invert=True)
add("bucketize.Tensor", t(3, 6), t(9))
add("bucketize.Tensor", t(17), t(4), right=True)
add("bucketize.Tensor", i(3, 6), i(4))
add("searchsorted.Tensor", t(9), t(3, 6))
add("searchsorted.Tensor", t(3, 9), t(3, 6), right=True)
add("searchsorted.Tensor", t(2, 3, 9), t(2, 3, 4), side="right")
add("histc.default", t(6, 7), 5, -2.0, 2.0)
add("histc.default", t(60), 4)
add("histc.default", i(60), 10, 0, 50)
add("sum.dim_IntList", t(1), [0])
add("mean.default", t(1, 1))
for op in ("mean.dim", "amax.default", "amin.default"):
    add(op, t(*[2] * 7, 3, 5), [3], True)
add("sum.dim_IntList", t(*[2] * 7, 3, 5), [-2, 8])
add("sum.dim_IntList", t(*[2] * 6, 3, 5), [0, 3])
add("mean.dim", i(3, 4), [0], dtype="float32")
add("prod.default", i(4))
add("cummax.default", t(), 0)
