"""YOLOv4 after its published architecture: CSPDarknet53, a neck of SPP and PAN, three heads of 255 channels.

The classes are those of TT-NN's bring-up guide, written flat: each names its own convolutions and batch norms, so that
a TT-NN module can be put beside it line by line. Weights are random.
"""

from __future__ import annotations

import torch
from torch import nn

_SLOPE = 0.1


def _conv(in_channels: int, out_channels: int, kernel: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(in_channels, out_channels, kernel, stride, padding=kernel // 2, bias=False)


class Resblock(nn.Module):
    """Residual units: a 1x1 and a 3x3 convolution each."""

    def __init__(self, channels: int, units: int) -> None:
        super().__init__()
        self.units = nn.ModuleList(
            nn.ModuleList(
                (
                    _conv(channels, channels, 1),
                    nn.BatchNorm2d(channels),
                    _conv(channels, channels, 3),
                    nn.BatchNorm2d(channels),
                )
            )
            for _ in range(units)
        )
        self.mish = nn.Mish()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The same shape as x."""
        for unit in self.units:
            assert isinstance(unit, nn.ModuleList)
            conv1, bn1, conv2, bn2 = unit
            y = self.mish(bn1(conv1(x)))
            y = self.mish(bn2(conv2(y)))
            x = x + y
        return x


class Downsample1(nn.Module):
    """The stem, and the first stage of CSPDarknet53."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.bn1 = _conv(3, 32, 3), nn.BatchNorm2d(32)
        self.conv2, self.bn2 = _conv(32, 64, 3, 2), nn.BatchNorm2d(64)
        self.conv3, self.bn3 = _conv(64, 64, 1), nn.BatchNorm2d(64)
        self.conv4, self.bn4 = _conv(64, 64, 1), nn.BatchNorm2d(64)
        self.conv5, self.bn5 = _conv(64, 32, 1), nn.BatchNorm2d(32)
        self.conv6, self.bn6 = _conv(32, 64, 3), nn.BatchNorm2d(64)
        self.conv7, self.bn7 = _conv(64, 64, 1), nn.BatchNorm2d(64)
        self.conv8, self.bn8 = _conv(128, 64, 1), nn.BatchNorm2d(64)
        self.mish = nn.Mish()

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """(batch, 3, height, width) to (batch, 64, height / 2, width / 2)."""
        x1 = self.mish(self.bn1(self.conv1(image)))
        x2 = self.mish(self.bn2(self.conv2(x1)))
        x3 = self.mish(self.bn3(self.conv3(x2)))
        x4 = self.mish(self.bn4(self.conv4(x2)))
        x5 = self.mish(self.bn5(self.conv5(x4)))
        x6 = self.mish(self.bn6(self.conv6(x5)))
        x6 = x6 + x4
        x7 = self.mish(self.bn7(self.conv7(x6)))
        x7 = torch.cat([x7, x3], dim=1)
        return self.mish(self.bn8(self.conv8(x7)))


class _Stage(nn.Module):
    """What the later stages share: halve the size, then residual units on half of the channels."""

    def __init__(self, in_channels: int, units: int) -> None:
        super().__init__()
        out_channels, half = 2 * in_channels, in_channels
        self.conv1, self.bn1 = _conv(in_channels, out_channels, 3, 2), nn.BatchNorm2d(out_channels)
        self.conv2, self.bn2 = _conv(out_channels, half, 1), nn.BatchNorm2d(half)
        self.conv3, self.bn3 = _conv(out_channels, half, 1), nn.BatchNorm2d(half)
        self.resblock = Resblock(half, units)
        self.conv4, self.bn4 = _conv(half, half, 1), nn.BatchNorm2d(half)
        self.conv5, self.bn5 = _conv(2 * half, out_channels, 1), nn.BatchNorm2d(out_channels)
        self.mish = nn.Mish()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Twice the channels at half the size."""
        x1 = self.mish(self.bn1(self.conv1(x)))
        x2 = self.mish(self.bn2(self.conv2(x1)))
        x3 = self.mish(self.bn3(self.conv3(x1)))
        x4 = self.mish(self.bn4(self.conv4(self.resblock(x3))))
        x4 = torch.cat([x4, x2], dim=1)
        return self.mish(self.bn5(self.conv5(x4)))


class Downsample2(_Stage):
    """64 to 128 channels, 2 residual units."""

    def __init__(self) -> None:
        super().__init__(64, 2)


class Downsample3(_Stage):
    """128 to 256 channels, 8 residual units."""

    def __init__(self) -> None:
        super().__init__(128, 8)


class Downsample4(_Stage):
    """256 to 512 channels, 8 residual units."""

    def __init__(self) -> None:
        super().__init__(256, 8)


class Downsample5(_Stage):
    """512 to 1024 channels, 4 residual units."""

    def __init__(self) -> None:
        super().__init__(512, 4)


def _leaky(in_channels: int, out_channels: int, kernel: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        _conv(in_channels, out_channels, kernel, stride), nn.BatchNorm2d(out_channels), nn.LeakyReLU(_SLOPE)
    )


def _five(in_channels: int, channels: int) -> nn.Sequential:
    """Convolutions of 1, 3, 1, 3 and 1, the 3x3 ones with twice the channels."""
    return nn.Sequential(
        _leaky(in_channels, channels, 1),
        _leaky(channels, 2 * channels, 3),
        _leaky(2 * channels, channels, 1),
        _leaky(channels, 2 * channels, 3),
        _leaky(2 * channels, channels, 1),
    )


class Neck(nn.Module):
    """Spatial pyramid pooling on the deepest features, then the way up of the path aggregation."""

    def __init__(self) -> None:
        super().__init__()
        self.before_spp = nn.Sequential(_leaky(1024, 512, 1), _leaky(512, 1024, 3), _leaky(1024, 512, 1))
        self.pool1 = nn.MaxPool2d(5, 1, 2)
        self.pool2 = nn.MaxPool2d(9, 1, 4)
        self.pool3 = nn.MaxPool2d(13, 1, 6)
        self.after_spp = nn.Sequential(_leaky(2048, 512, 1), _leaky(512, 1024, 3), _leaky(1024, 512, 1))
        self.reduce4 = _leaky(512, 256, 1)
        self.lateral4 = _leaky(512, 256, 1)
        self.join4 = _five(512, 256)
        self.reduce3 = _leaky(256, 128, 1)
        self.lateral3 = _leaky(256, 128, 1)
        self.join3 = _five(256, 128)
        self.upsample = nn.Upsample(scale_factor=2, mode="nearest")

    def forward(
        self, down5: torch.Tensor, down4: torch.Tensor, down3: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Features at 1/8, 1/16 and 1/32 of the image, of 128, 256 and 512 channels."""
        x = self.before_spp(down5)
        x = torch.cat([self.pool3(x), self.pool2(x), self.pool1(x), x], dim=1)
        deep = self.after_spp(x)
        x = torch.cat([self.lateral4(down4), self.upsample(self.reduce4(deep))], dim=1)
        middle = self.join4(x)
        x = torch.cat([self.lateral3(down3), self.upsample(self.reduce3(middle))], dim=1)
        return self.join3(x), middle, deep


class Head(nn.Module):
    """The way down of the path aggregation, with a prediction at each size."""

    def __init__(self, out_channels: int) -> None:
        super().__init__()
        self.expand3 = _leaky(128, 256, 3)
        self.predict3 = nn.Conv2d(256, out_channels, 1)
        self.down4 = _leaky(128, 256, 3, 2)
        self.join4 = _five(512, 256)
        self.expand4 = _leaky(256, 512, 3)
        self.predict4 = nn.Conv2d(512, out_channels, 1)
        self.down5 = _leaky(256, 512, 3, 2)
        self.join5 = _five(1024, 512)
        self.expand5 = _leaky(512, 1024, 3)
        self.predict5 = nn.Conv2d(1024, out_channels, 1)

    def forward(
        self, shallow: torch.Tensor, middle: torch.Tensor, deep: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Predictions at 1/8, 1/16 and 1/32 of the image."""
        first = self.predict3(self.expand3(shallow))
        x = self.join4(torch.cat([self.down4(shallow), middle], dim=1))
        second = self.predict4(self.expand4(x))
        x = self.join5(torch.cat([self.down5(x), deep], dim=1))
        return first, second, self.predict5(self.expand5(x))


class Yolov4(nn.Module):
    """Three maps of 3 x (4 + 1 + classes) channels."""

    def __init__(self, classes: int = 80) -> None:
        super().__init__()
        self.down1 = Downsample1()
        self.down2 = Downsample2()
        self.down3 = Downsample3()
        self.down4 = Downsample4()
        self.down5 = Downsample5()
        self.neck = Neck()
        self.head = Head(3 * (5 + classes))

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """(batch, 3, height, width), both a multiple of 32, to predictions at 1/8, 1/16 and 1/32 of it."""
        down1 = self.down1(image)
        down2 = self.down2(down1)
        down3 = self.down3(down2)
        down4 = self.down4(down3)
        down5 = self.down5(down4)
        return self.head(*self.neck(down5, down4, down3))


def example_inputs(batch: int = 1) -> tuple[torch.Tensor, ...]:
    """An image of 320 x 320."""
    return (torch.randn(batch, 3, 320, 320),)
