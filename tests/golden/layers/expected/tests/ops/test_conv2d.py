# SPDX-License-Identifier: Apache-2.0
"""aten.conv2d.default in layers: 9 input variations, 15 calls.

Each case is named after the module of its first call and the number of its calls.
Made by `bringup init tests/models/layers.py:Layers --input 1x3x32x32`.
"""

import pytest
import torch
import ttnn

# ttnn adds up in bfloat16: sums of over 256 products (matmuls: 4096) lose more than 0.015 by it,
# relative error by a model of the kernels. These are added up in float32.
LONG_SUM = ttnn.WormholeComputeKernelConfig(
    math_fidelity=ttnn.MathFidelity.HiFi4, fp32_dest_acc_en=True, packer_l1_acc=True
)


@pytest.mark.parametrize(
    ["input_shape", "weight_shape", "bias_shape", "stride", "padding"],
    [
        pytest.param((1, 3, 32, 32), (32, 3, 3, 3), (32,), (1, 1), (1, 1), id="stem.0-x1"),
        pytest.param((1, 32, 16, 16), (64, 32, 1, 1), (64,), (2, 2), (0, 0), id="blocks.1.projection-x1"),
        pytest.param((1, 64, 8, 8), (32, 64, 1, 1), (32,), (1, 1), (0, 0), id="dense.growth1.conv-x1"),
        pytest.param((1, 96, 8, 8), (32, 96, 1, 1), (32,), (1, 1), (0, 0), id="dense.growth2.conv-x1"),
        pytest.param((1, 128, 8, 8), (32, 128, 1, 1), (32,), (1, 1), (0, 0), id="dense.growth3.conv-x1"),
        pytest.param((1, 160, 8, 8), (160, 160, 1, 1), (160,), (1, 1), (0, 0), id="dense.units.0.0-x4"),
    ],
)
def test_conv2d(device, assert_close, input_shape, weight_shape, bias_shape, stride, padding):
    """6 variations, 9 calls of aten.conv2d.default."""
    torch.manual_seed(0)
    torch_input = torch.randn(input_shape)
    torch_weight = torch.randn(weight_shape)
    torch_bias = torch.randn(bias_shape)
    reference = torch.nn.functional.conv2d(torch_input, torch_weight, torch_bias, stride, padding, (1, 1), 1)

    input = ttnn.from_torch(
        torch_input.permute(0, 2, 3, 1), dtype=ttnn.bfloat16, layout=ttnn.ROW_MAJOR_LAYOUT, device=device
    )
    weight = ttnn.from_torch(torch_weight, dtype=ttnn.bfloat16)
    bias = ttnn.from_torch(torch_bias.reshape(1, 1, 1, -1), dtype=ttnn.bfloat16)
    batch_size, in_channels, input_height, input_width = input_shape
    out_channels, _, *kernel_size = weight_shape
    output, [height, width] = ttnn.conv2d(
        input_tensor=input,
        weight_tensor=weight,
        bias_tensor=bias,
        device=device,
        in_channels=in_channels,
        out_channels=out_channels,
        batch_size=batch_size,
        input_height=input_height,
        input_width=input_width,
        kernel_size=tuple(kernel_size),
        stride=stride,
        padding=padding,
        dilation=(1, 1),
        groups=1,
        return_output_dim=True,
    )
    output = ttnn.reshape(output, (batch_size, height, width, out_channels))
    output = ttnn.permute(output, (0, 3, 1, 2))
    output = ttnn.to_torch(output)

    assert_close(reference, output, pcc=0.985, relative_error=0.05)


@pytest.mark.parametrize(
    ["input_shape", "weight_shape", "stride"],
    [
        pytest.param((1, 32, 16, 16), (32, 32, 3, 3), (1, 1), id="blocks.0.conv1-x2"),
        pytest.param((1, 32, 16, 16), (64, 32, 3, 3), (2, 2), id="blocks.1.conv1-x1"),
        pytest.param((1, 64, 8, 8), (64, 64, 3, 3), (1, 1), id="blocks.1.conv2-x3"),
    ],
)
def test_conv2d_no_bias_long_sum(device, assert_close, input_shape, weight_shape, stride):
    """3 variations, 6 calls of aten.conv2d.default."""
    torch.manual_seed(0)
    torch_input = torch.randn(input_shape)
    torch_weight = torch.randn(weight_shape)
    reference = torch.nn.functional.conv2d(torch_input, torch_weight, None, stride, (1, 1), (1, 1), 1)

    input = ttnn.from_torch(
        torch_input.permute(0, 2, 3, 1), dtype=ttnn.bfloat16, layout=ttnn.ROW_MAJOR_LAYOUT, device=device
    )
    weight = ttnn.from_torch(torch_weight, dtype=ttnn.bfloat16)
    batch_size, in_channels, input_height, input_width = input_shape
    out_channels, _, *kernel_size = weight_shape
    output, [height, width] = ttnn.conv2d(
        input_tensor=input,
        weight_tensor=weight,
        device=device,
        in_channels=in_channels,
        out_channels=out_channels,
        batch_size=batch_size,
        input_height=input_height,
        input_width=input_width,
        kernel_size=tuple(kernel_size),
        stride=stride,
        padding=(1, 1),
        dilation=(1, 1),
        groups=1,
        compute_config=LONG_SUM,
        return_output_dim=True,
    )
    output = ttnn.reshape(output, (batch_size, height, width, out_channels))
    output = ttnn.permute(output, (0, 3, 1, 2))
    output = ttnn.to_torch(output)

    assert_close(reference, output, pcc=0.985, relative_error=0.05)
