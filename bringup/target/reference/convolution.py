"""Convolutions: input NHWC or [1, 1, N*H*W, C], weights as torch has them, output [1, 1, N*OH*OW, O].

Differs from ttnn's golden functions in that weights must agree with the arguments, fused activations keep their
parameters, and prepared weights keep their values.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
import ttnn

from bringup.target.accumulation import CONVOLUTION, accumulation_of, multiply
from bringup.target.dtypes import round_to
from bringup.target.findings import ArgumentError
from bringup.target.reference.activation import activate
from bringup.target.values import PreparedWeight, Unknown, Value

if TYPE_CHECKING:
    from bringup.target.emulation import Emulation


def conv2d(**call: Any) -> list[Any]:
    """Value of ttnn.conv2d, and of the weight and bias that it prepares."""
    kernel, groups = _pair(call["kernel_size"]), call.get("groups", 1)
    weight = _weight(call)
    _check_weight(
        "ttnn.conv2d", weight, (call["out_channels"], call["in_channels"] // groups, *kernel), "O, I/groups, H, W"
    )
    value = _nchw(call)
    mode = str(getattr(call.get("conv_config"), "padding_mode", "ZEROS")).rpartition(".")[2].lower()
    value = F.pad(
        value, _torch_padding(call.get("padding", (0, 0))), "replicate" if mode == "replicate" else "constant"
    )
    stride, dilation = _pair(call.get("stride", 1)), _pair(call.get("dilation", 1))
    if call["mode"] == "accumulated":
        out = _accumulated(value, weight.float(), stride, dilation, call)
    else:
        out = F.conv2d(value, weight.float(), None, stride, 0, dilation, groups)
    return _outputs(_with_bias(out, call), call, weight)


def conv_transpose2d(**call: Any) -> list[Any]:
    """Value of ttnn.conv_transpose2d; weights are IOHW, flipped already when `mirror_kernel` is false."""
    kernel, groups = _pair(call["kernel_size"]), call.get("groups", 1)
    weight = _weight(call)
    expected = (call["in_channels"], call["out_channels"] // groups, *kernel)
    _check_weight("ttnn.conv_transpose2d", weight, expected, "I, O/groups, H, W")
    left, right, top, bottom = _torch_padding(call.get("padding", (0, 0)))
    mirrored = weight.float() if call.get("mirror_kernel", True) else weight.float().flip(2, 3)
    stride, dilation = _pair(call.get("stride", 1)), _pair(call.get("dilation", 1))
    extra = _pair(call.get("output_padding", 0))
    if call["mode"] == "accumulated":
        spread = _spread(_nchw(call), stride, tuple(d * (k - 1) for d, k in zip(dilation, kernel, strict=True)), extra)
        out = _accumulated(spread, _turned(mirrored, groups), (1, 1), dilation, call)
    else:
        out = F.conv_transpose2d(_nchw(call), mirrored, None, stride, 0, extra, groups, dilation)
    out = _with_bias(out, call)
    out = out[:, :, top : out.shape[2] - bottom, left : out.shape[3] - right]
    return _outputs(out, call, weight)


def conv1d(**call: Any) -> list[Any]:
    """Value of ttnn.conv1d: a 2-D convolution of height 1."""
    weight = _weight(call)
    groups = call.get("groups", 1)
    flat = weight.reshape(*weight.shape[:2], -1) if weight.dim() == 4 else weight
    expected = (call["out_channels"], call["in_channels"] // groups, _one(call["kernel_size"]))
    _check_weight("ttnn.conv1d", flat, expected, "O, I/groups, K")
    padding = call.get("padding", 0)
    left, right = (padding, padding) if isinstance(padding, int) else tuple(padding)
    value = call["input_tensor"].float().reshape(call["batch_size"], call["input_length"], -1)
    value = F.pad(value[..., : call["in_channels"]].permute(0, 2, 1), (left, right))
    stride, dilation = _one(call.get("stride", 1)), _one(call.get("dilation", 1))
    if call["mode"] == "accumulated":
        out = _accumulated(value.unsqueeze(2), flat.float().unsqueeze(2), (1, stride), (1, dilation), call)
    else:
        out = F.conv1d(value, flat.float(), None, stride, 0, dilation, groups).unsqueeze(2)
    return _outputs(_with_bias(out, call), call, weight)


def _accumulated(
    value: torch.Tensor, weight: torch.Tensor, stride: tuple[int, int], dilation: tuple[int, int], call: dict[str, Any]
) -> torch.Tensor:
    """A convolution of what is padded already, added up as its kernel does.

    Args:
        value: N, C, H, W.
        weight: O, C/groups, kH, kW.
        stride: Of rows and columns; dilation: the same.
        call: ttnn's arguments: groups and the compute config.
    """
    groups, kernel = call.get("groups", 1), (weight.shape[2], weight.shape[3])
    size = [
        (n - d * (k - 1) - 1) // s + 1 for n, d, k, s in zip(value.shape[2:], dilation, kernel, stride, strict=True)
    ]
    windows = F.unfold(value, kernel, dilation, 0, stride)
    windows = windows.reshape(value.shape[0], groups, -1, windows.shape[-1]).transpose(2, 3)
    kernels = weight.reshape(groups, weight.shape[0] // groups, -1).transpose(1, 2)
    out = multiply(windows, kernels, accumulation_of(call.get("compute_config"), CONVOLUTION))
    return out.transpose(2, 3).reshape(value.shape[0], weight.shape[0], *size)


def _spread(
    value: torch.Tensor, stride: tuple[int, int], reach: tuple[int, ...], extra: tuple[int, int]
) -> torch.Tensor:
    """What a transposed convolution slides over: zeros between the pixels, and around them."""
    rows, columns = ((n - 1) * s + 1 for n, s in zip(value.shape[2:], stride, strict=True))
    spread = value.new_zeros(*value.shape[:2], rows, columns)
    spread[:, :, :: stride[0], :: stride[1]] = value
    return F.pad(spread, (reach[1], reach[1] + extra[1], reach[0], reach[0] + extra[0]))


def _turned(weight: torch.Tensor, groups: int) -> torch.Tensor:
    """A transposed convolution's weight (I, O/groups, kH, kW) as one that is slid: O, I/groups, turned round."""
    inputs, outputs, *kernel = weight.shape
    grouped = weight.reshape(groups, inputs // groups, outputs, *kernel).transpose(1, 2)
    return grouped.reshape(groups * outputs, inputs // groups, *kernel).flip(2, 3)


def _with_bias(out: torch.Tensor, call: dict[str, Any]) -> torch.Tensor:
    bias = _bias(call)
    return out if bias is None else out + bias.reshape(1, -1, 1, 1)


def _weight(call: dict[str, Any]) -> torch.Tensor:
    """The weight as the convolution computes with it: one that ttnn prepares on the way is rounded to its new dtype."""
    dtype = getattr(call.get("conv_config"), "weights_dtype", None)
    weight = call["weight_tensor"]
    return round_prepared(weight, dtype) if dtype is not None and call["mode"] != "exact" else weight


def _nchw(call: dict[str, Any]) -> torch.Tensor:
    """The input as NCHW; ttnn lets channels be padded."""
    shape = (call["batch_size"], call["input_height"], call["input_width"], -1)
    image: torch.Tensor = call["input_tensor"].float().reshape(shape)
    return image[..., : call["in_channels"]].permute(0, 3, 1, 2)


def _bias(call: dict[str, Any]) -> torch.Tensor | None:
    bias = call.get("bias_tensor")
    if bias is None:
        return None
    if bias.numel() < call["out_channels"]:
        raise ArgumentError(f"bias of {bias.numel()} values for out_channels={call['out_channels']}")
    flat: torch.Tensor = bias.float().reshape(-1)
    return flat[: call["out_channels"]]


def _outputs(out: torch.Tensor, call: dict[str, Any], weight: torch.Tensor) -> list[Any]:
    out = activate(out, getattr(call.get("conv_config"), "activation", None))
    flat = out.permute(0, 2, 3, 1).reshape(1, 1, -1, out.shape[1])
    bias = call.get("bias_tensor")
    return [flat, PreparedWeight(weight), *([] if bias is None else [PreparedWeight(bias)])]


def _check_weight(op: str, weight: torch.Tensor, expected: tuple[int, ...], axes: str) -> None:
    """ttnn itself takes any weight of enough elements.

    Raises:
        ArgumentError: its shape contradicts the arguments.
    """
    if tuple(weight.shape) != expected:
        raise ArgumentError(
            f"{op}: the weight has shape {list(weight.shape)}, its arguments say {list(expected)} ({axes})"
        )


def _torch_padding(padding: Any) -> tuple[int, int, int, int]:
    """ttnn's padding (both, [h, w] or [top, bottom, left, right]) as torch's (left, right, top, bottom)."""
    if isinstance(padding, int):
        return (padding, padding, padding, padding)
    if len(padding) == 2:
        return (padding[1], padding[1], padding[0], padding[0])
    top, bottom, left, right = padding
    return (left, right, top, bottom)


def _pair(value: int | Sequence[int]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (value[0], value[1])


def _one(value: int | Sequence[int]) -> int:
    return value if isinstance(value, int) else value[0]


def prepared_weight(emulation: Emulation, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Value:
    """What ttnn.prepare_conv_weights gives: the weight's values, rounded where they will lie."""
    return _prepared(emulation, kwargs.get("weight_tensor", args[0] if args else None))


def prepared_bias(emulation: Emulation, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Value:
    """What ttnn.prepare_conv_bias gives."""
    return _prepared(emulation, kwargs.get("bias_tensor", args[0] if args else None))


def _prepared(emulation: Emulation, tensor: Any) -> Value:
    value = emulation.read(tensor)
    return (
        PreparedWeight(value) if isinstance(value, torch.Tensor) else Unknown("a weight of unknown value was prepared")
    )


def round_prepared(weight: torch.Tensor, dtype: ttnn.DataType) -> torch.Tensor:
    """A weight rounded in the layout that ttnn prepares: rows run over output channels.

    Args:
        weight: O, I/groups, H, W; other ranks (a bias) are rounded as they are.
        dtype: Of the prepared weight.
    """
    if weight.dim() != 4:
        return round_to(weight.float(), dtype)
    rows = weight.float().permute(2, 3, 1, 0)
    return round_to(rows.reshape(-1, rows.shape[-1]), dtype).reshape(rows.shape).permute(3, 2, 0, 1)


def _takes_prepared(function: Callable[..., Any]) -> Callable[..., Any]:
    function.takes_prepared = True  # type: ignore[attr-defined]
    function.takes_mode = True  # type: ignore[attr-defined]
    return function


REFERENCES: dict[str, Callable[..., Any]] = {
    "ttnn.conv1d": _takes_prepared(conv1d),
    "ttnn.conv2d": _takes_prepared(conv2d),
    "ttnn.conv_transpose2d": _takes_prepared(conv_transpose2d),
}
