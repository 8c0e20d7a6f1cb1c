"""How tests compare: relative L2 error, and PCC to show what it would have said."""

from __future__ import annotations

import torch


def relative_error(computed: torch.Tensor, expected: torch.Tensor) -> float:
    assert tuple(computed.shape) == tuple(expected.shape)
    norm = torch.linalg.vector_norm(expected.double())
    return float(torch.linalg.vector_norm(computed.double() - expected.double()) / norm.clamp(min=1e-30))


def pcc(computed: torch.Tensor, expected: torch.Tensor) -> float:
    pair = torch.stack([computed.double().flatten(), expected.double().flatten()])
    if pair.shape[1] < 2 or (pair.std(dim=1) == 0).any():
        return 1.0 if torch.allclose(pair[0], pair[1], rtol=1e-2) else 0.0
    return float(torch.corrcoef(pair)[0, 1])
