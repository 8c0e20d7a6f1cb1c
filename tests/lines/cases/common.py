"""The ops of most models, over ranks 1 to 5, unaligned sizes, scalars, broadcasts, negative dims and other dtypes."""

from __future__ import annotations

from cases.lines import RANKS, add, b, i, t

# fmt: off (a table)

for x in RANKS:
    for op in (
        "relu",
        "exp",
        "sigmoid",
        "tanh",
        "neg",
        "abs",
        "sqrt",
        "rsqrt",
        "log",
        "gelu",
        "silu",
        "sin",
        "cos",
        "erf",
    ):
        add(f"{op}.default", x)
    last = len(x["shape"]) - 1
    for op in ("add.Tensor", "sub.Tensor", "mul.Tensor", "div.Tensor", "maximum.default"):
        add(op, x, x)
    add("add.Tensor", x, t(x["shape"][-1]))
    add("mul.Tensor", x, t())
    add("add.Tensor", x, 2.5)
    add("sub.Tensor", x, x, alpha=2)
    add("pow.Tensor_Scalar", x, 2)
    add("rsub.Scalar", x, 1.0)
    add("gt.Scalar", x, 0.5)
    add("le.Tensor", x, x)
    add("clamp.default", x, -0.5, 0.5)
    add("where.self", b(*x["shape"]), x, t())
    add("masked_fill.Scalar", x, b(*x["shape"]), -1.0)
    add("softmax.int", x, -1)
    add("_softmax.default", x, 0, False)
    add("log_softmax.int", x, -1)
    add("sum.dim_IntList", x, [-1], False)
    add("sum.dim_IntList", x, [0], True)
    add("mean.dim", x, [-1], True)
    add("amax.default", x, [-1], True)
    add("max.dim", x, -1)
    add("var.correction", x, [-1], correction=0, keepdim=True)
    add("cumsum.default", x, -1)
    add("argmax.default", x, -1)
    add("sort.default", x, -1)
    add("any.dim", b(*x["shape"]), -1)
    add("view.default", x, [-1])
    add("unsqueeze.default", x, -1)
    add("unsqueeze.default", x, 0)
    add("flip.default", x, [-1])
    add("cat.default", [x, x], -1)
    add("cat.default", [x, x, x], 0)
    add("stack.default", [x, x], 0)
    add("split.Tensor", x, 2, 0)
    add("slice.Tensor", x, -1, 1, 5)
    add("slice.Tensor", x, 0, -2, 9223372036854775807)
    add("select.int", x, -1, 2)
    add("constant_pad_nd.default", x, [1, 2], 0.5)
    add("roll.default", x, [2], [last])
    add("repeat.default", x, [2] + [1] * last)
    add("expand.default", t(*[1] * last, x["shape"][-1]), [2] * last + [x["shape"][-1]])
    add("slice_scatter.default", x, t(*x["shape"][:-1], 2), -1, 1, 3)
    add("select_scatter.default", x, t(*x["shape"][1:]), 0, 1)
    add("index_select.default", x, -1, i(3))
    add("_to_copy.default", x, dtype="float16")
    add("full_like.default", x, 3)
    if last:
        add("transpose.int", x, 0, -1)
        add("permute.default", x, [last, *range(last)])
        add("native_layer_norm.default", x, [x["shape"][-1]], t(x["shape"][-1]), t(x["shape"][-1]), 1e-5)
        add("native_layer_norm.default", x, x["shape"][-2:], None, None, 1e-5)
        add("tril.default", x, -1)
        add("index.Tensor", x, [i(4)])
        add("index.Tensor", x, [None, i(4)])
        add("index.Tensor", x, [i(4), i(4)])
        add("matmul.default", x, t(x["shape"][-1], 5))

