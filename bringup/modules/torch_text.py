"""ATen calls as torch code: functional where torch has a function, methods for views, operators for arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from bringup.ir import ArgumentValue, OpCall, Ref, Value
from bringup.modules.flow import MADE, get
from bringup.modules.program import Literal, Parts, parts
from bringup.modules.torch_arguments import Refer, arguments_of, joined, value_parts
from bringup.variations import short_name

_FUNCTIONAL = frozenset(
    {
        "adaptive_avg_pool1d", "adaptive_avg_pool2d", "avg_pool1d", "avg_pool2d", "batch_norm", "conv1d",
        "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "elu", "embedding", "gelu", "glu", "group_norm",
        "hardsigmoid", "hardswish", "hardtanh", "instance_norm", "layer_norm", "leaky_relu", "linear", "max_pool1d", "max_pool2d",
        "max_pool3d", "avg_pool3d", "mish", "pad", "pixel_shuffle", "pixel_unshuffle", "prelu", "relu", "relu6", "rms_norm",
        "scaled_dot_product_attention", "selu", "silu", "softplus", "celu", "normalize", "one_hot", "adaptive_avg_pool3d", "grid_sampler",
    }
)  # fmt: skip
_METHODS = frozenset(
    {
        "view", "reshape", "expand", "permute", "transpose", "unsqueeze", "squeeze", "flatten", "unflatten", "repeat", "contiguous",
        "t", "expand_as", "view_as", "type_as", "masked_fill", "new_ones", "new_zeros", "new_full", "unbind", "chunk", "split", "clone",
        "unfold", "mean", "sum", "amax", "amin", "cumsum", "argmax", "argmin", "any", "all", "repeat_interleave", "float", "triu", "tril",
        "reshape_as", "item", "movedim", "swapaxes", "narrow", "index_select", "bool", "int", "long",
    }
)  # fmt: skip
VIEWS = frozenset(
    {
        "view", "reshape", "unsafe_view", "expand", "permute", "transpose", "unsqueeze", "squeeze", "flatten", "unflatten", "contiguous",
        "t", "expand_as", "view_as", "movedim", "swapaxes", "select", "slice",
    }
)  # fmt: skip
"""Views that read well behind a dot."""
_ALIASES = {
    "unsafe_view": "reshape",
    "split_with_sizes": "split",
    "constant_pad_nd": "pad",
}
_OPERATORS = {
    "add": "+", "sub": "-", "mul": "*", "div": "/", "matmul": "@", "mm": "@", "bmm": "@", "eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">",
    "ge": ">=", "and": "&", "or": "|", "bitwise_and": "&", "bitwise_or": "|", "floor_divide": "//", "remainder": "%", "pow": "**",
}  # fmt: skip


def torch_parts(call: OpCall, values: Mapping[str, Value], refer: Refer) -> Parts:
    """The expression of a call; `refer` says how a tensor is written."""
    if not call.target.startswith("aten.") and call.target != MADE:
        return _call(f"torch.ops.{call.target}", arguments_of(call, refer))
    name = short_name(call.target)
    special = _SPECIAL.get(name)
    written = special(call, values, refer) if special else None
    if written is not None:
        return written
    if name in _OPERATORS and _is_plain_operator(call):
        return _operator(call, _OPERATORS[name], refer)
    name = _ALIASES.get(name, name)
    if name in _FUNCTIONAL and not _has_more(call):
        return _call(f"torch.nn.functional.{name}", arguments_of(call, refer, functional=True))
    given = arguments_of(call, refer)
    if name in _METHODS and call.arguments[0].name == "self":
        return parts(*given[0], f".{name}(", *joined([_splat(item, name) for item in given[1:]]), ")")
    target = f"torch.{name}" if _is_torch_function(call.target) else f"torch.ops.{call.target}"
    return _call(target, given)


_TORCH = frozenset(
    {
        "abs", "arange", "argmax", "baddbmm", "addmm", "bernoulli", "cat", "clamp", "clamp_min", "clamp_max", "cos", "cumsum", "erf",
        "exp", "expm1", "flip", "floor", "full", "full_like", "gather", "isin", "isinf", "isnan", "linspace", "log", "log1p", "log2",
        "log_softmax", "logical_and", "logical_not", "logical_or", "masked_fill", "maximum", "minimum", "meshgrid", "neg", "ones",
        "ones_like", "reciprocal", "roll", "round", "rsqrt", "scatter", "sigmoid", "sign", "sin", "softmax", "sort", "sqrt", "square",
        "stack", "std", "tan", "tanh", "topk", "tril", "triu", "var", "where", "zeros", "zeros_like", "einsum", "norm", "bitwise_not",
        "atan", "ceil", "max", "min", "sub", "add", "mul", "div", "pow", "rsub", "bucketize", "diff", "index_select", "outer", "slice_scatter",
        "select_scatter", "prod", "mv", "dot", "remainder", "floor_divide", "eq", "ne", "lt", "le", "gt", "ge", "scalar_tensor", "erfc",
        "cosine_similarity", "searchsorted", "index_add", "index_put", "count_nonzero", "nonzero", "trunc", "exp2", "log10", "argsort",
    }
)  # fmt: skip


_MORE = frozenset({"scale", "input_scale", "scales", "scales_h", "scales_w", "scales_d"})
"""Arguments of elu and of upsampling that only the op itself has."""


def _has_more(call: OpCall) -> bool:
    """Whether a call says something that the function of its name has no argument for."""
    return any(a.name in _MORE and a.value is not None and a.name not in call.at_default for a in call.arguments) and (
        short_name(call.target) == "elu" or short_name(call.target).startswith("upsample")
    )


def _is_torch_function(target: str) -> bool:
    return target.startswith("aten.") and target.split(".")[1] in _TORCH


def _is_plain_operator(call: OpCall) -> bool:
    return get(call, "alpha") in (None, 1) and get(call, "rounding_mode") is None and len(call.arguments) >= 2


def _operator(call: OpCall, symbol: str, refer: Refer) -> Parts:
    first, second = (value_parts(a.name, a.value, refer) for a in call.arguments[:2])
    return parts(*first, f" {symbol} ", *second)


def _splat(given: Parts, method: str) -> Parts:
    """Shapes and dims of a view as arguments of their own."""
    if (method not in VIEWS and method != "repeat") or method == "unflatten":
        return given
    return tuple(
        replace(p, is_splat=True) if isinstance(p, Literal) and isinstance(p.value, tuple) and p.value else p
        for p in given
    )


def _call(target: str, given: list[Parts]) -> Parts:
    return parts(f"{target}(", *joined(given), ")")


def _slice(call: OpCall, values: Mapping[str, Value], refer: Refer) -> Parts:
    refs = tuple(call.refs())
    shape = values[refs[0]].type.shape
    dim = _int(get(call, "dim")) % len(shape)
    start, end, step = get(call, "start"), get(call, "end"), get(call, "step")
    first = "" if start in (None, 0) else Literal("start", start)
    last = "" if not isinstance(end, int) or end >= shape[dim] else Literal("end", end)
    stride: Parts = () if step in (None, 1) else (":", Literal("step", step))
    return parts(refer(refs[0]), "[", ":, " * dim, first, ":", last, *stride, "]")


def _select(call: OpCall, values: Mapping[str, Value], refer: Refer) -> Parts:
    refs = tuple(call.refs())
    dim = _int(get(call, "dim")) % len(values[refs[0]].type.shape)
    return parts(refer(refs[0]), "[", ":, " * dim, Literal("index", get(call, "index")), "]")


def _int(value: ArgumentValue) -> int:
    return value if isinstance(value, int) else 0


def _index(call: OpCall, values: Mapping[str, Value], refer: Refer) -> Parts:
    indices = get(call, "indices")
    listed = indices if isinstance(indices, tuple) else (indices,)
    items: list[Parts] = [(refer(i.ref),) if isinstance(i, Ref) else (":",) for i in listed]
    return parts(refer(next(call.refs())), "[", *joined(items), "]")


def _index_put(call: OpCall, values: Mapping[str, Value], refer: Refer) -> Parts | None:
    """torch.index_put takes no None among its indices, which stands for a whole dimension."""
    indices = get(call, "indices")
    has_none = isinstance(indices, tuple) and None in indices
    return _call(f"torch.ops.{call.target}", arguments_of(call, refer)) if has_none else None


def _cast(call: OpCall, values: Mapping[str, Value], refer: Refer) -> Parts:
    return parts(refer(next(call.refs())), f".to(torch.{values[call.outputs[0]].type.dtype})")


def _unary_minus(call: OpCall, values: Mapping[str, Value], refer: Refer) -> Parts:
    return parts("-", refer(next(call.refs())))


def _embedding(call: OpCall, values: Mapping[str, Value], refer: Refer) -> Parts:
    weight, indices = tuple(call.refs())[:2]
    return parts("torch.nn.functional.embedding(", refer(indices), ", ", refer(weight), ")")


def _batch_norm(call: OpCall, values: Mapping[str, Value], refer: Refer) -> Parts:
    written: list[Parts] = []
    for name in ("input", "running_mean", "running_var", "weight", "bias"):
        value = get(call, name)
        written.append((refer(value.ref),) if isinstance(value, Ref) else ("None",))
    written += [parts("training=True")] if get(call, "training") else []
    written.append(parts("eps=", Literal("eps", get(call, "eps"))))
    return _call("torch.nn.functional.batch_norm", written)


def _instance_norm(call: OpCall, values: Mapping[str, Value], refer: Refer) -> Parts:
    """torch.nn.functional has its arguments in another order."""
    first, *rest = (a for a in call.arguments if a.name != "cudnn_enabled" and a.value is not None)
    given = [parts(f"{a.name}=", *value_parts(a.name, a.value, refer)) for a in rest]
    return _call("torch.nn.functional.instance_norm", [value_parts(first.name, first.value, refer), *given])


def _softmax(call: OpCall, values: Mapping[str, Value], refer: Refer) -> Parts | None:
    """Inference's own overload as the one that models write."""
    if get(call, "half_to_float") is None:
        return None
    if get(call, "half_to_float"):
        return _call(f"torch.ops.{call.target}", arguments_of(call, refer))
    return _call(f"torch.{short_name(call.target)}", arguments_of(call, refer, ("half_to_float",)))


