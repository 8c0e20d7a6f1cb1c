"""Convolutions: NHWC on the device, weights on the host in torch's own order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bringup.inventory import Operand, Variation
from bringup.ops.accumulation import compute_config
from bringup.ops.constraints import limit, numbers, pair, shape_of
from bringup.ops.dtypes import WIDE
from bringup.ops.lowering import HOST, batched, operand, plain
from bringup.ops.spec import Constraint, Lowering, OpSpec
from bringup.ops.spec import TestInput as Tensor

_NHWC = "ttnn.from_torch({torch}.permute(0, 2, 3, 1), dtype=ttnn.bfloat16, layout=ttnn.ROW_MAJOR_LAYOUT, device=device)"
_NLC = "ttnn.from_torch({torch}.permute(0, 2, 1), dtype=ttnn.bfloat16, layout=ttnn.ROW_MAJOR_LAYOUT, device=device)"
_NDHWC = (
    "ttnn.from_torch({torch}.permute(0, 2, 3, 4, 1), dtype=ttnn.bfloat16, layout=ttnn.ROW_MAJOR_LAYOUT, device=device)"
)
_BIAS = "ttnn.from_torch({torch}.reshape(1, 1, 1, -1), dtype=ttnn.bfloat16)"
_PCC = 0.985
"""bfloat16 products added up over in_channels x kernel, as tt-metal's own convolution tests require."""


def _inputs(v: Variation, layout: str) -> tuple[Tensor, ...]:
    found = [operand(v, "input", to=layout), operand(v, "weight", to=HOST)]
    if isinstance(v.get("bias"), Operand):
        found.append(operand(v, "bias", to=_BIAS))
    return tuple(found)


