"""Convolutions, pools, resizing, norms, products, attention and recurrent layers."""

from __future__ import annotations

from cases.lines import CASES, add, b, i, p, t

add("conv1d.default", t(2, 6, 20), t(8, 3, 3), t(8), [2], [1], [2], 2)
add("conv1d.default", t(1, 6, 20), t(8, 6, 5), None, [1], [2])
add("conv1d.padding", t(1, 6, 20), t(8, 6, 3), t(8), [1], "same")
add("conv1d.padding", t(1, 6, 20), t(8, 6, 3), None, [2], "valid", [2])
add("conv2d.default", t(1, 6, 13, 15), t(8, 6, 3, 5), t(8), [2, 1], [1, 2], [1, 2])
add("conv2d.padding", t(1, 6, 13, 15), t(8, 6, 3, 3), t(8), [1, 1], "same", [2, 2])
add("conv2d.padding", t(1, 6, 13, 15), t(8, 6, 3, 3), None, [2, 1], "valid")
add("conv3d.default", t(1, 6, 5, 8, 7), t(8, 6, 2, 3, 3), t(8), [1, 2, 1], [0, 1, 1])
add("conv3d.default", t(1, 32, 5, 8, 7), t(8, 32, 3, 3, 3), None, [2, 1, 1], [1, 1, 1])
add("conv_transpose1d.default", t(1, 6, 9), t(6, 8, 4), t(8), [2], [1], [1])
add("conv_transpose1d.default", t(2, 6, 9), t(6, 8, 3))
add("conv_transpose1d.default", t(2, 6, 9), t(6, 4, 3), None, [3], [1], [2], 2, [2])
add("conv_transpose1d.default", t(2, 6, 9), t(6, 4, 3), t(8), [3], [2], [0], 2, [2])
add("conv_transpose1d.default", t(6, 9), t(6, 8, 3), t(8))
add("conv_transpose2d.input", t(6, 7, 9), t(6, 8, 3, 3), t(8))
add("convolution.default", t(1, 6, 7, 9), t(6, 8, 3, 2), None, [2, 2], [1, 1], [2, 2], True, [1, 1], 1)
add("conv1d.default", t(6, 20), t(8, 6, 5), t(8))
add("conv2d.default", t(6, 13, 15), t(8, 6, 3, 3), None, [2, 2])
add("conv3d.default", t(6, 5, 8, 7), t(8, 6, 2, 3, 3), t(8))
add("conv3d.padding", t(1, 6, 5, 8, 7), t(8, 6, 3, 3, 3), t(8), [1, 1, 1], "same")
add("conv3d.padding", t(1, 6, 5, 8, 7), t(8, 6, 3, 3, 3), None, [1, 2, 1], "valid")
add("conv_transpose2d.input", t(1, 6, 7, 9), t(6, 8, 3, 2), t(8), [2, 2], [1, 0], [1, 0])
add("conv_transpose2d.input", t(2, 6, 7, 9), t(6, 8, 3, 3), None, [1, 2])
add("conv_transpose3d.input", t(1, 6, 3, 4, 5), t(6, 8, 2, 3, 3), t(8), [2, 2, 1], [0, 1, 1], [0, 1, 0])
add("conv_transpose3d.input", t(1, 6, 3, 4, 5), t(6, 8, 2, 2, 2), None, [1, 1, 2])
add("convolution.default", t(1, 6, 9), t(6, 8, 3), t(8), [2], [1], [1], True, [0], 1)
# Long sums, with a compute config of their own.
add("conv1d.default", t(1, 96, 20), t(8, 96, 3), t(8))
add("conv2d.default", t(1, 40, 9, 7), t(8, 40, 3, 3), None, [1, 1], [1, 1])
add("conv2d.padding", t(1, 40, 9, 7), t(8, 40, 4, 3), t(8), [1, 1], "same")
add("conv_transpose1d.default", t(1, 96, 9), t(96, 8, 3))
add("conv_transpose2d.input", t(1, 40, 5, 7), t(40, 8, 3, 3), t(8), [2, 2])
add("conv_transpose3d.input", t(1, 32, 3, 4, 5), t(32, 8, 2, 3, 3))
add("linear.default", t(2, 5000), t(8, 5000), t(8))
add("linear.default", t(5000), t(8, 5000), t(8))
add("matmul.default", t(2, 8, 5000), t(2, 5000, 8))
add("mm.default", t(8, 5000), t(5000, 8))
add("bmm.default", t(2, 8, 5000), t(2, 5000, 8))
add("mv.default", t(8, 5000), t(5000))
add("dot.default", t(5000), t(5000))
add("addmm.default", t(8), t(2, 5000), t(5000, 8))
add("baddbmm.default", t(2, 8, 8), t(2, 8, 5000), t(2, 5000, 8))
add("addbmm.default", t(8, 8), t(2, 8, 5000), t(2, 5000, 8))
add("scaled_dot_product_attention.default", t(1, 2, 9, 32), t(1, 2, 300, 32), t(1, 2, 300, 32))
add("scaled_dot_product_attention.default", t(1, 2, 9, 40), t(1, 2, 300, 40), t(1, 2, 300, 40))
add("scaled_dot_product_attention.default", t(2, 9, 32), t(2, 300, 32), t(2, 300, 32))
add("rms_norm.default", t(3, 300), [300], t(300), 1e-6)
add("group_norm.default", t(1, 64, 8, 8), 4, t(64), t(64))
for op in ("max_pool2d.default", "max_pool2d_with_indices.default"):
    add(op, t(1, 16, 13, 15), [3, 2], [2, 1], [1, 0], [1, 1], True)
    add(op, t(2, 5, 12, 14), [3, 3], [1, 2], [1, 1], [2, 1])
    add(op, t(5, 12, 14), [2, 2])
    add(op, t(1, 12, 15), [2, 2], [2, 2], [0, 0], [1, 1], True)
    add(op, t(1, 16, 12, 15), [2, 2], [2, 2], [0, 0], [1, 1], True)
