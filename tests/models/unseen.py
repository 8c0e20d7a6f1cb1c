"""A model whose names, classes and errors hold what terminals obey."""

import torch
from torch import nn

EVIL = (
    "\x1b[2J\x1b]0;owned\x07\x00\x08\x0b\x0c\x7f\x9b31m\x85\x9d\u202e\u202d\u2066\u2067\u2069\u200f\u061c\u200b\u200d\u2060"
    "\ufeff\u00ad\u2028\u2029\r\n\ud800\udfff\U000e0041\ue000\u00a0"
)


class Inner(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 4)
        self.register_parameter(f"p{EVIL}", nn.Parameter(torch.ones(4)))
        self.register_buffer(f"b{EVIL}", torch.ones(4))

    def extra_repr(self):
        return f"note={EVIL}"

    def forward(self, x):
        return torch.mode(self.linear(x) * getattr(self, f"p{EVIL}") + getattr(self, f"b{EVIL}"), 1)[0]


Inner.__qualname__ = Inner.__name__ = "Inner" + EVIL.replace("\ud800\udfff", "").replace("\0", "")  # as Python has it


class Unseen(nn.Module):
    def __init__(self):
        super().__init__()
        self.add_module(f"m{EVIL}", Inner())

    def forward(self, x):
        return self._modules[f"m{EVIL}"](x)


class Raises(nn.Module):
    def forward(self, x):
        raise ValueError(f"words {EVIL}")


def example_inputs(batch=1):
    return (torch.randn(batch, 4),)
