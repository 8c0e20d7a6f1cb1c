"""How ops are written in a TT-NN module where their row's test would read badly: NHWC kept, activations fused."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bringup.ir import OpCall, Ref
from bringup.modules.flow import get
from bringup.modules.fuse import Node
from bringup.modules.preparation import Prepared
from bringup.modules.program import Literal, Part, Parts, Place, Use, parts
from bringup.modules.ttnn_state import ROWS_HOW, TILE_HOW, Form, Held, State
from bringup.ops.lowering import HOST
from bringup.ops.rows.matmul import _BIAS as ROW_HOW
from bringup.ops.rows.matmul import _WEIGHT as TRANSPOSED_HOW

Lower = Callable[[Node, State], bool]
"""Writes a node and says whether it could; when not, the row's own lowering is used."""

_TILED = Held("native", "TILE", "bfloat16")
_ROWS = Held("rows", "TILE", "bfloat16")
CHANNEL_HOW = (
    "ttnn.from_torch({torch}.reshape(1, 1, 1, -1), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)"
)
_HOST_BIAS = "ttnn.from_torch({torch}.reshape(1, 1, 1, -1), dtype=ttnn.bfloat16)"


def _ref(call: OpCall, name: str) -> str:
    value = get(call, name)
    return value.ref if isinstance(value, Ref) else ""


def _pair(value: object, default: int) -> tuple[int, int]:
    listed = value if isinstance(value, tuple) else (value,)
    numbers = [v for v in listed if isinstance(v, int)]
    if not numbers:
        return default, default
    return (numbers[0], numbers[0]) if len(numbers) == 1 else (numbers[0], numbers[1])


def activation_text(call: OpCall | None) -> str:
    """A fused activation by the name of its constant in the generated file; empty for none."""
    if call is None:
        return ""
    name = call.target.split(".")[1].strip("_").upper()
    if name == "HARDTANH":
        low, high = get(call, "min_val"), get(call, "max_val")
        if (low, high) == (0, 6) or (low, high) == (0.0, 6.0):
            return "RELU6"
        return f"ttnn.UnaryWithParam(ttnn.UnaryOpType.HARDTANH, {float(str(low))}, {float(str(high))})"
    if name == "LEAKY_RELU":
        return f"ttnn.UnaryWithParam(ttnn.UnaryOpType.LEAKY_RELU, {float(str(get(call, 'negative_slope')))})"
    if name == "GELU" and get(call, "approximate") == "tanh":
        return "ttnn.UnaryWithParam(ttnn.UnaryOpType.GELU_TANH)"
    return name


def _convolution(node: Node, state: State) -> bool:
    call = node.call
    x, weight, bias = _ref(call, "input"), _ref(call, "weight"), _ref(call, "bias")
    if len(state.shape(x)) != 4 or not _is_weight(state, weight, bias) or not isinstance(get(call, "padding"), tuple):
        return False
    is_transposed = node.name == "conv_transpose2d"
    batch, channels, height, width = state.shape(x)
    arguments: dict[str, object] = {
        "batch_size": batch,
        "input_height": height,
        "input_width": width,
        "in_channels": channels,
        "out_channels": state.shape(node.outputs[0])[1],
        "kernel_size": state.shape(weight)[2:],
        "stride": _pair(get(call, "stride"), 1),
        "padding": _pair(get(call, "padding"), 0),
        "dilation": _pair(get(call, "dilation"), 1),
        "groups": get(call, "groups"),
    }
    if is_transposed:
        arguments["output_padding"] = _pair(get(call, "output_padding"), 0)
    place = state.preparations.bundle(state.site(node), _conv_weights(node, state), {"arguments": arguments})
    activation = activation_text(node.activation)
    given: Parts = (f", activation={activation}",) if activation else ()
    operand = state.device(node, x, "rows")
    state.emit(
        node, node.outputs, parts(f"{node.name}(", operand, ", ", Place(place), *given, ")"), _ROWS, hint="output"
    )
    return True


