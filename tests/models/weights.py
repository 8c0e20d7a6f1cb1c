"""Models whose weights have the rank of another op's."""

import torch
from torch import nn


class Positions(nn.Module):
    """A position embedding of rank 4, as SAM has."""

    def __init__(self):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.zeros(1, 64, 64, 768))

    def forward(self, x):
        return x + self.pos_embed


class Layers(nn.Module):
    """Two kernels, and a scale per channel."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 64, 3, bias=False)
        self.up = nn.ConvTranspose2d(64, 32, 2, bias=False)
        self.scale = nn.Parameter(torch.ones(32, 1, 1))
        self.mix = nn.Parameter(torch.ones(3, 8, 8))

    def forward(self, x):
        return self.up(self.conv(x * self.mix))[:, :, :7, :7] * self.scale


class Standardised(nn.Module):
    """A kernel that is made of its parameter before it is used."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(64, 3, 3, 2))

    def forward(self, x):
        weight = self.weight - self.weight.mean(dim=(1, 2, 3), keepdim=True)
        return nn.functional.conv2d(x, weight)


class Unused(nn.Module):
    """A kernel that no op reads."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 64, (3, 2), bias=False)
        self.scale = nn.Parameter(torch.ones(8, 8))

    def forward(self, x):
        return x * self.scale


class Experts(nn.Module):
    """A stack of matrices narrower than a tile."""

    def __init__(self):
        super().__init__()
        self.experts = nn.Parameter(torch.randn(8, 64, 16))

    def forward(self, x):
        return torch.bmm(x, self.experts)
