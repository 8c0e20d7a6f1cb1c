"""YOLOv4's Downsample1: eight convolutions with folded batch norms, mish, a residual and a concat."""

from __future__ import annotations

import ttnn

from tt_models.convolution import TtConv


class TtDownsample1:
    def __init__(self, device, module, batch_size, size):
        half = size // 2
        sizes = [size, size, half, half, half, half, half, half]
        convs = [(getattr(module, f"conv{i}"), getattr(module, f"bn{i}")) for i in range(1, 9)]
        self.convs = [
            TtConv(device, conv, bn, batch_size, side, side) for (conv, bn), side in zip(convs, sizes, strict=True)
        ]

    def run(self, index, x):
        output, _, _ = self.convs[index - 1](x)
        return ttnn.mish(output)

    def __call__(self, x):
        x1 = self.run(1, x)
        x2 = self.run(2, x1)
        ttnn.deallocate(x1)
        x3 = self.run(3, x2)
        x4 = self.run(4, x2)
        ttnn.deallocate(x2)
        x5 = self.run(5, x4)
        x6 = self.run(6, x5)
        x6 = x6 + x4
        ttnn.deallocate(x4)
        x7 = self.run(7, x6)
        x7 = ttnn.concat([x7, x3], dim=-1)
        return self.run(8, x7)
