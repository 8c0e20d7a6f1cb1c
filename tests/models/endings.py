"""Models whose ops take arguments by name alone, whose sizes depend on values, or that end otherwise than by returning."""

import torch
from torch import nn


class Nothing(nn.Module):
    """No op at all."""

    def forward(self, x):
        return x


class Views(nn.Module):
    """Nothing that runs on the device."""

    def forward(self, x):
        return x.view(2, 4).t()


class Branches(nn.Module):
    """A part can be traced, the whole cannot."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)

    def forward(self, x):
        y = self.fc(x)
        return y + 1 if y.sum() > 0 else y


class Silent(nn.Module):
    """A failure without a word."""

    def forward(self, x):
        raise StopIteration


class Refuses(nn.Module):
    """No op, and a check that the example inputs fail."""

    def forward(self, x):
        assert x.sum() > 1e9
        return x


class Moments(nn.Module):
    """An op with several results, whose arguments are given by name."""

    def forward(self, x):
        var, mean = torch.var_mean(x, dim=1, correction=0, keepdim=True)
        return (x - mean) / torch.sqrt(var + 1e-5).repeat_interleave(2, dim=1, output_size=2)[:, :1]