for op in ("max_pool3d.default", "max_pool3d_with_indices.default"):
    add(op, t(1, 16, 6, 8, 10), [2, 3, 2], [2, 2, 2], [1, 1, 0])
    add(op, t(2, 5, 5, 7, 6), [2, 2, 3], [1, 2, 1], [0, 0, 0], [2, 1, 1], True)
    add(op, t(1, 5, 6, 7, 8), [3, 2, 2], [2, 2, 3], [0, 0, 0], [1, 2, 2], True)
add("adaptive_max_pool2d.default", t(1, 16, 12, 14), [3, 2])
add("adaptive_max_pool2d.default", t(2, 5, 7, 9), [3, 4])
add("adaptive_max_pool2d.default", t(5, 7, 9), [7, 11])
add("adaptive_max_pool3d.default", t(1, 5, 4, 7, 6), [2, 3, 6])
for op in ("adaptive_avg_pool2d.default", "_adaptive_avg_pool2d.default"):
    add(op, t(1, 16, 7, 7), [1, 1])
    add(op, t(1, 16, 12, 14), [4, 2])
    add(op, t(1, 16, 1, 1), [7, 5])
    add(op, t(1, 6, 5, 7), [3, 4])
    add(op, t(16, 12, 14), [3, 5])
add("adaptive_avg_pool1d.default", t(2, 6, 20), [1])
add("adaptive_avg_pool1d.default", t(2, 6, 20), [7])
for op in ("adaptive_avg_pool3d.default", "_adaptive_avg_pool3d.default"):
    add(op, t(1, 6, 5, 7, 8), [1, 1, 1])
    add(op, t(2, 6, 5, 7, 8), [2, 3, 5])
add("avg_pool1d.default", t(2, 6, 20), [3], [2], [1], True, False)
add("avg_pool1d.default", t(6, 20), [4])
for op in ("grid_sampler.default", "grid_sampler_2d.default"):
    add(op, t(1, 32, 5, 6), t(1, 3, 4, 2), 0, 0, False)
    add(op, t(2, 5, 5, 6), t(2, 3, 4, 2), 0, 0, True)
add("avg_pool2d.default", t(1, 16, 13, 15), [3, 2], [2, 1], [1, 0], True, False)
add("avg_pool2d.default", t(1, 16, 13, 15), [3, 3], [2, 2], [1, 1], False, True, 5)
add("avg_pool2d.default", t(5, 12, 14), [2, 3])
add("avg_pool2d.default", t(1, 12, 15), [3, 3], [2, 2], [1, 1], True, False)
add("avg_pool2d.default", t(1, 16, 12, 15), [3, 2], [2, 2], [1, 0], True, False)
add("avg_pool2d.default", t(1, 16, 12, 15), [3, 2], [2, 2], [1, 0], True, True)
add("avg_pool3d.default", t(1, 6, 5, 7, 9), [2, 3, 3], [2, 1, 2], [1, 1, 0], False, False)
add("avg_pool3d.default", t(1, 6, 5, 7, 9), [2, 2, 2], [2, 2, 2], [1, 1, 1], True, True)
add("avg_pool3d.default", t(1, 6, 5, 7, 9), [2, 2, 2], [1, 2, 2], [0, 0, 0], False, True, 3)

