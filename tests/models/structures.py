"""Models whose inputs and outputs are more than tensors side by side."""

from __future__ import annotations

import dataclasses
import enum
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import nn


class Cache(NamedTuple):
    """Keys and values of the steps before."""

    key: torch.Tensor
    value: torch.Tensor


class Scores(NamedTuple):
    """What a step gives."""

    logits: torch.Tensor
    caches: tuple
    attention: torch.Tensor | None
    steps: int


class Step(nn.Module):
    """A step of attention: a list of named tuples, a dict, a number, a flag and None go in; names come out."""

    def __init__(self):
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(32, 32) for _ in range(3))

    def forward(self, x, caches, extra=None, *, scale=1.0, mode="add", mask=None):
        cache = caches[0]
        key, value = torch.cat([cache.key, self.key(x)], 1), torch.cat([cache.value, self.value(x)], 1)
        y = F.scaled_dot_product_attention(self.query(x), key, value, attn_mask=mask) * scale
        y = y + extra["bias"]["first"] if mode == "add" else y * extra["bias"]["first"]
        return Scores(y, (Cache(key, value),), mask, 1)


def step_inputs():
    torch.manual_seed(1)
    caches = [Cache(torch.randn(1, 32, 32), torch.randn(1, 32, 32))]
    return (torch.randn(1, 32, 32), caches), {"extra": {"bias": {"first": torch.randn(32)}, "unused": None}, "scale": 0.5, "mode": "mul"}  # fmt: skip


class Pooling(enum.Enum):
    """How a sequence becomes one row."""

    MEAN = "mean"
    MAX = "max"


@dataclasses.dataclass
class Batch:
    """Rows of ids with their lengths."""

    ids: torch.Tensor
    lengths: torch.Tensor
    pooling: Pooling = Pooling.MEAN


@dataclasses.dataclass
class Pooled:
    """One row for each sequence."""

    rows: torch.Tensor
    hidden: dict
    error: str | None = None


class Pool(nn.Module):
    """A masked mean: dataclasses in and out, and lengths that may not be replaced."""

    def __init__(self):
        super().__init__()
        self.embedding, self.linear = nn.Embedding(50, 32), nn.Linear(32, 32)

    def forward(self, batch: Batch) -> Pooled:
        assert isinstance(batch, Batch)
        hidden = self.linear(self.embedding(batch.ids))
        inside = (torch.arange(batch.ids.shape[1]) < batch.lengths[:, None])[..., None].to(hidden.dtype)
        total = (hidden * inside).sum(1)
        rows = total / inside.sum(1) if batch.pooling is Pooling.MEAN else total
        return Pooled(rows, {"last": hidden, 2: [rows]})


def pool_inputs():
    torch.manual_seed(1)
    return (Batch(torch.randint(0, 50, (2, 9)), torch.tensor([5, 9])),)


class Loose(nn.Module):
    """Arguments by position alone, the rest of them, by any name, and of torch's own types; it writes to its input."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(32, 32)

    def forward(self, input, /, *rest, dtype, **words):
        image = self.linear(words["image"].to(dtype) / 255)
        input.add_(1.0)
        return ({"class": image + sum(rest), "x.y": image, "given": (input,)},)


def loose_inputs():
    torch.manual_seed(1)
    image = torch.randint(0, 256, (4, 32), dtype=torch.uint8)
    return (torch.randn(4, 32), torch.randn(4, 32), torch.randn(4, 32)), {"dtype": torch.float32, "image": image}