def _adaptive_max_pool(call: OpCall, values: Mapping[str, Value], refer: Refer) -> Parts:
    """ATen's ops give the indices too."""
    given = [*arguments_of(call, refer), parts("return_indices=True")]
    return _call(f"torch.nn.functional.{short_name(call.target)}", given)


def _upsample(call: OpCall, values: Mapping[str, Value], refer: Refer) -> Parts | None:
    if _has_more(call):
        return None
    name = short_name(call.target)
    mode = next(m for m in ("nearest", "bilinear", "bicubic", "linear", "trilinear") if m in name)
    factors, size = get(call, "scale_factors"), get(call, "output_size")
    given: Parts = (
        ("scale_factor=", Literal("scale_factor", factors))
        if isinstance(factors, tuple)
        else ("size=", Literal("size", size))
    )
    corners: Parts = (", align_corners=True",) if get(call, "align_corners") else ()
    return parts(
        "torch.nn.functional.interpolate(", refer(next(call.refs())), ", ", *given, f', mode="{mode}"', *corners, ")"
    )


def _reduction(call: OpCall, values: Mapping[str, Value], refer: Refer) -> Parts | None:
    """max and min along a dimension give two tensors; over everything, one."""
    if get(call, "dim") is None:
        return None
    return _call(f"torch.{short_name(call.target)}", arguments_of(call, refer))