def _conv1d(node: Node, state: State) -> bool:
    call = node.call
    x, weight, bias = _ref(call, "input"), _ref(call, "weight"), _ref(call, "bias")
    if len(state.shape(x)) != 3 or not _is_weight(state, weight, bias) or not isinstance(get(call, "padding"), tuple):
        return False
    batch, channels, length = state.shape(x)
    out = state.shape(node.outputs[0])
    arguments: dict[str, object] = {
        "batch_size": batch,
        "input_length": length,
        "in_channels": channels,
        "out_channels": out[1],
        "kernel_size": state.shape(weight)[2],
        **{
            name: _pair(get(call, name), default)[0]
            for name, default in (("stride", 1), ("padding", 0), ("dilation", 1))
        },
        "groups": get(call, "groups"),
    }
    given = {"arguments": arguments, "output_shape": (batch, out[2], out[1])}
    place = state.preparations.bundle(state.site(node), _conv_weights(node, state), given)
    operand = state.device(node, x, "sequence")
    activation = activation_text(node.activation)
    tail = f", activation={activation})" if activation else ")"
    state.emit(
        node,
        node.outputs,
        parts("conv1d(", operand, ", ", Place(place), tail),
        Held("sequence", "TILE", "bfloat16"),
        hint="output",
    )
    return True


def _lstm(node: Node, state: State) -> bool:
    """The whole layer in one call of a helper; its last states are not made."""
    call = node.call
    hx, params = get(call, "hx"), get(call, "params")
    x = _ref(call, "input")
    used = {ref for other in state.flow.calls for ref in other.refs()} | set(state.flow.outputs)
    if not isinstance(hx, tuple) or not isinstance(params, tuple) or used & set(node.outputs[1:]):
        return False
    weights = [item.ref for item in params if isinstance(item, Ref)]
    states = [item.ref for item in hx if isinstance(item, Ref)]
    names = [state.flow.values[ref].source.rpartition(".")[2] for ref in weights]
    if not _is_weight(state, *weights, *states) or not all(name.startswith(("weight_", "bias_")) for name in names):
        return False
    prepared = {
        name: Prepared(TRANSPOSED_HOW if name.startswith("weight") else ROW_HOW, state.source(ref))
        for name, ref in zip(names, weights, strict=True)
    }
    prepared |= {
        name: Prepared(TILE_HOW, state.source(ref)) for name, ref in zip(("hidden", "cell"), states, strict=True)
    }
    batch_first = bool(get(call, "batch_first"))
    out = state.shape(node.outputs[0])
    batch = out[0 if batch_first else 1]
    arguments: dict[str, object] = {
        "num_layers": get(call, "num_layers"),
        "num_directions": 2 if get(call, "bidirectional") else 1,
        "batch_size": batch,
        "hidden_size": state.shape(states[0])[-1],
        "step_dim": 1 if batch_first else 0,
        "step_shape": (batch, 1, out[2]) if batch_first else (1, batch, out[2]),
    }
    place = state.preparations.bundle(state.site(node), prepared, {"arguments": arguments})
    state.emit(
        node,
        node.outputs[:1],
        parts("lstm(", state.device(node, x, "native", "TILE"), ", ", Place(place), ")"),
        _TILED,
        hint="output",
    )
    return True


def _unbind(node: Node, state: State) -> bool:
    x = node.refs()[0]
    dim = get(node.call, "dim")
    if not state.is_device(x) or not isinstance(dim, int):
        return False
    axis = dim % len(state.shape(x))
    operand = state.device(node, x, "native")
    expression = parts(f"[ttnn.squeeze(part, {axis}) for part in ttnn.split(", operand, f", 1, dim={axis})]")
    state.emit(
        node, node.outputs, expression, Held("native", state.held[x].layout, "bfloat16"), hint="part", is_list=True
    )
    return True


