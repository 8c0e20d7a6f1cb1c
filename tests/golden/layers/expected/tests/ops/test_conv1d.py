# SPDX-License-Identifier: Apache-2.0
"""aten.conv1d.default in layers: 1 input variation, 1 call.

Each case is named after the module of its first call and the number of its calls.
Made by `bringup init tests/models/layers.py:Layers --input 1x3x32x32`.
"""

import pytest
import torch
import ttnn


@pytest.mark.parametrize(
    ["input_shape", "weight_shape", "bias_shape"],
    [
        pytest.param((1, 32, 16), (32, 32, 3), (32,), id="head.tokens-x1"),
    ],
)
def test_conv1d(device, assert_close, input_shape, weight_shape, bias_shape):
    """1 variation, 1 call of aten.conv1d.default."""
    torch.manual_seed(0)
    torch_input = torch.randn(input_shape)
    torch_weight = torch.randn(weight_shape)
    torch_bias = torch.randn(bias_shape)
    reference = torch.nn.functional.conv1d(torch_input, torch_weight, torch_bias, 1, 1, 1, 1)

    input = ttnn.from_torch(
        torch_input.permute(0, 2, 1), dtype=ttnn.bfloat16, layout=ttnn.ROW_MAJOR_LAYOUT, device=device
    )
    weight = ttnn.from_torch(torch_weight, dtype=ttnn.bfloat16)
    bias = ttnn.from_torch(torch_bias.reshape(1, 1, 1, -1), dtype=ttnn.bfloat16)
    batch_size, in_channels, input_length = input_shape
    out_channels, _, kernel_size = weight_shape
    output, length = ttnn.conv1d(
        input_tensor=input,
        weight_tensor=weight,
        bias_tensor=bias,
        device=device,
        in_channels=in_channels,
        out_channels=out_channels,
        batch_size=batch_size,
        input_length=input_length,
        kernel_size=kernel_size,
        stride=1,
        padding=1,
        dilation=1,
        groups=1,
        return_output_dim=True,
    )
    output = ttnn.permute(ttnn.reshape(output, (batch_size, length, out_channels)), (0, 2, 1))
    output = ttnn.to_torch(output)

    assert_close(reference, output, pcc=0.985, relative_error=0.05)