for name, sizes in (
    ("linear1d", [1]),
    ("nearest1d", [1]),
    ("_nearest_exact1d", [1]),
    ("trilinear3d", [3]),
    ("nearest3d", [3]),
    ("_nearest_exact3d", [3]),
    ("_nearest_exact2d", [2]),
    ("nearest2d", [2]),
    ("bilinear2d", [2]),
    ("bicubic2d", [2]),
    ("_bilinear2d_aa", [2]),
    ("_bicubic2d_aa", [2]),
):
    full = f"_upsample{name}" if name.startswith("_") else f"upsample_{name}"
    dims = sizes[0]
    x = t(2, 5, *(6, 7, 9)[:dims])
    bigger, smaller = [11, 9, 14][:dims], [4, 5, 6][:dims]
    corners = [] if "nearest" in name else [False]
    aligned = [] if "nearest" in name else [True]
    for size in (bigger, smaller):
        add(f"{full}.vec", x, size, *corners, None)
        add(f"{full}.default", x, size, *aligned)
    add(f"{full}.vec", x, None, *aligned, [1.5, 2.0, 2.5][:dims])
    add(f"{full}.vec", t(1, 32, *(6, 8, 4)[:dims]), None, *corners, [2.0, 2.0, 2.0][:dims])

for op, more in (("batch_norm", (False, 0.1, 1e-2, False)), ("_native_batch_norm_legit_no_training", (0.1, 1e-2))):
    add(f"{op}.default", t(2, 5, 6, 7), t(5), t(5), t(5), t(5), *more)
    add(f"{op}.default", t(2, 5, 6, 7), None, None, t(5), t(5), *more)
    add(f"{op}.default", t(2, 5, 9), t(5), t(5), t(5), t(5), *more)
for x in (t(5, 33), t(2, 5, 33), t(2, 3, 5, 7)):
    width = x["shape"][-1]
    add("layer_norm.default", x, [width], t(width), t(width), 1e-2)
    add("layer_norm.default", x, [width], None, None, 1e-2)
    add("layer_norm.default", x, x["shape"][-2:], None, None, 1e-2)
    add("native_layer_norm.default", x, [width], t(width), None, 1e-2)
    add("rms_norm.default", x, [width], t(width), 1e-2)
    add("rms_norm.default", x, [width], None, 1e-2)
add("group_norm.default", t(2, 6, 5, 7), 2, t(6), t(6), 1e-2)
add("group_norm.default", t(2, 6, 35), 3, None, None, 1e-2)
add("native_group_norm.default", t(2, 6, 5, 7), t(6), t(6), 2, 6, 35, 3, 1e-2)
add("native_group_norm.default", t(2, 6, 5, 7), None, None, 2, 6, 35, 2, 1e-2)
for op, more in (("_safe_softmax", ()), ("_log_softmax", (False,))):
    add(f"{op}.default", t(6, 7), -1, *more)
    add(f"{op}.default", t(2, 3, 6, 7), 1, *more)
add("softmax.int", t(2, 3, 6, 7), 1)
add("log_softmax.int", t(3, 6, 7), 1)

add("dot.default", t(33), t(33))
add("mv.default", t(6, 33), t(33))
add("mm.default", i(6, 7), i(7, 8))
add("bmm.default", t(3, 6, 33), t(3, 33, 8))
add("addmm.default", t(6, 8), t(6, 7), t(7, 8))
add("addmm.default", t(8), t(6, 7), t(7, 8), beta=0.5, alpha=2)
add("baddbmm.default", t(3, 6, 8), t(3, 6, 7), t(3, 7, 8), beta=0.5, alpha=2)
add("matmul.default", t(33), t(33))
add("matmul.default", t(2, 3, 6, 33), t(2, 3, 33, 5))
add("linear.default", t(2, 3, 6, 33), p(8, 33), p(8))
add("linear.default", t(6, 33), p(8, 33))

