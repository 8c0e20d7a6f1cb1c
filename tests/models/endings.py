"""Models whose ops take arguments by name alone, whose sizes depend on values, or that end otherwise than by returning."""

import torch
from torch import nn


class Moments(nn.Module):
    """An op with several results, whose arguments are given by name."""

    def forward(self, x):
        var, mean = torch.var_mean(x, dim=1, correction=0, keepdim=True)
        return (x - mean) / torch.sqrt(var + 1e-5).repeat_interleave(2, dim=1, output_size=2)[:, :1]
