"""What a reader looks for in an op call, in a few characters: `7×7, 64, s2`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bringup.ir import ArgumentValue, OpCall, Ref, Value
from bringup.variations import short_name

HEAVY = frozenset(
    {
        "conv1d", "conv2d", "conv3d", "convolution", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d",
        "linear", "addmm", "mm", "bmm", "baddbmm", "matmul", "einsum", "scaled_dot_product_attention",
        "lstm", "gru", "rnn_tanh", "rnn_relu", "embedding", "embedding_bag",
        "max_pool1d", "max_pool2d", "max_pool3d", "avg_pool1d", "avg_pool2d", "avg_pool3d",
        "adaptive_avg_pool2d", "adaptive_max_pool2d",
    }
)  # fmt: skip
"""Ops that start a box of their own; what follows them on the same shape is written into it."""

_DROPOUT = frozenset({"dropout", "feature_dropout", "alpha_dropout"})
_QUIET = _DROPOUT | {"contiguous", "clone", "to", "to_copy", "alias", "detach", "type_as", "lift_fresh_copy", "float"}
"""Views that a picture need not even name."""
_VIEWS = _QUIET | {
    "view", "unsafe_view", "reshape", "view_as", "flatten", "unflatten", "expand", "expand_as", "transpose", "permute",
    "t", "movedim", "unsqueeze", "squeeze", "select", "slice", "split", "split_with_sizes", "chunk", "unbind", "narrow",
}  # fmt: skip


def is_view(call: OpCall) -> bool:
    """Whether a call only shows its input in another form: a picture draws an arrow for it, no box."""
    name = short_name(call.target)
    if name in _DROPOUT:
        return not argument(call, "train") and not argument(call, "training")
    return name in _VIEWS


def view_name(call: OpCall) -> str:
    """What an arrow says about a view; empty for one that does not change the picture."""
    name = short_name(call.target)
    return "" if name in _QUIET else name


def argument(call: OpCall, name: str) -> ArgumentValue:
    """The argument of that name, None when the op has none."""
    return next((a.value for a in call.arguments if a.name == name), None)


def shape_text(shape: tuple[int, ...]) -> str:
    """`1×64×112×112`."""
    return "×".join(map(str, shape)) or "scalar"


def describe(call: OpCall, values: Mapping[str, Value]) -> str:
    """The sizes and constants of a call that its shapes do not show; empty for most."""
    writer = _WRITERS.get(short_name(call.target))
    return writer(call, values) if writer else ""


def _convolution(call: OpCall, values: Mapping[str, Value]) -> str:
    weight = _shape(call, "weight", values)
    if len(weight) < 3:
        return ""
    groups = argument(call, "groups")
    out = values[call.outputs[0]].type.shape
    parts = [shape_text(weight[2:]), str(out[1] if len(out) == len(weight) else out[0])]
    parts += [f"{letter}{text}" for letter, name in (("s", "stride"), ("d", "dilation")) if (text := _pair(call, name))]
    if isinstance(groups, int) and groups > 1:
        parts.append("depthwise" if groups == weight[0] else f"{groups} groups")
    return ", ".join(parts)


def _pool(call: OpCall, values: Mapping[str, Value]) -> str:
    kernel = argument(call, "kernel_size")
    sizes = kernel if isinstance(kernel, tuple) else (kernel, kernel)
    text = "×".join(str(size) for size in sizes)
    stride = _pair(call, "stride") or ("" if argument(call, "stride") else text)
    return f"{text}, s{stride}" if stride else text


def _linear(call: OpCall, values: Mapping[str, Value]) -> str:
    weight = _shape(call, "weight", values)
    return f"{weight[1]} → {weight[0]}" if len(weight) == 2 else ""


def _embedding(call: OpCall, values: Mapping[str, Value]) -> str:
    return shape_text(_shape(call, "weight", values))


def _attention(call: OpCall, values: Mapping[str, Value]) -> str:
    query = _shape(call, "query", values)
    return f"{query[1]} heads of {query[-1]}" if len(query) == 4 else ""


def _named(name: str, form: str) -> Callable[[OpCall, Mapping[str, Value]], str]:
    def write(call: OpCall, values: Mapping[str, Value]) -> str:
        value = argument(call, name)
        plain = isinstance(value, (int, float, str)) or (
            isinstance(value, tuple) and all(isinstance(item, int) for item in value)
        )
        text = "×".join(map(str, value)) if isinstance(value, tuple) else str(value)
        if isinstance(value, float):
            text = f"{value:.4g}"
        return form.format(text[:20]) if plain else ""

    return write


_WRITERS: dict[str, Callable[[OpCall, Mapping[str, Value]], str]] = {
    **dict.fromkeys(("conv1d", "conv2d", "conv3d", "convolution"), _convolution),
    **dict.fromkeys(("conv_transpose1d", "conv_transpose2d", "conv_transpose3d"), _convolution),
    **dict.fromkeys(("max_pool1d", "max_pool2d", "avg_pool1d", "avg_pool2d", "max_pool2d_with_indices"), _pool),
    **dict.fromkeys(("add", "sub", "mul", "div", "pow", "eq", "gt", "lt", "ge", "le"), _named("other", "{}")),
    **dict.fromkeys(("cat", "stack", "softmax", "mean", "sum"), _named("dim", "dim {}")),
    "pow": _named("exponent", "{}"),
    "linear": _linear,
    "embedding": _embedding,
    "scaled_dot_product_attention": _attention,
    "leaky_relu": _named("negative_slope", "{}"),
    "adaptive_avg_pool2d": _named("output_size", "to {}"),
}


def _shape(call: OpCall, name: str, values: Mapping[str, Value]) -> tuple[int, ...]:
    value = argument(call, name)
    return values[value.ref].type.shape if isinstance(value, Ref) and value.ref in values else ()


def _pair(call: OpCall, name: str) -> str:
    """Sizes that differ from 1: `2` for (2, 2), `2×1` for (2, 1)."""
    value = argument(call, name)
    sizes = value if isinstance(value, tuple) else (value,)
    if not sizes or all(size in (1, None) for size in sizes):
        return ""
    return str(sizes[0]) if len(set(sizes)) == 1 else "×".join(map(str, sizes))
