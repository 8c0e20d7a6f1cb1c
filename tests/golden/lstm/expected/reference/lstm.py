"""A sequence tagger: a bidirectional LSTM of two layers, and a linear head."""

from __future__ import annotations

import torch
from torch import nn


class Tagger(nn.Module):
    """Scores of `tags` tags for each step."""

    def __init__(self, features: int = 64, hidden: int = 128, tags: int = 10) -> None:
        super().__init__()
        self.lstm = nn.LSTM(features, hidden, num_layers=2, batch_first=True, bidirectional=True)
        self.head = nn.Linear(2 * hidden, tags)

    def forward(self, sequence: torch.Tensor) -> torch.Tensor:
        """(batch, steps, features) to (batch, steps, tags)."""
        states, _ = self.lstm(sequence)
        return self.head(states)


def example_inputs(batch: int = 1) -> tuple[torch.Tensor, ...]:
    """Twenty steps of 64 features."""
    return (torch.randn(batch, 20, 64),)
