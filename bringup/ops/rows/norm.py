"""Normalisations."""

from __future__ import annotations

import math

from bringup.inventory import Operand, Variation
from bringup.ops.constraints import numbers, shape_of, torch_floats
from bringup.ops.lowering import POSITIVE, TILE, operand, plain, row
from bringup.ops.spec import Lowering, OpSpec
from bringup.ops.spec import TestInput as Tensor

_CHANNEL = "ttnn.from_torch({torch}.reshape(1, -1, 1, 1), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)"
_ROW = "ttnn.from_torch({torch}.reshape(1, -1), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)"


def _has(v: Variation, name: str) -> bool:
    return isinstance(v.get(name), Operand)


def _affine(v: Variation, to: str) -> tuple[Tensor, ...]:
    return tuple(operand(v, name, to=to) for name in ("weight", "bias") if _has(v, name))


def _torch_name(v: Variation, name: str) -> str:
    return f"torch_{name}" if _has(v, name) else "None"


def _keywords(v: Variation) -> str:
    return "".join(f"{name}={name}, " for name in ("weight", "bias") if _has(v, name))


def _batch_norm(v: Variation) -> Lowering:
    if v.get("training") or not _has(v, "running_mean"):
        return _over_channels(v)
    stats = (operand(v, "running_mean", to=_CHANNEL), operand(v, "running_var", make=POSITIVE, to=_CHANNEL))
    weight, bias = _torch_name(v, "weight"), _torch_name(v, "bias")
    torch = f"torch.nn.functional.batch_norm(torch_input, torch_running_mean, torch_running_var, {weight}, {bias}, eps={{eps}})"
    line = f"output = ttnn.batch_norm(input, running_mean=running_mean, running_var=running_var, {_keywords(v)}eps={{eps}}, training=False)"
    inputs, values = (operand(v, "input"), *_affine(v, _CHANNEL), *stats), {"eps": plain(v.get("eps"))}
    shape = shape_of(v, "input")
    if len(shape) == 4:
        return Lowering(inputs, torch, (line,), values)
    lines = (
        "input = ttnn.reshape(input, {as_image})",
        line,
        "output = ttnn.reshape(output, {shape})",
    )
    as_image = (shape[0], shape[1], 1, math.prod(shape[2:]))
    return Lowering(inputs, torch, lines, {**values, "as_image": as_image, "shape": shape}, route="any_rank")