def _is_weight(state: State, *values: str) -> bool:
    return all(state.flow.roles[value] == "weight" for value in values if value)


def _conv_weights(node: Node, state: State) -> dict[str, Prepared]:
    weight, bias = state.source(_ref(node.call, "weight")), _ref(node.call, "bias")
    bias_source = state.source(bias) if bias else ""
    if node.batch_norm is None:
        found = {"weight": Prepared(HOST, weight), "bias": Prepared(_HOST_BIAS, bias_source)}
        return found if bias else {"weight": found["weight"]}
    norm = node.batch_norm
    names = tuple(
        state.source(_ref(norm, n)) if _ref(norm, n) else "" for n in ("weight", "bias", "running_mean", "running_var")
    )
    channel_dim = 1 if node.name == "conv_transpose2d" else 0
    fold = (weight, bias_source, *names, get(norm, "eps"), channel_dim, get(node.call, "groups"))
    return {"weight": Prepared(HOST, "fold.weight", fold), "bias": Prepared(_HOST_BIAS, "fold.bias", fold)}


def _pool(node: Node, state: State) -> bool:
    call = node.call
    x = _ref(call, "self") or _ref(call, "input")
    if len(state.shape(x)) != 4 or len(node.outputs) != 1 or get(call, "divisor_override") is not None:
        return False
    batch, channels, height, width = state.shape(x)
    kernel = _pair(get(call, "kernel_size"), 1)
    arguments: dict[str, object] = {
        "batch_size": batch,
        "input_h": height,
        "input_w": width,
        "channels": channels,
        "kernel_size": list(kernel),
        "stride": list(_pair(get(call, "stride"), 0) if get(call, "stride") else kernel),
        "padding": list(_pair(get(call, "padding"), 0)),
    }
    if node.name == "max_pool2d":
        arguments["dilation"] = list(_pair(get(call, "dilation"), 1))
    else:
        arguments["count_include_pad"] = bool(get(call, "count_include_pad"))
    arguments["ceil_mode"] = bool(get(call, "ceil_mode"))
    place = state.preparations.bundle(state.site(node), {}, {"arguments": arguments})
    state.emit(
        node,
        node.outputs,
        parts(f"{node.name}(", state.device(node, x, "rows"), ", ", Place(place), ")"),
        _ROWS,
        hint="pooled",
    )
    return True


def _adaptive_pool(node: Node, state: State) -> bool:
    x = _ref(node.call, "self") or _ref(node.call, "input")
    size = _pair(get(node.call, "output_size"), 1)
    if len(state.shape(x)) != 4:
        return False
    if size == (1, 1):
        return _mean_of_rows(node, state, x, keepdim=True)
    batch, channels, height, width = state.shape(x)
    if size == (height, width):
        state.emit(node, node.outputs, (state.device(node, x, "rows"),), state.held[x], is_view=True, is_heavy=False)
        return True
    if any(o > i for o, i in zip(size, (height, width), strict=True)):
        return False
    arguments = {
        "batch_size": batch,
        "input_h": height,
        "input_w": width,
        "channels": channels,
        "output_size": list(size),
    }
    place = state.preparations.bundle(state.site(node), {}, {"arguments": arguments})
    state.emit(
        node,
        node.outputs,
        parts(f"{node.name}(", state.device(node, x, "rows"), ", ", Place(place), ")"),
        _ROWS,
        hint="pooled",
    )
    return True


def _mean(node: Node, state: State) -> bool:
    x = _ref(node.call, "self")
    dims = get(node.call, "dim")
    rank = len(state.shape(x))
    if (
        rank != 4
        or state.form(x) != "rows"
        or not isinstance(dims, tuple)
        or {d % 4 for d in dims if isinstance(d, int)} != {2, 3}
    ):
        return False
    return _mean_of_rows(node, state, x, keepdim=bool(get(node.call, "keepdim")))


