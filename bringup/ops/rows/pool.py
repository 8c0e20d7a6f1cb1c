"""Pools and upsampling: NHWC on the device, back to NCHW for the comparison."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from bringup.inventory import Variation
from bringup.ops.constraints import floats_only, limit, numbers, pair, rank_is, shape_of, torch_floats
from bringup.ops.lowering import batched, operand
from bringup.ops.results import Made, of_results
from bringup.ops.rows.resize import adaptive_average, average, factors, resized
from bringup.ops.rows.windows import NAMES as PLACES
from bringup.ops.rows.windows import Spans, adaptive_spans, picks, pool_spans, with_places
from bringup.ops.spec import Compare, Lowering, OpSpec, Result

_ROWS = (
    "ttnn.from_torch({torch}.permute(0, 2, 3, 1).reshape(1, 1, -1, {torch}.shape[1]), "
    "dtype=ttnn.bfloat16, layout=ttnn.ROW_MAJOR_LAYOUT, device=device)"
)
_ROWS_OF_ONE = (
    "ttnn.from_torch({torch}.permute(1, 2, 0).reshape(1, 1, -1, {torch}.shape[0]), "
    "dtype=ttnn.bfloat16, layout=ttnn.ROW_MAJOR_LAYOUT, device=device)"
)
_NHWC = "ttnn.from_torch({torch}.permute(0, 2, 3, 1), dtype=ttnn.bfloat16, layout=ttnn.ROW_MAJOR_LAYOUT, device=device)"
_DIMS = "batch_size, channels, height, width = input_shape"
_BACK = (
    "output = ttnn.reshape(output, (batch_size, {output_height}, {output_width}, channels))",
    "output = ttnn.permute(output, (0, 3, 1, 2))",
)
_FLOATS = (torch_floats("self"),)
_NO_INTEGERS = (
    replace(
        floats_only("self"),
        unasked="they go as bfloat16, which is exact up to 256 only: values that the emulated board in exact mode keeps",
    ),
)


def _pool(
    call: str,
    torch: str,
    arguments: tuple[str, ...],
    values: Callable[[Variation], dict[str, object]],
    compare: Compare,
) -> Callable[[Variation], Lowering]:
    def lower(v: Variation) -> Lowering:
        lines: tuple[str, ...] = (
            _DIMS,
            f"output = {call}(input_tensor=input, batch_size=batch_size, input_h=height, input_w=width, channels=channels, "
            f"{', '.join(arguments)})",
            "output = ttnn.sharded_to_interleaved(output) if ttnn.is_sharded(output) else output",
            *_BACK,
        )
        height, width = v.outputs[0].shape[-2:]
        given = {**values(v), "output_height": height, "output_width": width}
        if len(shape_of(v, "self")) == 3:
            lines = (
                "batch_size, (channels, height, width) = 1, input_shape",
                *lines[1:],
                "output = ttnn.squeeze(output, 0)",
            )
            return Lowering((operand(v, "self", to=_ROWS_OF_ONE),), torch, lines, given, compare, route="unbatched")
        return Lowering((operand(v, "self", to=_ROWS),), torch, lines, given, compare)

    return lower


def _window(v: Variation) -> dict[str, object]:
    kernel = pair(v, "kernel_size")
    found: dict[str, object] = {
        "kernel_size": list(kernel),
        "stride": list(pair(v, "stride", 0)) if numbers(v, "stride") else list(kernel),
        "padding": list(pair(v, "padding")),
        "ceil_mode": bool(v.get("ceil_mode")),
    }
    if v.get("dilation") is not None:
        found["dilation"] = list(pair(v, "dilation", 1))
    if "avg" in v.op:
        found["count_include_pad"] = bool(v.get("count_include_pad"))
    return found


def _output_size(v: Variation) -> dict[str, object]:
    return {"output_size": list(v.outputs[0].shape[-2:])}


def _is_larger(v: Variation) -> bool:
    """A window larger than its padded input, which ends ttnn's process."""
    sides = zip(pair(v, "kernel_size"), pair(v, "padding"), shape_of(v, "self")[-2:], strict=True)
    return any(kernel > size + 2 * padding for kernel, padding, size in sides)


