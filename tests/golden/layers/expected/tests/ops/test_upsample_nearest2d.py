# SPDX-License-Identifier: Apache-2.0
"""aten.upsample_nearest2d.vec in layers: 1 input variation, 1 call.

Each case is named after the module of its first call and the number of its calls.
Made by `bringup init tests/models/layers.py:Layers --input 1x3x32x32`.
"""

import pytest
import torch
import ttnn


@pytest.mark.parametrize(
    "input_shape",
    [
        pytest.param((1, 160, 8, 8), id="head-x1"),
    ],
)
def test_upsample_nearest2d(device, assert_equal, input_shape):
    """1 variation, 1 call of aten.upsample_nearest2d.vec."""
    torch.manual_seed(0)
    torch_input = torch.randn(input_shape)
    reference = torch.nn.functional.interpolate(torch_input, scale_factor=(2, 2), mode="nearest")

    input = ttnn.from_torch(
        torch_input.permute(0, 2, 3, 1), dtype=ttnn.bfloat16, layout=ttnn.ROW_MAJOR_LAYOUT, device=device
    )
    output = ttnn.upsample(input, scale_factor=(2, 2), mode="nearest")
    output = ttnn.permute(output, (0, 3, 1, 2))
    output = ttnn.to_torch(output)

    assert_equal(reference, output)
