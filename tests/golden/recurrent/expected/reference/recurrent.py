"""Recurrent models whose last states are read, or whose first states are given; names that helpers have too."""

import torch
from torch import nn


class LSTM(nn.Module):
    """A tagger that calls its values as its layers are called."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(8, 12, 2, bidirectional=True, batch_first=True)
        self.lstm2 = nn.utils.parametrizations.weight_norm(nn.LSTM(24, 12), "weight_hh_l0")

    def forward(self, x):
        lstm, (h, c) = self.lstm(x)
        lstm2, _ = self.lstm2(lstm.transpose(0, 1))
        return lstm, torch.cat([h[-2], h[-1]], -1), c, lstm2


class Decoder(nn.Module):
    """An encoder's last state starts a decoder; what the caller gives starts another."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.GRU(8, 12, bidirectional=True)
        self.decoder = nn.GRU(6, 12, bias=False)
        self.relu = nn.RNN(12, 5, nonlinearity="relu")
        self.tanh = nn.RNN(12, 5, 2)
        self.cell = nn.LSTM(5, 5)

    def forward(self, x, y, start):
        _, h = self.encoder(x)
        d, h = self.decoder(y, h[-1:].contiguous())
        _, last = self.tanh(d, start)
        out, _ = self.cell(self.relu(d)[0], (start[:1], last[1:]))
        return out, h, last
