"""Scaled dot-product attention, whole."""

from __future__ import annotations

from bringup.inventory import Operand, Variation
from bringup.ops.constraints import limit, rank_is, shape_of
from bringup.ops.lowering import TILE, missing, operand, plain
from bringup.ops.spec import Lowering, OpSpec

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
    lines: tuple[str, ...] = (f"output = ttnn.transformer.scaled_dot_product_attention(query, key, value, {given})",)
    if mask is not None and mask.shape != _full_mask(v, mask):
        lines = ("attn_mask = ttnn.repeat(ttnn.reshape(attn_mask, {mask_shape}), {mask_repeats})", *lines)
    values = {"is_causal": bool(v.get("is_causal")), "scale": plain(v.get("scale")), **_mask_values(v)}
    torch = f"torch.nn.functional.scaled_dot_product_attention(torch_query, torch_key, torch_value, {torch_given})"
    used = {name: value for name, value in values.items() if f"{{{name}}}" in " ".join((torch, *lines))}
    return Lowering(tuple(inputs), torch, lines, used, pcc=0.99, relative_error=0.1, route="mask" if mask else "")


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


_HEAD_DIM = limit(
    "a head size that is a multiple of 32 (pad query, key and value, and slice the output)",
    lambda v: shape_of(v, "query")[-1] % 32 == 0,
    lambda v: str(shape_of(v, "query")[-1]),
)
_NO_BOTH = limit("a mask or is_causal, not both", lambda v: not (_mask(v) and v.get("is_causal")), lambda v: "both")
_LIMITS = (rank_is("query", 4), _HEAD_DIM, _NO_BOTH)
_NAME = ("ttnn.transformer.scaled_dot_product_attention",)

ROWS = (
    OpSpec("aten.scaled_dot_product_attention.default", "native", _NAME, "", _LIMITS, _attention),
    OpSpec("aten._scaled_dot_product_flash_attention_for_cpu.default", "native", _NAME, "", _LIMITS, _attention),
    missing("aten._native_multi_head_attention.default",
            "torch's fused fast path: switch it off (torch.backends.mha.set_fastpath_enabled(False)) to get linear and attention ops"),
)  # fmt: skip