add("mul.Tensor", t(6, 7, 8), i(8))
add("add.Tensor", i(6, 7), 1.5)
add("add.Tensor", i(6, 7), 2)
add("add.Tensor", b(6, 7), i(6, 7))
add("div.Tensor", i(6, 7), 8)
add("div.Tensor_mode", t(6, 7), t(6, 7), rounding_mode="floor")
add("eq.Scalar", i(6, 7), 8)
add("eq.Tensor", i(6, 7), i(7))
add("bitwise_and.Tensor", i(6, 7), i(6, 7))
add("bitwise_and.Tensor", b(6, 7), b(6, 7))
add("logical_and.default", b(6, 7), i(6, 7))
add("logical_not.default", b(6, 7))
add("bitwise_not.default", b(6, 7))
add("where.self", b(6, 7), i(6, 7), i())
add("sum.dim_IntList", i(6, 7), [1])
add("cumsum.default", i(6, 7), 1)
add("sort.default", i(6, 7))
add("topk.default", t(6, 70), 5)
add("topk.default", t(6, 70), 5, -1, False)
add("mm.default", t(6, 7), t(7, 8))
add("bmm.default", t(3, 6, 7), t(3, 7, 8))
add("addmm.default", t(8), t(6, 7), t(7, 8))
add("baddbmm.default", t(3, 6, 8), t(3, 6, 7), t(3, 7, 8))
add("linear.default", t(2, 6, 7), t(8, 7), t(8))
add("linear.default", t(7), t(8, 7))
add("embedding.default", t(100, 64), i(2, 7))
add("embedding.default", t(100, 64), i(2, 3, 7))
add("embedding.default", t(100, 64), i(7))
add("gather.default", t(6, 70), 1, i(6, 5))
add("isin.Tensor_Tensor", i(2, 7), i(3))
add("copy.default", t(6, 7, 8), t(8))
add("fill.Tensor", t(6, 7), t())
add("fill.Scalar", t(6, 7), 2)
add("as_strided.default", t(6, 7, 8), [42, 8], [8, 1])
add("cat.default", [t(0), t(6, 7), t(6, 7)], 0)
add("repeat_interleave.self_int", t(2, 6, 7), 3, 1)
add("pixel_shuffle.default", t(1, 16, 6, 7), 2)
add("unbind.int", t(3, 6, 7), 0)
add("diff.default", t(6, 7))
add("prod.dim_int", t(6, 7), 1)
add("linalg_vector_norm.default", t(6, 7), 2, [1], True)
add("logsumexp.default", t(6, 7), [1])
add("t.default", t(6, 7))
add("scaled_dot_product_attention.default", t(1, 4, 64, 32), t(1, 4, 64, 32), t(1, 4, 64, 32))
add("scaled_dot_product_attention.default", t(1, 4, 17, 32), t(1, 4, 17, 32), t(1, 4, 17, 32), None, 0.0, True)
add("scaled_dot_product_attention.default", t(1, 4, 9, 80), t(1, 4, 17, 80), t(1, 4, 17, 80), t(1, 1, 9, 17))
add("scaled_dot_product_attention.default", t(1, 4, 9, 64), t(1, 4, 17, 64), t(1, 4, 17, 32))
add("scaled_dot_product_attention.default", t(4, 9, 64), t(4, 9, 64), t(4, 9, 64), None, 0.0, True)
add(
    "scaled_dot_product_attention.default",
    t(1, 4, 9, 64),
    t(1, 2, 9, 64),
    t(1, 2, 9, 64),
    None,
    0.0,
    True,
    scale=0.1,
    enable_gqa=True,
)
add("scaled_dot_product_attention.default", t(1, 4, 1, 64), t(1, 4, 25, 64), t(1, 4, 25, 64), t(1, 1, 1, 25))
for n, c in ((1, 3), (2, 16)):
    add("convolution.default", t(n, c, 14, 14), t(8, c, 3, 3), t(8), [1, 1], [1, 1], [1, 1], False, [0, 0], 1)
    add("convolution.default", t(n, c, 20), t(8, c, 3), None, [2], [1], [1], False, [0], 1)
    add(
        "convolution.default",
        t(n, c, 4, 8, 8),
        t(8, c, 3, 3, 3),
        t(8),
        [1, 1, 1],
        [1, 1, 1],
        [1, 1, 1],
        False,
        [0, 0, 0],
        1,
    )
    add("convolution.default", t(n, c, 8, 8), t(c, 8, 2, 2), t(8), [2, 2], [0, 0], [1, 1], True, [0, 0], 1)
add("conv2d.default", t(1, 32, 14, 14), t(32, 1, 3, 3), None, [2, 2], [1, 1], [1, 1], 32)
add("conv2d.padding", t(1, 8, 14, 14), t(8, 8, 3, 3), None, [1, 1], "same")
add("max_pool2d.default", t(1, 16, 14, 14), [3, 3], [2, 2], [1, 1])
add("avg_pool2d.default", t(1, 16, 14, 14), [2, 2], [2, 2])
add("adaptive_avg_pool2d.default", t(1, 16, 14, 14), [1, 1])
add("adaptive_avg_pool2d.default", t(1, 32, 14, 14), [7, 7])
for rank in ((3, 16), (3, 16, 9), (2, 16, 6, 7), (1, 16, 3, 6, 7)):
    add("_native_batch_norm_legit_no_training.default", t(*rank), t(16), t(16), t(16), t(16), 0.1, 1e-5)
add("group_norm.default", t(1, 64, 8, 8), 4, t(64), t(64))
add("upsample_bilinear2d.vec", t(1, 21, 33, 33), [65, 65], False, None)
add("upsample_bilinear2d.vec", t(1, 32, 17, 17), None, True, [2.0, 2.0])
add("upsample_bilinear2d.vec", t(1, 32, 17, 17), None, False, [2.0, 2.0])
add("upsample_nearest2d.vec", t(1, 32, 7, 7), [10, 10], None)
add("upsample_nearest2d.vec", t(1, 32, 7, 7), None, [2.0, 2.0])
add("upsample_bicubic2d.vec", t(1, 32, 14, 14), [20, 20], False, None)
