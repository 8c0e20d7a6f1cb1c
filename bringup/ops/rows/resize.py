"""Pools and resizing that are linear: a matmul per dimension with what the op makes of the identity."""

from __future__ import annotations

from collections.abc import Callable

from bringup.inventory import Variation
from bringup.ops.constraints import floats_only, numbers, shape_of, torch_floats
from bringup.ops.lowering import operand
from bringup.ops.spec import Lowering, OpSpec

_FUNCTIONAL = "torch.nn.functional"
_REASON = "linear in each dimension: a matmul with what it makes of the identity, a matrix made once on the host"
_NAMES = ("ttnn.matmul", "ttnn.transpose")


def by_matrices(
    v: Variation, argument: str, torch: str, matrices: tuple[str, ...], values: dict[str, object]
) -> Lowering:
    """Matmuls over the last dimensions, in order.

    Args:
        v: The variation.
        argument: The operand.
        torch: The reference.
        matrices: For each of the last dimensions that the op changes, an expression of `eye`, of shape (1, size, size),
            that gives (1, size, new size).
        values: What both use.
    """
    rank = len(shape_of(v, argument))
    dims = range(rank - len(matrices), rank)
    lines: list[str] = []
    source = "input"
    for dim, matrix in zip(dims, matrices, strict=True):
        if not matrix:
            continue
        lines += [
            f"eye = torch.eye(input_shape[{dim}]).unsqueeze(0)",
            f"matrix = {matrix}[0]",
            "matrix = ttnn.from_torch(matrix, dtype=ttnn.float32, layout=ttnn.TILE_LAYOUT, device=device)",
        ]
        if dim == rank - 1:
            lines.append(f"output = ttnn.matmul({source}, matrix)")
        else:
            turned = f"ttnn.transpose({source}, {dim}, {rank - 1})"
            lines.append(f"output = ttnn.transpose(ttnn.matmul({turned}, matrix), {dim}, {rank - 1})")
        source = "output"
    used = {name: value for name, value in values.items() if f"{{{name}}}" in " ".join((torch, *lines))}
    return Lowering((operand(v, argument, "input"),), torch, tuple(lines), used, route=f"matmul_{rank}")


def _each(v: Variation, argument: str, name: str, dims: int, default: int) -> tuple[int, ...]:
    found = numbers(v, name) or (default,)
    return found if len(found) == dims else found * dims


def average(v: Variation, dims: int, argument: str = "self") -> Lowering:
    """avg_pool1d to avg_pool3d of any kind: the divisor is a product of one per dimension."""
    kernel = _each(v, argument, "kernel_size", dims, 1)
    stride = _each(v, argument, "stride", dims, 1) if numbers(v, "stride") else kernel
    padding = _each(v, argument, "padding", dims, 0)
    divisor = v.get("divisor_override")
    flags = "{ceil_mode}, {count_include_pad}"
    torch = f"{_FUNCTIONAL}.avg_pool{dims}d(torch_input, {{kernel_size}}, {{stride}}, {{padding}}, {flags}"
    torch += ", {divisor})" if divisor else ")"
    matrices = tuple(
        f"{_FUNCTIONAL}.avg_pool1d(eye, {{kernel_size}}[{i}], {{stride}}[{i}], {{padding}}[{i}], {flags})"
        for i in range(dims)
    )
    if divisor:  # torch then divides by it alone: the matrices say which elements are in a window
        matrices = tuple(f"({matrix} > 0).float()" for matrix in matrices)
        matrices = (f"({matrices[0]} / {{divisor}})", *matrices[1:])
    values: dict[str, object] = {
        "kernel_size": kernel, "stride": stride, "padding": padding, "ceil_mode": bool(v.get("ceil_mode")),
        "count_include_pad": v.get("count_include_pad") is not False, "divisor": divisor,
    }  # fmt: skip
    return by_matrices(v, argument, torch, matrices, values)


def adaptive_average(v: Variation, dims: int) -> Lowering:
    """adaptive_avg_pool1d to 3d, to any size."""
    size = tuple(v.outputs[0].shape[-dims:])
    matrices = tuple(f"{_FUNCTIONAL}.adaptive_avg_pool1d(eye, {{output_size}}[{i}])" for i in range(dims))
    torch = f"{_FUNCTIONAL}.adaptive_avg_pool{dims}d(torch_input, {{output_size}})"
    return by_matrices(v, "self", torch, matrices, {"output_size": size})


