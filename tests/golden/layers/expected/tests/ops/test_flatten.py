# SPDX-License-Identifier: Apache-2.0
"""aten.flatten.using_ints in layers: 1 input variation, 1 call.

Each case is named after the module of its first call and the number of its calls.
Made by `bringup init tests/models/layers.py:Layers --input 1x3x32x32`.
"""

import pytest
import torch
import ttnn


@pytest.mark.parametrize(
    "input_shape",
    [
        pytest.param((1, 32, 4, 4), id="head-x1"),
    ],
)
def test_flatten(device, assert_equal, input_shape):
    """1 variation, 1 call of aten.flatten.using_ints."""
    torch.manual_seed(0)
    torch_input = torch.randn(input_shape)
    reference = torch.reshape(torch_input, (1, 32, 16))

    input = ttnn.from_torch(torch_input, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    output = ttnn.reshape(input, (1, 32, 16))
    output = ttnn.to_torch(output)

    assert_equal(reference, output)