def _over_channels(v: Variation) -> Lowering:
    """With the batch's own statistics: a row per channel, each of them a row of a layer_norm."""
    shape = shape_of(v, "input")
    columns = (1, -1, *[1] * (len(shape) - 2))
    to = f"ttnn.from_torch({{torch}}.reshape{columns}, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)"
    swapped = (1, 0, *range(2, len(shape)))
    lines = (
        "output = ttnn.reshape(ttnn.permute(input, {swapped}), {rows})",
        "output = ttnn.reshape(ttnn.layer_norm(output, epsilon={eps}), {turned})",
        "output = ttnn.permute(output, {swapped})",
        *((_SCALE,) if _has(v, "weight") else ()),
        *((_SHIFT,) if _has(v, "bias") else ()),
    )
    torch = f"torch.nn.functional.batch_norm(torch_input, None, None, {_torch_name(v, 'weight')}, {_torch_name(v, 'bias')}, True, eps={{eps}})"
    values = {
        "swapped": swapped, "rows": (shape[1], math.prod(shape) // (shape[1] or 1)), "turned": tuple(shape[i] for i in swapped),
        "eps": plain(v.get("eps")),
    }  # fmt: skip
    return Lowering((operand(v, "input"), *_affine(v, to)), torch, lines, values, route="own_statistics")


def _row_norm(v: Variation, name: str, torch: str, given: str, eps: object) -> Lowering:
    """Over the last dimension; over several ones, taken together."""
    line = f"output = ttnn.{name}(input, {given}epsilon={{eps}})"
    shape, normalized = shape_of(v, "input"), numbers(v, "normalized_shape")
    values: dict[str, object] = {"normalized_shape": normalized, "eps": eps}
    lines: tuple[str, ...] = (line,)
    flattened = len(normalized) > 1 or len(shape) == 1
    if flattened:
        values |= {"rows": (*shape[: len(shape) - len(normalized)], math.prod(normalized)), "shape": shape}
        values["rows"] = values["rows"] if len(shape) > len(normalized) else (1, math.prod(normalized))
        lines = ("input = ttnn.reshape(input, {rows})", line, "output = ttnn.reshape(output, {shape})")
    route = ("" if _has(v, "weight") else "plain") + ("flattened" if flattened else "")
    return Lowering((operand(v, "input", to=TILE), *_affine(v, _ROW)), torch, lines, values, route=route)


def _layer_norm(v: Variation) -> Lowering:
    weight, bias = _torch_name(v, "weight"), _torch_name(v, "bias")
    torch = f"torch.nn.functional.layer_norm(torch_input, {{normalized_shape}}, {weight}, {bias}, {{eps}})"
    return _row_norm(v, "layer_norm", torch, _keywords(v), plain(v.get("eps")))


def _rms_norm(v: Variation) -> Lowering:
    torch = f"torch.nn.functional.rms_norm(torch_input, {{normalized_shape}}, {_torch_name(v, 'weight')}, {{eps}})"
    return _row_norm(v, "rms_norm", torch, _keywords(v), plain(v.get("eps")) or 1.1920928955078125e-07)


_GROUP_LINES = (
    "batch_size, channels, *spatial = input_shape",
    "output = ttnn.permute(ttnn.reshape(input, (batch_size, 1, channels, -1)), (0, 1, 3, 2))",
    "output = ttnn.group_norm(output, num_groups={groups}, epsilon={eps}, inplace=False)",
    "output = ttnn.reshape(ttnn.permute(output, (0, 1, 3, 2)), input_shape)",
)
_SCALE = "output = ttnn.multiply(output, weight)"
_SHIFT = "output = ttnn.add(output, bias)"


_ROW_LINES = (
    "batch_size, channels, *spatial = input_shape",
    "output = ttnn.layer_norm(ttnn.reshape(input, (batch_size * {groups}, -1)), epsilon={eps})",
    "output = ttnn.reshape(output, input_shape)",
)


def _group_lines(v: Variation, groups: int) -> tuple[str, ...]:
    """ttnn.group_norm splits the channels with their tile padding: others are rows of a layer_norm, one per group."""
    channels = shape_of(v, "input")[1]
    return _GROUP_LINES if channels % 32 == 0 and channels % groups == 0 else _ROW_LINES


def _group_norm(v: Variation) -> Lowering:
    groups = plain(v.get("num_groups")) or plain(v.get("group")) or shape_of(v, "input")[1]
    lines = (
        *_group_lines(v, int(str(groups))),
        *((_SCALE,) if _has(v, "weight") else ()),
        *((_SHIFT,) if _has(v, "bias") else ()),
    )
    torch = f"torch.nn.functional.group_norm(torch_input, {{groups}}, {_torch_name(v, 'weight')}, {_torch_name(v, 'bias')}, {{eps}})"
    rank = len(shape_of(v, "input"))
    shape = ", ".join(("1", "-1", *["1"] * (rank - 2)))
    channel = (
        f"ttnn.from_torch({{torch}}.reshape({shape}), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)"
    )
    values = {"groups": groups, "eps": plain(v.get("eps"))}
    return Lowering(
        (operand(v, "input"), *_affine(v, channel)),
        torch,
        lines,
        values,
        route=("" if _has(v, "weight") else "plain") + ("" if "ttnn.group_norm" in lines[2] else "rows"),
    )


_GROUP_REASON = (
    "group_norm wants (N, 1, H x W, C): a permute before and after, scale and shift as a multiply and an add"
)

ROWS = (
    OpSpec("aten.batch_norm.default", "native", ("ttnn.batch_norm", "ttnn.layer_norm"), "", (), _batch_norm),
    OpSpec("aten._native_batch_norm_legit_no_training.default", "native", ("ttnn.batch_norm",), "", (), _batch_norm),
    OpSpec("aten.layer_norm.default", "native", ("ttnn.layer_norm",), "", (), _layer_norm),
    OpSpec("aten.native_layer_norm.default", "native", ("ttnn.layer_norm",), "", (), _layer_norm),
    OpSpec("aten.rms_norm.default", "native", ("ttnn.rms_norm",), "", (), _rms_norm),
    OpSpec("aten.group_norm.default", "composite", ("ttnn.group_norm", "ttnn.layer_norm", "ttnn.permute", "ttnn.multiply", "ttnn.add"), _GROUP_REASON, (), _group_norm),
    OpSpec("aten.native_group_norm.default", "composite", ("ttnn.group_norm", "ttnn.layer_norm", "ttnn.permute", "ttnn.multiply", "ttnn.add"), _GROUP_REASON, (), _group_norm),
    row("aten.softmax.int", "torch.softmax(torch_input, {dim})", "ttnn.softmax(input, dim={dim})", constraints=(torch_floats("self"),)),
    row("aten._softmax.default", "torch.softmax(torch_input, {dim})", "ttnn.softmax(input, dim={dim})", constraints=(torch_floats("self"),)),
    row("aten._safe_softmax.default", "torch.softmax(torch_input, {dim})", "ttnn.softmax(input, dim={dim})", constraints=(torch_floats("self"),)),
    row("aten.log_softmax.int", "torch.log_softmax(torch_input, {dim})", "ttnn.log(ttnn.softmax(input, dim={dim}))",
        status="composite", reason="the log of a softmax", constraints=(torch_floats("self"),)),
    row("aten._log_softmax.default", "torch.log_softmax(torch_input, {dim})", "ttnn.log(ttnn.softmax(input, dim={dim}))",
        status="composite", reason="the log of a softmax", constraints=(torch_floats("self"),)),
)  # fmt: skip
