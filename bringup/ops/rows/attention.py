"""Scaled dot-product attention, whole."""

from __future__ import annotations

from bringup.inventory import Operand, Variation
from bringup.ops.constraints import rank_is, shape_of
from bringup.ops.lowering import TILE, missing, operand, plain
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
    """Whether ttnn's attention op takes it: rank 4, one head size."""
    return len(shape_of(v, "query")) == 4 and shape_of(v, "value")[-1] == shape_of(v, "query")[-1]


def _fused_lines(v: Variation, given: str) -> tuple[str, ...]:
    """The op; a head size that is no multiple of 32 is padded, which changes no score but the default scale."""
    call = "ttnn.transformer.scaled_dot_product_attention"
    if shape_of(v, "query")[-1] % 32 == 0:
        return (f"output = {call}(query, key, value, {given})",)
    given = given if "scale=" in given else f"{given}, scale={{scale}}"
    return (
        "query, key, value = (ttnn.pad(tensor, {padding}, 0.0) for tensor in (query, key, value))",
        f"output = {call}(query, key, value, {given})",
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
    lines.append("scores = ttnn.multiply(ttnn.matmul(query, ttnn.transpose(key, -2, -1)), {scale})")
    if v.get("is_causal"):
        values["square"] = (query[-2], key[-2])
        lines += [
            'causal = torch.full({square}, float("-inf")).triu(1)',
            "causal = ttnn.from_torch(causal, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)",
            "scores = ttnn.add(scores, causal)",
        ]
    if _mask(v) is not None:
        lines.append("scores = ttnn.add(scores, attn_mask)")
    lines.append("output = ttnn.matmul(ttnn.softmax(scores, dim=-1), value)")
    torch = f"torch.nn.functional.scaled_dot_product_attention(torch_query, torch_key, torch_value, {torch_given})"
    used = {name: value for name, value in values.items() if f"{{{name}}}" in " ".join((torch, *lines))}
    route = "written_out" + ("_mask" if _mask(v) is not None else "") + ("_causal" if v.get("is_causal") else "")
    return Lowering(inputs, torch, tuple(lines), used, pcc=0.99, relative_error=0.1, route=route)


def _full_mask(v: Variation, mask: Operand) -> tuple[int, ...]:
    """The mask's shape once its rows and columns are spelled out; batch and heads may stay 1."""
    query, key = shape_of(v, "query"), shape_of(v, "key")
    lead = ((1, 1, *mask.shape)[-4:])[:2]
    return (*lead, query[-2], key[-2])


def _mask_values(v: Variation) -> dict[str, object]:
    mask = _mask(v)
    if mask is None:
        return {}
    shape = (1, 1, *mask.shape)[-4:]
    full = _full_mask(v, mask)
    return {"mask_shape": shape, "mask_repeats": tuple(f // s for f, s in zip(full, shape, strict=True))}


_LIMITS = (rank_is("query", 3, 4, 5),)
_NAME = ("ttnn.transformer.scaled_dot_product_attention", "ttnn.matmul", "ttnn.softmax", "ttnn.multiply", "ttnn.add")

ROWS = (
    OpSpec("aten.scaled_dot_product_attention.default", "native", _NAME, "", _LIMITS, _attention),
    OpSpec("aten._scaled_dot_product_flash_attention_for_cpu.default", "native", _NAME, "", _LIMITS, _attention),
    missing("aten._native_multi_head_attention.default",
            "torch's fused fast path: switch it off (torch.backends.mha.set_fastpath_enabled(False)) to get linear and attention ops"),
)  # fmt: skip
