"""Models of clips and signals: three dimensions, tokens split off and put back, spectra."""

import torch
from torch import nn


class Clip(nn.Module):
    """A class token beside a volume that is convolved and pooled."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv3d(32, 32, (3, 3, 3), padding=1, groups=32, bias=False)
        self.pool = nn.MaxPool3d((1, 3, 3), (1, 2, 2), (0, 1, 1))

    def forward(self, x):
        token, x = torch.tensor_split(x, indices=(1,), dim=1)
        x = self.pool(self.conv(x.transpose(1, 2).reshape(1, 32, 2, 8, 8)))
        return torch.cat((token, x.flatten(2).transpose(1, 2)), dim=1)


class Spectrum(nn.Module):
    """Complex tensors between real ones."""

    def forward(self, x):
        return torch.fft.fft2(torch.relu(x)).real + x
