"""Models in bfloat16 and float16, whole and in parts."""

import torch
import torch.nn.functional as F
from torch import nn


class Mixed(nn.Module):
    """Layers in three dtypes, a region under autocast, and buffers of other dtypes than the layers."""

    def __init__(self):
        super().__init__()
        self.first, self.second, self.last = nn.Linear(16, 32).bfloat16(), nn.Linear(32, 32), nn.Linear(32, 8).half()
        self.norm = nn.LayerNorm(32)
        self.register_buffer("scale", torch.rand(32))
        self.register_buffer("half_scale", torch.rand(8).half())

    def forward(self, x):
        x = self.first(x.to(torch.bfloat16)).float()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            x = self.norm(torch.relu(self.second(x)))
        return self.last(F.softmax(x * self.scale, dim=-1).half()) * self.half_scale


class Casts(nn.Module):
    """Casts to its weights' dtype and back, a table that the host makes, and one that is no buffer."""

    def __init__(self):
        super().__init__()
        self.linear, self.embedding = nn.Linear(16, 16), nn.Embedding(10, 16)
        self.table = torch.rand(16).bfloat16()

    def forward(self, x, ids):
        dtype = self.linear.weight.dtype
        positions = torch.arange(x.shape[1]).to(dtype) * 0.3
        x = x.to(dtype) + self.embedding(ids) + torch.cos(positions)[None, :, None] + self.table.to(dtype)
        y = self.linear(x).float()
        y = (y * torch.rsqrt(y.pow(2).mean(-1, keepdim=True) + 1e-6)).type_as(x)
        hidden = torch.ones(x.shape[1], x.shape[1]).triu(1).bool()
        mask = torch.zeros(x.shape[1], x.shape[1], dtype=x.dtype).masked_fill(hidden, torch.finfo(x.dtype).min)
        weights = F.softmax(y @ y.transpose(1, 2) + mask, dim=-1, dtype=torch.float32).to(x.dtype)
        return weights @ y
