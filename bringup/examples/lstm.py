"""A part-of-speech tagger: an embedding, a bidirectional LSTM of two layers, and a linear head per token."""

from __future__ import annotations

import torch
from torch import nn

WORDS = 1000
STEPS = 20


class Tagger(nn.Module):
    """Scores of 17 tags for each token."""

    def __init__(self, width: int = 64, hidden: int = 128, tags: int = 17) -> None:
        """Embeddings of `width`, `hidden` units per direction."""
        super().__init__()
        self.embedding = nn.Embedding(WORDS, width)
        self.lstm = nn.LSTM(width, hidden, num_layers=2, batch_first=True, bidirectional=True)
        self.head = nn.Linear(2 * hidden, tags)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Token ids (batch, steps) to scores (batch, steps, tags)."""
        states, _ = self.lstm(self.embedding(ids))
        scores: torch.Tensor = self.head(states)
        return scores


def example_inputs(batch: int = 1) -> tuple[torch.Tensor, ...]:
    """Sentences of 20 tokens."""
    return (torch.randint(0, WORDS, (batch, STEPS)),)
