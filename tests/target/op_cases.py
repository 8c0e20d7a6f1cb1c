"""Single ttnn ops against independent torch code: one line per case.

`Case.make` gives the torch inputs, `ttnn` gets them as tensors on the device (bfloat16 TILE; integers as uint32 ROW_MAJOR),
`torch` gets them as they are. `exact` is the relative error allowed in exact mode.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F

try:
    import ttnn
except ImportError:  # the table can be read without ttnn, and its tests say that they need it
    ttnn = None


@dataclass(frozen=True)
class Case:
    id: str
    make: Callable[[], list[torch.Tensor]]
    ttnn: Callable[..., Any]
    torch: Callable[..., Any]
    exact: float = 1e-5
    pcc: float = 0.99
    layout: str = "TILE"


CASES: list[Case] = []


def case(
    name: str, run: Any, reference: Any, *shapes: Any, positive: bool = False, unit: bool = False, **options: Any
) -> None:
    """`positive`: values in [0.5, 1.5]; `unit`: values in [-0.9, 0.9]."""

    def make() -> list[torch.Tensor]:
        torch.manual_seed(0)
        return [shape() if callable(shape) else _values(shape, positive, unit) for shape in shapes]

    CASES.append(Case(name, make, run, reference, **options))


def _values(shape: Any, positive: bool, unit: bool) -> torch.Tensor:
    if positive:
        return torch.rand(shape) + 0.5
    return torch.rand(shape) * 1.8 - 0.9 if unit else torch.randn(shape)


def ids(high: int, *shape: int) -> Callable[[], torch.Tensor]:
    return lambda: torch.randint(0, high, shape)


def distinct(*shape: int) -> Callable[[], torch.Tensor]:
    """Values that stay distinct in bfloat16, for sorting."""
    return lambda: torch.stack(
        [torch.randperm(shape[-1]).float() for _ in range(torch.Size(shape[:-1]).numel())]
    ).reshape(shape)


# fmt: off (a table: one line per case)

S = (2, 3, 64, 96)
U = (3, 37, 50)

# Unary

for name, reference, options in [
    ("relu", torch.relu, {}), ("relu6", F.relu6, {}), ("gelu", F.gelu, {}), ("silu", F.silu, {}), ("mish", F.mish, {}),
    ("sigmoid", torch.sigmoid, {}), ("tanh", torch.tanh, {}), ("exp", torch.exp, {}), ("log", torch.log, {"positive": True}),
    ("log2", torch.log2, {"positive": True}), ("log10", torch.log10, {"positive": True}), ("log1p", torch.log1p, {"positive": True}),
    ("sqrt", torch.sqrt, {"positive": True}), ("rsqrt", torch.rsqrt, {"positive": True}), ("square", torch.square, {}),
    ("reciprocal", torch.reciprocal, {"positive": True}), ("abs", torch.abs, {}), ("neg", torch.neg, {}), ("sign", torch.sign, {}),
    ("floor", torch.floor, {}), ("ceil", torch.ceil, {}), ("trunc", torch.trunc, {}), ("sin", torch.sin, {}), ("cos", torch.cos, {}),
    ("tan", torch.tan, {"unit": True}), ("asin", torch.asin, {"unit": True}), ("acos", torch.acos, {"unit": True}),
    ("atan", torch.atan, {}), ("sinh", torch.sinh, {}), ("cosh", torch.cosh, {}), ("asinh", torch.asinh, {}),
    ("atanh", torch.atanh, {"unit": True}), ("acosh", lambda x: torch.acosh(x), {"positive": True}),
    ("erf", torch.erf, {}), ("erfc", torch.erfc, {}),
    ("expm1", torch.expm1, {}), ("exp2", torch.exp2, {}), ("softsign", F.softsign, {}), ("hardswish", F.hardswish, {}),
    ("hardsigmoid", F.hardsigmoid, {}), ("log_sigmoid", F.logsigmoid, {}), ("selu", F.selu, {}), ("tanhshrink", F.tanhshrink, {}),
    ("softplus", F.softplus, {}), ("logical_not", torch.logical_not, {}), ("isfinite", torch.isfinite, {}), ("frac", torch.frac, {}),
    ("cbrt", lambda x: x.sign() * x.abs() ** (1 / 3), {}), ("deg2rad", torch.deg2rad, {}), ("rad2deg", torch.rad2deg, {}),
    ("signbit", torch.signbit, {}), ("i0", torch.i0, {}),
]:  # fmt: skip
    if name != "acosh":
        case(name, lambda x, name=name: getattr(ttnn, name)(x), reference, S, **options)
case("acosh", lambda x: ttnn.acosh(x), torch.acosh, lambda: torch.rand(S) + 1.5)
case("relu-unaligned", lambda x: ttnn.relu(x), torch.relu, U)
case("relu-rank-1", lambda x: ttnn.relu(x), torch.relu, (33,))
case("relu-in-place", lambda x: ttnn.relu(x, output_tensor=x), torch.relu, S)
case("gelu-tanh", lambda x: ttnn.gelu(x, variant=ttnn.GeluVariant.Tanh), lambda x: F.gelu(x, approximate="tanh"), S)
case("leaky_relu", lambda x: ttnn.leaky_relu(x, negative_slope=0.2), lambda x: F.leaky_relu(x, 0.2), S)
case("elu", lambda x: ttnn.elu(x, alpha=0.7), lambda x: F.elu(x, 0.7), S)
case("celu", lambda x: ttnn.celu(x, alpha=0.7), lambda x: F.celu(x, 0.7), S)
case("hardtanh", lambda x: ttnn.hardtanh(x, min_val=-0.5, max_val=0.7), lambda x: F.hardtanh(x, -0.5, 0.7), S)
case("clamp", lambda x: ttnn.clamp(x, min=-0.3, max=0.4), lambda x: torch.clamp(x, -0.3, 0.4), S)
case("clamp-min", lambda x: ttnn.clamp(x, min=-0.3), lambda x: torch.clamp(x, min=-0.3), S)
case("hardshrink", lambda x: ttnn.hardshrink(x, lambd=0.4), lambda x: F.hardshrink(x, 0.4), S)
case("softshrink", lambda x: ttnn.softshrink(x, lambd=0.4), lambda x: F.softshrink(x, 0.4), S)
case("threshold", lambda x: ttnn.threshold(x, 0.1, 20.0), lambda x: F.threshold(x, 0.1, 20.0), S)
case("prelu", lambda x, w: ttnn.prelu(x, w), F.prelu, (2, 64, 8, 8), (64,))
case("heaviside", lambda x: ttnn.heaviside(x, 0.5), lambda x: torch.heaviside(x, torch.tensor(0.5)), S)
case("round", lambda x: ttnn.round(x), torch.round, S)
case("pow-scalar", lambda x: ttnn.pow(x, 3), lambda x: x**3, S)
case("pow-fraction", lambda x: ttnn.pow(x, 0.5), lambda x: x**0.5, S, positive=True)
case("tril", lambda x: ttnn.tril(x, diagonal=0), torch.tril, S)
case("triu", lambda x: ttnn.triu(x, diagonal=1), lambda x: torch.triu(x, 1), S)
case("glu", lambda x: ttnn.glu(x, dim=-1), F.glu, (1, 1, 64, 128))
case("logit", lambda x: ttnn.logit(x, eps=1e-6), lambda x: torch.logit(x, 1e-6), lambda: torch.rand(S) * 0.8 + 0.1)

# Binary and ternary

for name, reference in [
    ("add", torch.add), ("subtract", torch.sub), ("multiply", torch.mul), ("maximum", torch.maximum), ("minimum", torch.minimum),
    ("lt", torch.lt), ("le", torch.le), ("gt", torch.gt), ("ge", torch.ge),
    ("logical_and", torch.logical_and), ("logical_or", torch.logical_or), ("logical_xor", torch.logical_xor),
    ("squared_difference", lambda a, b: (a - b) ** 2), ("logaddexp", torch.logaddexp), ("logaddexp2", torch.logaddexp2),
    ("atan2", torch.atan2), ("hypot", torch.hypot),
]:  # fmt: skip
    case(name, lambda a, b, name=name: getattr(ttnn, name)(a, b), reference, S, S)
LEVELS = lambda: torch.randint(0, 3, S).float()  # noqa: E731 (equal values have to occur)
case("eq", lambda a, b: ttnn.eq(a, b), torch.eq, LEVELS, LEVELS)
case("ne", lambda a, b: ttnn.ne(a, b), torch.ne, LEVELS, LEVELS)
case("divide", lambda a, b: ttnn.divide(a, b), torch.div, S, S, positive=True)
case("pow-tensor", lambda a, b: ttnn.pow(a, b), torch.pow, S, S, positive=True)
case("xlogy", lambda a, b: ttnn.xlogy(a, b), torch.xlogy, S, S, positive=True)
WHOLE = lambda: torch.randint(1, 99, S).float()  # noqa: E731 (both are discontinuous: values that bfloat16 holds)
case("remainder", lambda a, b: ttnn.remainder(a, b), torch.remainder, WHOLE, WHOLE)
case("fmod", lambda a, b: ttnn.fmod(a, b), torch.fmod, WHOLE, WHOLE)
case("add-broadcast-row", lambda a, b: ttnn.add(a, b), torch.add, S, (1, 1, 1, 96))
case("add-broadcast-column", lambda a, b: ttnn.add(a, b), torch.add, S, (2, 1, 64, 1))
case("add-ranks", lambda a, b: ttnn.add(a, b), torch.add, S, (96,))
case("add-scalar", lambda a: ttnn.add(a, 2.5), lambda a: a + 2.5, S)
case("add-rank-5", lambda a, b: ttnn.add(a, b), torch.add, (2, 2, 2, 32, 32), (2, 1, 2, 32, 32))
case(
    "add-relu",
    lambda a, b: ttnn.add(a, b, activations=[ttnn.UnaryWithParam(ttnn.UnaryOpType.RELU)]),
    lambda a, b: F.relu(a + b),
    S,
    S,
)
case("add-in-place", lambda a, b: (ttnn.add_(a, b), a)[1], torch.add, S, S)
case("operators", lambda a, b: (a + b) * a - b / 2.0, lambda a, b: (a + b) * a - b / 2.0, S, S)
case("operators-reflected", lambda a: 1.0 - a, lambda a: 1.0 - a, S)
case("rsub", lambda a: ttnn.rsub(a, 3.0), lambda a: 3.0 - a, S)
case("gt-scalar", lambda a: ttnn.gt(a, 0.25), lambda a: a > 0.25, S)
case(
    "where",
    lambda c, a, b: ttnn.where(c, a, b),
    lambda c, a, b: torch.where(c != 0, a, b),
    lambda: torch.randint(0, 2, S).float(),
    S,
    S,
)
case(
    "where-scalar",
    lambda c, a: ttnn.where(c, a, -5.0),
    lambda c, a: torch.where(c != 0, a, -5.0),
    lambda: torch.randint(0, 2, S).float(),
    S,
)
case(
    "addcmul",
    lambda a, b, c: ttnn.addcmul(a, b, c, value=0.5),
    lambda a, b, c: torch.addcmul(a, b, c, value=0.5),
    S,
    S,
    S,
)
case(
    "addcdiv",
    lambda a, b, c: ttnn.addcdiv(a, b, c, value=0.5),
    lambda a, b, c: torch.addcdiv(a, b, c, value=0.5),
    S,
    S,
    S,
    positive=True,
)
case("lerp", lambda a, b: ttnn.lerp(a, b, 0.3), lambda a, b: torch.lerp(a, b, 0.3), S, S)
case("mac", lambda a, b, c: ttnn.mac(a, b, c), lambda a, b, c: a * b + c, S, S, S)

# Matmul and linear

case("matmul", lambda a, b: ttnn.matmul(a, b), torch.matmul, (2, 64, 96), (2, 96, 128))
case("matmul-unaligned", lambda a, b: ttnn.matmul(a, b), torch.matmul, (2, 50, 70), (2, 70, 30))
case("matmul-batch-broadcast", lambda a, b: ttnn.matmul(a, b), torch.matmul, (2, 3, 64, 96), (96, 128))
case(
    "matmul-transpose-b",
    lambda a, b: ttnn.matmul(a, b, transpose_b=True),
    lambda a, b: a @ b.mT,
    (2, 64, 96),
    (2, 128, 96),
)
case(
    "matmul-transpose-a",
    lambda a, b: ttnn.matmul(a, b, transpose_a=True),
    lambda a, b: a.mT @ b,
    (2, 96, 64),
    (2, 96, 128),
)
case("matmul-lower-rank-first", lambda a, b: ttnn.matmul(a, b), torch.matmul, (64, 32), (1, 32, 128))
case(
    "linear-gelu-tanh",
    lambda x, w: ttnn.linear(x, w, activation="gelu_tanh"),
    lambda x, w: F.gelu(x @ w, approximate="tanh"),
    (2, 64, 96),
    (96, 128),
)
case(
    "conv3d",
    lambda x, w: ttnn.to_torch(
        ttnn.permute(
            ttnn.experimental.conv3d(
                input_tensor=ttnn.from_torch(x.permute(0, 2, 3, 4, 1), dtype=ttnn.bfloat16, device=DEVICE[0]),
                weight_tensor=ttnn.from_torch(w, dtype=ttnn.bfloat16),
                device=DEVICE[0],
                dtype=ttnn.bfloat16,
                output_channels=32,
                kernel_size=(3, 3, 3),
                padding=(1, 1, 1),
            ),
            (0, 4, 1, 2, 3),
        )
    ),
    lambda x, w: F.conv3d(x, w, padding=1),
    (1, 32, 4, 8, 8),
    (32, 32, 3, 3, 3),
    layout="RAW",
)
case("matmul-operator", lambda a, b: a @ b, torch.matmul, (64, 96), (96, 128))
case("linear", lambda x, w, b: ttnn.linear(x, w, bias=b), lambda x, w, b: x @ w + b, (2, 64, 96), (96, 128), (1, 128))
case("linear-no-bias", lambda x, w: ttnn.linear(x, w), lambda x, w: x @ w, (2, 64, 96), (96, 128))
case(
    "linear-transpose-b",
    lambda x, w, b: ttnn.linear(x, w, bias=b, transpose_b=True),
    lambda x, w, b: F.linear(x, w, b[0]),
    (64, 96),
    (128, 96),
    (1, 128),
)
case(
    "linear-relu",
    lambda x, w, b: ttnn.linear(x, w, bias=b, activation="relu"),
    lambda x, w, b: F.relu(x @ w + b),
    (2, 64, 96),
    (96, 128),
    (1, 128),
)
case(
    "linear-gelu",
    lambda x, w, b: ttnn.linear(x, w, bias=b, activation="gelu"),
    lambda x, w, b: F.gelu(x @ w + b),
    (2, 64, 96),
    (96, 128),
    (1, 128),
)
case(
    "linear-l1",
    lambda x, w: ttnn.linear(x, w, memory_config=ttnn.L1_MEMORY_CONFIG),
    lambda x, w: x @ w,
    (2, 64, 96),
    (96, 128),
)
case(
    "addmm",
    lambda c, a, b: ttnn.addmm(c, a, b, alpha=0.5, beta=2.0),
    lambda c, a, b: torch.addmm(c, a, b, alpha=0.5, beta=2.0),
    (64, 128),
    (64, 96),
    (96, 128),
)
case("outer", lambda a, b: ttnn.outer(a, b), lambda a, b: torch.outer(a, b), (32,), (64,))

# Softmax and norms; small inputs, where a wrong epsilon shows

SMALL = lambda *shape: lambda: torch.randn(shape) * 0.01  # noqa: E731
case("softmax", lambda x: ttnn.softmax(x, dim=-1), lambda x: F.softmax(x, -1), S)
case("softmax-dim-1", lambda x: ttnn.softmax(x, dim=1), lambda x: F.softmax(x, 1), S)
case("softmax-unaligned", lambda x: ttnn.softmax(x, dim=-1, numeric_stable=True), lambda x: F.softmax(x, -1), U)
case("softmax-in-place", lambda x: (ttnn.softmax_in_place(x, dim=-1), x)[1], lambda x: F.softmax(x, -1), (1, 1, 64, 96))
case(
    "scale-mask-softmax",
    lambda x, m: ttnn.scale_mask_softmax(x, 0.125, m),
    lambda x, m: F.softmax(x * 0.125 + m, -1),
    (1, 2, 32, 64),
    (1, 1, 32, 64),
)
case(
    "layer_norm",
    lambda x, w, b: ttnn.layer_norm(x, weight=w, bias=b, epsilon=1e-5),
    lambda x, w, b: F.layer_norm(x, (96,), w, b, 1e-5),
    SMALL(2, 64, 96),
    (96,),
    (96,),
)
case(
    "layer_norm-width-1",
    lambda x, w, b: ttnn.layer_norm(x, weight=w, bias=b, epsilon=1e-5),
    lambda x, w, b: F.layer_norm(x, (1,), w.reshape(1), b.reshape(1), 1e-5),
    (5, 1),
    (1, 1),
    (1, 1),
)
case(
    "layer_norm-plain",
    lambda x: ttnn.layer_norm(x, epsilon=1e-5),
    lambda x: F.layer_norm(x, (96,), eps=1e-5),
    SMALL(2, 64, 96),
)
case(
    "layer_norm-residual",
    lambda x, r, w, b: ttnn.layer_norm(x, residual_input_tensor=r, weight=w, bias=b, epsilon=1e-5),
    lambda x, r, w, b: F.layer_norm(x + r, (96,), w, b, 1e-5),
    (2, 64, 96),
    (2, 64, 96),
    (96,),
    (96,),
)
case(
    "rms_norm",
    lambda x, w: ttnn.rms_norm(x, weight=w, epsilon=1e-6),
    lambda x, w: F.rms_norm(x, (96,), w, 1e-6),
    SMALL(2, 64, 96),
    (96,),
)
case(
    "batch_norm",
    lambda x, m, v, w, b: ttnn.batch_norm(x, running_mean=m, running_var=v, weight=w, bias=b, eps=1e-3, training=False),
    lambda x, m, v, w, b: F.batch_norm(x, m.flatten(), v.flatten(), w.flatten(), b.flatten(), False, 0.1, 1e-3),
    *[lambda: torch.randn(2, 64, 8, 8) * 0.01] + [lambda: torch.rand(1, 64, 1, 1) * 0.01 + 0.001] * 4,
)
case(
    "group_norm",
    lambda x, w, b: _group_norm(x, w, b),
    lambda x, w, b: F.group_norm(x, 4, w, b, 1e-5),
    (1, 128, 16, 16),
    (128,),
    (128,),
    layout="RAW",
)


def _group_norm(x: torch.Tensor, w: torch.Tensor, b: torch.Tensor) -> Any:
    device = ttnn.GetDefaultDevice() or DEVICE[0]
    n, c, h, width = x.shape
    flat = ttnn.from_torch(
        x.permute(0, 2, 3, 1).reshape(n, 1, h * width, c), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device
    )
    grid = ttnn.CoreGrid(y=1, x=1)
    mask = ttnn.create_group_norm_input_mask(c, 4, grid.y, ttnn.bfloat16)
    mask = ttnn.to_device(mask, device)
    params = [
        ttnn.from_torch(
            ttnn.create_group_norm_weight_bias_rm(v, c, grid.y),
            dtype=ttnn.bfloat16,
            layout=ttnn.ROW_MAJOR_LAYOUT,
            device=device,
        )
        for v in (w, b)
    ]
    out = ttnn.group_norm(
        flat,
        num_groups=4,
        input_mask=mask,
        weight=params[0],
        bias=params[1],
        epsilon=1e-5,
        core_grid=grid,
        inplace=False,
    )
    return ttnn.to_torch(out).reshape(n, h, width, c).permute(0, 3, 1, 2)


DEVICE: list[Any] = []
"""The open device, for cases that make their own tensors."""

# Convolutions: raw torch inputs, for weights stay on the host


def conv(
    name: str,
    channels: tuple[int, int],
    size: tuple[int, int],
    kernel: tuple[int, int],
    stride: tuple[int, int] = (1, 1),
    padding: Any = (0, 0),
    dilation: tuple[int, int] = (1, 1),
    groups: int = 1,
    batch: int = 1,
    bias: bool = True,
    **config: Any,
) -> None:
    """ttnn.conv2d against torch's; `config` goes to Conv2dConfig."""
    activation = config.pop("torch_activation", lambda x: x)

    def run(x: torch.Tensor, w: torch.Tensor, b: torch.Tensor) -> Any:
        made = {key: value() if callable(value) else value for key, value in config.items()}
        out, (height, width) = ttnn.conv2d(
            input_tensor=ttnn.from_torch(x.permute(0, 2, 3, 1), dtype=ttnn.bfloat16, device=DEVICE[0]),
            weight_tensor=ttnn.from_torch(w, dtype=ttnn.bfloat16),
            bias_tensor=ttnn.from_torch(b.reshape(1, 1, 1, -1), dtype=ttnn.bfloat16) if bias else None,
            device=DEVICE[0], in_channels=channels[0], out_channels=channels[1], batch_size=batch, input_height=size[0],
            input_width=size[1], kernel_size=kernel, stride=stride, padding=padding, dilation=dilation, groups=groups,
            conv_config=ttnn.Conv2dConfig(**made), return_output_dim=True,
        )  # fmt: skip
        return ttnn.to_torch(out).reshape(batch, height, width, channels[1]).permute(0, 3, 1, 2)

    def reference(x: torch.Tensor, w: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        around = (
            (padding[2], padding[3], padding[0], padding[1])
            if len(padding) == 4
            else (padding[1], padding[1], padding[0], padding[0])
        )
        return activation(F.conv2d(F.pad(x, around), w, b if bias else None, stride, 0, dilation, groups))

    case(
        f"conv2d-{name}",
        run,
        reference,
        (batch, channels[0], *size),
        (channels[1], channels[0] // groups, *kernel),
        (channels[1],),
        layout="RAW",
    )


conv("3x3", (16, 32), (20, 20), (3, 3), padding=(1, 1))
conv("1x1", (32, 64), (14, 14), (1, 1))
conv("7x7-stride-2", (3, 64), (56, 56), (7, 7), (2, 2), (3, 3))
conv("stride-2", (32, 32), (20, 20), (3, 3), (2, 2), (1, 1))
conv("grouped", (32, 64), (14, 14), (3, 3), padding=(1, 1), groups=4)
conv("depthwise", (32, 32), (14, 14), (3, 3), padding=(1, 1), groups=32)
conv("dilated", (32, 32), (20, 20), (3, 3), padding=(2, 2), dilation=(2, 2))
conv("rectangular", (16, 32), (12, 20), (1, 7), padding=(0, 3))
conv("rectangular-kernel-3x5", (16, 32), (12, 20), (3, 5), padding=(1, 2))
conv("asymmetric-padding", (16, 32), (20, 20), (3, 3), (2, 2), padding=(0, 1, 0, 1))
conv("batch-2", (16, 32), (14, 14), (3, 3), padding=(1, 1), batch=2)
conv("no-bias", (16, 32), (14, 14), (3, 3), padding=(1, 1), bias=False)
conv(
    "relu",
    (16, 32),
    (14, 14),
    (3, 3),
    padding=(1, 1),
    activation=lambda: ttnn.UnaryWithParam(ttnn.UnaryOpType.RELU),
    torch_activation=F.relu,
)
conv(
    "leaky-relu",
    (16, 32),
    (14, 14),
    (3, 3),
    padding=(1, 1),
    activation=lambda: ttnn.UnaryWithParam(ttnn.UnaryOpType.LEAKY_RELU, 0.1),
    torch_activation=lambda x: F.leaky_relu(x, 0.1),
)
conv(
    "silu",
    (16, 32),
    (14, 14),
    (3, 3),
    padding=(1, 1),
    activation=lambda: ttnn.UnaryWithParam(ttnn.UnaryOpType.SILU),
    torch_activation=F.silu,
)
conv("bfloat8-weights", (32, 64), (14, 14), (3, 3), padding=(1, 1), weights_dtype=lambda: ttnn.bfloat8_b)
conv(
    "height-sharded",
    (16, 32),
    (32, 32),
    (3, 3),
    padding=(1, 1),
    shard_layout=lambda: ttnn.TensorMemoryLayout.HEIGHT_SHARDED,
)
conv(
    "block-sharded",
    (64, 128),
    (14, 14),
    (3, 3),
    padding=(1, 1),
    shard_layout=lambda: ttnn.TensorMemoryLayout.BLOCK_SHARDED,
)


def _conv1d(
    x: torch.Tensor, w: torch.Tensor, b: torch.Tensor, stride: int = 1, padding: int = 1, groups: int = 1
) -> Any:
    n, c, length = x.shape
    out, length = ttnn.conv1d(
        input_tensor=ttnn.from_torch(x.permute(0, 2, 1).reshape(n, 1, length, c), dtype=ttnn.bfloat16, device=DEVICE[0]),
        weight_tensor=ttnn.from_torch(w, dtype=ttnn.bfloat16), bias_tensor=ttnn.from_torch(b.reshape(1, 1, 1, -1), dtype=ttnn.bfloat16),
        device=DEVICE[0], in_channels=c, out_channels=w.shape[0], batch_size=n, input_length=length, kernel_size=w.shape[2],
        stride=stride, padding=padding, groups=groups, return_output_dim=True,
    )  # fmt: skip
    return ttnn.to_torch(out).reshape(n, length, -1).permute(0, 2, 1)


case("conv1d", _conv1d, lambda x, w, b: F.conv1d(x, w, b, padding=1), (1, 32, 128), (64, 32, 3), (64,), layout="RAW")
case(
    "conv1d-stride-2",
    lambda x, w, b: _conv1d(x, w, b, stride=2),
    lambda x, w, b: F.conv1d(x, w, b, stride=2, padding=1),
    (1, 32, 128),
    (64, 32, 3),
    (64,),
    layout="RAW",
)
case(
    "conv1d-grouped",
    lambda x, w, b: _conv1d(x, w, b, groups=4),
    lambda x, w, b: F.conv1d(x, w, b, padding=1, groups=4),
    (1, 32, 128),
    (64, 8, 3),
    (64,),
    layout="RAW",
)


def _conv_transpose(
    x: torch.Tensor,
    w: torch.Tensor,
    b: torch.Tensor,
    stride: Any = (2, 2),
    padding: Any = (0, 0),
    output_padding: Any = (0, 0),
) -> Any:
    n, c, h, width = x.shape
    out, (oh, ow) = ttnn.conv_transpose2d(
        input_tensor=ttnn.from_torch(x.permute(0, 2, 3, 1), dtype=ttnn.bfloat16, device=DEVICE[0]),
        weight_tensor=ttnn.from_torch(w, dtype=ttnn.bfloat16), bias_tensor=ttnn.from_torch(b.reshape(1, 1, 1, -1), dtype=ttnn.bfloat16),
        device=DEVICE[0], in_channels=c, out_channels=w.shape[1], batch_size=n, input_height=h, input_width=width, kernel_size=tuple(w.shape[2:]),
        stride=stride, padding=padding, output_padding=output_padding, return_output_dim=True,
    )  # fmt: skip
    return ttnn.to_torch(out).reshape(n, oh, ow, -1).permute(0, 3, 1, 2)


case(
    "conv_transpose2d",
    _conv_transpose,
    lambda x, w, b: F.conv_transpose2d(x, w, b, 2),
    (1, 32, 12, 12),
    (32, 16, 2, 2),
    (16,),
    layout="RAW",
)
case(
    "conv_transpose2d-padding",
    lambda x, w, b: _conv_transpose(x, w, b, padding=(1, 1), output_padding=(1, 1)),
    lambda x, w, b: F.conv_transpose2d(x, w, b, 2, 1, 1),
    (1, 32, 12, 12),
    (32, 16, 3, 3),
    (16,),
    layout="RAW",
)

# Pools and upsampling


def _pool(run: Callable[..., Any], output: Callable[[int, int], tuple[int, int]]) -> Callable[[torch.Tensor], Any]:
    def pool(x: torch.Tensor) -> Any:
        n, c, h, w = x.shape
        flat = ttnn.from_torch(x.permute(0, 2, 3, 1).reshape(1, 1, n * h * w, c), dtype=ttnn.bfloat16, device=DEVICE[0])
        out = run(input_tensor=flat, batch_size=n, input_h=h, input_w=w, channels=c)
        return ttnn.to_torch(out).reshape(n, *output(h, w), c).permute(0, 3, 1, 2)

    return pool


P = (2, 32, 16, 20)
case(
    "max_pool2d",
    _pool(
        lambda **a: ttnn.max_pool2d(**a, kernel_size=[2, 2], stride=[2, 2], padding=[0, 0], dilation=[1, 1]),
        lambda h, w: (h // 2, w // 2),
    ),
    lambda x: F.max_pool2d(x, 2),
    P,
    layout="RAW",
)
case(
    "max_pool2d-padding",
    _pool(
        lambda **a: ttnn.max_pool2d(**a, kernel_size=[3, 3], stride=[2, 2], padding=[1, 1], dilation=[1, 1]),
        lambda h, w: (h // 2, w // 2),
    ),
    lambda x: F.max_pool2d(x, 3, 2, 1),
    P,
    layout="RAW",
)
case(
    "max_pool2d-ceil",
    _pool(
        lambda **a: ttnn.max_pool2d(
            **a, kernel_size=[3, 3], stride=[2, 2], padding=[0, 0], dilation=[1, 1], ceil_mode=True
        ),
        lambda h, w: (8, 10),
    ),
    lambda x: F.max_pool2d(x, 3, 2, ceil_mode=True),
    P,
    layout="RAW",
)
case(
    "max_pool2d-in-slices",  # too large for L1 at once: ttnn gives images then, not rows
    _pool(
        lambda **a: ttnn.max_pool2d(**a, kernel_size=[3, 3], stride=[2, 2], padding=[1, 1], dilation=[1, 1]),
        lambda h, w: (h // 2, w // 2),
    ),
    lambda x: F.max_pool2d(x, 3, 2, 1),
    (1, 64, 512, 768),
    layout="RAW",
)
case(
    "max_pool2d-5x5",
    _pool(
        lambda **a: ttnn.max_pool2d(**a, kernel_size=[5, 5], stride=[1, 1], padding=[2, 2], dilation=[1, 1]),
        lambda h, w: (h, w),
    ),
    lambda x: F.max_pool2d(x, 5, 1, 2),
    P,
    layout="RAW",
)
case(
    "avg_pool2d",
    _pool(
        lambda **a: ttnn.avg_pool2d(**a, kernel_size=[2, 2], stride=[2, 2], padding=[0, 0]),
        lambda h, w: (h // 2, w // 2),
    ),
    lambda x: F.avg_pool2d(x, 2),
    P,
    layout="RAW",
)
case(
    "avg_pool2d-padding",
    _pool(lambda **a: ttnn.avg_pool2d(**a, kernel_size=[3, 3], stride=[1, 1], padding=[1, 1]), lambda h, w: (h, w)),
    lambda x: F.avg_pool2d(x, 3, 1, 1),
    P,
    layout="RAW",
)
case(
    "avg_pool2d-not-counting-padding",
    _pool(
        lambda **a: ttnn.avg_pool2d(**a, kernel_size=[3, 3], stride=[1, 1], padding=[1, 1], count_include_pad=False),
        lambda h, w: (h, w),
    ),
    lambda x: F.avg_pool2d(x, 3, 1, 1, count_include_pad=False),
    P,
    layout="RAW",
)
case(
    "adaptive_avg_pool2d",
    _pool(lambda **a: ttnn.adaptive_avg_pool2d(**a, output_size=[4, 5]), lambda h, w: (4, 5)),
    lambda x: F.adaptive_avg_pool2d(x, (4, 5)),
    P,
    layout="RAW",
)
case(
    "adaptive_max_pool2d",
    _pool(lambda **a: ttnn.adaptive_max_pool2d(**a, output_size=[4, 5]), lambda h, w: (4, 5)),
    lambda x: F.adaptive_max_pool2d(x, (4, 5)),
    P,
    layout="RAW",
)
case("global_avg_pool2d", lambda x: ttnn.global_avg_pool2d(x), lambda x: x.mean((1, 2), keepdim=True), (2, 16, 16, 64))
case(
    "upsample-nearest",
    lambda x: ttnn.upsample(x, scale_factor=2, mode="nearest"),
    lambda x: F.interpolate(x.permute(0, 3, 1, 2), scale_factor=2).permute(0, 2, 3, 1),
    (1, 8, 8, 32),
    layout="ROW_MAJOR",
)
case(
    "upsample-bilinear",
    lambda x: ttnn.upsample(x, scale_factor=(2, 2), mode="bilinear"),
    lambda x: F.interpolate(x.permute(0, 3, 1, 2), scale_factor=2, mode="bilinear").permute(0, 2, 3, 1),
    (1, 8, 8, 32),
    layout="ROW_MAJOR",
)
case(
    "grid_sample",
    lambda x, g: ttnn.grid_sample(x, g),
    lambda x, g: F.grid_sample(x.permute(0, 3, 1, 2), g, align_corners=False).permute(0, 2, 3, 1),
    (1, 8, 8, 32),
    lambda: torch.rand(1, 4, 4, 2) * 2 - 1,
    layout="ROW_MAJOR",
)

# Attention

Q = (1, 4, 64, 32)
sdpa = F.scaled_dot_product_attention
case("sdpa", lambda q, k, v: ttnn.transformer.scaled_dot_product_attention(q, k, v, is_causal=False), sdpa, Q, Q, Q)
case(
    "sdpa-causal",
    lambda q, k, v: ttnn.transformer.scaled_dot_product_attention(q, k, v, is_causal=True),
    lambda q, k, v: sdpa(q, k, v, is_causal=True),
    Q,
    Q,
    Q,
)
case(
    "sdpa-mask",
    lambda q, k, v, m: ttnn.transformer.scaled_dot_product_attention(q, k, v, attn_mask=m, is_causal=False),
    lambda q, k, v, m: sdpa(q, k, v, m),
    Q,
    Q,
    Q,
    (1, 1, 64, 64),
)
case(
    "sdpa-scale",
    lambda q, k, v: ttnn.transformer.scaled_dot_product_attention(q, k, v, is_causal=False, scale=0.3),
    lambda q, k, v: sdpa(q, k, v, scale=0.3),
    Q,
    Q,
    Q,
)
case(
    "sdpa-gqa",
    lambda q, k, v: ttnn.transformer.scaled_dot_product_attention(q, k, v, is_causal=True),
    lambda q, k, v: sdpa(q, k, v, is_causal=True, enable_gqa=True),
    Q,
    (1, 2, 64, 32),
    (1, 2, 64, 32),
)
case(
    "split-heads",
    lambda x: ttnn.transformer.split_query_key_value_and_split_heads(x, num_heads=4)[0],
    lambda x: x[..., :128].reshape(1, 64, 4, 32).transpose(1, 2),
    (1, 64, 384),
)
case(
    "split-heads-key",
    lambda x: ttnn.transformer.split_query_key_value_and_split_heads(x, num_heads=4)[1],
    lambda x: x[..., 128:256].reshape(1, 64, 4, 32).permute(0, 2, 3, 1),
    (1, 64, 384),
)
case(
    "concatenate-heads",
    lambda x: ttnn.transformer.concatenate_heads(x),
    lambda x: x.transpose(1, 2).reshape(1, 64, 128),
    Q,
)
case(
    "attention-softmax",
    lambda x: ttnn.transformer.attention_softmax(x, head_size=32),
    lambda x: F.softmax(x / 32**0.5, -1),
    (1, 4, 64, 64),
)
case(
    "create-qkv-heads",
    lambda x: ttnn.experimental.nlp_create_qkv_heads(x, num_heads=4, num_kv_heads=2, transpose_k_heads=False)[1],
    lambda x: x[..., 128:192].reshape(1, 64, 2, 32).transpose(1, 2),
    (1, 1, 64, 256),
)
case(
    "concat-heads-nlp",
    lambda x: ttnn.experimental.nlp_concat_heads(x),
    lambda x: x.transpose(1, 2).reshape(1, 1, 64, 128),
    Q,
)
case(
    "rotary",
    lambda x, c, s: ttnn.experimental.rotary_embedding(x, c, s),
    lambda x, c, s: x * c + torch.cat((-x[..., 16:], x[..., :16]), -1) * s,
    (1, 4, 64, 32),
    (1, 1, 64, 32),
    (1, 1, 64, 32),
)

# Data movement

case("permute", lambda x: ttnn.permute(x, (0, 2, 3, 1)), lambda x: x.permute(0, 2, 3, 1), S)
case(
    "permute-rank-5", lambda x: ttnn.permute(x, (0, 3, 1, 4, 2)), lambda x: x.permute(0, 3, 1, 4, 2), (2, 3, 4, 32, 32)
)
case("transpose", lambda x: ttnn.transpose(x, 1, 2), lambda x: x.transpose(1, 2), S)
case("transpose-last", lambda x: ttnn.transpose(x, -2, -1), lambda x: x.mT, U)
case("reshape", lambda x: ttnn.reshape(x, (6, 64, 96)), lambda x: x.reshape(6, 64, 96), S)
case("reshape-unaligned", lambda x: ttnn.reshape(x, (37, 150)), lambda x: x.reshape(37, 150), U)
case("reshape-minus-one", lambda x: ttnn.reshape(x, (-1, 96)), lambda x: x.reshape(-1, 96), S)
case("view", lambda x: ttnn.view(x, (6, 64, 96)), lambda x: x.reshape(6, 64, 96), S)
case("squeeze", lambda x: ttnn.squeeze(x, 1), lambda x: x.squeeze(1), (2, 1, 64, 96))
case("unsqueeze", lambda x: ttnn.unsqueeze(x, 1), lambda x: x.unsqueeze(1), (2, 64, 96))
case("unsqueeze-to-4d", lambda x: ttnn.unsqueeze_to_4D(x), lambda x: x.reshape(1, 2, 64, 96), (2, 64, 96))
case("concat", lambda a, b: ttnn.concat([a, b], dim=1), lambda a, b: torch.cat([a, b], 1), S, S)
case(
    "concat-last",
    lambda a, b: ttnn.concat([a, b], dim=-1),
    lambda a, b: torch.cat([a, b], -1),
    (2, 37, 50),
    (2, 37, 30),
)
case("stack", lambda a, b: ttnn.stack([a, b], dim=1), lambda a, b: torch.stack([a, b], 1), (2, 64, 96), (2, 64, 96))
case("split", lambda x: ttnn.split(x, 32, dim=-1)[1], lambda x: x.split(32, -1)[1], S)
case("chunk", lambda x: ttnn.chunk(x, 3, dim=-1)[2], lambda x: x.chunk(3, -1)[2], S)
case(
    "slice",
    lambda x: ttnn.slice(x, [0, 1, 3, 8], [2, 3, 50, 96], [1, 1, 1, 2]),
    lambda x: x[:, 1:, 3:50, 8::2],
    S,
    layout="ROW_MAJOR",
)
case("getitem", lambda x: x[:, 1, 3:50], lambda x: x[:, 1, 3:50], S)
case("narrow", lambda x: ttnn.narrow(x, 0, 0, 1), lambda x: x.narrow(0, 0, 1), S)
case("repeat", lambda x: ttnn.repeat(x, (2, 1, 3)), lambda x: x.repeat(2, 1, 3), (2, 64, 32))
case("repeat_interleave", lambda x: ttnn.repeat_interleave(x, 2, dim=1), lambda x: x.repeat_interleave(2, 1), S)
case("expand", lambda x: ttnn.expand(x, (4, 64, 96)), lambda x: x.expand(4, 64, 96), (1, 64, 96))
case(
    "pad",
    lambda x: ttnn.pad(x, [(0, 0), (0, 0), (0, 32), (0, 32)], 1.5),
    lambda x: F.pad(x, (0, 32, 0, 32), value=1.5),
    S,
)
case(
    "pad-front",
    lambda x: ttnn.pad(x, [(0, 0), (1, 1), (2, 1)], 0.0),
    lambda x: F.pad(x, (2, 1, 1, 1)),
    (3, 36, 50),
    layout="ROW_MAJOR",
)
case("roll", lambda x: ttnn.roll(x, [3], [2]), lambda x: x.roll(3, 2), S)
case("clone", lambda x: ttnn.clone(x), lambda x: x.clone(), S)
case("typecast", lambda x: ttnn.typecast(x, ttnn.float32), lambda x: x, S)
case("typecast-int", lambda x: ttnn.typecast(x, ttnn.int32), lambda x: x.int(), S)
case("to_layout", lambda x: ttnn.to_layout(x, ttnn.ROW_MAJOR_LAYOUT), lambda x: x, U)
case("tilize", lambda x: ttnn.tilize(x), lambda x: x, S, layout="ROW_MAJOR")
case("untilize", lambda x: ttnn.untilize(x), lambda x: x, S)
case("to_memory_config", lambda x: ttnn.to_memory_config(x, ttnn.L1_MEMORY_CONFIG), lambda x: x, S)
case(
    "shard",
    lambda x: ttnn.sharded_to_interleaved(
        ttnn.to_memory_config(
            x, ttnn.create_sharded_memory_config((1, 1, 256, 64), ttnn.CoreGrid(y=1, x=8), ttnn.ShardStrategy.HEIGHT)
        ),
        ttnn.L1_MEMORY_CONFIG,
    ),
    lambda x: x,
    (1, 1, 256, 64),
)
case(
    "interleaved_to_sharded",
    lambda x: ttnn.interleaved_to_sharded(
        x, ttnn.create_sharded_memory_config((1, 1, 256, 64), ttnn.CoreGrid(y=1, x=8), ttnn.ShardStrategy.HEIGHT)
    ),
    lambda x: x,
    (1, 1, 256, 64),
)
case("reallocate", lambda x: ttnn.reallocate(x), lambda x: x, S)
case(
    "fold",
    lambda x: ttnn.fold(x, 2, 2),
    lambda x: x.reshape(1, 4, 2, 4, 2, 32).permute(0, 1, 3, 2, 4, 5).reshape(1, 4, 4, 128),
    (1, 8, 8, 32),
    layout="ROW_MAJOR",
)
case("full_like", lambda x: ttnn.full_like(x, 2.5), lambda x: torch.full_like(x, 2.5), S)
case("zeros_like", lambda x: ttnn.zeros_like(x), torch.zeros_like, S)
case("ones_like", lambda x: ttnn.ones_like(x), torch.ones_like, S)
case(
    "arange",
    lambda x: ttnn.arange(0, 32, 2, dtype=ttnn.bfloat16, device=DEVICE[0]),
    lambda x: torch.arange(0, 32, 2).float(),
    S,
)
case(
    "full",
    lambda x: ttnn.full((32, 32), 3.0, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=DEVICE[0]),
    lambda x: torch.full((32, 32), 3.0),
    S,
)
case(
    "to-device-method",
    lambda x: ttnn.from_torch(x, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT).to(DEVICE[0]),
    lambda x: x,
    S,
    layout="RAW",
)
case("cpu-method", lambda x: x.cpu(), lambda x: x, S)
case("reshape-method", lambda x: x.reshape(1, 6, 64, 96), lambda x: x.reshape(1, 6, 64, 96), S)

# Reductions

for name, reference in [("sum", torch.sum), ("mean", torch.mean)]:
    case(name, lambda x, name=name: getattr(ttnn, name)(x, dim=-1), lambda x, f=reference: f(x, -1), S)
    case(
        f"{name}-keepdim",
        lambda x, name=name: getattr(ttnn, name)(x, dim=-2, keepdim=True),
        lambda x, f=reference: f(x, -2, keepdim=True),
        S,
    )
    case(
        f"{name}-two-dims",
        lambda x, name=name: getattr(ttnn, name)(x, dim=[2, 3]),
        lambda x, f=reference: f(x, (2, 3)),
        S,
    )
    case(f"{name}-unaligned", lambda x, name=name: getattr(ttnn, name)(x, dim=1), lambda x, f=reference: f(x, 1), U)
case("max", lambda x: ttnn.max(x, dim=-1), lambda x: x.amax(-1), S)
case("min", lambda x: ttnn.min(x, dim=1, keepdim=True), lambda x: x.amin(1, keepdim=True), S)
case("var", lambda x: ttnn.var(x, dim=-1), lambda x: x.var(-1), S)
case("std", lambda x: ttnn.std(x, dim=-1), lambda x: x.std(-1), S)
case("prod", lambda x: ttnn.prod(x, dim=-1), lambda x: x.prod(-1), (2, 32, 8), positive=True)
case("cumsum", lambda x: ttnn.cumsum(x, dim=-1), lambda x: x.cumsum(-1), S)
case("cumprod", lambda x: ttnn.cumprod(x, dim=-1), lambda x: x.cumprod(-1), (1, 1, 32, 8), positive=True)
case("argmax", lambda x: ttnn.argmax(x, dim=-1), lambda x: x.argmax(-1), distinct(2, 32, 96), layout="ROW_MAJOR")
case("topk-values", lambda x: ttnn.topk(x, 5, dim=-1)[0], lambda x: x.topk(5)[0], distinct(1, 1, 32, 64))
case("topk-indices", lambda x: ttnn.topk(x, 5, dim=-1)[1], lambda x: x.topk(5)[1], distinct(1, 1, 32, 64))
case("sort", lambda x: ttnn.sort(x, dim=-1)[0], lambda x: x.sort(-1)[0], distinct(1, 1, 32, 64))
case(
    "sort-indices",
    lambda x: ttnn.sort(x, dim=-1, descending=True)[1],
    lambda x: x.sort(-1, descending=True)[1],
    distinct(1, 1, 32, 64),
)

# Indexing

case(
    "embedding",
    lambda i, w: ttnn.embedding(i, w),
    lambda i, w: F.embedding(i, w),
    ids(100, 2, 64),
    (100, 96),
    layout="ROW_MAJOR",
)
case(
    "embedding-tile",
    lambda i, w: ttnn.embedding(i, w, layout=ttnn.TILE_LAYOUT),
    lambda i, w: F.embedding(i, w),
    ids(100, 2, 64),
    (100, 96),
    layout="ROW_MAJOR",
)
case(
    "gather",
    lambda x, i: ttnn.gather(x, -1, index=i),
    lambda x, i: x.gather(-1, i),
    (1, 1, 64, 64),
    ids(64, 1, 1, 64, 32),
)
case(
    "scatter",
    lambda x, i, s: ttnn.scatter(x, -1, i, s),
    lambda x, i, s: x.scatter(-1, i, s),
    (1, 1, 32, 64),
    lambda: torch.stack([torch.randperm(64)[:32] for _ in range(32)]).reshape(1, 1, 32, 32),
    (1, 1, 32, 32),
    layout="ROW_MAJOR",
)
case(
    "index_fill",
    lambda x, i: ttnn.index_fill(x, 1, i, 7.0),
    lambda x, i: x.index_fill(1, i, 7.0),
    (8, 32, 32),
    lambda: torch.tensor([1, 3, 5]),
    layout="ROW_MAJOR",
)
case("moreh_sum", lambda x: ttnn.moreh_sum(x, dim=3, keepdim=True), lambda x: x.sum(-1, keepdim=True), S)
case("moreh_mean", lambda x: ttnn.moreh_mean(x, dim=2, keepdim=True), lambda x: x.mean(-2, keepdim=True), S)
case("moreh_logsoftmax", lambda x: ttnn.moreh_logsoftmax(x, dim=3), lambda x: F.log_softmax(x, 3), S)
