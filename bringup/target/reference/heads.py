"""Attention's head ops and rotary embeddings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch


def nlp_create_qkv_heads(
    input: torch.Tensor,
    input_kv: torch.Tensor | None = None,
    *,
    num_heads: int,
    num_kv_heads: int | None = None,
    transpose_k_heads: bool = True,
    kv_tied: bool = False,
    **_: Any,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Query, key and value heads [batch, heads, sequence, head dim] of a fused projection [batch, 1, sequence, width].

    Raises:
        ValueError: for tied keys and values, of which we know no value.
    """
    if kv_tied:
        raise ValueError("no reference for tied keys and values")
    kv_heads = num_heads if num_kv_heads is None else num_kv_heads
    if input_kv is None:
        size = input.shape[-1] // (num_heads + 2 * kv_heads)
        query, both = torch.split(input, [num_heads * size, 2 * kv_heads * size], -1)
    else:
        query, both = input, input_kv
    key, value = both.chunk(2, -1)
    key = _heads(key, kv_heads)
    return _heads(query, num_heads), key.mT.contiguous() if transpose_k_heads else key, _heads(value, kv_heads)


def _heads(value: torch.Tensor, heads: int) -> torch.Tensor:
    batch, _, sequence, width = value.shape
    return value.reshape(batch, sequence, heads, width // heads).transpose(1, 2).contiguous()


def nlp_concat_heads(input_tensor: torch.Tensor, **_: Any) -> torch.Tensor:
    """Heads [batch, heads, sequence, head dim] side by side: [batch, 1, sequence, heads * head dim]."""
    batch, heads, sequence, size = input_tensor.shape
    return input_tensor.transpose(1, 2).reshape(batch, 1, sequence, heads * size)


def rotary_embedding(
    input_tensor: torch.Tensor,
    cos_cache: torch.Tensor,
    sin_cache: torch.Tensor,
    token_index: int | None = None,
    **_: Any,
) -> torch.Tensor:
    """Half-rotation form; with a token index, that row of the caches for every position.

    ttnn pads the sequence of a decoded token to a tile, which changes its logical shape: that shows as a ShapeError.
    """
    rows = slice(0, input_tensor.shape[-2]) if token_index is None else slice(token_index, token_index + 1)
    first, second = input_tensor.chunk(2, -1)
    turned = torch.cat((-second, first), -1)
    return input_tensor * cos_cache[..., rows, :] + turned * sin_cache[..., rows, :]


def rotary_embedding_hf(
    input_tensor: torch.Tensor,
    cos_cache: torch.Tensor,
    sin_cache: torch.Tensor,
    *,
    is_decode_mode: bool = False,
    **_: Any,
) -> torch.Tensor:
    """Half-rotation form on a prefilled sequence.

    Raises:
        ValueError: for decode mode, of which we know no value.
    """
    if is_decode_mode:
        raise ValueError("no reference for decode mode")
    return rotary_embedding(input_tensor, cos_cache, sin_cache)


REFERENCES: dict[str, Callable[..., Any]] = {
    "ttnn.experimental.nlp_create_qkv_heads": nlp_create_qkv_heads,
    "ttnn.experimental.nlp_concat_heads": nlp_concat_heads,
    "ttnn.experimental.rotary_embedding": rotary_embedding,
    "ttnn.experimental.rotary_embedding_hf": rotary_embedding_hf,
}
