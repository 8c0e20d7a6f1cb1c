"""Scaled dot-product attention, whole."""

from __future__ import annotations

from bringup.inventory import Operand, Variation
from bringup.ops.accumulation import compute_config
from bringup.ops.constraints import dtype_of, limit, shape_of
from bringup.ops.lowering import TILE, operand, plain
from bringup.ops.results import only_first
from bringup.ops.rows.index import broadcast
from bringup.ops.spec import Lowering, OpSpec
from bringup.ops.spec import TestInput as Tensor

_BOOL_MASK = (
    'ttnn.from_torch(torch.zeros({torch}.shape).masked_fill(~{torch}, float("-inf")), '
    "dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)"
)
_SOME_TRUE = "torch.randint(0, 2, {shape}).bool().index_fill(-1, torch.tensor([0]), True)"


def _mask(v: Variation) -> Operand | None:
    value = v.get("attn_mask")
    return value if isinstance(value, Operand) else None


def _attention(v: Variation) -> Lowering:
    inputs = [operand(v, name, to=TILE) for name in ("query", "key", "value")]
    mask = _mask(v)
    if mask is not None:
        is_bool = mask.dtype == "bool"
        inputs.append(operand(v, "attn_mask", make=_SOME_TRUE if is_bool else "", to=_BOOL_MASK if is_bool else TILE))
    keywords = ["is_causal={is_causal}"] + (["scale={scale}"] if v.get("scale") is not None else [])
    given = ", ".join((["attn_mask=attn_mask"] if mask else []) + keywords)
    torch_given = given.replace("=attn_mask", "=torch_attn_mask") + (", enable_gqa=True" if v.get("enable_gqa") else "")
    if not _is_fused(v):
        return _written_out(v, tuple(inputs), torch_given)
    lines = _fused_lines(v, given)
    if mask is not None and mask.shape != _full_mask(v, mask):
        lines = ("attn_mask = ttnn.repeat(ttnn.reshape(attn_mask, {mask_shape}), {mask_repeats})", *lines)
    query = shape_of(v, "query")
    fill = -query[-1] % 32
    values = {"is_causal": bool(v.get("is_causal")), "scale": plain(v.get("scale")), **_mask_values(v)}
    if fill:
        values |= {
            "scale": plain(v.get("scale")) or query[-1] ** -0.5,
            "padding": [(0, 0)] * 3 + [(0, fill)],
            "ends": list(query),
        }
    torch = f"torch.nn.functional.scaled_dot_product_attention(torch_query, torch_key, torch_value, {torch_given})"
    used = {name: value for name, value in values.items() if f"{{{name}}}" in " ".join((torch, *lines))}
    route = ("mask" if mask else "") + ("padded" if fill else "")
    return Lowering(tuple(inputs), torch, lines, used, pcc=0.99, relative_error=0.1, route=route)


def _is_fused(v: Variation) -> bool:
    """Whether ttnn's attention op takes it: rank 4, one head size, as many queries as keys where causal."""
    query, key = shape_of(v, "query"), shape_of(v, "key")
    square = query[-2] == key[-2] or not v.get("is_causal")
    return (
        len(query) == 4
        and query[0] == key[0] == shape_of(v, "value")[0]
        and shape_of(v, "value")[-1] == query[-1]
        and square
    )


def _fused_lines(v: Variation, given: str) -> tuple[str, ...]:
    """The op; a head size that is no multiple of 32 is padded, which changes no score but the default scale."""
    call = "ttnn.transformer.scaled_dot_product_attention"
    if shape_of(v, "query")[-1] % 32 == 0:
        return (f"output = {call}(query, key, value, {given}{compute_config(v)})",)
    given = given if "scale=" in given else f"{given}, scale={{scale}}"
    return (
        "query, key, value = (ttnn.pad(tensor, {padding}, 0.0) for tensor in (query, key, value))",
        f"output = {call}(query, key, value, {given}{compute_config(v)})",
        "output = ttnn.slice(output, [0, 0, 0, 0], {ends})",
    )


