"""ROW_MAJOR tensors before ops that take TILE alone, convolutions padded by a word, and views of what contiguous copied."""

import torch
from torch import nn
from torch.nn import functional as F


class Inner(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.qkv = nn.Linear(width, width)

    def forward(self, x):
        return self.qkv(x)


class Windows(nn.Module):
    """SAM's window partition: pad rows and columns, cut into windows, a linear in a module of its own."""

    def __init__(self):
        super().__init__()
        self.attn = Inner(32)

    def forward(self, x):
        x = F.pad(x, (0, 0, 0, 2, 0, 2))
        x = x.view(1, 2, 5, 2, 5, 32).permute(0, 1, 3, 2, 4, 5).contiguous().view(4, 5, 5, 32)
        return self.attn(x)


class Padded(nn.Module):
    """Pads before a matmul, a norm, an addition, a softmax, a repeat and a join."""

    def __init__(self):
        super().__init__()
        self.inner, self.norm = Inner(16), nn.LayerNorm(16)

    def forward(self, x):
        y = F.pad(x, (2, 6))
        tall = F.pad(x, (0, 8, 1, 0))
        joined = torch.cat([tall, y], 1).softmax(-1)
        rolled = torch.roll(F.pad(x, (4, 4)), 1, 1)
        return self.inner(y) + self.norm(y), y @ y.transpose(1, 2), joined, self.inner(rolled.repeat(1, 2, 1))


class Same(nn.Module):
    """Convolutions that keep the size: even and odd kernels, an activation and a batch norm behind them."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 32, 4, stride=4)
        self.even = nn.Conv2d(32, 32, 4, padding="same")
        self.wide = nn.Conv2d(32, 32, (2, 5), padding="same", dilation=(1, 2), bias=False)
        self.deep = nn.Conv2d(32, 32, 7, groups=32, padding="same")
        self.valid = nn.Conv2d(32, 16, 3, padding="valid")
        self.norm, self.after = nn.BatchNorm2d(32), nn.BatchNorm2d(32)

    def forward(self, x):
        x = self.norm(F.gelu(self.deep(self.stem(x))))
        x = F.relu(self.after(self.even(x))) + self.wide(x)
        return F.silu(self.valid(x))


class SameInOne(nn.Module):
    """The same over sequences, with one that is transposed."""

    def __init__(self):
        super().__init__()
        self.odd, self.even = nn.Conv1d(16, 32, 5, padding="same"), nn.Conv1d(32, 32, 4, padding="same")
        self.valid, self.up = nn.Conv1d(32, 16, 3, padding="valid"), nn.ConvTranspose1d(16, 8, 4, stride=2)

    def forward(self, x):
        x = F.relu(self.odd(x))
        return self.up(F.gelu(self.valid(self.even(x))))


class SameInThree(nn.Module):
    """The same over volumes."""

    def __init__(self):
        super().__init__()
        self.odd, self.even = nn.Conv3d(32, 32, 3, padding="same"), nn.Conv3d(32, 32, 2, padding="same")
        self.valid = nn.Conv3d(32, 32, 2, padding="valid")

    def forward(self, x):
        return self.valid(F.relu(self.even(F.relu(self.odd(x)))))


class Copied(nn.Module):
    """Views of what contiguous copied, a few ops later."""

    def __init__(self):
        super().__init__()
        self.kv = nn.Linear(16, 32)

    def forward(self, x):
        y = self.kv(x).transpose(0, 1).contiguous()
        z = (y * 2).relu()
        return y[1:].view(-1, 32) * 2, z.view(-1), y.clone().unsqueeze(0).view(5, 64)
