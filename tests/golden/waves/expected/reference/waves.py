"""Models that compute with complex numbers."""

from __future__ import annotations

import torch
from torch import nn


def frequencies(dim: int, length: int) -> torch.Tensor:
    """The angles of a rotary embedding as complex numbers of absolute value 1."""
    steps = 1.0 / 10000 ** (torch.arange(0, dim, 2).float() / dim)
    return torch.polar(torch.ones(length, dim // 2), torch.outer(torch.arange(length).float(), steps))


def rotated(x: torch.Tensor, freqs_cis: torch.Tensor) -> torch.Tensor:
    """Llama's own apply_rotary_emb."""
    pairs = torch.view_as_complex(x.float().reshape(*x.shape[:-1], -1, 2))
    shape = [d if i in (1, pairs.ndim - 1) else 1 for i, d in enumerate(pairs.shape)]
    return torch.view_as_real(pairs * freqs_cis.view(*shape)).flatten(3).type_as(x)


class LlamaRotary(nn.Module):
    """Attention scores with Llama's freqs_cis, a slice of a table that is a buffer."""

    def __init__(self) -> None:
        super().__init__()
        self.wq, self.wk = nn.Linear(64, 64, bias=False), nn.Linear(64, 64, bias=False)
        self.register_buffer("freqs_cis", frequencies(16, 64), persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, length, _ = x.shape
        q, k = (w(x).view(batch, length, 4, 16) for w in (self.wq, self.wk))
        freqs_cis = self.freqs_cis[:length]
        q, k = rotated(q, freqs_cis), rotated(k, freqs_cis)
        return torch.softmax(q.transpose(1, 2) @ k.transpose(1, 2).transpose(2, 3) / 4, dim=-1)


class ByPositions(nn.Module):
    """A complex table gathered by positions."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("table", frequencies(16, 128))
        self.proj = nn.Linear(64, 64)

    def forward(self, x: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
        q = self.proj(x).view(*x.shape[:2], 4, 16)
        pairs = torch.view_as_complex(q.reshape(*q.shape[:-1], -1, 2))
        return torch.view_as_real(pairs * self.table[positions][:, :, None, :]).flatten(2)


class Waves(nn.Module):
    """Complex parameters, products of matrices, parts, absolute values and angles, with a complex result too."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(8, 16, dtype=torch.complex64) / 4)
        self.turn = nn.Parameter(torch.randn(16, dtype=torch.complex64))
        self.shift = nn.Parameter(torch.randn(8, dtype=torch.complex64))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        real, imag = x.chunk(2, dim=-1)
        z = torch.complex(real, imag) * self.turn
        mixed = torch.matmul(z, self.weight.transpose(0, 1)) + self.shift
        turned = torch.cat([mixed, mixed.conj()], dim=-1).transpose(-1, -2).unsqueeze(1)[:, :, ::2]
        return turned.abs(), turned.real - turned.imag, turned * 0.5


class ComplexInput(nn.Module):
    """A complex input of the model."""

    def __init__(self) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.rand(8) + 0.5)

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return torch.view_as_real((z * self.gain + 1.0).exp().permute(1, 0)).flatten(1)
