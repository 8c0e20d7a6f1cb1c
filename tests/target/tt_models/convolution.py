"""A convolution with its batch norm folded in, as TT-NN models of convolutional networks write it."""

from __future__ import annotations

import torch
import ttnn


def fold_batch_norm(conv: torch.nn.Conv2d, bn: torch.nn.BatchNorm2d) -> tuple[torch.Tensor, torch.Tensor]:
    scale = bn.weight / torch.sqrt(bn.running_var + bn.eps)
    bias = conv.bias if conv.bias is not None else torch.zeros(conv.out_channels)
    return (conv.weight * scale[:, None, None, None]).detach(), ((bias - bn.running_mean) * scale + bn.bias).detach()


class TtConv:
    """One convolution on [1, 1, N*H*W, C]; prepares its weights at its first call."""

    def __init__(
        self,
        device,
        conv,
        bn,
        batch_size,
        height,
        width,
        activation=None,
        shard_layout=None,
        weights_dtype=ttnn.bfloat8_b,
    ):
        weight, bias = fold_batch_norm(conv, bn) if bn is not None else (conv.weight.detach(), conv.bias.detach())
        self.weight = ttnn.from_torch(weight, dtype=ttnn.float32)
        self.bias = ttnn.from_torch(bias.reshape(1, 1, 1, -1), dtype=ttnn.float32)
        self.config = ttnn.Conv2dConfig(weights_dtype=weights_dtype, activation=activation, shard_layout=shard_layout)
        self.arguments = dict(
            device=device,
            in_channels=conv.in_channels,
            out_channels=conv.out_channels,
            batch_size=batch_size,
            input_height=height,
            input_width=width,
            kernel_size=tuple(conv.kernel_size),
            stride=tuple(conv.stride),
            padding=tuple(conv.padding),
            groups=conv.groups,
        )

    def __call__(self, x):
        output, (height, width), (self.weight, self.bias) = ttnn.conv2d(
            input_tensor=x,
            weight_tensor=self.weight,
            bias_tensor=self.bias,
            conv_config=self.config,
            return_output_dim=True,
            return_weights_and_bias=True,
            **self.arguments,
        )
        return output, height, width


RELU = ttnn.UnaryWithParam(ttnn.UnaryOpType.RELU)


def to_ttnn_image(image: torch.Tensor, device):
    """NCHW to [1, 1, N*H*W, C] on the device."""
    n, c, h, w = image.shape
    return ttnn.from_torch(image.permute(0, 2, 3, 1).reshape(1, 1, n * h * w, c), dtype=ttnn.bfloat16, device=device)


def to_torch_image(tensor, n: int, h: int, w: int) -> torch.Tensor:
    return ttnn.to_torch(tensor).reshape(n, h, w, -1).permute(0, 3, 1, 2)