Q, MASK = t(1, 4, 9, 32), t(1, 1, 9, 9)
_FLASH = len(CASES)
add("_scaled_dot_product_flash_attention_for_cpu.default", Q, Q, Q)
add("_scaled_dot_product_flash_attention_for_cpu.default", Q, Q, Q, 0.0, True)
add("_scaled_dot_product_flash_attention_for_cpu.default", Q, Q, Q, 0.0, False, attn_mask=MASK, scale=0.3)
CASES[_FLASH:] = [{**case, "reads": [0]} for case in CASES[_FLASH:]]  # the row does not write the second result
add("scaled_dot_product_attention.default", Q, Q, Q, b(1, 1, 9, 9))
add("scaled_dot_product_attention.default", Q, Q, Q, t(9, 9), scale=0.3)
add("scaled_dot_product_attention.default", t(4, 9, 32), t(4, 9, 32), t(4, 9, 32), t(9, 9), scale=0.3)
add(
    "_native_multi_head_attention.default",
    t(2, 9, 32),
    t(2, 9, 32),
    t(2, 9, 32),
    32,
    4,
    p(96, 32),
    p(96),
    p(32, 32),
    p(32),
    None,
    False,
)
add(
    "_native_multi_head_attention.default",
    t(2, 9, 32),
    t(2, 9, 32),
    t(2, 9, 32),
    32,
    4,
    p(96, 32),
    p(96),
    p(32, 32),
    p(32),
    b(2, 9),
    False,
    True,
    1,
)
add(
    "_native_multi_head_attention.default",
    t(2, 9, 32),
    t(2, 9, 32),
    t(2, 9, 32),
    32,
    4,
    p(96, 32),
    p(96),
    p(32, 32),
    p(32),
    b(9, 9),
    False,
    True,
    0,
)
add("_grouped_mm.default", t(16, 16, dtype="bfloat16"), t(4, 16, 8, dtype="bfloat16"), t(4, dtype="int32"))


def weights(gates: int, width: int, inputs: int, layers: int, directions: int, biases: bool) -> list[object]:
    """Weights of a recurrent layer in torch's order."""
    made: list[object] = []
    for layer in range(layers):
        for _ in range(directions):
            size = inputs if layer == 0 else width * directions
            made += [
                t(gates * width, size),
                t(gates * width, width),
                *([t(gates * width), t(gates * width)] if biases else []),
            ]
    return made


for op, gates in (("lstm", 4), ("gru", 3), ("rnn_tanh", 1), ("rnn_relu", 1)):
    for layers, directions, biases, batch_first in ((1, 1, True, True), (2, 2, True, False), (1, 2, False, True)):
        state = t(layers * directions, 2, 6)
        x = t(2, 5, 7) if batch_first else t(5, 2, 7)
        made = weights(gates, 6, 7, layers, directions, biases)
        add(
            f"{op}.input",
            x,
            [state, state] if op == "lstm" else state,
            made,
            biases,
            layers,
            0.0,
            False,
            directions == 2,
            batch_first,
        )
assert CASES
for first, second in (
    ((1, 1, 4, 8), (2, 3, 8, 4)),
    ((4, 8), (3, 8, 4)),
    ((8,), (2, 3, 8, 4)),
    ((3, 4, 8), (2, 3, 8, 5)),
    ((2, 1, 4, 8), (2, 3, 8, 5)),
    ((2, 1, 4, 8), (1, 3, 8, 5)),
    ((2, 3, 4, 8), (3, 8, 5)),
):
    add("matmul.default", t(*first), t(*second))
