"""UNet after Ronneberger et al. (2015), with batch norm and same padding: four levels down, four up."""

from __future__ import annotations

import torch
from torch import nn


class DoubleConv(nn.Module):
    """Two 3x3 convolutions, each with batch norm and ReLU."""

    def __init__(self, channels_in: int, channels: int) -> None:
        """From `channels_in` to `channels`."""
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The features of one level."""
        x = self.relu(self.bn1(self.conv1(x)))
        y: torch.Tensor = self.relu(self.bn2(self.conv2(x)))
        return y


class UNet(nn.Module):
    """Segmentation: a score per class and pixel."""

    def __init__(self, channels: int = 3, classes: int = 1, width: int = 32) -> None:
        """`width` channels at full size, twice as many at each level below."""
        super().__init__()
        self.encoder1 = DoubleConv(channels, width)
        self.encoder2 = DoubleConv(width, 2 * width)
        self.encoder3 = DoubleConv(2 * width, 4 * width)
        self.encoder4 = DoubleConv(4 * width, 8 * width)
        self.pool = nn.MaxPool2d(2)
        self.bottleneck = DoubleConv(8 * width, 16 * width)
        self.up4 = nn.ConvTranspose2d(16 * width, 8 * width, 2, stride=2)
        self.decoder4 = DoubleConv(16 * width, 8 * width)
        self.up3 = nn.ConvTranspose2d(8 * width, 4 * width, 2, stride=2)
        self.decoder3 = DoubleConv(8 * width, 4 * width)
        self.up2 = nn.ConvTranspose2d(4 * width, 2 * width, 2, stride=2)
        self.decoder2 = DoubleConv(4 * width, 2 * width)
        self.up1 = nn.ConvTranspose2d(2 * width, width, 2, stride=2)
        self.decoder1 = DoubleConv(2 * width, width)
        self.head = nn.Conv2d(width, classes, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Images (batch, channels, height, width) to scores of the same size."""
        e1 = self.encoder1(x)
        e2 = self.encoder2(self.pool(e1))
        e3 = self.encoder3(self.pool(e2))
        e4 = self.encoder4(self.pool(e3))
        x = self.bottleneck(self.pool(e4))
        x = self.decoder4(torch.cat((self.up4(x), e4), dim=1))
        x = self.decoder3(torch.cat((self.up3(x), e3), dim=1))
        x = self.decoder2(torch.cat((self.up2(x), e2), dim=1))
        x = self.decoder1(torch.cat((self.up1(x), e1), dim=1))
        scores: torch.Tensor = self.head(x)
        return scores


def example_inputs(batch: int = 1) -> tuple[torch.Tensor, ...]:
    """Colour images of 256x256."""
    return (torch.randn(batch, 3, 256, 256),)