def _written_out(v: Variation, inputs: tuple[Tensor, ...], torch_given: str) -> Lowering:
    """Scores, mask, softmax and the weighted sum."""
    query, key = shape_of(v, "query"), shape_of(v, "key")
    values: dict[str, object] = {
        "scale": plain(v.get("scale")) or query[-1] ** -0.5,
        "is_causal": bool(v.get("is_causal")),
    }
    lines = []
    if v.get("enable_gqa") and query[-3] != key[-3]:
        values["groups"] = query[-3] // key[-3]
        lines.append("key, value = (ttnn.repeat_interleave(tensor, {groups}, dim=-3) for tensor in (key, value))")
    batch = broadcast([shape_of(v, name)[:-3] for name in ("query", "key", "value")])
    for name in ("query", "key", "value"):
        own = shape_of(v, name)[:-3]
        if own != batch:
            lined_up = (1,) * (len(batch) - len(own)) + own
            repeats = tuple(b // o if o else 1 for b, o in zip(batch, lined_up, strict=True))
            lines.append(f"{name} = ttnn.repeat({name}, {(*repeats, 1, 1, 1)})")
    config = compute_config(v)
    lines.append(f"scores = ttnn.multiply(ttnn.matmul(query, ttnn.transpose(key, -2, -1){config}), {{scale}})")
    if v.get("is_causal"):
        values["square"] = (query[-2], key[-2])
        lines += [
            'causal = torch.full({square}, float("-inf")).triu(1)',
            "causal = ttnn.from_torch(causal, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)",
            "scores = ttnn.add(scores, causal)",
        ]
    if _mask(v) is not None:
        lines.append("scores = ttnn.add(scores, attn_mask)")
    lines.append(f"output = ttnn.matmul(ttnn.softmax(scores, dim=-1), value{config})")
    torch = f"torch.nn.functional.scaled_dot_product_attention(torch_query, torch_key, torch_value, {torch_given})"
    used = {name: value for name, value in values.items() if f"{{{name}}}" in " ".join((torch, *lines))}
    route = "written_out" + ("_mask" if _mask(v) is not None else "") + ("_causal" if v.get("is_causal") else "")
    return Lowering(inputs, torch, tuple(lines), used, pcc=0.99, relative_error=0.1, route=route)


def _full_mask(v: Variation, mask: Operand) -> tuple[int, ...]:
    """The mask's shape once its rows and columns are spelled out; batch and heads may stay 1."""
    query, key = shape_of(v, "query"), shape_of(v, "key")
    lead = ((1, 1, 1, *mask.shape)[-4:])[:2]
    return (*lead, query[-2], key[-2])


def _mask_values(v: Variation) -> dict[str, object]:
    mask = _mask(v)
    if mask is None:
        return {}
    shape = (1, 1, 1, *mask.shape)[-4:]
    full = _full_mask(v, mask)
    return {"mask_shape": shape, "mask_repeats": tuple(f // s for f, s in zip(full, shape, strict=True))}


_KEY_MASK = (
    'ttnn.from_torch(torch.zeros({torch}.shape).masked_fill({torch}, float("-inf")), '
    "dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)"
)
_SOME_FALSE = "torch.randint(0, 2, {shape}).bool().index_fill(-1, torch.tensor([0]), False)"
_HEADS = (
    "batch_size, length, width = query_shape",
    "weights = ttnn.split(qkv_weight, width, dim=0)",
    "biases = ttnn.split(ttnn.reshape(qkv_bias, (1, 3 * width)), width, dim=1)",
    "projected = [",
    "    ttnn.linear(tensor, weight, bias=bias, transpose_b=True)",
    "    for tensor, weight, bias in zip((query, key, value), weights, biases, strict=True)",
    "]",
    "heads = [",
    "    ttnn.permute(ttnn.reshape(tensor, (batch_size, -1, {num_head}, width // {num_head})), (0, 2, 1, 3))",
    "    for tensor in projected",
    "]",
    "scores = ttnn.multiply(ttnn.matmul(heads[0], ttnn.transpose(heads[1], -2, -1)), (width // {num_head}) ** -0.5)",
)
_JOINED = (
    "output = ttnn.matmul(ttnn.softmax(scores, dim=-1), heads[2])",
    "output = ttnn.reshape(ttnn.permute(output, (0, 2, 1, 3)), query_shape)",
    "output = ttnn.linear(output, proj_weight, bias=proj_bias, transpose_b=True)",
)
_ROW_BIAS = "ttnn.from_torch({torch}.reshape(1, -1), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)"


def _whole_attention(v: Variation) -> Lowering:
    """torch's fused fast path: projections, heads, attention and the output's projection."""
    scaled = f"torch.randn({{shape}}) * {shape_of(v, 'query')[-1] ** -0.5:.4f}"
    inputs = [operand(v, name) for name in ("query", "key", "value")]
    inputs += [operand(v, name, make=scaled) for name in ("qkv_weight", "qkv_bias", "proj_weight")]
    inputs.append(operand(v, "proj_bias", to=_ROW_BIAS))
    mask = v.get("mask")
    values: dict[str, object] = {
        "num_head": v.get("num_head"),
        "embed_dim": v.get("embed_dim"),
        "mask_type": v.get("mask_type"),
    }
    lines = list(_HEADS)
    if isinstance(mask, Operand):
        is_bool = mask.dtype == "bool"
        inputs.append(operand(v, "mask", make=_SOME_FALSE if is_bool else "", to=_KEY_MASK if is_bool else TILE))
        of_keys = v.get("mask_type") == 1
        if of_keys:
            lines.append("mask = ttnn.reshape(mask, (batch_size, 1, 1, -1))")
        lines.append("scores = ttnn.add(scores, mask)")
    torch = (
        "torch.ops.aten._native_multi_head_attention(torch_query, torch_key, torch_value, {embed_dim}, {num_head}, torch_qkv_weight, "
        f"torch_qkv_bias, torch_proj_weight, torch_proj_bias, {'torch_mask' if isinstance(mask, Operand) else 'None'}, False, True, {{mask_type}})[0]"
    )
    route = f"mask_{v.get('mask_type')}" if isinstance(mask, Operand) else ""
    return Lowering(tuple(inputs), torch, (*lines, *_JOINED), values, pcc=0.99, relative_error=0.1, route=route)


_GROUPED = (
    "experts, width, _ = {second}_shape",
    "rows = torch.arange(input_shape[0], dtype=torch.int32).reshape(1, -1, 1)",
    "rows = ttnn.from_torch(rows, dtype=ttnn.int32, layout=ttnn.TILE_LAYOUT, device=device)",
    "ends = ttnn.reshape(offs, (experts, 1, 1))",
    "before = ttnn.typecast(ttnn.lt(rows, ends), ttnn.bfloat16)",
    "masks = [ttnn.slice(before, [i, 0, 0], [i + 1, input_shape[0], 1]) for i in range(experts)]",
    "masks = [masks[0], *(ttnn.subtract(mask, earlier) for earlier, mask in zip(masks, masks[1:]))]",
    "masks = ttnn.concat(masks, dim=0)",
    "output = ttnn.repeat(ttnn.reshape(input, (1, input_shape[0], width)), (experts, 1, 1))",
    "output = ttnn.multiply(ttnn.matmul(output, {second}), masks)",
    "output = ttnn.sum(output, dim=0)",
)


def _grouped(v: Variation, second: str) -> Lowering:
    """Dense: every expert on every row, and a mask of the rows that are its own."""
    first = "self" if second == "mat2" else "input"
    if len(shape_of(v, first)) == len(shape_of(v, second)) == 3:
        torch, line = f"torch.bmm(torch_input, torch_{second})", f"output = ttnn.matmul(input, {second})"
        return Lowering(
            (operand(v, first), operand(v, second)), torch, (line,), {}, pcc=0.99, relative_error=0.05, route="batched"
        )
    experts, count = shape_of(v, "offs")[0], shape_of(v, first)[0]
    step = max(1, count // experts)
    made = f"torch.arange(1, {experts} + 1, dtype=torch.int32).mul({step}).clamp(max={count}).index_fill(0, torch.tensor([{experts - 1}]), {count}).reshape({{shape}})"
    inputs = (operand(v, first), operand(v, second), operand(v, "offs", make=made))
    cut = "(0, *torch_offs.tolist())"
    torch = (
        f"torch.cat([torch_input[start:end] @ torch_{second}[i] for i, (start, end) in "
        f"enumerate(zip({cut}, torch_offs.tolist()))])"
    )
    lines = tuple(line.replace("{second}", second) for line in _GROUPED)
    return Lowering(inputs, torch, lines, {}, pcc=0.99, relative_error=0.05)


_BOOL_MASK_ONLY = limit(
    "a boolean mask",
    lambda v: not isinstance(v.get("mask"), Operand) or dtype_of(v, "mask") == "bool",
    lambda v: dtype_of(v, "mask"),
    unasked="torch itself gives nan with any other",
)
_GROUPED_NAMES = (
    "ttnn.matmul",
    "ttnn.lt",
    "ttnn.multiply",
    "ttnn.sum",
    "ttnn.repeat",
    "ttnn.concat",
    "ttnn.slice",
    "ttnn.subtract",
)
_GROUPED_REASON = (
    "dense: each expert's matmul over all rows, its own picked by a mask, and a sum: experts times the products"
)
_GROUPED_LIMITS = (
    limit(
        "rows of rank 2 in groups with a matrix each (mat2 of rank 3), or as many matrices as matrices",
        lambda v: len(shape_of(v, "mat2")) == 3,
        lambda v: f"{list(shape_of(v, 'self'))} and {list(shape_of(v, 'mat2'))}",
        unasked="the other forms are those of gradients, for which the row writes nothing",
    ),
)
_NAME = ("ttnn.transformer.scaled_dot_product_attention", "ttnn.matmul", "ttnn.softmax", "ttnn.multiply", "ttnn.add")
_WHOLE_NAMES = (
    "ttnn.linear",
    "ttnn.matmul",
    "ttnn.softmax",
    "ttnn.split",
    "ttnn.permute",
    "ttnn.reshape",
    "ttnn.multiply",
    "ttnn.add",
)

ROWS = (
    OpSpec("aten.scaled_dot_product_attention.default", "native", _NAME, "", (), _attention),
    OpSpec("aten._scaled_dot_product_flash_attention_for_cpu.default", "native", _NAME, "", (only_first("the logarithms of the softmax's sums"),), _attention),
    OpSpec("aten._native_multi_head_attention.default", "composite", _WHOLE_NAMES, "torch's fused fast path, written out: projections, heads, attention, projection",
           (_BOOL_MASK_ONLY, only_first("the attention weights")), _whole_attention),
    OpSpec("transformers.grouped_mm_fallback.default", "composite", _GROUPED_NAMES, _GROUPED_REASON, (), lambda v: _grouped(v, "weight")),
    OpSpec("aten._grouped_mm.default", "composite", _GROUPED_NAMES, _GROUPED_REASON, _GROUPED_LIMITS, lambda v: _grouped(v, "mat2")),
)  # fmt: skip