def _mean_of_rows(node: Node, state: State, x: str, *, keepdim: bool) -> bool:
    batch, channels, height, width = state.shape(x)
    operand: Parts = (state.device(node, x, "rows", "TILE"),)
    if batch != 1:
        operand = parts("ttnn.reshape(", *operand, ", ", Literal("shape", (batch, 1, height * width, channels)), ")")
    mean = parts("ttnn.mean(", *operand, ", dim=2, keepdim=True)")
    if keepdim:
        shape = (1, 1, batch, channels)
        held = _ROWS
    else:
        shape, held = (batch, channels), _TILED  # type: ignore[assignment]
    if keepdim and batch == 1:
        state.emit(node, node.outputs, mean, held, hint="mean")
    else:
        state.emit(
            node, node.outputs, parts("ttnn.reshape(", *mean, ", ", Literal("shape", shape), ")"), held, hint="mean"
        )
    return True


def _linear(node: Node, state: State) -> bool:
    call = node.call
    is_addmm = node.name == "addmm"
    x, weight, bias = (
        (_ref(call, "mat1"), _ref(call, "mat2"), _ref(call, "self"))
        if is_addmm
        else (_ref(call, "input"), _ref(call, "weight"), _ref(call, "bias"))
    )
    if not _is_weight(state, weight, bias) or (is_addmm and (get(call, "beta") != 1 or get(call, "alpha") != 1)):
        return False
    if len(state.shape(weight)) != 2 or not state.is_device(x):
        return False
    given: list[Part] = ["ttnn.linear(", state.device(node, x, "native", "TILE"), ", "]
    given.append(state.weight(node, weight, TILE_HOW if is_addmm else TRANSPOSED_HOW, "weight"))
    if bias:
        given += [", bias=", state.weight(node, bias, ROW_HOW, "bias")]
    if node.activation is not None:
        given.append(f', activation="{node.activation.target.split(".")[1].strip("_")}"')
    state.emit(node, node.outputs, parts(*given, ")"), _TILED, hint="output")
    return True


_UNARY = frozenset(
    {
        "relu", "relu6", "hardtanh", "silu", "gelu", "sigmoid", "tanh", "leaky_relu", "mish", "hardswish", "hardsigmoid", "exp", "sqrt",
        "rsqrt", "neg", "abs", "elu", "selu", "softplus", "clamp", "clamp_min", "clamp_max", "pow", "square", "log", "reciprocal", "erf",
    }
)  # fmt: skip
_UNARY_TEXT: Mapping[str, str] = {"hardtanh": "ttnn.hardtanh", "clamp_min": "ttnn.clamp", "clamp_max": "ttnn.clamp"}


def _unary(node: Node, state: State) -> bool:
    """Element-wise: whatever form the tensor has stays."""
    refs = node.refs()
    if len(refs) != 1 or state.form(refs[0]) == "native" or not state.is_device(refs[0]):
        return False
    call = node.call
    keywords: list[Part] = []
    if node.name == "hardtanh" and (get(call, "min_val"), get(call, "max_val")) == (0.0, 6.0):
        name = "ttnn.relu6"
    else:
        name = _UNARY_TEXT.get(node.name, f"ttnn.{node.name}")
        if node.name == "gelu" and get(call, "approximate") == "tanh":
            keywords = [", variant=ttnn.GeluVariant.Tanh"]
        elif node.name == "pow":
            keywords = [", ", Literal("exponent", get(call, "exponent"))]
        else:
            for argument in call.arguments[1:]:
                if (
                    argument.name
                    in ("negative_slope", "min", "max", "min_val", "max_val", "beta", "threshold", "alpha")
                    and argument.value is not None
                ):
                    keywords += [f", {argument.name}=", Literal(argument.name, argument.value)]
    form = state.form(refs[0])
    state.emit(
        node,
        node.outputs,
        parts(f"{name}(", state.device(node, refs[0], form, "TILE"), *keywords, ")"),
        Held(form, "TILE", "bfloat16"),
        hint=node.name,
    )
    return True


