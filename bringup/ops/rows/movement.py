"""Data movement: exact, in any layout."""

from __future__ import annotations

import math
from dataclasses import replace

from bringup.inventory import Variation
from bringup.ops.constraints import dtype_of, limit, numbers, one_of, shape_of, torch_floats
from bringup.ops.dtypes import MOVED, family, on_device
from bringup.ops.lowering import (
    INT32_ROW_MAJOR,
    folded,
    made_as,
    moved_as,
    operand,
    operands,
    plain,
    positive_dims,
    row,
)
from bringup.ops.spec import Constraint, Lowering, OpSpec
from bringup.ops.spec import TestInput as Tensor

_END = 2**62
"""Slice ends above this mean "to the end": torch writes 2**63 - 1."""


def _out(v: Variation) -> dict[str, object]:
    return {"shape": v.outputs[0].shape}


def _reshape(op: str) -> OpSpec:
    return row(
        op,
        "torch.reshape(torch_input, {shape})",
        "ttnn.reshape(input, {shape})",
        values=_out,
        compare="exact",
        only=("self",),
        folds=_same_shape,
    )


def _permutation(v: Variation) -> dict[str, object]:
    rank = len(shape_of(v, "self"))
    return {"dims": positive_dims(v, "dims", rank)}


def _bounds(v: Variation) -> tuple[int, int, int, int]:
    shape = shape_of(v, "self")
    dim = int(str(v.get("dim") or 0)) % len(shape)
    size = shape[dim]
    start, end, length = v.get("start"), v.get("end"), v.get("length")
    first = _clip(start if isinstance(start, int) else 0, size)
    end = first + length if isinstance(length, int) else end
    last = size if not isinstance(end, int) or end > _END else _clip(end, size)
    step = v.get("step")
    return dim, first, max(first, last), step if isinstance(step, int) else 1


def _clip(index: int, size: int) -> int:
    return min(max(index + size if index < 0 else index, 0), size)


def _slice(v: Variation) -> dict[str, object]:
    shape = shape_of(v, "self")
    dim, first, last, step = _bounds(v)
    rank = range(len(shape))
    return {
        "starts": [first if i == dim else 0 for i in rank],
        "ends": [last if i == dim else shape[i] for i in rank],
        "steps": [step if i == dim else 1 for i in rank],
    }


def _slice_row(op: str) -> OpSpec:
    def torch(v: Variation) -> str:
        dim = _bounds(v)[0]
        leading = ":, " * dim
        return f"torch_input[{leading}{{starts}}[{dim}] : {{ends}}[{dim}] : {{steps}}[{dim}]]"

    return row(op, torch, "ttnn.slice(input, {starts}, {ends}, {steps})", values=_slice, compare="exact")


def _select(v: Variation) -> dict[str, object]:
    shape = shape_of(v, "self")
    dim = int(str(v.get("dim"))) % len(shape)
    index = int(str(v.get("index"))) % shape[dim]
    rank = range(len(shape))
    return {
        "dim": dim,
        "index": index,
        "starts": [index if i == dim else 0 for i in rank],
        "ends": [index + 1 if i == dim else shape[i] for i in rank],
    }


_SELECT = ("output = ttnn.slice(input, {starts}, {ends})", "output = ttnn.squeeze(output, {dim})")


def _pads(v: Variation) -> dict[str, object]:
    """torch lists pads from the last dimension, ttnn from the first; negative ones are for a slice before."""
    given, shape = numbers(v, "pad"), shape_of(v, "self")
    pairs = [(given[i], given[i + 1]) for i in range(0, len(given), 2)]
    sides = [(0, 0)] * (len(shape) - len(pairs)) + pairs[::-1]
    return {
        "pad": list(given),
        "padding": [(max(before, 0), max(after, 0)) for before, after in sides],
        "starts": [max(-before, 0) for before, _ in sides],
        "ends": [size + min(after, 0) for size, (_, after) in zip(shape, sides, strict=True)],
        "fill": _number(v.get("value")),
    }


_PAD = "output = ttnn.pad({source}, {padding}, value={fill})"
_CROP = "output = ttnn.slice(input, {starts}, {ends})"


