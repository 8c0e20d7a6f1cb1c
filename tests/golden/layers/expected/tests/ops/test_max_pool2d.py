# SPDX-License-Identifier: Apache-2.0
"""aten.max_pool2d.default in layers: 1 input variation, 1 call.

Each case is named after the module of its first call and the number of its calls.
Made by `bringup init tests/models/layers.py:Layers --input 1x3x32x32`.
"""

import pytest
import torch
import ttnn


@pytest.mark.parametrize(
    "input_shape",
    [
        pytest.param((1, 32, 32, 32), id="stem.3-x1"),
    ],
)
def test_max_pool2d(device, assert_equal, input_shape):
    """1 variation, 1 call of aten.max_pool2d.default."""
    torch.manual_seed(0)
    torch_input = torch.randn(input_shape)
    reference = torch.nn.functional.max_pool2d(torch_input, [2, 2], [2, 2], [0, 0], [1, 1], False)

    input = ttnn.from_torch(
        torch_input.permute(0, 2, 3, 1).reshape(1, 1, -1, torch_input.shape[1]),
        dtype=ttnn.bfloat16,
        layout=ttnn.ROW_MAJOR_LAYOUT,
        device=device,
    )
    batch_size, channels, height, width = input_shape
    output = ttnn.max_pool2d(
        input_tensor=input,
        batch_size=batch_size,
        input_h=height,
        input_w=width,
        channels=channels,
        kernel_size=[2, 2],
        stride=[2, 2],
        padding=[0, 0],
        dilation=[1, 1],
        ceil_mode=False,
    )
    output = ttnn.sharded_to_interleaved(output) if ttnn.is_sharded(output) else output
    output = ttnn.reshape(output, (batch_size, 16, 16, channels))
    output = ttnn.permute(output, (0, 3, 1, 2))
    output = ttnn.to_torch(output)

    assert_equal(reference, output)
