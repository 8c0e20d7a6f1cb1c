# SPDX-License-Identifier: Apache-2.0
"""aten.histc.default in layers: 1 input variation, 1 call.

Each case is named after the module of its first call and the number of its calls.
Made by `bringup init tests/models/layers.py:Layers`.
"""

import pytest
import torch
import ttnn


@pytest.mark.parametrize(
    "input_shape",
    [
        pytest.param((1, 10), id="head-x1"),
    ],
)
def test_histc(device, assert_equal, input_shape):
    """1 variation, 1 call of aten.histc.default."""
    torch.manual_seed(0)
    torch_input = torch.randn(input_shape)
    reference = torch.histc(torch_input.float(), 4, -1.0, 1.0)

    input = ttnn.from_torch(torch_input.float(), dtype=ttnn.float32, layout=ttnn.TILE_LAYOUT, device=device)
    input = ttnn.reshape(input, (10, 1))
    position = ttnn.floor(ttnn.multiply(ttnn.subtract(input, -1.0), 4 / (1.0 - -1.0)))
    position = ttnn.where(ttnn.eq(input, 1.0), 4 - 1.0, position)
    places = torch.arange(4, dtype=torch.float32).reshape(1, 4)
    places = ttnn.from_torch(places, dtype=ttnn.float32, layout=ttnn.TILE_LAYOUT, device=device)
    output = ttnn.sum(ttnn.typecast(ttnn.eq(position, places), ttnn.float32), dim=0)
    output = ttnn.to_torch(output)

    assert_equal(reference, output)