add("matmul.default", i(4, 8), i(8, 5))
for channels, groups in ((6, 6), (54, 54), (6, 3), (64, 2)):
    add(
        "conv3d.default",
        t(1, channels, 4, 6, 6),
        p(channels, channels // groups, 3, 3, 3),
        p(channels),
        *[[1, 1, 1]] * 3,
        groups,
    )
add("conv_transpose3d.input", t(6, 3, 4, 5), p(6, 8, 2, 2, 2), p(8), [2, 2, 2])
add("max_pool3d.default", t(3, 4, 8, 8), [2, 2, 2])
for op in ("grid_sampler.default", "grid_sampler_2d.default"):
    for mode, padding in ((0, 1), (1, 0), (1, 1)):
        add(op, t(2, 5, 7, 8), t(2, 5, 6, 2), mode, padding, False)
        add(op, t(1, 32, 7, 8), t(1, 5, 6, 2), mode, padding, True)
add("batch_norm.default", t(2, 5, 6, 7), p(5), p(5), None, None, True, 0.1, 1e-2, False)
add("batch_norm.default", t(3, 5), None, None, p(5), p(5), True, 0.1, 1e-2, False)
add("batch_norm.default", t(1, 8, 2, 2, 2, 2, 2), p(8), p(8), p(8), p(8), False, 0.1, 1e-2, False)
add("rms_norm.default", t(3, 4, 5), [4, 5], p(4, 5), 1e-2)
add("rms_norm.default", t(5), [5], None, 1e-2)
add("scaled_dot_product_attention.default", t(17, 32), t(9, 32), t(9, 32))
add("scaled_dot_product_attention.default", t(2, 1, 2, 2, 9, 32), t(2, 1, 2, 2, 9, 32), t(2, 1, 2, 2, 9, 32))
add("_grouped_mm.default", t(2, 16, 32), t(2, 32, 16))
for op, shape in (("conv1d", (9,)), ("conv2d", (9, 8)), ("conv3d", (5, 6, 7))):
    for size, dilation in ((2, 1), (4, 1), (4, 3)):
        if op != "conv3d" or dilation == 1:
            add(f"{op}.padding", t(2, 8, *shape), p(8, 8, *[size] * len(shape)), p(8), [1], "same", [dilation])
add("conv2d.padding", t(1, 8, 9, 9), p(8, 8, 2, 3), None, [1, 1], "same")
add("linear.default", t(5), p(3, 5), p(3))
add("scaled_dot_product_attention.default", t(2, 4, 5, 16), t(1, 4, 7, 16), t(1, 4, 7, 16))
add("scaled_dot_product_attention.default", t(1, 4, 5, 16), t(2, 4, 7, 16), t(2, 4, 7, 16), b(5, 7))
add("addbmm.default", t(3, 5), t(2, 3, 4), t(2, 4, 5))
add("addbmm.default", t(3, 5), t(2, 3, 4), t(2, 4, 5), beta=0.5, alpha=2)
add("upsample_nearest2d.vec", t(1, 8, 8, 12), None, [0.5, 0.5])
add("upsample_nearest2d.vec", t(2, 16, 9, 12), None, [1.5, 0.25])
add("upsample_nearest2d.default", t(1, 8, 8, 12), [4, 18])
# Results with a dimension of 1 that is not the added one.
add("conv1d.default", t(6, 5), t(8, 6, 5), t(8))
add("conv2d.default", t(6, 3, 9), t(8, 6, 3, 3), None, [2, 2])
add("conv3d.default", t(6, 2, 8, 7), t(8, 6, 2, 3, 3), t(8))
add("conv_transpose1d.default", t(6, 9), t(6, 1, 3), t(1), [2], [1], [1], 1, [2])
add("conv_transpose2d.input", t(6, 7, 9), t(6, 1, 3, 3), t(1))
add("conv_transpose3d.input", t(6, 3, 4, 5), t(6, 1, 2, 2, 2), t(1), [2, 2, 2])
add("max_pool3d.default", t(3, 4, 2, 8), [2, 2, 2])
add("max_pool3d.default", t(3, 5, 9, 7), [2, 2, 2])
add("matmul.default", t(8), t(2, 1, 8, 4))
# Strides and paddings of the routes for long sums, and an epsilon that is seen.
add("conv_transpose1d.default", t(1, 96, 9), t(96, 8, 3), None, [2], [1], [1], 1, [2])
add("convolution.default", t(1, 6, 9), t(6, 8, 3), t(8), [3], [1], [1], True, [2], 1)
add("convolution.default", t(1, 6, 9), t(6, 8, 3), t(8), [3], [1], [2], True, [2], 1)
add("addbmm.default", t(8, 8), t(2, 8, 5000), t(2, 5000, 8), beta=0.5, alpha=2)
add("baddbmm.default", t(2, 8, 8), t(2, 8, 5000), t(2, 5000, 8), beta=0.5, alpha=2)
add("rms_norm.default", t(3, 300), [300], t(300), 0.5)
add("rms_norm.default", t(2, 3, 300), [300], t(300), 0.5)
for op in ("grid_sampler.default", "grid_sampler_2d.default"):
    add(op, t(1, 32, 17, 15), t(1, 9, 8, 2), 1, 1, True)  # so large that the nearest pixel is outside
add("group_norm.default", t(1, 64, 8, 8), 4, t(64), t(64), 0.5)
