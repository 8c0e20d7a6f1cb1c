"""YOLOv4 after Bochkovskiy et al. (2020): CSPDarknet53, SPP and PAN neck, three heads of 255 channels.

Written for this package from the published architecture, in the class structure that TT-NN bring-ups use. Weights
are random. The heads give raw scores, 3 anchors x (4 box, 1 object, 80 class) per cell; decoding stays on the host.
"""

from __future__ import annotations

import torch
from torch import nn


def conv(channels_in: int, channels: int, kernel: int = 1, stride: int = 1) -> nn.Conv2d:
    """A convolution that keeps the size up to its stride, for a batch norm to follow."""
    return nn.Conv2d(channels_in, channels, kernel, stride, padding=kernel // 2, bias=False)


class Resblock(nn.Module):
    """A residual block of Darknet: 1x1 to `hidden` channels, 3x3 back."""

    def __init__(self, channels: int, hidden: int) -> None:
        """`channels` in and out."""
        super().__init__()
        self.conv1 = conv(channels, hidden)
        self.bn1 = nn.BatchNorm2d(hidden)
        self.conv2 = conv(hidden, channels, 3)
        self.bn2 = nn.BatchNorm2d(channels)
        self.mish = nn.Mish()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The input plus its residual."""
        y = self.mish(self.bn1(self.conv1(x)))
        y = self.mish(self.bn2(self.conv2(y)))
        return x + y


class Downsample1(nn.Module):
    """The stem and the first CSP stage, which has one residual block, written out, and full width."""

    def __init__(self) -> None:
        """3 channels to 64, half the size."""
        super().__init__()
        self.conv1 = conv(3, 32, 3)
        self.bn1 = nn.BatchNorm2d(32)
        self.conv2 = conv(32, 64, 3, stride=2)
        self.bn2 = nn.BatchNorm2d(64)
        self.conv3 = conv(64, 64)
        self.bn3 = nn.BatchNorm2d(64)
        self.conv4 = conv(64, 64)
        self.bn4 = nn.BatchNorm2d(64)
        self.conv5 = conv(64, 32)
        self.bn5 = nn.BatchNorm2d(32)
        self.conv6 = conv(32, 64, 3)
        self.bn6 = nn.BatchNorm2d(64)
        self.conv7 = conv(64, 64)
        self.bn7 = nn.BatchNorm2d(64)
        self.conv8 = conv(128, 64)
        self.bn8 = nn.BatchNorm2d(64)
        self.mish = nn.Mish()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The image's first features."""
        x = self.mish(self.bn1(self.conv1(x)))
        x = self.mish(self.bn2(self.conv2(x)))
        route = self.mish(self.bn3(self.conv3(x)))
        x = self.mish(self.bn4(self.conv4(x)))
        y = self.mish(self.bn5(self.conv5(x)))
        y = self.mish(self.bn6(self.conv6(y)))
        x = self.mish(self.bn7(self.conv7(x + y)))
        x = torch.cat((x, route), dim=1)
        out: torch.Tensor = self.mish(self.bn8(self.conv8(x)))
        return out


class Downsample2(nn.Module):
    """The second CSP stage, with two residual blocks."""

    def __init__(self) -> None:
        """64 channels to 128, half the size."""
        super().__init__()
        self.conv1 = conv(64, 128, 3, stride=2)
        self.bn1 = nn.BatchNorm2d(128)
        self.conv2 = conv(128, 64)
        self.bn2 = nn.BatchNorm2d(64)
        self.conv3 = conv(128, 64)
        self.bn3 = nn.BatchNorm2d(64)
        self.resblocks = nn.Sequential(*(Resblock(64, 64) for _ in range(2)))
        self.conv4 = conv(64, 64)
        self.bn4 = nn.BatchNorm2d(64)
        self.conv5 = conv(128, 128)
        self.bn5 = nn.BatchNorm2d(128)
        self.mish = nn.Mish()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Half of the channels pass by the residual blocks."""
        x = self.mish(self.bn1(self.conv1(x)))
        route = self.mish(self.bn2(self.conv2(x)))
        x = self.mish(self.bn3(self.conv3(x)))
        x = self.resblocks(x)
        x = self.mish(self.bn4(self.conv4(x)))
        x = torch.cat((x, route), dim=1)
        out: torch.Tensor = self.mish(self.bn5(self.conv5(x)))
        return out


class Downsample3(nn.Module):
    """The third CSP stage, with eight residual blocks."""

    def __init__(self) -> None:
        """128 channels to 256, half the size."""
        super().__init__()
        self.conv1 = conv(128, 256, 3, stride=2)
        self.bn1 = nn.BatchNorm2d(256)
        self.conv2 = conv(256, 128)
        self.bn2 = nn.BatchNorm2d(128)
        self.conv3 = conv(256, 128)
        self.bn3 = nn.BatchNorm2d(128)
        self.resblocks = nn.Sequential(*(Resblock(128, 128) for _ in range(8)))
        self.conv4 = conv(128, 128)
        self.bn4 = nn.BatchNorm2d(128)
        self.conv5 = conv(256, 256)
        self.bn5 = nn.BatchNorm2d(256)
        self.mish = nn.Mish()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Half of the channels pass by the residual blocks."""
        x = self.mish(self.bn1(self.conv1(x)))
        route = self.mish(self.bn2(self.conv2(x)))
        x = self.mish(self.bn3(self.conv3(x)))
        x = self.resblocks(x)
        x = self.mish(self.bn4(self.conv4(x)))
        x = torch.cat((x, route), dim=1)
        out: torch.Tensor = self.mish(self.bn5(self.conv5(x)))
        return out


class Downsample4(nn.Module):
    """The fourth CSP stage, with eight residual blocks."""

    def __init__(self) -> None:
        """256 channels to 512, half the size."""
        super().__init__()
        self.conv1 = conv(256, 512, 3, stride=2)
        self.bn1 = nn.BatchNorm2d(512)
        self.conv2 = conv(512, 256)
        self.bn2 = nn.BatchNorm2d(256)
        self.conv3 = conv(512, 256)
        self.bn3 = nn.BatchNorm2d(256)
        self.resblocks = nn.Sequential(*(Resblock(256, 256) for _ in range(8)))
        self.conv4 = conv(256, 256)
        self.bn4 = nn.BatchNorm2d(256)
        self.conv5 = conv(512, 512)
        self.bn5 = nn.BatchNorm2d(512)
        self.mish = nn.Mish()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Half of the channels pass by the residual blocks."""
        x = self.mish(self.bn1(self.conv1(x)))
        route = self.mish(self.bn2(self.conv2(x)))
        x = self.mish(self.bn3(self.conv3(x)))
        x = self.resblocks(x)
        x = self.mish(self.bn4(self.conv4(x)))
        x = torch.cat((x, route), dim=1)
        out: torch.Tensor = self.mish(self.bn5(self.conv5(x)))
        return out


class Downsample5(nn.Module):
    """The fifth CSP stage, with four residual blocks."""

    def __init__(self) -> None:
        """512 channels to 1024, half the size."""
        super().__init__()
        self.conv1 = conv(512, 1024, 3, stride=2)
        self.bn1 = nn.BatchNorm2d(1024)
        self.conv2 = conv(1024, 512)
        self.bn2 = nn.BatchNorm2d(512)
        self.conv3 = conv(1024, 512)
        self.bn3 = nn.BatchNorm2d(512)
        self.resblocks = nn.Sequential(*(Resblock(512, 512) for _ in range(4)))
        self.conv4 = conv(512, 512)
        self.bn4 = nn.BatchNorm2d(512)
        self.conv5 = conv(1024, 1024)
        self.bn5 = nn.BatchNorm2d(1024)
        self.mish = nn.Mish()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Half of the channels pass by the residual blocks."""
        x = self.mish(self.bn1(self.conv1(x)))
        route = self.mish(self.bn2(self.conv2(x)))
        x = self.mish(self.bn3(self.conv3(x)))
        x = self.resblocks(x)
        x = self.mish(self.bn4(self.conv4(x)))
        x = torch.cat((x, route), dim=1)
        out: torch.Tensor = self.mish(self.bn5(self.conv5(x)))
        return out


class Neck(nn.Module):
    """Spatial pyramid pooling and the top-down half of the path aggregation network."""

    def __init__(self) -> None:
        """For the features of Downsample3, 4 and 5."""
        super().__init__()
        self.conv1 = conv(1024, 512)
        self.bn1 = nn.BatchNorm2d(512)
        self.conv2 = conv(512, 1024, 3)
        self.bn2 = nn.BatchNorm2d(1024)
        self.conv3 = conv(1024, 512)
        self.bn3 = nn.BatchNorm2d(512)
        self.conv4 = conv(2048, 512)
        self.bn4 = nn.BatchNorm2d(512)
        self.conv5 = conv(512, 1024, 3)
        self.bn5 = nn.BatchNorm2d(1024)
        self.conv6 = conv(1024, 512)
        self.bn6 = nn.BatchNorm2d(512)
        self.conv7 = conv(512, 256)
        self.bn7 = nn.BatchNorm2d(256)
        self.conv8 = conv(512, 256)
        self.bn8 = nn.BatchNorm2d(256)
        self.conv9 = conv(512, 256)
        self.bn9 = nn.BatchNorm2d(256)
        self.conv10 = conv(256, 512, 3)
        self.bn10 = nn.BatchNorm2d(512)
        self.conv11 = conv(512, 256)
        self.bn11 = nn.BatchNorm2d(256)
        self.conv12 = conv(256, 512, 3)
        self.bn12 = nn.BatchNorm2d(512)
        self.conv13 = conv(512, 256)
        self.bn13 = nn.BatchNorm2d(256)
        self.conv14 = conv(256, 128)
        self.bn14 = nn.BatchNorm2d(128)
        self.conv15 = conv(256, 128)
        self.bn15 = nn.BatchNorm2d(128)
        self.conv16 = conv(256, 128)
        self.bn16 = nn.BatchNorm2d(128)
        self.conv17 = conv(128, 256, 3)
        self.bn17 = nn.BatchNorm2d(256)
        self.conv18 = conv(256, 128)
        self.bn18 = nn.BatchNorm2d(128)
        self.conv19 = conv(128, 256, 3)
        self.bn19 = nn.BatchNorm2d(256)
        self.conv20 = conv(256, 128)
        self.bn20 = nn.BatchNorm2d(128)
        self.pool5 = nn.MaxPool2d(5, stride=1, padding=2)
        self.pool9 = nn.MaxPool2d(9, stride=1, padding=4)
        self.pool13 = nn.MaxPool2d(13, stride=1, padding=6)
        self.upsample = nn.Upsample(scale_factor=2, mode="nearest")
        self.leaky = nn.LeakyReLU(0.1)

    def forward(
        self, large: torch.Tensor, medium: torch.Tensor, small: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """The three feature maps, each with what the smaller ones know."""
        small = self.leaky(self.bn1(self.conv1(small)))
        small = self.leaky(self.bn2(self.conv2(small)))
        small = self.leaky(self.bn3(self.conv3(small)))
        small = torch.cat((self.pool13(small), self.pool9(small), self.pool5(small), small), dim=1)
        small = self.leaky(self.bn4(self.conv4(small)))
        small = self.leaky(self.bn5(self.conv5(small)))
        small = self.leaky(self.bn6(self.conv6(small)))

        up = self.upsample(self.leaky(self.bn7(self.conv7(small))))
        medium = self.leaky(self.bn8(self.conv8(medium)))
        medium = self.leaky(self.bn9(self.conv9(torch.cat((medium, up), dim=1))))
        medium = self.leaky(self.bn10(self.conv10(medium)))
        medium = self.leaky(self.bn11(self.conv11(medium)))
        medium = self.leaky(self.bn12(self.conv12(medium)))
        medium = self.leaky(self.bn13(self.conv13(medium)))

        up = self.upsample(self.leaky(self.bn14(self.conv14(medium))))
        large = self.leaky(self.bn15(self.conv15(large)))
        large = self.leaky(self.bn16(self.conv16(torch.cat((large, up), dim=1))))
        large = self.leaky(self.bn17(self.conv17(large)))
        large = self.leaky(self.bn18(self.conv18(large)))
        large = self.leaky(self.bn19(self.conv19(large)))
        large = self.leaky(self.bn20(self.conv20(large)))
        return large, medium, small


class Head(nn.Module):
    """The bottom-up half of the path aggregation network with a detector at each of three sizes."""

    def __init__(self) -> None:
        """255 channels: 3 anchors x (4 box, 1 object, 80 class)."""
        super().__init__()
        self.conv1 = conv(128, 256, 3)
        self.bn1 = nn.BatchNorm2d(256)
        self.conv2 = nn.Conv2d(256, 255, 1)
        self.conv3 = conv(128, 256, 3, stride=2)
        self.bn3 = nn.BatchNorm2d(256)
        self.conv4 = conv(512, 256)
        self.bn4 = nn.BatchNorm2d(256)
        self.conv5 = conv(256, 512, 3)
        self.bn5 = nn.BatchNorm2d(512)
        self.conv6 = conv(512, 256)
        self.bn6 = nn.BatchNorm2d(256)
        self.conv7 = conv(256, 512, 3)
        self.bn7 = nn.BatchNorm2d(512)
        self.conv8 = conv(512, 256)
        self.bn8 = nn.BatchNorm2d(256)
        self.conv9 = conv(256, 512, 3)
        self.bn9 = nn.BatchNorm2d(512)
        self.conv10 = nn.Conv2d(512, 255, 1)
        self.conv11 = conv(256, 512, 3, stride=2)
        self.bn11 = nn.BatchNorm2d(512)
        self.conv12 = conv(1024, 512)
        self.bn12 = nn.BatchNorm2d(512)
        self.conv13 = conv(512, 1024, 3)
        self.bn13 = nn.BatchNorm2d(1024)
        self.conv14 = conv(1024, 512)
        self.bn14 = nn.BatchNorm2d(512)
        self.conv15 = conv(512, 1024, 3)
        self.bn15 = nn.BatchNorm2d(1024)
        self.conv16 = conv(1024, 512)
        self.bn16 = nn.BatchNorm2d(512)
        self.conv17 = conv(512, 1024, 3)
        self.bn17 = nn.BatchNorm2d(1024)
        self.conv18 = nn.Conv2d(1024, 255, 1)
        self.leaky = nn.LeakyReLU(0.1)

    def forward(
        self, large: torch.Tensor, medium: torch.Tensor, small: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Raw scores for small, medium and large objects."""
        boxes_large = self.conv2(self.leaky(self.bn1(self.conv1(large))))

        down = self.leaky(self.bn3(self.conv3(large)))
        medium = self.leaky(self.bn4(self.conv4(torch.cat((down, medium), dim=1))))
        medium = self.leaky(self.bn5(self.conv5(medium)))
        medium = self.leaky(self.bn6(self.conv6(medium)))
        medium = self.leaky(self.bn7(self.conv7(medium)))
        medium = self.leaky(self.bn8(self.conv8(medium)))
        boxes_medium = self.conv10(self.leaky(self.bn9(self.conv9(medium))))

        down = self.leaky(self.bn11(self.conv11(medium)))
        small = self.leaky(self.bn12(self.conv12(torch.cat((down, small), dim=1))))
        small = self.leaky(self.bn13(self.conv13(small)))
        small = self.leaky(self.bn14(self.conv14(small)))
        small = self.leaky(self.bn15(self.conv15(small)))
        small = self.leaky(self.bn16(self.conv16(small)))
        boxes_small = self.conv18(self.leaky(self.bn17(self.conv17(small))))
        return boxes_large, boxes_medium, boxes_small


class Yolov4(nn.Module):
    """The detector: backbone, neck and head."""

    def __init__(self) -> None:
        """80 classes, images of any size that 32 divides."""
        super().__init__()
        self.down1 = Downsample1()
        self.down2 = Downsample2()
        self.down3 = Downsample3()
        self.down4 = Downsample4()
        self.down5 = Downsample5()
        self.neck = Neck()
        self.head = Head()

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Images to raw scores at 1/8, 1/16 and 1/32 of their size."""
        d3 = self.down3(self.down2(self.down1(x)))
        d4 = self.down4(d3)
        d5 = self.down5(d4)
        large, medium, small = self.neck(d3, d4, d5)
        boxes: tuple[torch.Tensor, torch.Tensor, torch.Tensor] = self.head(large, medium, small)
        return boxes


def example_inputs(batch: int = 1) -> tuple[torch.Tensor, ...]:
    """Colour images of 320x320."""
    return (torch.randn(batch, 3, 320, 320),)