_BINARY = {
    "add": "ttnn.add",
    "sub": "ttnn.subtract",
    "mul": "ttnn.multiply",
    "div": "ttnn.divide",
    "maximum": "ttnn.maximum",
    "minimum": "ttnn.minimum",
}


def _binary(node: Node, state: State) -> bool:
    call = node.call
    first, second = (a.value for a in call.arguments[:2])
    if get(call, "rounding_mode") is not None or (node.name in ("add", "sub") and get(call, "alpha") not in (None, 1)):
        return False
    if not all(state.flow.values[ref].type.dtype.startswith(("float", "bfloat")) for ref in node.refs()):
        return False
    device = [v.ref for v in (first, second) if isinstance(v, Ref) and state.is_device(v.ref)]
    form: Form = next(
        (
            state.form(v)
            for v in device
            if state.form(v) != "native" and len(state.shape(v)) == len(state.shape(node.outputs[0]))
        ),
        "native",
    )
    if form == "native" and node.activation is None:
        return False
    operands = [_binary_operand(node, state, value, form) for value in (first, second)]
    if any(operand is None for operand in operands):
        return False
    given: list[Part] = [f"{_BINARY[node.name]}("]
    for index, operand in enumerate(operands):
        given += [*([", "] if index else []), *(operand or ())]
    if node.activation is not None:
        given.append(f", activations=[{activation_text(node.activation)}]")
    state.emit(node, node.outputs, parts(*given, ")"), Held(form, "TILE", "bfloat16"), hint=node.name)
    return True


def _binary_operand(node: Node, state: State, value: object, form: Form) -> Parts | None:
    """An operand of an element-wise op in a form; None when it cannot be broadcast there."""
    if not isinstance(value, Ref):
        return (Literal("other", value),)
    shape, out = state.shape(value.ref), state.shape(node.outputs[0])
    if state.flow.roles[value.ref] == "weight":
        if form == "native":
            return (state.weight(node, value.ref, TILE_HOW, "other"),)
        per_channel = (
            len(shape) <= 1
            and len(shape) == 0
            or tuple(s for s in (1,) * (4 - len(shape)) + shape if s != 1) in ((), (out[1],))
        )
        is_channel = len(shape) >= 3 and shape[-3] == out[1] and shape[-2:] == (1, 1)
        if form == "rows" and (is_channel or (not shape and per_channel)):
            return (state.weight(node, value.ref, CHANNEL_HOW, "other"),)
        return None
    if state.flow.roles[value.ref] == "host":
        return None if form != "native" else (state.operand(node, value.ref, TILE_HOW),)
    if shape == out or form == "native":
        return (state.device(node, value.ref, form, "TILE"),)
    if (
        form == "rows"
        and len(shape) == 4
        and shape[0] == out[0] == 1
        and shape[1] in (1, out[1])
        and shape[2:] == (1, 1)
    ):
        return (state.device(node, value.ref, "rows", "TILE"),)
    return None


def _batch_norm(node: Node, state: State) -> bool:
    """On NHWC a batch norm is a product and a sum with one row each."""
    call = node.call
    x = _ref(call, "input")
    stats = [_ref(call, name) for name in ("weight", "bias", "running_mean", "running_var")]
    if len(state.shape(x)) != 4 or get(call, "training") or not all(stats[2:]) or not _is_weight(state, *stats):
        return False
    fold = ("", "", *(state.source(value) if value else "" for value in stats), get(call, "eps"), 0, 1)
    weights = {"scale": Prepared(CHANNEL_HOW, "fold.scale", fold), "shift": Prepared(CHANNEL_HOW, "fold.shift", fold)}
    place = state.preparations.bundle(state.site(node), weights, {})
    scaled = parts("ttnn.multiply(", state.device(node, x, "rows", "TILE"), ", ", Place(f"{place}.scale"), ")")
    activation = f", activations=[{activation_text(node.activation)}]" if node.activation else ""
    state.emit(
        node,
        node.outputs,
        parts("ttnn.add(", *scaled, ", ", Place(f"{place}.shift"), f"{activation})"),
        _ROWS,
        hint="normalized",
    )
    return True