def _pad_route(v: Variation) -> str:
    given = numbers(v, "pad")
    if all(amount >= 0 for amount in given):
        return ""
    return "crop_and_pad" if any(amount > 0 for amount in given) else "crop"


def _pad_lines(v: Variation) -> tuple[str, ...]:
    """ttnn.pad takes no negative amounts: what they take away is a slice."""
    first, after = _PAD.replace("{source}", "input"), _PAD.replace("{source}", "output")
    return {"": (first,), "crop": (_CROP,), "crop_and_pad": (_CROP, after)}[_pad_route(v)]


def _number(value: object) -> float:
    number = plain(value)
    return float(number) if isinstance(number, (int, float)) else 0.0


_ROW_MAJOR_INPUT = {
    "input": "ttnn.from_torch({torch}, dtype=ttnn.bfloat16, layout=ttnn.ROW_MAJOR_LAYOUT, device=device)"
}


def _pad(op: str, *limits: Constraint) -> OpSpec:
    return row(op, "torch.nn.functional.pad(torch_input, {pad}, value={fill})", _pad_lines, names=("ttnn.pad", "ttnn.slice"),
               values=_pads, to=_ROW_MAJOR_INPUT, compare="exact", constraints=limits, route=_pad_route)  # fmt: skip


def _repeats(v: Variation) -> dict[str, object]:
    """expand as the repeats of each dimension, after leading ones."""
    shape, out = shape_of(v, "self"), v.outputs[0].shape
    lined_up = (1,) * (len(out) - len(shape)) + shape
    return {"aligned": lined_up, "repeats": tuple(o // s for o, s in zip(out, lined_up, strict=True)), "shape": out}


def _expand_lines(v: Variation) -> str:
    given = _repeats(v)
    source = "input" if given["aligned"] == shape_of(v, "self") else "ttnn.reshape(input, {aligned})"
    return f"ttnn.repeat({source}, {{repeats}})"


def _copy_values(v: Variation) -> dict[str, object]:
    shape, out = shape_of(v, "src"), v.outputs[0].shape
    lined_up = (1,) * (len(out) - len(shape)) + shape
    return {"aligned": lined_up, "repeats": tuple(o // s for o, s in zip(out, lined_up, strict=True)), "shape": out}


def _copy_lines(v: Variation) -> str:
    return f"ttnn.repeat({'src' if _copy_values(v)['aligned'] == shape_of(v, 'src') else 'ttnn.reshape(src, {aligned})'}, {{repeats}})"


def _repeat_values(v: Variation) -> dict[str, object]:
    repeats = numbers(v, "repeats")
    return {"repeats": repeats, "aligned": (1,) * (len(repeats) - len(shape_of(v, "self"))) + shape_of(v, "self")}


def _repeat_lines(v: Variation) -> str:
    same_rank = len(numbers(v, "repeats")) == len(shape_of(v, "self"))
    return f"ttnn.repeat({'input' if same_rank else 'ttnn.reshape(input, {aligned})'}, {{repeats}})"


def _sections(v: Variation) -> dict[str, object]:
    dim = int(str(v.get("dim") or 0)) % len(shape_of(v, "self"))
    return {"sizes": [output.shape[dim] for output in v.outputs], "dim": dim}


def _split(op: str) -> OpSpec:
    return row(op, "torch.split(torch_input, {sizes}, dim={dim})", "ttnn.split(input, {sizes}, dim={dim})", values=_sections,
               compare="exact", many_outputs=True)  # fmt: skip


_UNBIND = (
    "output = ttnn.split(input, 1, dim={dim})",
    "output = [ttnn.squeeze(part, {dim}) for part in output]",
)


def _unbind_dim(v: Variation) -> dict[str, object]:
    return {"dim": int(str(v.get("dim") or 0)) % len(shape_of(v, "self"))}


def _roll(v: Variation) -> dict[str, object]:
    shape = shape_of(v, "self")
    return {
        "shifts": list(numbers(v, "shifts")),
        "dims": list(numbers(v, "dims")),
        "row": (1, math.prod(shape)),
        "shape": shape,
    }


def _roll_lines(v: Variation) -> str:
    """Without dims, all elements as one row."""
    if numbers(v, "dims"):
        return "ttnn.roll(input, {shifts}, {dims})"
    return "ttnn.reshape(ttnn.roll(ttnn.reshape(input, {row}), {shifts}, [1]), {shape})"


def _cast_lines(v: Variation) -> str:
    """To bool: whether it is not zero."""
    if v.outputs[0].dtype == "bool":
        return "ttnn.nez(input)"
    return f"ttnn.typecast(input, {on_device(v.outputs[0].dtype)})"


def _same_dtype(v: Variation) -> str:
    before, after = dtype_of(v, "self"), v.outputs[0].dtype
    is_test = after == "bool" != before
    same = on_device(before) == on_device(after) and not is_test and family(after) in _CAST_TO
    same = same and (family(before) == "complex") == (family(after) == "complex")
    return f"{before} and {after} are the same dtype on the device" if before == after or same else ""


def _same_dims(v: Variation) -> str:
    rank = max(1, len(shape_of(v, "self")))
    return (
        "a dimension changes places with itself"
        if int(str(v.get("dim0"))) % rank == int(str(v.get("dim1"))) % rank
        else ""
    )


def _same_shape(v: Variation) -> str:
    return "the shape stays as it is" if v.outputs[0].shape == shape_of(v, "self") else ""


_CAST_TO = ("float", "integer", "narrow", "unsigned", "bool", "complex")


def _cast(op: str) -> OpSpec:
    known = limit(
        "a dtype that ttnn has", lambda v: family(v.outputs[0].dtype) in _CAST_TO, lambda v: v.outputs[0].dtype
    )
    return row(op, lambda v: f"torch_input.to(torch.{v.outputs[0].dtype})", _cast_lines, names=("ttnn.typecast", "ttnn.nez"), constraints=(known,),
               compare="exact", only=("self",), folds=_same_dtype, route=lambda v: f"{dtype_of(v, 'self')}_to_{v.outputs[0].dtype}")  # fmt: skip


def _cat(v: Variation) -> Lowering:
    """Tensors without elements are left out: ttnn refuses them, and they add nothing."""
    if _is_mixed(v):
        return _joined(v, "torch.cat", "ttnn.concat")
    whole = operands(v, "tensors")
    every = tuple(operand.shape for _, operand in v.operands())
    shapes = tuple(shape for shape in every if 0 not in shape)
    tensors = Tensor("tensors", shapes or every[:1], whole.make, whole.to_ttnn, many=True)
    values = {"dim": int(str(v.get("dim") or 0)) % max(1, len(v.outputs[0].shape))}
    lines = ("output = ttnn.concat(tensors, dim={dim})",) if len(shapes) > 1 else ("output = ttnn.clone(tensors[0])",)
    return Lowering(
        (tensors,),
        "torch.cat(torch_tensors, dim={dim})",
        lines,
        values,
        "exact",
        route="" if len(shapes) > 1 else "one",
    )


def _is_mixed(v: Variation) -> bool:
    return len({operand.dtype for _, operand in v.operands()}) > 1


def _joined(v: Variation, torch_name: str, ttnn_name: str) -> Lowering:
    """Tensors of several dtypes: each is brought to the one of the result first."""
    found = [(f"tensor{i}", member) for i, (_, member) in enumerate(v.operands()) if 0 not in member.shape]
    inputs = tuple(Tensor(n, o.shape, made_as(o.dtype), moved_as(o.dtype)) for n, o in found)
    result = on_device(v.outputs[0].dtype)
    parts = (n if on_device(o.dtype) == result else f"ttnn.typecast({n}, {result})" for n, o in found)
    dims = len(v.outputs[0].shape)
    values = {"dim": int(str(v.get("dim") or 0)) % max(1, dims)}
    torch = f"{torch_name}([{', '.join(f'torch_{n}' for n, _ in found)}], dim={{dim}})"
    line = f"output = {ttnn_name}([{', '.join(parts)}], {{dim}})"
    return Lowering(inputs, torch, (line,), values, "exact", route="mixed_" + "_".join(o.dtype for _, o in found))


def _stack(v: Variation) -> Lowering:
    if _is_mixed(v):
        return _joined(v, "torch.stack", "ttnn.stack")
    torch, line = "torch.stack(torch_tensors, dim={dim})", "output = ttnn.stack(tensors, {dim})"
    return Lowering((operands(v, "tensors"),), torch, (line,), {"dim": v.get("dim")}, "exact")


def _slice_scatter(v: Variation) -> Lowering:
    shape = shape_of(v, "self")
    dim, first, last, step = _bounds(v)
    if step > 1:
        return _scattered(v, dim, first, last, step)
    lines, values = _around("src", shape, dim, first, last)
    torch = "torch.slice_scatter(torch_input, torch_src, {dim}, {first}, {last})"
    return Lowering((operand(v, "self"), operand(v, "src")), torch, lines, {"dim": dim, "first": first, "last": last, **values}, "exact",
                    route=_edges(first, last, shape[dim]))  # fmt: skip


def _scattered(v: Variation, dim: int, first: int, last: int, step: int) -> Lowering:
    """A slice with steps: one scatter, at places that the slice alone decides."""
    column = [-1 if i == dim else 1 for i in range(len(shape_of(v, "self")))]
    lines = (
        "index = torch.arange({first}, {last}, {step}).reshape({column}).expand(src_shape).contiguous()",
        "index = ttnn.from_torch(index, dtype=ttnn.int32, layout=ttnn.ROW_MAJOR_LAYOUT, device=device)",
        "output = ttnn.scatter(input, {dim}, index, src)",
    )
    values = {"dim": dim, "first": first, "last": last, "step": step, "column": column}
    torch = "torch.slice_scatter(torch_input, torch_src, {dim}, {first}, {last}, {step})"
    to = "" if not dtype_of(v, "self").startswith(("int", "uint")) else INT32_ROW_MAJOR
    inputs = (operand(v, "self", to=to), operand(v, "src", to=to))
    return Lowering(inputs, torch, lines, values, "exact", route="steps")


def _select_scatter(v: Variation) -> Lowering:
    shape = shape_of(v, "self")
    dim = int(str(v.get("dim"))) % len(shape)
    index = int(str(v.get("index"))) % shape[dim]
    lines, values = _around("ttnn.unsqueeze(src, {dim})", shape, dim, index, index + 1)
    torch = "torch.select_scatter(torch_input, torch_src, {dim}, {index})"
    return Lowering((operand(v, "self"), operand(v, "src")), torch, lines, {"dim": dim, "index": index, **values}, "exact",
                    route=_edges(index, index + 1, shape[dim]))  # fmt: skip


def _around(
    new: str, shape: tuple[int, ...], dim: int, first: int, last: int
) -> tuple[tuple[str, ...], dict[str, object]]:
    """What stands before and after a slice, concatenated with what takes its place."""
    rank = range(len(shape))
    parts: list[str] = []
    values: dict[str, object] = {}
    if first > 0:
        parts.append("ttnn.slice(input, {zeros}, {before})")
        values |= {"zeros": [0] * len(shape), "before": [first if i == dim else shape[i] for i in rank]}
    parts.append(new)
    if last < shape[dim]:
        parts.append("ttnn.slice(input, {after}, {ends})")
        values |= {"after": [last if i == dim else 0 for i in rank], "ends": list(shape)}
    if len(parts) == 1:
        return (f"output = ttnn.clone({new})",), {}
    return (f"output = ttnn.concat([{', '.join(parts)}], dim={{dim}})",), values


def _edges(first: int, last: int, size: int) -> str:
    return ("middle" if first > 0 else "front") if last < size else ("end" if first > 0 else "whole")


def _flip(v: Variation) -> Lowering:
    """Rows looked up in reverse, one flipped dimension after the other."""
    shape = shape_of(v, "self")
    dims = positive_dims(v, "dims", len(shape))
    if dtype_of(v, "self").startswith(("int", "uint")):
        return _picked(v, "torch.flip(torch_input, {dims})", shape, {"dims": dims})
    lines: list[str] = []
    values: dict[str, object] = {"dims": dims}
    for index, dim in enumerate(dims):
        source = "input" if index == 0 else "output"
        front = (dim, *(i for i in range(len(shape)) if i != dim))
        moved = tuple(shape[i] for i in front)
        values |= {f"moved_{dim}": moved, f"rows_{dim}": (moved[0], math.prod(moved[1:]))}
        turned, back = source, "output = ttnn.reshape(output, {moved})"
        if dim:
            values |= {f"front_{dim}": front, f"back_{dim}": tuple(front.index(i) for i in range(len(shape)))}
            turned = f"ttnn.permute({source}, {{front_{dim}}})"
            back = f"output = ttnn.permute(ttnn.reshape(output, {{moved}}), {{back_{dim}}})"
        lines += [
            f"reverse = torch.arange({moved[0]} - 1, -1, -1).reshape(1, -1)",
            "reverse = ttnn.from_torch(reverse, dtype=ttnn.uint32, layout=ttnn.ROW_MAJOR_LAYOUT, device=device)",
            f"table = ttnn.to_layout({turned}, ttnn.ROW_MAJOR_LAYOUT)",
            f"output = ttnn.embedding(reverse, ttnn.reshape(table, {{rows_{dim}}}))",
            back.replace("{moved}", f"{{moved_{dim}}}"),
        ]
    return Lowering(
        (operand(v, "self"),),
        "torch.flip(torch_input, {dims})",
        tuple(lines),
        values,
        "exact",
        route="_".join(map(str, (len(shape), *dims))),
    )


_POSITIONS = (
    "positions = torch.arange({count}, dtype=torch.float64).reshape({whole})",
    "positions = ttnn.from_torch({made}.to(torch.int32).reshape(1, -1), dtype=ttnn.uint32, layout=ttnn.TILE_LAYOUT, device=device)",
    "output = ttnn.gather(ttnn.reshape({source}, (1, {count})), 1, positions)",
    "output = ttnn.reshape(output, {shape})",
)


def _picked(
    v: Variation, torch: str, whole: tuple[int, ...], values: dict[str, object], first: tuple[str, ...] = ()
) -> Lowering:
    """Elements picked by positions that the shapes alone decide: what the op makes of 0, 1, 2 ..., on the host."""
    made = torch.replace("torch_input", "positions").replace("{padding}", "0")
    source = "padded" if first else "input"
    lines = tuple(line.replace("{made}", made).replace("{source}", source) for line in _POSITIONS)
    values = {**values, "count": math.prod(whole), "whole": whole, "shape": v.outputs[0].shape}
    return Lowering((operand(v, "self"),), torch, (*first, *lines), values, "exact", route="padded" if first else "")


def _as_strided(v: Variation) -> Lowering:
    if _is_plain_view(v):
        return Lowering(
            (operand(v, "self"),),
            "torch.reshape(torch_input, {shape})",
            ("output = ttnn.reshape(input, {shape})",),
            _out(v),
            "exact",
            route="view",
        )
    offset = v.get("storage_offset") or 0
    values: dict[str, object] = {"size": numbers(v, "size"), "stride": numbers(v, "stride"), "offset": offset}
    return _picked(v, "torch.as_strided(torch_input, {size}, {stride}, {offset})", shape_of(v, "self"), values)


def _im2col(v: Variation) -> Lowering:
    shape, padding = shape_of(v, "self"), _two(v, "padding", 0)
    values: dict[str, object] = {name: _two(v, name, 1) for name in ("kernel_size", "dilation", "stride")}
    torch = "torch.nn.functional.unfold(torch_input, {kernel_size}, {dilation}, {padding}, {stride})"
    if not any(padding):
        return _picked(v, torch.replace("{padding}", "0"), shape, values)
    around = [(0, 0)] * (len(shape) - 2) + [(p, p) for p in padding]
    whole = (*shape[:-2], *(size + 2 * p for size, p in zip(shape[-2:], padding, strict=True)))
    moved = _ROW_MAJOR_INPUT["input"]
    made = _picked(
        v,
        torch,
        whole,
        {**values, "padding": padding, "around": around},
        ("padded = ttnn.to_layout(ttnn.pad(input, {around}, 0.0), ttnn.TILE_LAYOUT)",),
    )
    return replace(made, inputs=(operand(v, "self", to=moved),))


def _two(v: Variation, argument: str, default: int) -> tuple[int, int]:
    found = numbers(v, argument) or (default,)
    return (found[0], found[-1])


def _is_plain_view(v: Variation) -> bool:
    """Whether as_strided only gives the elements another shape."""
    size, stride = numbers(v, "size"), numbers(v, "stride")
    expected: list[int] = []
    step = 1
    for length in reversed(size):
        expected.insert(0, step)
        step *= length
    wanted = [s for s, length in zip(stride, size, strict=True) if length != 1]
    plain = [s for s, length in zip(expected, size, strict=True) if length != 1]
    return wanted == plain and math.prod(size) == math.prod(shape_of(v, "self")) and not v.get("storage_offset")


def _last_place(v: Variation) -> int:
    """The last place that a strided view reads."""
    size, stride = numbers(v, "size"), numbers(v, "stride")
    offset = v.get("storage_offset")
    return (offset if isinstance(offset, int) else 0) + sum((n - 1) * s for n, s in zip(size, stride, strict=True))


WITHIN = limit(
    "places within the tensor's own elements",
    lambda v: 0 in numbers(v, "size") or _last_place(v) < max(1, math.prod(shape_of(v, "self"))),
    lambda v: f"place {_last_place(v)} of {math.prod(shape_of(v, 'self'))} elements",
    "a tensor on the device has no storage around it",
    unasked="torch refuses it for a tensor of its own",
)
_PIXELS = (
    "*batch, channels, height, width = input_shape",
    "output = ttnn.reshape(input, (-1, channels // {r} ** 2, {r}, {r}, height, width))",
    "output = ttnn.permute(output, (0, 1, 4, 2, 5, 3))",
    "output = ttnn.reshape(output, (*batch, channels // {r} ** 2, height * {r}, width * {r}))",
)


def _flat_values(v: Variation) -> dict[str, object]:
    return {"row": (math.prod(shape_of(v, "self")),)}


def _interleaved(v: Variation) -> str:
    """Without a dim, all elements as one row."""
    if v.get("dim") is None:
        return "ttnn.repeat_interleave(ttnn.reshape(input, {row}), {repeats}, dim=0)"
    return "ttnn.repeat_interleave(input, {repeats}, dim={dim})"


DTYPES = MOVED
ROWS = (
    *(_reshape(f"aten.{name}") for name in ("view.default", "_unsafe_view.default", "reshape.default", "flatten.using_ints",
                                            "unflatten.int", "view_as.default", "reshape_as.default", "squeeze.default", "squeeze.dims")),
    row("aten.squeeze.dim", "torch.squeeze(torch_input, {dim})", "ttnn.squeeze(input, {dim})", compare="exact"),
    row("aten.unsqueeze.default", "torch.unsqueeze(torch_input, {dim})", "ttnn.unsqueeze(input, {dim})", compare="exact"),
    row("aten.permute.default", "torch.permute(torch_input, {dims})", "ttnn.permute(input, {dims})", values=_permutation, compare="exact"),
    row("aten.transpose.int", "torch.transpose(torch_input, {dim0}, {dim1})", "ttnn.transpose(input, {dim0}, {dim1})", compare="exact", folds=_same_dims),
    row("aten.t.default", "torch_input.t()", "ttnn.transpose(input, 0, 1)", compare="exact",
        folds=lambda v: "" if len(shape_of(v, "self")) > 1 else "one dimension stays as it is"),
    row("aten.numpy_T.default", "torch_input.t()", "ttnn.transpose(input, 0, 1)", compare="exact"),
    OpSpec("aten.concat.default", "native", ("ttnn.concat", "ttnn.clone", "ttnn.typecast"), "", (), _cat),
    OpSpec("aten.cat.default", "native", ("ttnn.concat", "ttnn.clone", "ttnn.typecast"), "", (), _cat),
    OpSpec("aten.stack.default", "native", ("ttnn.stack", "ttnn.typecast"), "", (), _stack),
    *(_split(f"aten.{name}") for name in ("split.Tensor", "split_with_sizes.default", "chunk.default", "tensor_split.sections")),
    row("aten.unbind.int", "torch.unbind(torch_input, {dim})", _UNBIND, values=_unbind_dim, status="composite", reason="a split, and a squeeze of each part",
        compare="exact", many_outputs=True, folds=lambda v: "" if v.outputs else "there is nothing to unbind"),
    _slice_row("aten.slice.Tensor"),
    _slice_row("aten.narrow.default"),
    row("aten.select.int", "torch.select(torch_input, {dim}, {index})", _SELECT, values=_select, status="composite", reason="a slice and a squeeze", compare="exact"),
    _pad("aten.pad.default", one_of("mode", "constant")),
    _pad("aten.constant_pad_nd.default"),
    row("aten.expand.default", "torch_input.expand({shape})", _expand_lines, names=("ttnn.repeat",), values=_repeats, compare="exact", folds=_same_shape),
    row("aten.expand_as.default", "torch_input.expand({shape})", _expand_lines, names=("ttnn.repeat",), values=_repeats, compare="exact", folds=_same_shape, only=("self",)),
    row("aten.repeat.default", "torch_input.repeat({repeats})", _repeat_lines, names=("ttnn.repeat",), values=_repeat_values, compare="exact", folds=_same_shape),
    row("aten.repeat_interleave.self_int", "torch.repeat_interleave(torch_input, {repeats}, dim={dim})",
        _interleaved, names=("ttnn.repeat_interleave", "ttnn.reshape"), values=_flat_values, compare="exact",
        route=lambda v: "flat" if v.get("dim") is None else ""),
    row("aten.roll.default", "torch.roll(torch_input, {shifts}, {dims})", _roll_lines, names=("ttnn.roll", "ttnn.reshape"), values=_roll, compare="exact",
        route=lambda v: "" if numbers(v, "dims") else "flat"),
    row("aten.pixel_shuffle.default", "torch.nn.functional.pixel_shuffle(torch_input, {r})", _PIXELS, values=lambda v: {"r": v.get("upscale_factor")},
        status="composite", reason="two reshapes around a permute of rank 6", compare="exact"),
    *(_cast(f"aten.{name}") for name in ("to.dtype", "to.dtype_layout", "to.device", "to.other", "_to_copy.default", "type_as.default")),
    folded("aten.clone.default", "values are copied on write: nothing is left to run"),
    folded("aten.contiguous.default", "a tensor on the device has no strides: nothing is left to run"),
    folded("aten.detach.default", "there are no gradients on the device"),
    folded("aten.lift_fresh_copy.default", "a constant is copied when weights are loaded"),
    folded("aten.dropout.default", "dropout does nothing in eval mode"),
    folded("aten.feature_dropout.default", "dropout does nothing in eval mode"),
    folded("aten.native_dropout.default", "dropout does nothing in eval mode"),
    OpSpec("aten.flip.default", "composite", ("ttnn.embedding", "ttnn.gather", "ttnn.permute", "ttnn.reshape"),
           "rows looked up in reverse, with a permute before and after (a slice with step -1 gives an empty tensor)", (), _flip),
    OpSpec("aten.im2col.default", "composite", ("ttnn.gather", "ttnn.reshape", "ttnn.pad"), "a pad, and a gather by positions that the shapes decide",
           (torch_floats("self"),), _im2col),
    OpSpec("aten.as_strided.default", "composite", ("ttnn.gather", "ttnn.reshape"), "a reshape, or a gather by positions that the strides decide", (WITHIN,), _as_strided),
    OpSpec("aten.slice_scatter.default", "composite", ("ttnn.slice", "ttnn.concat", "ttnn.clone", "ttnn.scatter"),
           "the parts around the slice and the new one are concatenated; with steps a scatter", (), _slice_scatter),
    OpSpec("aten.select_scatter.default", "composite", ("ttnn.slice", "ttnn.unsqueeze", "ttnn.concat", "ttnn.clone"),
           "the parts around the index and the new one are concatenated", (), _select_scatter),
    row("aten.copy.default", "torch_src.expand({shape})", _copy_lines, names=("ttnn.repeat",), values=_copy_values, only=("src",), compare="exact",
        folds=lambda v: "the whole tensor is replaced" if shape_of(v, "src") == v.outputs[0].shape else ""),
)  # fmt: skip