def _div(call: OpCall, values: Mapping[str, Value], refer: Refer) -> Parts | None:
    return None if get(call, "rounding_mode") is None else _call("torch.div", arguments_of(call, refer))


def _rsub(call: OpCall, values: Mapping[str, Value], refer: Refer) -> Parts | None:
    if not _is_plain_operator(call):
        return None
    first, second = (value_parts(a.name, a.value, refer) for a in call.arguments[:2])
    return parts(*second, " - ", *first)


def _lstm(call: OpCall, values: Mapping[str, Value], refer: Refer) -> Parts:
    return _call(
        "torch.lstm" if short_name(call.target) == "lstm" else f"torch.{short_name(call.target)}",
        _positional(call, refer),
    )


def _positional(call: OpCall, refer: Refer) -> list[Parts]:
    return [value_parts(a.name, a.value, refer) for a in call.arguments]


def _convolution(call: OpCall, values: Mapping[str, Value], refer: Refer) -> Parts:
    """All of what instances may differ in stays a keyword, printed where it is not torch's default."""
    given: list[Parts] = [value_parts(name, get(call, name), refer) for name in ("input", "weight")]
    bias = get(call, "bias")
    given += [(refer(bias.ref),)] if isinstance(bias, Ref) else []
    rank = len(values[call.outputs[0]].type.shape) - 2
    defaults = {"stride": 1, "padding": 0, "output_padding": 0, "groups": 1, "dilation": 1}
    keywords = tuple(
        Literal(name, _squared(get(call, name), rank), is_keyword=True, default=default)
        for name, default in defaults.items()
        if get(call, name) is not None
    )
    return parts(f"torch.nn.functional.{short_name(call.target)}(", *joined(given), *keywords, ")")


def _squared(value: ArgumentValue, rank: int) -> object:
    """`(2, 2)` as 2, as one writes it."""
    listed = value if isinstance(value, tuple) else (value,)
    return listed[0] if len(set(listed)) == 1 and len(listed) in (1, rank) else value


