"""Where the largest element of each window stands, and the way back: max pools with indices, and max unpools."""

from __future__ import annotations

import math
from dataclasses import replace

from bringup.inventory import Variation
from bringup.ops.constraints import limit, numbers, shape_of, torch_floats
from bringup.ops.lowering import INT32, operand
from bringup.ops.results import Made, of_results
from bringup.ops.spec import Lowering, OpSpec, Result

NAMES = ("ttnn.embedding", "ttnn.max", "ttnn.argmax", "ttnn.gather", "ttnn.transpose", "ttnn.reshape")
Spans = tuple[tuple[int, ...], ...]
"""The elements of each window along one dimension, as many for each."""


def adaptive_spans(size: int, new: int) -> Spans:
    """Of an adaptive pool: the last element stands for those that a shorter window lacks."""
    spans = [range(i * size // new, -(-(i + 1) * size // new)) for i in range(new)]
    longest = max(map(len, spans))
    return tuple(tuple(span[min(i, len(span) - 1)] for i in range(longest)) for span in spans)


def pool_spans(size: int, new: int, kernel: int, stride: int, padding: int, dilation: int) -> Spans:
    """Of a pool: an element of the window itself stands for one that is outside."""
    found = []
    for index in range(new):
        places = [index * stride - padding + i * dilation for i in range(kernel)]
        inside = [place for place in places if 0 <= place < size]
        found.append(tuple(place if 0 <= place < size else inside[0] for place in places))
    return tuple(found)


def picks(dims: int) -> Result:
    """Indices of a pool count the elements of one image."""
    rank = -dims
    return Result("picks", f"torch_input.flatten({rank})", "-1", f".flatten({rank})")


def with_places(v: Variation, spans: tuple[Spans, ...], torch: str, values: dict[str, object]) -> Lowering:
    """A pool whose indices are read: all windows looked up, and the largest of each with where it stands."""
    shape, out = shape_of(v, "self"), v.outputs[0].shape
    dims = len(spans)
    strides = [math.prod(shape[len(shape) - dims + i + 1 :]) for i in range(dims)]
    count, elements = math.prod(map(len, spans)), math.prod(len(span[0]) for span in spans)
    names = ("windows_d", "windows_h", "windows_w")[-dims:]
    sides = [
        f"torch.tensor({{{name}}}).reshape({_side(len(span), i, dims)}, {_side(len(span[0]), i, dims)})"
        + (f" * {stride}" if stride > 1 else "")
        for i, (name, span, stride) in enumerate(zip(names, spans, strides, strict=True))
    ]
    lines = (
        f"places = ({' + '.join(sides)}).reshape({{grid}})",
        "windows = ttnn.from_torch(places.reshape(1, -1), dtype=ttnn.uint32, layout=ttnn.ROW_MAJOR_LAYOUT, device=device)",
        "table = ttnn.to_layout(ttnn.transpose(ttnn.reshape(input, {planes}), 0, 1), ttnn.ROW_MAJOR_LAYOUT)",
        "elements = ttnn.reshape(ttnn.embedding(windows, table, layout=ttnn.TILE_LAYOUT), {element_shape})",
    )
    chosen = (
        "places = ttnn.from_torch(places, dtype=ttnn.uint32, layout=ttnn.TILE_LAYOUT, device=device)",
        "chosen = ttnn.to_layout(ttnn.argmax(elements, dim=1), ttnn.TILE_LAYOUT)",
        "output = ttnn.reshape(ttnn.transpose(ttnn.gather(places, 1, chosen), 0, 1), {output_shape})",
    )
    largest = "ttnn.reshape(ttnn.transpose(ttnn.max(elements, dim=1), 0, 1), {output_shape})"
    written = of_results(
        v, torch, lines, (Made("values", Result("exact"), largest), Made("indices", picks(dims), chosen))
    )
    planes = math.prod(shape[: len(shape) - dims])
    given = {
        **values, **dict(zip(names, spans, strict=True)), "grid": (count, elements), "planes": (planes, math.prod(shape) // planes),
        "element_shape": (count, elements, planes), "output_shape": out,
    }  # fmt: skip
    texts = " ".join((torch, *written.lines))
    used = {name: value for name, value in given.items() if f"{{{name}}}" in texts}
    return Lowering((operand(v, "self"),), written.torch, written.lines, used, route="places",
                    many_outputs=written.many, results=written.checks)  # fmt: skip


def _side(size: int, index: int, dims: int) -> str:
    return ", ".join(str(size) if i == index else "1" for i in range(dims))


def _unpool(dims: int) -> OpSpec:
    """Zeros, with the values scattered to their places."""

    def lower(v: Variation) -> Lowering:
        shape, out = shape_of(v, "self"), v.outputs[0].shape
        planes = math.prod(shape[: len(shape) - dims])
        size, count = math.prod(out[-dims:]), math.prod(shape[-dims:])
        made = f"torch.rand({(*shape[:-dims], size)}).argsort(-1)[..., :{count}].reshape({{shape}})"
        given = "" if dims == 2 else ", {stride}, {padding}"
        lines = (
            "zeros = ttnn.zeros({target}, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)",
            "places = ttnn.reshape(indices, {source})",
            "values = ttnn.reshape(input, {source})",
            "output = ttnn.reshape(ttnn.scatter(zeros, 1, places, values), {output_shape})",
        )
        values: dict[str, object] = {
            "output_size": numbers(v, "output_size"), "target": (planes, size), "source": (planes, count), "output_shape": out,
        }  # fmt: skip
        values |= {name: numbers(v, name) for name in ("stride", "padding") if dims == 3}
        inputs = (operand(v, "self"), replace(operand(v, "indices", to=INT32), make=made))
        torch = f"torch.ops.aten.max_unpool{dims}d(torch_input, torch_indices, {{output_size}}{given})"
        return Lowering(inputs, torch, lines, values, "exact")

    fits = limit(
        "no more values than places",
        lambda v: math.prod(shape_of(v, "self")[-dims:]) <= math.prod(v.outputs[0].shape[-dims:]),
        lambda v: f"{list(shape_of(v, 'self'))} into {list(v.outputs[0].shape)}",
        unasked="torch leaves open which of two values stays",
    )
    return OpSpec(f"aten.max_unpool{dims}d.default", "composite", ("ttnn.zeros", "ttnn.scatter", "ttnn.reshape"),
                  "ttnn has no unpool: a scatter into zeros, the planes as rows", (torch_floats("self"), fits), lower)  # fmt: skip


ROWS = (_unpool(2), _unpool(3))
