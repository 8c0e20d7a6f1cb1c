# SPDX-License-Identifier: Apache-2.0
"""aten.gt.Scalar in chosen: 1 input variation, 1 call.

Each case is named after the module of its first call and the number of its calls.
Made by `bringup init tests/models/results.py:Chosen --input 4x16`.
"""

import pytest
import torch
import ttnn


@pytest.mark.parametrize(
    "input_shape",
    [
        pytest.param((4, 16), id="chosen-x1"),
    ],
)
def test_gt(device, assert_equal, input_shape):
    """1 variation, 1 call of aten.gt.Scalar."""
    torch.manual_seed(0)
    torch_input = torch.randn(input_shape)
    reference = torch.gt(torch_input, 0.5)

    input = ttnn.from_torch(torch_input, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    output = ttnn.gt(input, 0.5)
    output = ttnn.to_torch(output)

    assert_equal(reference, output)