def _cat(node: Node, state: State) -> bool:
    tensors = get(node.call, "tensors")
    refs = [item.ref for item in tensors if isinstance(item, Ref)] if isinstance(tensors, tuple) else []
    dim = get(node.call, "dim")
    rank = len(state.shape(node.outputs[0]))
    refs = [ref for ref in refs if 0 not in state.shape(ref)]
    if not isinstance(dim, int) or not all(state.is_device(ref) for ref in refs) or len(refs) < 2:
        return False
    is_rows = rank == 4 and dim % 4 == 1 and any(state.form(ref) == "rows" for ref in refs)
    form: Form = "rows" if is_rows else "native"
    operands: list[Part] = []
    for index, ref in enumerate(refs):
        operands += [*([", "] if index else []), state.device(node, ref, form, "TILE")]
    axis = 3 if is_rows else dim % rank
    state.emit(
        node,
        node.outputs,
        parts("ttnn.concat([", *operands, f"], dim={axis})"),
        Held(form, "TILE", "bfloat16"),
        hint="joined",
    )
    return True


def _reshape(node: Node, state: State) -> bool:
    """Views of an NHWC tensor that only drop or join its dimensions."""
    x = node.refs()[0]
    shape, out = state.shape(x), state.shape(node.outputs[0])
    if not state.is_device(x) or state.form(x) != "rows" or len(shape) != 4:
        return False
    batch, channels, height, width = shape
    if height == width == 1 and out in ((batch, channels), (batch, channels, 1)):
        held = _TILED
    elif out == (batch, channels, height * width):
        held = Held("sequence", state.held[x].layout, "bfloat16")
        operand = state.device(node, x, "rows")
        target = Literal("shape", (batch, height * width, channels))
        state.emit(
            node, node.outputs, parts("ttnn.reshape(", operand, ", ", target, ")"), held, hint="tokens", is_view=True
        )
        return True
    else:
        return False
    operand = state.device(node, x, "rows")
    state.emit(
        node,
        node.outputs,
        parts("ttnn.reshape(", operand, ", ", Literal("shape", out), ")"),
        held,
        hint="flat",
        is_view=True,
    )
    return True


def _permute(node: Node, state: State) -> bool:
    """Between NCHW as rows and torch's own NHWC nothing moves."""
    x = node.refs()[0]
    if not state.is_device(x):
        return False
    rank = len(state.shape(x))
    dims = _dims(node, rank)
    out = state.shape(node.outputs[0])
    form = state.form(x)
    if form == "sequence" and dims == (0, 2, 1):
        state.emit(
            node,
            node.outputs,
            (Use(x),),
            Held("native", state.held[x].layout, "bfloat16"),
            is_view=True,
            is_heavy=False,
        )
        return True
    if form == "rows" and dims == (0, 2, 3, 1):
        expression = parts("ttnn.reshape(", Use(x), ", ", Literal("shape", out), ")")
        state.emit(node, node.outputs, expression, Held("native", state.held[x].layout, "bfloat16"), is_view=True)
        return True
    if form == "native" and rank == 4 and dims == (0, 3, 1, 2) and _is_float(state, x):
        rows = (1, 1, out[0] * out[2] * out[3], out[1])
        expression = parts("ttnn.reshape(", state.device(node, x, "native"), ", ", Literal("shape", rows), ")")
        state.emit(node, node.outputs, expression, Held("rows", state.held[x].layout, "bfloat16"), is_view=True)
        return True
    return False


def _is_float(state: State, value: str) -> bool:
    return state.flow.values[value].type.dtype.startswith(("float", "bfloat"))