def _max_pool(op: str, torch: str) -> OpSpec:
    arguments = (
        "kernel_size={kernel_size}",
        "stride={stride}",
        "padding={padding}",
        "dilation={dilation}",
        "ceil_mode={ceil_mode}",
    )
    alone = _pool("ttnn.max_pool2d", torch, arguments, _window, "exact")

    def lower(v: Variation) -> Lowering:
        if 1 not in v.read:
            return alone(v)
        with_indices = torch.replace("max_pool2d(", "max_pool2d_with_indices(")
        if len(shape_of(v, "self")) == 4:
            return _with_indices(v, with_indices, ", ".join(arguments))
        given = _window(v)
        sides = (given["kernel_size"], given["stride"], given["padding"], given["dilation"])
        return with_places(v, _spans(v, sides), with_indices, given)

    names = ("ttnn.max_pool2d", *PLACES) if "with_indices" in op else ("ttnn.max_pool2d",)
    return OpSpec(op, "native", names, "", _NO_INTEGERS, lower)


def _spans(v: Variation, sides: Sequence[object]) -> tuple[Spans, ...]:
    """The windows of a pool along each dimension; `sides` are its kernel, stride, padding and dilation."""
    kernel = tuple(zip(*sides, strict=True))
    dims = len(kernel)
    sizes = zip(shape_of(v, "self")[-dims:], v.outputs[0].shape[-dims:], kernel, strict=True)
    return tuple(pool_spans(size, new, *side) for size, new, side in sizes)


def _with_indices(v: Variation, torch: str, arguments: str) -> Lowering:
    """ttnn's own indices, which count the elements of one image as torch's do."""
    height, width = v.outputs[0].shape[-2:]
    call = f"ttnn.max_pool2d(input_tensor=input, batch_size=batch_size, input_h=height, input_w=width, channels=channels, {arguments}, return_indices=True)"
    back = "output = ttnn.permute(ttnn.reshape({name}, (batch_size, {{output_height}}, {{output_width}}, channels)), (0, 3, 1, 2))"
    gathered = "{name} = ttnn.sharded_to_interleaved({name}) if ttnn.is_sharded({name}) else {name}"
    results = (
        Made("values", Result("exact"), (gathered.format(name="values"), back.format(name="values"))),
        Made(
            "indices",
            picks(2),
            (
                gathered.format(name="indices"),
                "indices = ttnn.typecast(ttnn.to_layout(indices, ttnn.TILE_LAYOUT), ttnn.int32)",
                back.format(name="indices"),
            ),
        ),
    )
    written = of_results(v, torch, (_DIMS, f"values, indices = {call}"), results)
    values = {**_window(v), "output_height": height, "output_width": width}
    return Lowering((operand(v, "self", to=_ROWS),), written.torch, written.lines, values,
                    many_outputs=written.many, results=written.checks)  # fmt: skip


def _avg_pool(op: str) -> OpSpec:
    arguments = (
        "kernel_size={kernel_size}",
        "stride={stride}",
        "padding={padding}",
        "ceil_mode={ceil_mode}",
        "count_include_pad={count_include_pad}",
    )
    torch = "torch.nn.functional.avg_pool2d(torch_input, {kernel_size}, {stride}, {padding}, {ceil_mode}, {count_include_pad})"
    direct = _pool("ttnn.avg_pool2d", torch, arguments, _window, "close")

    def lower(v: Variation) -> Lowering:
        return average(v, 2) if v.get("divisor_override") or _is_larger(v) else direct(v)

    return OpSpec(op, "native", ("ttnn.avg_pool2d", "ttnn.matmul", "ttnn.transpose"), "", (floats_only("self"),), lower)


_TORCH_MAX = "torch.nn.functional.max_pool2d(torch_input, {kernel_size}, {stride}, {padding}, {dilation}, {ceil_mode})"


