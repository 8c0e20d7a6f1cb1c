"""A small model that has every layer and habit which generated modules write in a way of their own."""

from __future__ import annotations

import torch
from torch import nn


class Block(nn.Module):
    """A residual block; only the first of a stage has a projection."""

    def __init__(self, width_in: int, width: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(width_in, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.projection = nn.Conv2d(width_in, width, 1, stride) if stride > 1 else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out = torch.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        shortcut = x
        if self.projection is not None:
            shortcut = self.projection(x)
        return torch.relu(out + shortcut)


class Growth(nn.Module):
    """Batch norm before the convolution, of everything so far."""

    def __init__(self, width: int, growth: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(width)
        self.conv = nn.Conv2d(width, growth, 1)

    def forward(self, features: list[torch.Tensor]) -> torch.Tensor:
        return self.conv(torch.relu(self.norm(torch.cat(features, 1))))


class Dense(nn.Module):
    """A list of tensors that grows, and units that are no class of their own."""

    def __init__(self, width: int, growth: int) -> None:
        super().__init__()
        self.growth1, self.growth2, self.growth3 = (Growth(width + index * growth, growth) for index in range(3))
        grown = width + 3 * growth
        self.units = nn.ModuleList(
            nn.Sequential(nn.Conv2d(grown, grown, 1), nn.Mish(), nn.Conv2d(grown, grown, 1)) for _ in range(2)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        features = [x]
        for layer in (self.growth1, self.growth2, self.growth3):
            features.append(layer(features))
        x = torch.cat(features, 1)
        for unit in self.units:
            y = unit(x)
            x = x + y
        return x


class Head(nn.Module):
    """A decoder: resized, transposed, pooled; its histogram is no op of TT-NN."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.up = nn.ConvTranspose2d(width, 32, 2, 2)
        self.tokens = nn.Conv1d(32, 32, 3, padding=1)
        self.fc = nn.Linear(32, 10)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        x = nn.functional.interpolate(x, scale_factor=2, mode="nearest")
        x = nn.functional.avg_pool2d(self.up(x), 2)
        grid = nn.functional.adaptive_avg_pool2d(x, 4)
        tokens = self.tokens(grid.flatten(2)).transpose(1, 2)
        scores = self.fc(nn.functional.gelu(tokens).mean(1))
        return scores, torch.angle(scores)


class Layers(nn.Module):
    """The model."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 32, 3, 1, 1), nn.BatchNorm2d(32), nn.ReLU6(), nn.MaxPool2d(2))
        self.blocks = nn.ModuleList([Block(32, 32, 1), Block(32, 64, 2), Block(64, 64, 1)])
        self.dense = Dense(64, 32)
        self.head = Head(160)

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        x = self.stem(image)
        for block in self.blocks:
            x = block(x)
        return self.head(self.dense(x))


def example_inputs(batch: int) -> tuple[torch.Tensor]:
    """An image."""
    return (torch.randn(batch, 3, 32, 32),)