def _dims(node: Node, rank: int) -> tuple[int, ...]:
    if node.name == "permute":
        given = get(node.call, "dims")
        return tuple(d % rank for d in given if isinstance(d, int)) if isinstance(given, tuple) else ()
    first, second = get(node.call, "dim0"), get(node.call, "dim1")
    if not isinstance(first, int) or not isinstance(second, int):
        return ()
    listed = list(range(rank))
    listed[first % rank], listed[second % rank] = listed[second % rank], listed[first % rank]
    return tuple(listed)


def _upsample(node: Node, state: State) -> bool:
    x = node.refs()[0]
    batch, channels, height, width = state.shape(x)
    out = state.shape(node.outputs[0])
    factors = out[2] / height, out[3] / width
    is_nearest = "nearest" in node.name
    if not all(f.is_integer() for f in factors) or not is_nearest:
        return False
    place = state.preparations.bundle(
        state.site(node, "upsample"),
        {},
        {"arguments": {"shape": (batch, height, width, channels), "scale_factor": [int(f) for f in factors]}},
    )
    state.emit(
        node,
        node.outputs,
        parts("upsample(", state.device(node, x, "rows"), ", ", Place(place), ")"),
        _ROWS,
        hint="upsampled",
    )
    return True


def _embedding(node: Node, state: State) -> bool:
    weight, ids = _ref(node.call, "weight"), _ref(node.call, "indices")
    if not _is_weight(state, weight) or state.is_device(ids) or len(state.shape(ids)) != 2:
        return False
    from bringup.ops.lowering import INDICES, ROW_MAJOR

    indices = state.operand(node, ids, INDICES)
    table = state.weight(node, weight, ROW_MAJOR, "weight")
    state.emit(
        node,
        node.outputs,
        parts("ttnn.embedding(", indices, ", ", table, ", layout=ttnn.TILE_LAYOUT)"),
        _TILED,
        hint="embedded",
    )
    return True


def _rms_norm(node: Node, state: State) -> bool:
    x, weight = _ref(node.call, "input"), _ref(node.call, "weight")
    if not state.is_device(x):
        return False
    expression = parts(
        "ttnn.rms_norm(", state.device(node, x, "native", "TILE"), ", weight=", state.weight(node, weight, TILE_HOW, "weight"),
        ", epsilon=", Literal("epsilon", get(node.call, "eps")), ")",
    )  # fmt: skip
    state.emit(node, node.outputs, expression, _TILED, hint="normalized")
    return True


def _gelu_tanh(node: Node, state: State) -> bool:
    x = _ref(node.call, "self")
    form = state.form(x)
    expression = parts("ttnn.gelu(", state.device(node, x, form, "TILE"), ", variant=ttnn.GeluVariant.Tanh)")
    state.emit(node, node.outputs, expression, Held(form, "TILE", "bfloat16"), hint="gelu")
    return True


SPECIAL: Mapping[str, Lower] = {
    **dict.fromkeys(("conv2d", "conv_transpose2d"), _convolution),
    **dict.fromkeys(("max_pool2d", "avg_pool2d"), _pool),
    **dict.fromkeys(("adaptive_avg_pool2d",), _adaptive_pool),
    **dict.fromkeys(_UNARY, _unary),
    **dict.fromkeys(_BINARY, _binary),
    **dict.fromkeys(("view", "reshape", "flatten", "squeeze", "unsafe_view"), _reshape),
    **dict.fromkeys(("permute", "transpose"), _permute),
    **dict.fromkeys(("upsample_nearest2d",), _upsample),
    "conv1d": _conv1d,
    "lstm": _lstm,
    "unbind": _unbind,
    "mean": _mean,
    "linear": _linear,
    "addmm": _linear,
    "batch_norm": _batch_norm,
    "cat": _cat,
    "embedding": _embedding,
    "rms_norm": _rms_norm,
    "gelu_tanh": _gelu_tanh,
}
USES_ROWS = ROWS_HOW