def _divides(v: Variation) -> bool:
    """Whether all windows are of one size: others are refused by ttnn's adaptive pools."""
    sizes = zip(v.outputs[0].shape[-2:], shape_of(v, "self")[-2:], strict=True)
    return len(shape_of(v, "self")) == 4 and all(o and i % o == 0 for o, i in sizes)


def _adaptive_max(dims: int) -> Callable[[Variation], Lowering]:
    """Windows of several sizes: per dimension a look-up of each window's elements, the last repeated, and their maximum."""
    torch = f"torch.nn.functional.adaptive_max_pool{dims}d(torch_input, {{output_size}})"

    def lower(v: Variation) -> Lowering:
        if 1 in v.read:
            spans = zip(shape_of(v, "self")[-dims:], v.outputs[0].shape[-dims:], strict=True)
            both = torch.removesuffix(")") + ", return_indices=True)"
            windows = tuple(adaptive_spans(size, new) for size, new in spans)
            return with_places(v, windows, both, {"output_size": tuple(v.outputs[0].shape[-dims:])})
        if dims == 2 and _divides(v):
            return _pool("ttnn.adaptive_max_pool2d", torch, ("output_size={output_size}",), _output_size, "exact")(v)
        shape, size = list(shape_of(v, "self")), tuple(v.outputs[0].shape[-dims:])
        lines: list[str] = []
        source = "input"
        for dim, new in enumerate(size, len(shape) - dims):
            places = [list(span) for span in adaptive_spans(shape[dim], new)]
            front = (dim, *(i for i in range(len(shape)) if i != dim))
            moved = [new if i == dim else shape[i] for i in front]
            table = (shape[dim], math.prod(shape) // shape[dim])
            lines += [
                f"windows = torch.tensor({places})",
                "windows = ttnn.from_torch(windows.reshape(1, -1), dtype=ttnn.uint32, layout=ttnn.ROW_MAJOR_LAYOUT, device=device)",
                f"table = ttnn.to_layout(ttnn.permute({source}, {front}), ttnn.ROW_MAJOR_LAYOUT)",
                f"output = ttnn.embedding(windows, ttnn.reshape(table, {table}))",
                f"output = ttnn.max(ttnn.reshape(output, {(new, len(places[0]), math.prod(moved[1:]))}), dim=1)",
                f"output = ttnn.permute(ttnn.reshape(output, {moved}), {tuple(front.index(i) for i in range(len(shape)))})",
            ]
            shape[dim], source = new, "output"
        return Lowering((operand(v, "self"),), torch, tuple(lines), {"output_size": size}, "exact", route="windows")

    return lower


_LARGEST_NAMES = ("ttnn.adaptive_max_pool2d", "ttnn.permute", *PLACES)


def _is_global(v: Variation) -> bool:
    return pair(v, "output_size") == (1, 1)


def _adaptive_avg(v: Variation) -> Lowering:
    if not _is_global(v) and (len(shape_of(v, "self")) == 3 or not _divides(v)):
        return adaptive_average(v, 2)
    if not _is_global(v):
        torch = "torch.nn.functional.adaptive_avg_pool2d(torch_input, {output_size})"
        return _pool("ttnn.adaptive_avg_pool2d", torch, ("output_size={output_size}",), _output_size, "close")(v)
    return Lowering(
        (operand(v, "self"),),
        "torch.nn.functional.adaptive_avg_pool2d(torch_input, 1)",
        ("output = ttnn.mean(input, dim=[-2, -1], keepdim=True)",),
        route="global",
    )


def _adaptive_avg_row(op: str) -> OpSpec:
    names = ("ttnn.adaptive_avg_pool2d", "ttnn.mean", "ttnn.matmul", "ttnn.transpose")
    return OpSpec(op, "native", names, "", _FLOATS, _adaptive_avg)


def _max_pool3d(op: str) -> OpSpec:
    """Over height and width, then over depth: each a 2-D pool."""

    def lower(v: Variation) -> Lowering:
        kernel = _three(v, "kernel_size")
        values = {
            "kernel_size": kernel,
            "stride": _three(v, "stride") if numbers(v, "stride") else kernel,
            "padding": _three(v, "padding"),
            "dilation": _three(v, "dilation", 1),
            "ceil_mode": bool(v.get("ceil_mode")),
            "output_size": v.outputs[0].shape[-3:],
        }
        if 1 in v.read:
            torch = _TORCH_MAX_3D.removesuffix(")") + ", return_indices=True)"
            sides = tuple(values[name] for name in ("kernel_size", "stride", "padding", "dilation"))
            return with_places(v, _spans(v, sides), torch, values)
        return Lowering((operand(v, "self", to=_VOLUME_ROWS),), _TORCH_MAX_3D, _MAX_3D, values, "exact")

    def lower_any(v: Variation) -> Lowering:
        return lower(v) if 1 in v.read else batched(lower, 5, "self")(v)

    reason = "a 2-D pool over height and width, and one over depth, with permutes between"
    names = ("ttnn.max_pool2d", "ttnn.permute", *(PLACES if "with_indices" in op else ("ttnn.reshape",)))
    return OpSpec(op, "composite", names, reason, _NO_INTEGERS, lower_any)


def _three(v: Variation, argument: str, default: int = 0) -> tuple[int, ...]:
    found = numbers(v, argument) or (default,)
    return found if len(found) == 3 else found * 3


_VOLUME_ROWS = (
    "ttnn.from_torch({torch}.permute(0, 2, 3, 4, 1).reshape(1, 1, -1, {torch}.shape[1]), "
    "dtype=ttnn.bfloat16, layout=ttnn.ROW_MAJOR_LAYOUT, device=device)"
)
_TORCH_MAX_3D = (
    "torch.nn.functional.max_pool3d(torch_input, {kernel_size}, {stride}, {padding}, {dilation}, {ceil_mode})"
)
_MAX_3D = (
    "batch_size, channels, depth, height, width = input_shape",
    "new_depth, new_height, new_width = {output_size}",
    "output = ttnn.max_pool2d(input_tensor=input, batch_size=batch_size * depth, input_h=height, input_w=width, channels=channels, "
    "kernel_size=list({kernel_size}[1:]), stride=list({stride}[1:]), padding=list({padding}[1:]), dilation=list({dilation}[1:]), ceil_mode={ceil_mode})",
    "output = ttnn.sharded_to_interleaved(output) if ttnn.is_sharded(output) else output",
    "output = ttnn.reshape(output, (1, 1, batch_size * depth * new_height * new_width, channels))",
    "output = ttnn.max_pool2d(input_tensor=output, batch_size=batch_size, input_h=depth, input_w=new_height * new_width, channels=channels, "
    "kernel_size=[{kernel_size}[0], 1], stride=[{stride}[0], 1], padding=[{padding}[0], 0], dilation=[{dilation}[0], 1], ceil_mode={ceil_mode})",
    "output = ttnn.sharded_to_interleaved(output) if ttnn.is_sharded(output) else output",
    "output = ttnn.reshape(output, (batch_size, new_depth, new_height, new_width, channels))",
    "output = ttnn.permute(output, (0, 4, 1, 2, 3))",
)


_GRID_NHWC = (
    "ttnn.from_torch({torch}.permute(0, 2, 3, 1), dtype=ttnn.bfloat16, layout=ttnn.ROW_MAJOR_LAYOUT, device=device)"
)
_GRID = "ttnn.from_torch({torch}, dtype=ttnn.float32, layout=ttnn.ROW_MAJOR_LAYOUT, device=device)"


def _grid_sample(v: Variation) -> Lowering:
    """Channels are filled up to a multiple of 32, which ttnn.grid_sample wants."""
    channels = shape_of(v, "input")[1]
    fill = -channels % 32
    values: dict[str, object] = {
        "align_corners": bool(v.get("align_corners")),
        "mode": _MODES[int(str(v.get("interpolation_mode")))],
        "padding_mode": _PADDING_MODES[int(str(v.get("padding_mode")))],
    }
    call = "output = ttnn.grid_sample(input, grid, align_corners={align_corners})"
    lines: tuple[str, ...] = (call, "output = ttnn.permute(output, (0, 3, 1, 2))")
    if fill:
        batch, _, height, width = v.outputs[0].shape
        values |= {"around": [(0, 0)] * 3 + [(0, fill)], "ends": [batch, height, width, channels]}
        cut = "output = ttnn.slice(output, [0, 0, 0, 0], {ends})"
        lines = ("input = ttnn.pad(input, {around}, 0.0)", call, cut, lines[1])
    torch = "torch.nn.functional.grid_sample(torch_input, torch_grid, {mode}, {padding_mode}, {align_corners})"
    inputs = (operand(v, "input", to=_GRID_NHWC), operand(v, "grid", make="torch.rand({shape}) * 2.2 - 1.1", to=_GRID))
    moved, route = _grid_lines(v)
    return Lowering(
        inputs, torch, (*moved, *lines), values, pcc=0.99, relative_error=0.05, route=route + ("padded" if fill else "")
    )


def _grid_lines(v: Variation) -> tuple[tuple[str, ...], str]:
    """What is done to the grid first: clamped to the outer pixels' centres for `border`, to the nearest centre for `nearest`."""
    height, width = shape_of(v, "input")[-2:]
    lines: tuple[str, ...] = ()
    route = ""
    span = "sizes - 1" if v.get("align_corners") else "sizes"
    sizes = f"sizes = torch.tensor([{width}.0, {height}.0]).reshape(1, 1, 1, 2)"
    move = "ttnn.from_torch({made}, dtype=ttnn.float32, layout=ttnn.ROW_MAJOR_LAYOUT, device=device)".format
    if v.get("padding_mode") == 1:
        route += "border"
        lines += (
            sizes,
            f"edge = {move(made=f'(sizes - 1) / ({span})')}",
            "grid = ttnn.minimum(ttnn.maximum(grid, ttnn.neg(edge)), edge)",
        )
    if v.get("interpolation_mode") == 1:
        route += "nearest"
        lines += (
            sizes,
            f"half = {move(made=f'({span}) / 2')}",
            f"middle = {move(made='(sizes - 1) / 2')}",
            "grid = ttnn.round(ttnn.add(ttnn.multiply(grid, half), middle))",
            "grid = ttnn.divide(ttnn.subtract(grid, middle), half)",
        )
    return tuple(dict.fromkeys(lines)), route


_MODES = ("bilinear", "nearest", "bicubic")
_PADDING_MODES = ("zeros", "border", "reflection")
_GRID_LIMITS = (
    replace(rank_is("input", 4), unasked="an op of its own, aten.grid_sampler_3d, for which the row writes nothing"),
    limit(
        "bilinear or nearest, with zeros or the border around the image",
        lambda v: v.get("interpolation_mode") in (0, 1) and v.get("padding_mode") in (0, 1),
        lambda v: f"interpolation_mode {v.get('interpolation_mode')}, padding_mode {v.get('padding_mode')}",
    ),
)
_GRID_NAMES = ("ttnn.grid_sample", "ttnn.pad", "ttnn.minimum", "ttnn.maximum", "ttnn.round", "ttnn.multiply")


def _sizes(v: Variation) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return shape_of(v, "input")[-2:] or shape_of(v, "self")[-2:], v.outputs[0].shape[-2:]


def _scale(v: Variation) -> tuple[float, float]:
    before, after = _sizes(v)
    return after[0] / before[0], after[1] / before[1]


def _whole_scale(v: Variation) -> bool:
    return all(factor.is_integer() for factor in _scale(v))


_LARGEST_FACTOR = 8
"""ttnn.upsample in bilinear mode holds whole rows of output in L1: larger factors run out of it."""


def _is_direct(v: Variation, mode: str) -> bool:
    """Whether ttnn.upsample itself takes it: nearest by any factors that give the size; bilinear by whole ones, in channels
    of 32, without aligned corners."""
    if mode == "nearest":
        before, after = _sizes(v)
        return all(int(size * by) == out for size, by, out in zip(before, _by(v), after, strict=True))
    small = all(factor <= _LARGEST_FACTOR for factor in _scale(v)) and _whole_scale(v)
    return mode == "bilinear" and v.outputs[0].shape[1] % 32 == 0 and not v.get("align_corners") and small


def _by(v: Variation) -> tuple[float, ...]:
    """The factors: whole ones as ints, those of the op itself before those that sizes make."""
    found = _scale(v) if _whole_scale(v) else factors(v, 2) or _scale(v)
    return tuple(int(factor) if float(factor).is_integer() else factor for factor in found)


def _upsample(op: str, operand_name: str, mode: str) -> OpSpec:
    def lower(v: Variation) -> Lowering:
        if not _is_direct(v, mode):
            return resized(v, operand_name, 2, mode)
        by_size = not _whole_scale(v) and not factors(v, 2)
        values: dict[str, object] = {"scale_factor": _by(v), **({"size": v.outputs[0].shape[-2:]} if by_size else {})}
        lines = (
            f'output = ttnn.upsample(input, scale_factor={{scale_factor}}, mode="{mode}")',
            "output = ttnn.permute(output, (0, 3, 1, 2))",
        )
        asked = "size={size}" if by_size else "scale_factor={scale_factor}"
        torch = f'torch.nn.functional.interpolate(torch_input, {asked}, mode="{mode}")'
        compare: Compare = "exact" if mode == "nearest" else "close"
        return Lowering(
            (operand(v, operand_name, "input", to=_NHWC),),
            torch,
            lines,
            values,
            compare,
            route="size" if by_size else "",
        )

    limits = (torch_floats(operand_name),)
    reason = "ttnn.upsample where it takes the factors, else a matmul per dimension with a fixed matrix"
    names = ("ttnn.upsample", "ttnn.matmul")
    return OpSpec(op, "composite" if mode == "bicubic" else "native", names, reason, limits, lower)


ROWS = (
    _max_pool("aten.max_pool2d.default", _TORCH_MAX),
    _max_pool("aten.max_pool2d_with_indices.default", _TORCH_MAX),
    _avg_pool("aten.avg_pool2d.default"),
    _adaptive_avg_row("aten.adaptive_avg_pool2d.default"),
    _adaptive_avg_row("aten._adaptive_avg_pool2d.default"),
    OpSpec("aten.adaptive_max_pool2d.default", "native", _LARGEST_NAMES, "", _FLOATS, _adaptive_max(2)),
    OpSpec("aten.adaptive_max_pool3d.default", "composite", _LARGEST_NAMES[1:], "per dimension a look-up of each window's elements, and their maximum", _FLOATS, _adaptive_max(3)),
    OpSpec("aten.grid_sampler.default", "native", _GRID_NAMES, "", _GRID_LIMITS, _grid_sample),
    OpSpec("aten.grid_sampler_2d.default", "native", _GRID_NAMES, "", _GRID_LIMITS[1:], _grid_sample),
    _max_pool3d("aten.max_pool3d.default"),
    _max_pool3d("aten.max_pool3d_with_indices.default"),
    _upsample("aten.upsample_nearest2d.vec", "input", "nearest"),
    _upsample("aten.upsample_nearest2d.default", "self", "nearest"),
    _upsample("aten.upsample_bilinear2d.vec", "input", "bilinear"),
    _upsample("aten.upsample_bilinear2d.default", "self", "bilinear"),
    _upsample("aten.upsample_bicubic2d.vec", "input", "bicubic"),
    _upsample("aten.upsample_bicubic2d.default", "self", "bicubic"),
)  # fmt: skip
