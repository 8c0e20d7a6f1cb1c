"""ATen calls as torch code: functional where torch has a function, methods for views, operators for arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from bringup.ir import ArgumentValue, OpCall, Ref, Scalar, Symbol, Value
from bringup.modules.flow import get
from bringup.modules.program import Literal, Part, Parts, parts
from bringup.variations import short_name

Refer = Callable[[str], Part]

_FUNCTIONAL = frozenset(
    {
        "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_max_pool2d", "avg_pool1d", "avg_pool2d", "batch_norm", "conv1d",
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
    "softmax": "softmax",
    "constant_pad_nd": "pad",
    "_softmax": "softmax",
}
_OPERATORS = {
    "add": "+", "sub": "-", "mul": "*", "div": "/", "matmul": "@", "mm": "@", "bmm": "@", "eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">",
    "ge": ">=", "and": "&", "or": "|", "bitwise_and": "&", "bitwise_or": "|", "floor_divide": "//", "remainder": "%", "pow": "**",
}  # fmt: skip
_DEFAULTS: Mapping[str, object] = {
    "alpha": 1, "beta": 1, "keepdim": False, "is_causal": False, "dropout_p": 0.0, "enable_gqa": False, "approximate": "none",
    "ceil_mode": False, "count_include_pad": True, "groups": 1, "implicit": False, "padding_idx": -1, "scale_grad_by_freq": False,
    "sparse": False, "cudnn_enable": True, "cudnn_enabled": True, "non_blocking": False, "end_dim": -1, "sorted": True, "largest": True, "copy": False, "half_to_float": False,
    "training": False, "unbiased": True, "benchmark": False, "deterministic": False, "use_input_stats": False,
}  # fmt: skip
_PAIRS: Mapping[str, tuple[object, ...]] = {
    "dilation": (1, 1),
    "padding": (0, 0),
    "stride": (1, 1),
    "output_padding": (0, 0),
}
_NEVER = frozenset(
    {
        "device",
        "layout",
        "pin_memory",
        "memory_format",
        "scale_grad_by_freq",
        "sparse",
        "cudnn_enable",
        "cudnn_enabled",
        "train",
        "sparse_grad",
        "half_to_float",
    }
)
_KEYWORDS = frozenset(
    {"dtype", "approximate", "alpha", "beta", "rounding_mode", "scale", "enable_gqa", "correction", "eps"}
)


def torch_parts(call: OpCall, values: Mapping[str, Value], refer: Refer) -> Parts:
    """The expression of a call; `refer` says how a tensor is written."""
    name = short_name(call.target)
    special = _SPECIAL.get(name)
    written = special(call, values, refer) if special else None
    if written is not None:
        return written
    if name in _OPERATORS and _is_plain_operator(call):
        return _operator(call, _OPERATORS[name], refer)
    name = _ALIASES.get(name, name)
    given = _arguments(call, refer)
    if name in _FUNCTIONAL:
        return _call(f"torch.nn.functional.{name}", given)
    if name in _METHODS and given:
        return parts(*given[0], f".{name}(", *_joined([_splat(item, name) for item in given[1:]]), ")")
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


def _is_torch_function(target: str) -> bool:
    return target.startswith("aten.") and target.split(".")[1] in _TORCH


def _is_plain_operator(call: OpCall) -> bool:
    return get(call, "alpha") in (None, 1) and get(call, "rounding_mode") is None and len(call.arguments) >= 2


def _operator(call: OpCall, symbol: str, refer: Refer) -> Parts:
    first, second = (_value(a.name, a.value, refer) for a in call.arguments[:2])
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
    return parts(f"{target}(", *_joined(given), ")")


def _joined(given: list[Parts]) -> list[Part]:
    found: list[Part] = []
    for index, argument in enumerate(given):
        found += [", ", *argument] if index else [*argument]
    return found


def _arguments(call: OpCall, refer: Refer, skip: tuple[str, ...] = ()) -> list[Parts]:
    """Positional while nothing is left out, by name afterwards."""
    found: list[Parts] = []
    gap = False
    for argument in call.arguments:
        if _is_default(argument.name, argument.value) or argument.name in skip:
            gap = True
            continue
        value = _value(argument.name, argument.value, refer)
        found.append(parts(f"{argument.name}=", *value) if gap or argument.name in _KEYWORDS else value)
    return found


def _is_default(name: str, value: ArgumentValue) -> bool:
    if name in _NEVER or value is None:
        return True
    if (
        name in _PAIRS
        and isinstance(value, tuple)
        and value in (_PAIRS[name], _PAIRS[name][:1], _PAIRS[name] + _PAIRS[name][:1])
    ):
        return True
    return name in _DEFAULTS and type(value) is type(_DEFAULTS[name]) and value == _DEFAULTS[name]


def _value(name: str, value: ArgumentValue, refer: Refer) -> Parts:
    if isinstance(value, tuple):
        if any(isinstance(item, Ref) for item in value):
            return parts("[", *_joined([_scalar(name, item, refer) for item in value]), "]")
        return (Literal(name, tuple(_plain(item) for item in value)),)
    return _scalar(name, value, refer)


def _scalar(name: str, value: Scalar, refer: Refer) -> Parts:
    if isinstance(value, Ref):
        return (refer(value.ref),)
    if isinstance(value, Symbol) and value.kind == "dtype":
        return (f"torch.{value.text}",)
    return (Literal(name, _plain(value)),)


def _plain(value: Scalar) -> object:
    if isinstance(value, Symbol):
        return float(value.text) if value.kind == "float" else value.text
    return value


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
    return parts(refer(next(call.refs())), "[", *_joined(items), "]")


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
    written.append(parts("eps=", Literal("eps", get(call, "eps"))))
    return _call("torch.nn.functional.batch_norm", written)


def _group_norm(call: OpCall, values: Mapping[str, Value], refer: Refer) -> Parts:
    return _call("torch.nn.functional.group_norm", _arguments(call, refer))


def _upsample(call: OpCall, values: Mapping[str, Value], refer: Refer) -> Parts:
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


def _where(call: OpCall, values: Mapping[str, Value], refer: Refer) -> Parts:
    return _call("torch.where", _arguments(call, refer))


def _reduction(call: OpCall, values: Mapping[str, Value], refer: Refer) -> Parts | None:
    """max and min along a dimension give two tensors; over everything, one."""
    if get(call, "dim") is None:
        return None
    return _call(f"torch.{short_name(call.target)}", _arguments(call, refer))


def _div(call: OpCall, values: Mapping[str, Value], refer: Refer) -> Parts | None:
    return None if get(call, "rounding_mode") is None else _call("torch.div", _arguments(call, refer))


def _rsub(call: OpCall, values: Mapping[str, Value], refer: Refer) -> Parts:
    first, second = (_value(a.name, a.value, refer) for a in call.arguments[:2])
    return parts(*second, " - ", *first)


def _lstm(call: OpCall, values: Mapping[str, Value], refer: Refer) -> Parts:
    return _call(
        "torch.lstm" if short_name(call.target) == "lstm" else f"torch.{short_name(call.target)}",
        _positional(call, refer),
    )


def _positional(call: OpCall, refer: Refer) -> list[Parts]:
    return [_value(a.name, a.value, refer) for a in call.arguments]


def _convolution(call: OpCall, values: Mapping[str, Value], refer: Refer) -> Parts:
    """All of what instances may differ in stays a keyword, printed where it is not torch's default."""
    given: list[Parts] = [_value(name, get(call, name), refer) for name in ("input", "weight")]
    bias = get(call, "bias")
    given += [(refer(bias.ref),)] if isinstance(bias, Ref) else []
    rank = len(values[call.outputs[0]].type.shape) - 2
    defaults = {"stride": 1, "padding": 0, "output_padding": 0, "groups": 1, "dilation": 1}
    keywords = tuple(
        Literal(name, _squared(get(call, name), rank), is_keyword=True, default=default)
        for name, default in defaults.items()
        if get(call, name) is not None
    )
    return parts(f"torch.nn.functional.{short_name(call.target)}(", *_joined(given), *keywords, ")")


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
    return parts("torch.tensor(", *_value("value", call.arguments[0].value, refer), f", dtype=torch.{dtype})")


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
    fill: Parts = (", ", *_value("fill_value", get(call, "fill_value"), refer)) if name == "full" else ()
    return parts(f"torch.{name}(", Literal("shape", shape), *fill, f", dtype=torch.{dtype})")


