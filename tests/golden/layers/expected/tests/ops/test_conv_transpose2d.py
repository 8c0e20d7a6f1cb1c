# SPDX-License-Identifier: Apache-2.0
"""aten.conv_transpose2d.input in layers: 1 input variation, 1 call.

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
    ["input_shape", "weight_shape", "bias_shape"],
    [
        pytest.param((1, 160, 16, 16), (160, 32, 2, 2), (32,), id="head.up-x1"),
    ],
)
def test_conv_transpose2d_long_sum(device, assert_close, input_shape, weight_shape, bias_shape):
    """1 variation, 1 call of aten.conv_transpose2d.input."""
    torch.manual_seed(0)
    torch_input = torch.randn(input_shape)
    torch_weight = torch.randn(weight_shape)
    torch_bias = torch.randn(bias_shape)
    reference = torch.nn.functional.conv_transpose2d(
        torch_input, torch_weight, torch_bias, (2, 2), (0, 0), (0, 0), 1, (1, 1)
    )

    input = ttnn.from_torch(
        torch_input.permute(0, 2, 3, 1), dtype=ttnn.bfloat16, layout=ttnn.ROW_MAJOR_LAYOUT, device=device
    )
    weight = ttnn.from_torch(torch_weight, dtype=ttnn.bfloat16)
    bias = ttnn.from_torch(torch_bias.reshape(1, 1, 1, -1), dtype=ttnn.bfloat16)
    batch_size, in_channels, input_height, input_width = input_shape
    _, out_channels, *kernel_size = weight_shape
    output, [height, width] = ttnn.conv_transpose2d(
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
        stride=(2, 2),
        padding=(0, 0),
        output_padding=(0, 0),
        dilation=(1, 1),
        groups=1,
        compute_config=LONG_SUM,
        return_output_dim=True,
    )
    output = ttnn.reshape(output, (batch_size, height, width, out_channels))
    output = ttnn.permute(output, (0, 3, 1, 2))
    output = ttnn.to_torch(output)

    assert_close(reference, output, pcc=0.985, relative_error=0.05)
