"""torchvision's ResNet of basic blocks: batch norm folded, relu fused, residuals kept and freed."""

from __future__ import annotations

import ttnn

from tt_models.convolution import RELU, TtConv, to_torch_image


class TtBasicBlock:
    def __init__(self, device, block, batch_size, height, width, shard_layout=None):
        stride = block.conv1.stride[0]
        out = (height // stride, width // stride)
        options = dict(shard_layout=shard_layout)
        self.conv1 = TtConv(device, block.conv1, block.bn1, batch_size, height, width, activation=RELU, **options)
        self.conv2 = TtConv(device, block.conv2, block.bn2, batch_size, *out, **options)
        self.downsample = None
        if block.downsample is not None:
            self.downsample = TtConv(device, *block.downsample, batch_size, height, width, **options)

    def __call__(self, x):
        identity = x
        out, _, _ = self.conv1(x)
        out, height, width = self.conv2(out)
        if self.downsample is not None:
            identity, _, _ = self.downsample(x)
        if identity.memory_config() != out.memory_config():
            identity = ttnn.to_memory_config(identity, out.memory_config())
        output = ttnn.add(out, identity, activations=[RELU])
        ttnn.deallocate(out)
        return output, height, width


class TtResNet18:
    def __init__(self, device, model, batch_size, size):
        self.batch_size = batch_size
        self.stem = TtConv(device, model.conv1, model.bn1, batch_size, size, size, activation=RELU)
        self.pool_size = size // 2
        self.blocks = []
        side = size // 4
        for layer in (model.layer1, model.layer2, model.layer3, model.layer4):
            for block in layer:
                self.blocks.append(TtBasicBlock(device, block, batch_size, side, side))
                side //= block.conv1.stride[0]
        self.weight = ttnn.from_torch(
            model.fc.weight.detach().T, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device
        )
        self.bias = ttnn.from_torch(
            model.fc.bias.detach().reshape(1, -1), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device
        )

    def __call__(self, x):
        x, height, width = self.stem(x)
        x = ttnn.max_pool2d(
            input_tensor=x, batch_size=self.batch_size, input_h=height, input_w=width, channels=64,
            kernel_size=[3, 3], stride=[2, 2], padding=[1, 1], dilation=[1, 1],
        )  # fmt: skip
        x = ttnn.to_layout(ttnn.to_memory_config(x, ttnn.DRAM_MEMORY_CONFIG), ttnn.TILE_LAYOUT)
        for block in self.blocks:
            x, height, width = block(x)
        x = ttnn.to_memory_config(x, ttnn.DRAM_MEMORY_CONFIG)
        x = ttnn.reshape(x, (self.batch_size, 1, height * width, 512))
        x = ttnn.mean(ttnn.to_layout(x, ttnn.TILE_LAYOUT), dim=2)
        return ttnn.linear(ttnn.reshape(x, (self.batch_size, 512)), self.weight, bias=self.bias)


__all__ = ["TtBasicBlock", "TtResNet18", "to_torch_image"]