_FACTORS = ("scales_d", "scales_h", "scales_w")


def factors(v: Variation, dims: int) -> tuple[float, ...]:
    """Factors as the op has them; empty when it has sizes: torch then works with their ratio."""
    given = v.get("scale_factors")
    if isinstance(given, tuple):
        return tuple(float(str(f)) for f in given)
    names = ("scales",) if dims == 1 else _FACTORS[-dims:]
    found = [v.get(name) for name in names]
    return tuple(float(str(f)) for f in found) if all(isinstance(f, (int, float)) for f in found) else ()


def resized(v: Variation, argument: str, dims: int, mode: str) -> Lowering:
    """Interpolation of the last dimensions in any of torch's modes."""
    given = factors(v, dims)
    size = tuple(v.outputs[0].shape[-dims:])
    call, one = _interpolation(v, dims, mode)
    if given:
        torch = call.format(source="torch_input", many="scale_factor={factors}")
        matrices = tuple(one.format(source="eye", i=i) for i in range(dims))
    else:
        torch = call.format(source="torch_input", many="size={size}")
        matrices = tuple(one.format(source="eye", i=i) for i in range(dims))
    return by_matrices(v, argument, torch, matrices, {"factors": given, "size": size})


def _interpolation(v: Variation, dims: int, mode: str) -> tuple[str, str]:
    """The call on the whole, and on one dimension: bicubic and antialiased ones take images, so the identity is one of width 1."""
    ending = f', mode="{mode}"' + _corners(v, mode) + (", antialias=True" if "_aa" in v.op else "")
    call = f"{_FUNCTIONAL}.interpolate({{source}}, {{many}}{ending})"
    given = factors(v, dims)
    one = "{{factors}}[{i}]" if given else "{{size}}[{i}]"
    name = "scale_factor" if given else "size"
    if mode in ("bicubic", "bilinear") or "_aa" in v.op:
        single = f"{_FUNCTIONAL}.interpolate({{source}}.unsqueeze(2), {name}=(1, {one}){ending}).squeeze(2)"
    else:
        ending = ending.replace("trilinear", "linear")
        single = f"{_FUNCTIONAL}.interpolate({{source}}, {name}={one}{ending})"
    return call, single


def _corners(v: Variation, mode: str) -> str:
    return "" if mode.startswith("nearest") else f", align_corners={bool(v.get('align_corners'))}"


def _row(op: str, argument: str, lower: Callable[[Variation], Lowering], *, also_integers: bool = False) -> OpSpec:
    """Of floats; `also_integers`: torch itself takes integers too, ttnn.matmul does not."""
    limits = (floats_only(argument) if also_integers else torch_floats(argument),)
    return OpSpec(op, "composite", _NAMES, _REASON, limits, lower)


def _resize_rows(name: str, dims: int, mode: str) -> tuple[OpSpec, ...]:
    return (
        _row(f"aten.{name}.default", "self", lambda v: resized(v, "self", dims, mode)),
        _row(f"aten.{name}.vec", "input", lambda v: resized(v, "input", dims, mode)),
    )


ROWS = (
    _row("aten.avg_pool1d.default", "self", lambda v: average(v, 1), also_integers=True),
    _row("aten.avg_pool3d.default", "self", lambda v: average(v, 3), also_integers=True),
    _row("aten.adaptive_avg_pool1d.default", "self", lambda v: adaptive_average(v, 1)),
    _row("aten.adaptive_avg_pool3d.default", "self", lambda v: adaptive_average(v, 3)),
    _row("aten._adaptive_avg_pool3d.default", "self", lambda v: adaptive_average(v, 3)),
    *_resize_rows("upsample_linear1d", 1, "linear"),
    *_resize_rows("upsample_trilinear3d", 3, "trilinear"),
    *_resize_rows("upsample_nearest1d", 1, "nearest"),
    *_resize_rows("upsample_nearest3d", 3, "nearest"),
    *_resize_rows("_upsample_nearest_exact1d", 1, "nearest-exact"),
    *_resize_rows("_upsample_nearest_exact2d", 2, "nearest-exact"),
    *_resize_rows("_upsample_nearest_exact3d", 3, "nearest-exact"),
    *_resize_rows("_upsample_bilinear2d_aa", 2, "bilinear"),
    *_resize_rows("_upsample_bicubic2d_aa", 2, "bicubic"),
)
