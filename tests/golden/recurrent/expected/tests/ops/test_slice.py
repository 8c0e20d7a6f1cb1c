# SPDX-License-Identifier: Apache-2.0
"""aten.slice.Tensor in decoder: 3 input variations, 3 calls.

Each case is named after the module of its first call and the number of its calls.
Made by `bringup init tests/models/recurrent.py:Decoder --input x=3x2x8 --input y=4x2x6 --input start=2x2x5`.
"""

import pytest
import torch
import ttnn


@pytest.mark.parametrize(
    ["input_shape", "starts", "ends"],
    [
        pytest.param((2, 2, 12), [1, 0, 0], [2, 2, 12], id="decoder-x1"),
        pytest.param((2, 2, 5), [0, 0, 0], [1, 2, 5], id="decoder-x1-2"),
        pytest.param((2, 2, 5), [1, 0, 0], [2, 2, 5], id="decoder-x1-3"),
    ],
)
def test_slice(device, assert_equal, input_shape, starts, ends):
    """3 variations, 3 calls of aten.slice.Tensor."""
    torch.manual_seed(0)
    torch_input = torch.randn(input_shape)
    reference = torch_input[starts[0] : ends[0] : [1, 1, 1][0]]

    input = ttnn.from_torch(torch_input, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    output = ttnn.slice(input, starts, ends, [1, 1, 1])
    output = ttnn.to_torch(output)

    assert_equal(reference, output)