def _grid_sampler(call: OpCall, values: Mapping[str, Value], refer: Refer) -> Parts:
    return _call("torch.grid_sampler", _positional(call, refer))


def _pad(call: OpCall, values: Mapping[str, Value], refer: Refer) -> Parts:
    mode = get(call, "mode")
    skip = ("mode",) if mode in (None, "constant") else ("value",)
    return _call("torch.nn.functional.pad", _arguments(call, refer, skip))


def _rolled(call: OpCall, values: Mapping[str, Value], refer: Refer) -> Parts:
    return _call("torch.roll", _positional(call, refer))


_SPECIAL: Mapping[str, Callable[[OpCall, Mapping[str, Value], Refer], Parts | None]] = {
    "slice": _slice, "select": _select, "index": _index, "unsafe_index": _index, "to": _cast, "to_copy": _cast, "type_as": _cast,
    "neg": _unary_minus, "embedding": _embedding, "batch_norm": _batch_norm, "group_norm": _group_norm, "div": _div, "rsub": _rsub,
    "upsample_nearest2d": _upsample, "upsample_bilinear2d": _upsample, "upsample_bicubic2d": _upsample, "upsample_nearest1d": _upsample,
    "where": _where, "max": _reduction, "min": _reduction, "lstm": _lstm, "gru": _lstm, "rnn_tanh": _lstm, "rnn_relu": _lstm,
    **dict.fromkeys(("conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d"), _convolution),
    **dict.fromkeys(("max_pool1d", "max_pool2d", "max_pool3d", "avg_pool1d", "avg_pool2d", "avg_pool3d"), _pool),
    "scalar_tensor": _scalar_tensor, "new_ones": _ones_like, "new_zeros": _ones_like, "new_full": _ones_like, "zeros_like": _ones_like, "ones_like": _ones_like,
    "full_like": _ones_like, "new_empty": _ones_like, "empty_like": _ones_like, "pad": _pad,
    "constant_pad_nd": _pad, "constant": _constant, "roll": _rolled, "grid_sampler": _grid_sampler,
}  # fmt: skip
