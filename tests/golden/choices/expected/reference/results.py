"""Ops with several results, of which a model reads some or all; and results that are chosen."""

import torch
from torch import nn


class Many(nn.Module):
    """Both results, the first, or the second alone."""

    def forward(self, x):
        values, indices = torch.topk(x * 2, 3, dim=-1)
        _, where = torch.min(x * 3, dim=1)
        third, place = torch.kthvalue(x + 1, 3, dim=1)
        var, mean = torch.var_mean(x, dim=1)
        return values, indices, where, third, place, var * 2, mean


class Unpool(nn.Module):
    """Indices of a pool, read by what undoes it."""

    def __init__(self):
        super().__init__()
        self.pool, self.unpool = nn.MaxPool2d(2, 2, return_indices=True), nn.MaxUnpool2d(2, 2)

    def forward(self, x):
        pooled, indices = self.pool(torch.tanh(x))
        return self.unpool(pooled * 2, indices)


class TopK(nn.Module):
    """An op with several results at the very end."""

    def forward(self, x):
        return torch.topk(torch.tanh(x), 3)


class Parts(nn.Module):
    """A list of one, and a list, at the very end of modules."""

    def forward(self, x):
        return torch.tanh(x).split(4, dim=-1)


class Head(nn.Module):
    """Scores of a linear layer, the best of them, and which they are."""

    def __init__(self):
        super().__init__()
        self.scores = nn.Linear(16, 20)

    def forward(self, x):
        values, indices = torch.topk(self.scores(x), 3, dim=-1)
        return torch.sigmoid(values), indices


class Chosen(nn.Module):
    """A model that chooses in a module and by itself."""

    def __init__(self):
        super().__init__()
        self.head = Head()

    def forward(self, x):
        scores, indices = self.head(x)
        return scores, indices % 4, x > 0.5
