"""Integer inputs that index tables directly, through arithmetic, and together."""

import torch
from torch import nn


class Indices(nn.Module):
    """Each input has another way to a table of ten rows."""

    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(10, 4)
        self.register_buffer("starts", torch.tensor([0, 2, 6]))
        self.register_buffer("rows", torch.arange(10.0))

    def forward(
        self, plain, shifted, scaled, halved, lowered, wrapped, flipped, field, picked, high, low, kept, along, place
    ):
        looked_up = [plain, shifted + 3, scaled * 2, halved // 4, lowered - 2, wrapped % 10, 9 - flipped]
        looked_up += [field + self.starts, high * 4 + low, torch.stack([kept, kept + 1]).flatten(0)[-3:]]
        total = sum(self.table(ids.view(1, 3)).sum() for ids in looked_up)
        written = torch.zeros(10).index_put((place,), total.expand(3))
        total = total + torch.take_along_dim(self.rows, along, 0).sum()
        return total + self.rows.index_select(0, picked).sum() + self.rows.gather(0, picked).sum(), written
