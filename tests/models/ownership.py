"""Tensors that share buffers, and shortcuts that only some blocks have: who frees what."""

import torch
from torch import nn
from torch.nn import functional as F


class Attention(nn.Module):
    """Heads of fewer elements than a tile is wide: queries, keys and values are padded within their tiles."""

    def __init__(self, width=32, heads=4):
        super().__init__()
        self.heads = heads
        self.q, self.k, self.v, self.o = (nn.Linear(width, width) for _ in range(4))

    def forward(self, x):
        batch, length, width = x.shape
        shape = (batch, length, self.heads, width // self.heads)
        q, k, v = (linear(x).view(shape).transpose(1, 2) for linear in (self.q, self.k, self.v))
        out = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(batch, length, width)
        return self.o(out), k


class PaddedTwice(nn.Module):
    """A pad within a tile, the tensor itself, and a pad beyond its tiles."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(8, 8)

    def forward(self, x):
        y = self.linear(x)
        inside = F.pad(y, (0, 8))
        beyond = F.pad(y, (0, 40))
        return inside * 2, y + 1, beyond + 3, F.pad(y, (0, 4), value=2.0) - y.mean()


class Viewed(nn.Module):
    """Views of one tensor, of which several are read at the end, and changes that change nothing."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(32, 32)
        self.scale = nn.Parameter(torch.ones(32))

    def forward(self, x):
        y = self.linear(x)
        z = y.unsqueeze(0)
        w = y.reshape(1, 4, 8, 32).permute(1, 0, 2, 3)
        flat = z.squeeze(0) * self.scale.view(1, 32)
        same = y.expand(4, 8, 32).repeat(1, 1, 1)[:, :, :]
        total = (z + w.reshape(1, 4, 8, 32)) * 2
        return flat + total.squeeze(0) - same, y.unsqueeze(1).transpose(0, 1)


class Reshaped(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(32)

    def forward(self, x):
        return x.reshape(1, *x.shape), self.norm(x)


class Given(nn.Module):
    """A module that gives its input in another shape; its caller reads both."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(32, 32)
        self.view = Reshaped()

    def forward(self, x):
        y = self.linear(x)
        z, normed = self.view(y)
        total = z * 2 + normed
        return total.exp() + y


class Block(nn.Module):
    """A residual block with an optional shortcut, as in diffusers' UNets."""

    def __init__(self, width, out):
        super().__init__()
        self.conv = nn.Conv2d(width, out, 3, padding=1)
        self.conv_shortcut = nn.Conv2d(width, out, 1) if width != out else None

    def forward(self, input_tensor):
        hidden_states = self.conv(input_tensor)
        if self.conv_shortcut is not None:
            input_tensor = self.conv_shortcut(input_tensor)
        output_tensor = (input_tensor + hidden_states) / 2.0
        return output_tensor


class Shortcuts(nn.Module):
    """Skip connections: what a block was given is read after it."""

    def __init__(self):
        super().__init__()
        self.conv_in = nn.Conv2d(3, 32, 3, padding=1)
        self.a, self.b, self.c = Block(32, 32), Block(32, 64), Block(64, 64)

    def forward(self, x):
        x = self.conv_in(x)
        y = self.a(x)
        z = self.c(self.b(y))
        return torch.cat([x, y, z], 1)


class Projected(nn.Module):
    """A projection that some leave out: they give what they were given."""

    def __init__(self, width, out):
        super().__init__()
        self.proj = nn.Linear(width, out) if width != out else None
        self.norm = nn.LayerNorm(out)

    def forward(self, x):
        if self.proj is not None:
            x = self.proj(x)
        return x, self.norm(x)


class Stage(nn.Module):
    def __init__(self, width, out):
        super().__init__()
        self.pair = Projected(width, out)
        self.last = nn.Linear(out, out)

    def forward(self, x):
        same, normed = self.pair(x)
        total = same + normed
        return self.last(total) * 2


class Stages(nn.Module):
    """Each stage frees what its own projection gave, but not what another gave back as it was."""

    def __init__(self):
        super().__init__()
        self.a, self.b, self.c = Stage(32, 64), Stage(64, 64), Stage(64, 64)

    def forward(self, x):
        y = self.a(x)
        z = self.b(y)
        return self.c(z) + z + y
