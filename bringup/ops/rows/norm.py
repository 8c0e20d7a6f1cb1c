"""Normalisations."""

from __future__ import annotations

import math
from dataclasses import replace

from bringup.inventory import Operand, Variation
from bringup.ops.accumulation import compute_config
from bringup.ops.constraints import numbers, shape_of, torch_floats
from bringup.ops.lowering import POSITIVE, TILE, operand, plain, row
from bringup.ops.results import Made, Results, of_results
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
    line = f"output = ttnn.{name}({{source}}, {given}epsilon={{{{eps}}}}{compute_config(v)})"
    shape, normalized = shape_of(v, "input"), numbers(v, "normalized_shape")
    values: dict[str, object] = {"normalized_shape": normalized, "eps": eps}
    lines: tuple[str, ...] = (line.format(source="input"),)
    flattened = len(normalized) > 1 or len(shape) == 1
    if flattened:
        values |= {"rows": (*shape[: len(shape) - len(normalized)], math.prod(normalized)), "shape": shape}
        values["rows"] = values["rows"] if len(shape) > len(normalized) else (1, math.prod(normalized))
        flat = line.format(source="flattened")
        lines = ("flattened = ttnn.reshape(input, {rows})", flat, "output = ttnn.reshape(output, {shape})")
    route = ("" if _has(v, "weight") else "plain") + ("flattened" if flattened else "")
    return Lowering((operand(v, "input", to=TILE), *_affine(v, _ROW)), torch, lines, values, route=route)


def _layer_norm(v: Variation) -> Lowering:
    weight, bias = _torch_name(v, "weight"), _torch_name(v, "bias")
    torch = f"torch.nn.functional.layer_norm(torch_input, {{normalized_shape}}, {weight}, {bias}, {{eps}})"
    return _row_norm(v, "layer_norm", torch, _keywords(v), plain(v.get("eps")))


def _native_layer_norm(v: Variation) -> Lowering:
    """With the mean and the inverse of the deviation, where they are read."""
    weight, bias = _torch_name(v, "weight"), _torch_name(v, "bias")
    torch = f"torch.native_layer_norm(torch_input, {{normalized_shape}}, {weight}, {bias}, {{eps}})"
    over = "dim={dims}, keepdim=True"
    results = (
        Made("normalized", lines=_layer_norm(v).ttnn),
        Made("mean", lines=f"ttnn.mean(input, {over})"),
        Made("rstd", lines=f"ttnn.rsqrt(ttnn.add(ttnn.var(input, {over}, correction=False), {{eps}}))"),
    )
    rank = len(shape_of(v, "input"))
    dims = list(range(rank - len(numbers(v, "normalized_shape")), rank))
    return _with_statistics(v, _layer_norm(v), torch, results, {"dims": dims})


def _native_group_norm(v: Variation) -> Lowering:
    """The same for each group."""
    weight, bias = _torch_name(v, "weight"), _torch_name(v, "bias")
    torch = f"torch.native_group_norm(torch_input, {weight}, {bias}, {{N}}, {{C}}, {{HxW}}, {{groups}}, {{eps}})"
    rows = "grouped = ttnn.reshape(input, {rows})"
    results = (
        Made("normalized", lines=_group_norm(v).ttnn),
        Made("mean", lines=(rows, "output = ttnn.mean(grouped, dim=-1)")),
        Made("rstd", lines=(rows, "output = ttnn.rsqrt(ttnn.add(ttnn.var(grouped, dim=-1, correction=False), {eps}))")),
    )
    made = _group_norm(v)
    sizes = {name: v.get(name) for name in ("N", "C", "HxW")}
    return _with_statistics(v, made, torch, results, {**sizes, "rows": (v.get("N"), made.values["groups"], -1)})


def _with_statistics(v: Variation, made: Lowering, torch: str, results: Results, values: dict[str, object]) -> Lowering:
    """A norm as its row writes it, with what else is read of its results."""
    if v.read == (0,):
        return made
    written = of_results(v, torch, (), results)
    texts = " ".join((written.torch, *written.lines))
    used = {name: value for name, value in {**made.values, **values}.items() if f"{{{name}}}" in texts}
    route = f"{made.route}_with_statistics" if made.route else "with_statistics"
    return replace(
        made, torch=written.torch, ttnn=written.lines, values=used, results=written.checks, many_outputs=written.many,
        route=route,
    )  # fmt: skip


def _rms_norm(v: Variation) -> Lowering:
    torch = f"torch.nn.functional.rms_norm(torch_input, {{normalized_shape}}, {_torch_name(v, 'weight')}, {{eps}})"
    return _row_norm(v, "rms_norm", torch, _keywords(v), plain(v.get("eps")) or 1.1920928955078125e-07)


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
    if channels % 32 or channels % groups:
        return _ROW_LINES
    return (
        "batch_size, channels, *spatial = input_shape",
        "output = ttnn.permute(ttnn.reshape(input, (batch_size, 1, channels, -1)), (0, 1, 3, 2))",
        f"output = ttnn.group_norm(output, num_groups={{groups}}, epsilon={{eps}}, inplace=False{compute_config(v)})",
        "output = ttnn.reshape(ttnn.permute(output, (0, 1, 3, 2)), input_shape)",
    )


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

_STATISTICS = ("ttnn.mean", "ttnn.var", "ttnn.add", "ttnn.rsqrt")

ROWS = (
    OpSpec("aten.batch_norm.default", "native", ("ttnn.batch_norm", "ttnn.layer_norm"), "", (), _batch_norm),
    OpSpec("aten._native_batch_norm_legit_no_training.default", "native", ("ttnn.batch_norm",), "", (), _batch_norm),
    OpSpec("aten.layer_norm.default", "native", ("ttnn.layer_norm",), "", (), _layer_norm),
    OpSpec("aten.native_layer_norm.default", "native", ("ttnn.layer_norm", *_STATISTICS), "", (), _native_layer_norm),
    OpSpec("aten.rms_norm.default", "native", ("ttnn.rms_norm",), "", (), _rms_norm),
    OpSpec("aten.group_norm.default", "composite", ("ttnn.group_norm", "ttnn.layer_norm", "ttnn.permute", "ttnn.multiply", "ttnn.add"), _GROUP_REASON, (), _group_norm),
    OpSpec("aten.native_group_norm.default", "composite", ("ttnn.group_norm", "ttnn.layer_norm", "ttnn.permute", "ttnn.multiply", *_STATISTICS), _GROUP_REASON, (), _native_group_norm),
    row("aten.softmax.int", "torch.softmax(torch_input, {dim})", "ttnn.softmax(input, dim={dim})", constraints=(torch_floats("self"),)),
    row("aten._softmax.default", "torch.softmax(torch_input, {dim})", "ttnn.softmax(input, dim={dim})", constraints=(torch_floats("self"),)),
    row("aten._safe_softmax.default", "torch.softmax(torch_input, {dim})", "ttnn.softmax(input, dim={dim})", constraints=(torch_floats("self"),)),
    row("aten.log_softmax.int", "torch.log_softmax(torch_input, {dim})", "ttnn.log(ttnn.softmax(input, dim={dim}))",
        status="composite", reason="the log of a softmax", constraints=(torch_floats("self"),)),
    row("aten._log_softmax.default", "torch.log_softmax(torch_input, {dim})", "ttnn.log(ttnn.softmax(input, dim={dim}))",
        status="composite", reason="the log of a softmax", constraints=(torch_floats("self"),)),
)  # fmt: skip
