"""Models that give back what no op on the device makes, write their buffers, or keep what they make once."""

import torch
from torch import nn
from torch.nn import functional as F

TABLE = torch.linspace(-1, 1, 80)


class Kept(nn.Module):
    """Everything of this file in a small form: the golden folder is made of it."""

    shape = None
    anchors = torch.empty(0)

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(8, 8)
        self.logit_scale = nn.Parameter(torch.tensor(2.0))
        self.register_buffer("mean", torch.zeros(8))
        self.register_buffer("steps", torch.tensor(0))
        self.frequencies = torch.arange(128).float() / 64
        self.stride = torch.tensor([8.0, 16.0])
        self.heads = [torch.full((9, 9), float("-inf")).triu(1)]

    def forward(self, x, ids):
        if self.shape != x.shape:
            self.anchors, self.shape = torch.arange(x.shape[1]) + x.new_full((8,), self.stride[1]), x.shape
        y = self.linear(x) * self.frequencies[:8] + self.anchors + TABLE[:8] + self.heads[0].exp()[3, :8]
        self.mean.mul_(0.5).add_(y.mean(0), alpha=0.5)
        self.steps += 1
        return y - self.mean, self.logit_scale.exp(), ids + 1, torch.tensor([True, False]), x, y


class Cache(nn.Module):
    """Keys kept in a buffer, written at positions that are an input."""

    def __init__(self):
        super().__init__()
        self.key, self.query = nn.Linear(16, 16), nn.Linear(16, 16)
        self.register_buffer("cache", torch.zeros(2, 8, 16))

    def forward(self, x, pos):
        self.cache[:, pos] = self.key(x)
        return torch.softmax(self.query(x) @ self.cache.transpose(1, 2), -1) @ self.cache


class Trained(nn.Module):
    """A batch norm that goes on learning its statistics."""

    def __init__(self):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8)

    def forward(self, x):
        self.norm.train()
        return self.norm(self.conv(x)).relu()


class Bags(nn.Module):
    """Bags of one length, and of lengths that an input tells; a field's ids start where the one before it ends."""

    def __init__(self):
        super().__init__()
        self.mean, self.sum = nn.EmbeddingBag(50, 16, mode="mean"), nn.EmbeddingBag(30, 16, mode="sum")
        self.largest, self.fields = nn.EmbeddingBag(20, 16, mode="max"), nn.Embedding(12, 16)
        self.register_buffer("starts", torch.tensor([0, 5, 9]))

    def forward(self, tags, words, offsets, fields, weights):
        bags = self.sum(words, offsets, per_sample_weights=weights) + self.largest(words % 20, offsets)
        return self.mean(tags) + self.fields(fields + self.starts).sum(1) + bags


class Returned(nn.Module):
    """The same tensor twice, weights, and what follows from integer inputs alone."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(20, 8)
        self.head = nn.Linear(8, 20, bias=False)
        self.head.weight = self.embedding.weight

    def forward(self, ids, mask):
        logits = self.head(self.embedding(ids))
        return {
            "logits": logits,
            "same": (logits, ids),
            "weight": self.head.weight,
            "mask": ~mask,
            "sum": F.one_hot(ids, 20).sum(),
        }


class Constant(nn.Module):
    """Nothing that follows from the input."""

    def forward(self, x):
        return torch.ones(3)


class Padded(nn.Module):
    """An op that runs in torch and reads no tensor on the device."""

    def __init__(self):
        super().__init__()
        self.bag, self.head = nn.EmbeddingBag(20, 8, padding_idx=3), nn.Linear(8, 4)

    def forward(self, ids):
        return self.head(self.bag(ids))