def _pool(call: OpCall, values: Mapping[str, Value], refer: Refer) -> Parts:
    rank = 1 if short_name(call.target).endswith("1d") else 3 if short_name(call.target).endswith("3d") else 2
    kernel = _squared(get(call, "kernel_size"), rank)
    stride = get(call, "stride")
    defaults: dict[str, object] = {
        "padding": 0,
        "dilation": 1,
        "ceil_mode": False,
        "count_include_pad": True,
        "divisor_override": None,
    }
    given = [Literal("stride", _squared(stride, rank) if stride else kernel, is_keyword=True, default=kernel)]
    given += [
        Literal(name, _squared(get(call, name), rank), is_keyword=True, default=default)
        for name, default in defaults.items()
        if any(a.name == name for a in call.arguments)
    ]
    name = f"torch.nn.functional.{short_name(call.target)}"
    return parts(f"{name}(", refer(next(call.refs())), ", ", Literal("kernel_size", kernel), *given, ")")


def _scalar_tensor(call: OpCall, values: Mapping[str, Value], refer: Refer) -> Parts:
    dtype = values[call.outputs[0]].type.dtype
    return parts("torch.tensor(", *value_parts("value", call.arguments[0].value, refer), f", dtype=torch.{dtype})")


def _constant(call: OpCall, values: Mapping[str, Value], refer: Refer) -> Parts:
    """A tensor that the model's code makes of numbers."""
    given, shape = get(call, "data"), values[call.outputs[0]].type.shape
    dtype = f", dtype=torch.{values[call.outputs[0]].type.dtype})"
    assert isinstance(given, tuple)
    if not shape:
        return parts("torch.tensor(", Literal("value", given[0]), dtype)
    reshaped = (".reshape(", Literal("shape", shape), ")") if len(shape) > 1 else ()
    return parts("torch.tensor(", Literal("values", list(given)), dtype, *reshaped)


def _ones_like(call: OpCall, values: Mapping[str, Value], refer: Refer) -> Parts:
    """`new_ones` and the like of a shape; the dtype is the output's, the operand only lends it."""
    name = short_name(call.target).removeprefix("new_").removesuffix("_like")
    shape = values[call.outputs[0]].type.shape
    dtype = values[call.outputs[0]].type.dtype
    fill: Parts = (", ", *value_parts("fill_value", get(call, "fill_value"), refer)) if name == "full" else ()
    return parts(f"torch.{name}(", Literal("shape", shape), *fill, f", dtype=torch.{dtype})")


def _grid_sampler(call: OpCall, values: Mapping[str, Value], refer: Refer) -> Parts:
    return _call("torch.grid_sampler", _positional(call, refer))


def _pad(call: OpCall, values: Mapping[str, Value], refer: Refer) -> Parts:
    given = [value_parts(a.name, a.value, refer) for a in call.arguments[:2]]
    mode, value = get(call, "mode"), get(call, "value")
    if mode not in (None, "constant"):
        given.append(value_parts("mode", mode, refer))
    elif value not in (None, 0):
        given.append(parts("value=", *value_parts("value", value, refer)))
    return _call("torch.nn.functional.pad", given)


def _rolled(call: OpCall, values: Mapping[str, Value], refer: Refer) -> Parts:
    return _call("torch.roll", _positional(call, refer))


_SPECIAL: Mapping[str, Callable[[OpCall, Mapping[str, Value], Refer], Parts | None]] = {
    "slice": _slice, "select": _select, "index_put": _index_put, "index": _index, "unsafe_index": _index, "to": _cast, "to_copy": _cast, "type_as": _cast,
    "neg": _unary_minus, "embedding": _embedding, "batch_norm": _batch_norm, "instance_norm": _instance_norm, "softmax": _softmax, "log_softmax": _softmax, "div": _div, "rsub": _rsub,
    "upsample_nearest2d": _upsample, "upsample_bilinear2d": _upsample, "upsample_bicubic2d": _upsample, "upsample_nearest1d": _upsample,
    "max": _reduction, "min": _reduction, "lstm": _lstm, "gru": _lstm, "rnn_tanh": _lstm, "rnn_relu": _lstm,
    **dict.fromkeys(("conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d"), _convolution),
    **dict.fromkeys(("adaptive_max_pool1d", "adaptive_max_pool2d", "adaptive_max_pool3d"), _adaptive_max_pool),
    **dict.fromkeys(("max_pool1d", "max_pool2d", "max_pool3d", "avg_pool1d", "avg_pool2d", "avg_pool3d"), _pool),
    "scalar_tensor": _scalar_tensor, "new_ones": _ones_like, "new_zeros": _ones_like, "new_full": _ones_like, "zeros_like": _ones_like, "ones_like": _ones_like,
    "full_like": _ones_like, "new_empty": _ones_like, "empty_like": _ones_like, "pad": _pad,
    "constant_pad_nd": _pad, "constant": _constant, "roll": _rolled, "grid_sampler": _grid_sampler,
}  # fmt: skip