def _padding(v: Variation) -> tuple[int, ...]:
    """Padding as numbers: `same` keeps the size at stride 1, `valid` is none."""
    value = v.get("padding")
    kernel = shape_of(v, "weight")[2:]
    if value == "valid":
        return (0,) * len(kernel)
    if value == "same":
        dilation = numbers(v, "dilation") or (1,)
        return tuple(dilation[i % len(dilation)] * (size - 1) // 2 for i, size in enumerate(kernel))
    found = numbers(v, "padding")
    return found if len(found) == len(kernel) else found * len(kernel)


def _uneven(v: Variation) -> tuple[int, ...]:
    """What `same` pads at the end alone, where a kernel of even size asks for an odd number of elements."""
    if v.get("padding") != "same":
        return ()
    dilation = numbers(v, "dilation") or (1,)
    return tuple(dilation[i % len(dilation)] * (size - 1) % 2 for i, size in enumerate(shape_of(v, "weight")[2:]))


def _with_uneven(lower: Callable[[Variation], Lowering], dims: tuple[str, ...]) -> Callable[[Variation], Lowering]:
    """A convolution whose `same` padding is one element more at the end: that one is put on first.

    Args:
        lower: The convolution with even padding.
        dims: What its statements call the input's sizes; empty where they take them from the tensor.
    """

    def lower_any(v: Variation) -> Lowering:
        made, extra = lower(v), _uneven(v)
        if not any(extra):
            return made
        lines = [f"input = ttnn.pad(input, {[(0, 0), *((0, e) for e in extra), (0, 0)]}, 0.0)"]
        grown = [f"{dim} += {e}" for dim, e in zip(dims, extra, strict=True) if e] if dims else []
        position = 1 if dims else 0
        call = made.torch.replace("{padding}", '"same"')
        return replace(
            made, torch=call, ttnn=(*made.ttnn[:position], *lines, *grown, *made.ttnn[position:]),
            route=f"{made.route}_uneven",
        )  # fmt: skip

    return lower_any


def _call(name: str, v: Variation, *arguments: str) -> tuple[str, ...]:
    bias = "bias_tensor=bias, " if isinstance(v.get("bias"), Operand) else ""
    return (
        f"output, [height, width] = {name}(input_tensor=input, weight_tensor=weight, {bias}device=device, "
        "in_channels=in_channels, out_channels=out_channels, batch_size=batch_size, input_height=input_height, "
        f"input_width=input_width, kernel_size=tuple(kernel_size), {', '.join(arguments)}{compute_config(v, 'compute_config')}, return_output_dim=True)",
        "output = ttnn.reshape(output, (batch_size, height, width, out_channels))",
        "output = ttnn.permute(output, (0, 3, 1, 2))",
    )


def _conv2d(v: Variation) -> Lowering:
    dims = (
        "batch_size, in_channels, input_height, input_width = input_shape",
        "out_channels, _, *kernel_size = weight_shape",
    )
    lines = _call("ttnn.conv2d", v, "stride={stride}", "padding={padding}", "dilation={dilation}", "groups={groups}")
    bias = "torch_bias" if isinstance(v.get("bias"), Operand) else "None"
    reference = f"torch.nn.functional.conv2d(torch_input, torch_weight, {bias}, {{stride}}, {{padding}}, {{dilation}}, {{groups}})"
    values = {
        "stride": pair(v, "stride", 1), "padding": _padding(v), "dilation": pair(v, "dilation", 1), "groups": plain(v.get("groups")),
    }  # fmt: skip
    return Lowering(
        _inputs(v, _NHWC), reference, (*dims, *lines), values, pcc=_PCC, relative_error=0.05, route=_route(v)
    )


def _route(v: Variation) -> str:
    return "" if isinstance(v.get("bias"), Operand) else "no_bias"


def _conv_transpose2d(v: Variation) -> Lowering:
    dims = (
        "batch_size, in_channels, input_height, input_width = input_shape",
        "_, out_channels, *kernel_size = weight_shape",
        "out_channels *= {groups}",
    )
    lines = _call(
        "ttnn.conv_transpose2d", v, "stride={stride}", "padding={padding}", "output_padding={output_padding}",
        "dilation={dilation}", "groups={groups}",
    )  # fmt: skip
    bias = "torch_bias" if isinstance(v.get("bias"), Operand) else "None"
    reference = (
        f"torch.nn.functional.conv_transpose2d(torch_input, torch_weight, {bias}, {{stride}}, {{padding}}, "
        "{output_padding}, {groups}, {dilation})"
    )
    values = {
        "stride": pair(v, "stride", 1), "padding": _padding(v), "output_padding": pair(v, "output_padding"),
        "dilation": pair(v, "dilation", 1), "groups": plain(v.get("groups")),
    }  # fmt: skip
    used = dims if v.get("groups") != 1 else dims[:2]
    return Lowering(
        _inputs(v, _NHWC), reference, (*used, *lines), values, pcc=_PCC, relative_error=0.05, route=_route(v)
    )


def _conv1d(v: Variation) -> Lowering:
    bias = "bias_tensor=bias, " if isinstance(v.get("bias"), Operand) else ""
    lines = (
        "batch_size, in_channels, input_length = input_shape",
        "out_channels, _, kernel_size = weight_shape",
        f"output, length = ttnn.conv1d(input_tensor=input, weight_tensor=weight, {bias}device=device, "
        "in_channels=in_channels, out_channels=out_channels, batch_size=batch_size, input_length=input_length, "
        f"kernel_size=kernel_size, stride={{stride}}, padding={{padding}}, dilation={{dilation}}, groups={{groups}}{compute_config(v, 'compute_config')}, return_output_dim=True)",
        "output = ttnn.permute(ttnn.reshape(output, (batch_size, length, out_channels)), (0, 2, 1))",
    )
    torch_bias = "torch_bias" if isinstance(v.get("bias"), Operand) else "None"
    reference = f"torch.nn.functional.conv1d(torch_input, torch_weight, {torch_bias}, {{stride}}, {{padding}}, {{dilation}}, {{groups}})"
    values = {
        "stride": pair(v, "stride", 1)[0], "padding": _padding(v)[0], "dilation": pair(v, "dilation", 1)[0],
        "groups": plain(v.get("groups")),
    }  # fmt: skip
    return Lowering(_inputs(v, _NLC), reference, lines, values, pcc=_PCC, relative_error=0.05, route=_route(v))


_BIAS_3D = "ttnn.from_torch({torch}.reshape(1, -1), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)"


def _conv3d(v: Variation) -> Lowering:
    bias = "bias_tensor=bias, " if isinstance(v.get("bias"), Operand) else ""
    groups = int(str(v.get("groups") or 1))
    fill = -shape_of(v, "input")[1] % 32
    padded = ("input = ttnn.pad(input, [(0, 0), (0, 0), (0, 0), (0, 0), (0, {fill})], 0.0)",) if fill else ()
    lines = (
        *padded,
        "out_channels, _, *kernel_size = weight_shape",
        f"output = ttnn.experimental.conv3d(input_tensor=input, weight_tensor=weight, {bias}device=device, dtype=ttnn.bfloat16, "
        "output_channels=out_channels, kernel_size=tuple(kernel_size), stride={stride}, padding={padding}, dilation={dilation}, "
        f'padding_mode="zeros", groups={"1" if fill else "{groups}"}{compute_config(v)})',
        "output = ttnn.permute(output, (0, 4, 1, 2, 3))",
    )
    torch_bias = "torch_bias" if isinstance(v.get("bias"), Operand) else "None"
    reference = f"torch.nn.functional.conv3d(torch_input, torch_weight, {torch_bias}, {{stride}}, {{padding}}, {{dilation}}, {{groups}})"
    values = {
        "stride": _triple(v, "stride", 1),
        "padding": _padding(v),
        "dilation": _triple(v, "dilation", 1),
        "groups": plain(v.get("groups")),
    }
    inputs = tuple(replace(i, to_ttnn=_BIAS_3D) if i.name == "bias" else i for i in _inputs(v, _NDHWC))
    if fill:
        values["fill"] = fill
        dense = "{torch}" if groups == 1 else _dense(v, groups)
        weight = (
            f"ttnn.from_torch(torch.nn.functional.pad({dense}, (0, 0, 0, 0, 0, 0, 0, {fill})), dtype=ttnn.bfloat16)"
        )
        inputs = tuple(replace(i, to_ttnn=weight) if i.name == "weight" else i for i in inputs)
    return Lowering(inputs, reference, lines, values, pcc=_PCC, relative_error=0.05, route=_route(v))


def _dense(v: Variation, groups: int) -> str:
    """The weight of a grouped convolution as one of a single group, zero between groups: conv3d takes groups only where
    its channels fill tiles."""
    out_channels, in_channels = shape_of(v, "weight")[:2]
    is_own = f"torch.eye({groups}).repeat_interleave({out_channels // groups}, 0).repeat_interleave({in_channels}, 1)"
    return f"{{torch}}.repeat(1, {groups}, 1, 1, 1) * {is_own}[..., None, None, None]"


def _triple(v: Variation, argument: str, default: int) -> tuple[int, ...]:
    found = numbers(v, argument) or (default,)
    return found if len(found) == 3 else found * 3


def _conv_transpose1d(v: Variation) -> Lowering:
    """The 2-D one with height 1."""
    bias = "bias_tensor=bias, " if isinstance(v.get("bias"), Operand) else ""
    lines = (
        "batch_size, in_channels, length = input_shape",
        "_, out_channels, kernel_size = weight_shape",
        f"output, [_, length] = ttnn.conv_transpose2d(input_tensor=input, weight_tensor=weight, {bias}device=device, "
        "in_channels=in_channels, out_channels=out_channels * {groups}, batch_size=batch_size, input_height=1, input_width=length, "
        "kernel_size=(1, kernel_size), stride=(1, {stride}), padding=(0, {padding}), output_padding=(0, {output_padding}), "
        "dilation=(1, {dilation}), "
        f"groups={{groups}}{compute_config(v, 'compute_config')}, return_output_dim=True)",
        "output = ttnn.permute(ttnn.reshape(output, (batch_size, length, out_channels * {groups})), (0, 2, 1))",
    )
    torch_bias = "torch_bias" if isinstance(v.get("bias"), Operand) else "None"
    torch = (
        f"torch.nn.functional.conv_transpose1d(torch_input, torch_weight, {torch_bias}, {{stride}}, {{padding}}, "
        "{output_padding}, {groups}, {dilation})"
    )
    values = {
        "stride": pair(v, "stride", 1)[0], "padding": _padding(v)[0], "output_padding": pair(v, "output_padding")[0],
        "dilation": pair(v, "dilation", 1)[0], "groups": plain(v.get("groups")),
    }  # fmt: skip
    to = {"input": _N1LC, "weight": "ttnn.from_torch({torch}.unsqueeze(2), dtype=ttnn.bfloat16)"}
    inputs = tuple(replace(i, to_ttnn=to.get(i.name, i.to_ttnn)) for i in _inputs(v, _N1LC))
    return Lowering(inputs, torch, lines, values, pcc=_PCC, relative_error=0.05, route=_route(v))


_N1LC = "ttnn.from_torch({torch}.permute(0, 2, 1).unsqueeze(1), dtype=ttnn.bfloat16, layout=ttnn.ROW_MAJOR_LAYOUT, device=device)"
_NCDHW = "ttnn.from_torch({torch}, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)"


def _conv_transpose3d(v: Variation) -> Lowering:
    """Zeros between the elements (a matmul per strided dimension), then a convolution with the kernel turned round."""
    shape, kernel, groups = shape_of(v, "input"), shape_of(v, "weight")[2:], int(str(v.get("groups") or 1))
    stride, padding, dilation = _triple(v, "stride", 1), _padding(v), _triple(v, "dilation", 1)
    extra = _triple(v, "output_padding", 0)
    reach = tuple(d * (k - 1) for d, k in zip(dilation, kernel, strict=True))
    channels = (shape[1], int(str(groups)) * shape_of(v, "weight")[1])
    lines = []
    source = "input"
    for dim, step in enumerate(stride, 2):
        if step == 1:
            continue
        size = shape[dim]
        lines += [
            f"spread = torch.eye({(size - 1) * step + 1})[::{step}]",
            "spread = ttnn.from_torch(spread, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)",
            f"output = ttnn.transpose(ttnn.matmul(ttnn.transpose({source}, {dim}, 4), spread), {dim}, 4)"
            if dim != 4
            else f"output = ttnn.matmul({source}, spread)",
        ]
        source = "output"
    lines += [
        f"output = ttnn.to_layout(ttnn.permute({source}, (0, 2, 3, 4, 1)), ttnn.ROW_MAJOR_LAYOUT)",
        "output = ttnn.pad(output, {around}, 0.0)",
        f"output = ttnn.experimental.conv3d(input_tensor=output, weight_tensor=weight, {'bias_tensor=bias, ' if isinstance(v.get('bias'), Operand) else ''}device=device, "
        'dtype=ttnn.bfloat16, output_channels={channels}, kernel_size={kernel}, stride=(1, 1, 1), padding=(0, 0, 0), dilation={dilation}, padding_mode="zeros", groups=1'
        + f"{compute_config(v)})",
        "output = ttnn.permute(output, (0, 4, 1, 2, 3))",
    ]
    before = tuple(r - p for r, p in zip(reach, padding, strict=True))
    around = [(0, 0), *((b, b + e) for b, e in zip(before, extra, strict=True)), (0, -channels[0] % 32)]
    torch_bias = "torch_bias" if isinstance(v.get("bias"), Operand) else "None"
    torch = (
        f"torch.nn.functional.conv_transpose3d(torch_input, torch_weight, {torch_bias}, {{stride}}, {{padding}}, "
        "{output_padding}, {groups}, {dilation})"
    )
    weight = (
        "ttnn.from_torch(torch.nn.functional.pad({torch}.flip(2, 3, 4).transpose(0, 1), "
        f"(0, 0, 0, 0, 0, 0, 0, {-channels[0] % 32})).contiguous(), dtype=ttnn.bfloat16)"
    )
    to = {"weight": weight, "bias": _BIAS_3D}
    inputs = tuple(replace(i, to_ttnn=to.get(i.name, i.to_ttnn)) for i in _inputs(v, _NCDHW))
    values = {
        "stride": stride, "padding": padding, "output_padding": extra, "dilation": dilation, "around": around,
        "channels": channels[1], "kernel": kernel, "groups": groups,
    }  # fmt: skip
    return Lowering(inputs, torch, tuple(lines), values, pcc=_PCC, relative_error=0.05, route=_route(v))


def _convolution(v: Variation) -> Lowering:
    rank = len(shape_of(v, "input"))
    if v.get("transposed"):
        return {3: _conv_transpose1d, 4: _conv_transpose2d, 5: _conv_transpose3d}[rank](v)
    return {3: _conv1d, 4: _conv2d, 5: _conv3d}[rank](v)


_WHOLE_3D: Constraint = limit(
    "one group and padding within the kernel's reach where a 3-D convolution is transposed",
    lambda v: len(shape_of(v, "weight")) != 5 or not (v.get("transposed") or "transpose" in v.op) or (
        v.get("groups") in (None, 1)
        and all(p <= d * (k - 1) for p, d, k in zip(_padding(v), _triple(v, "dilation", 1), shape_of(v, "weight")[2:], strict=True))
    ),
    lambda v: f"groups {v.get('groups')}, padding {list(_padding(v))}",
)  # fmt: skip


def _fits(lower: Callable[[Variation], Lowering], op: str, ttnn: str, rank: int) -> OpSpec:
    return OpSpec(op, "native", (ttnn,), "", (), batched(lower, rank))


def _transposed(lower: Callable[[Variation], Lowering], op: str, rank: int) -> OpSpec:
    return OpSpec(op, "native", ("ttnn.conv_transpose2d",), "", (), batched(lower, rank))


_SPREAD = (
    "zeros between the elements by a matmul per strided dimension, then a convolution with the kernel turned round"
)
_EVERY = ("ttnn.conv2d", "ttnn.conv1d", "ttnn.conv_transpose2d", "ttnn.experimental.conv3d")

DTYPES = WIDE
ROWS = (
    _fits(_conv1d, "aten.conv1d.default", "ttnn.conv1d", 3),
    _fits(_with_uneven(_conv1d, ("input_length",)), "aten.conv1d.padding", "ttnn.conv1d", 3),
    _fits(_conv2d, "aten.conv2d.default", "ttnn.conv2d", 4),
    _fits(_with_uneven(_conv2d, ("input_height", "input_width")), "aten.conv2d.padding", "ttnn.conv2d", 4),
    _fits(_conv3d, "aten.conv3d.default", "ttnn.experimental.conv3d", 5),
    _fits(_with_uneven(_conv3d, ()), "aten.conv3d.padding", "ttnn.experimental.conv3d", 5),
    _transposed(_conv_transpose1d, "aten.conv_transpose1d.default", 3),
    _transposed(_conv_transpose2d, "aten.conv_transpose2d.input", 4),
    OpSpec("aten.conv_transpose3d.input", "composite", ("ttnn.matmul", "ttnn.pad", "ttnn.experimental.conv3d"), _SPREAD,
           (_WHOLE_3D,), batched(_conv_transpose3d, 5)),
    OpSpec("aten.convolution.default", "native", _EVERY, "", (_WHOLE_3D,), _convolution),
)  # fmt: skip
