"""Models whose sizes depend on values."""

import torch
from torch import nn


class Selects(nn.Module):
    """A part of the rows, by a mask, and by their places, which go on through a layer."""

    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(8, 8), nn.Linear(8, 4)

    def forward(self, x):
        y = torch.relu(self.a(x))
        y = self.b(y[y[:, 0] > 0])
        return y, torch.nonzero(y[:, 0] > 0), torch.unique((y * 2).round())


class Repeats(Selects):
    """Rows as often as values say."""

    def forward(self, x):
        y = self.a(x)
        return self.b(torch.repeat_interleave(y, (y[:, 0] > 0).long() + 1, dim=0))


class Counts(Selects):
    """A number read out of a tensor."""

    def forward(self, x):
        y = self.a(x)
        count = (y[:, 0] > 0).sum().item()
        torch._check(count >= 0)
        torch._check(count <= 16)
        return self.b(y.narrow(0, 0, count))


class Chooses(Selects):
    """A branch by a value."""

    def forward(self, x):
        return torch.cond(x.sum() > 0, lambda t: t * 2, lambda t: t - 1, (self.a(x),))
