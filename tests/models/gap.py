"""A small model with a block that repeats, and an op that TT-NN lacks."""

import torch
from torch import nn


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3, padding=1)

    def forward(self, x):
        return torch.relu(self.conv(x)) + x


class Gap(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, padding=1)
        self.first, self.second = Block(), Block()
        self.head = nn.Linear(4, 8)

    def forward(self, x):
        y = self.head(self.second(self.first(self.stem(x))).mean((2, 3)))
        return y, torch.mode(y, 1)[0]


def example_inputs(batch=1):
    return (torch.randn(batch, 3, 8, 8),)
