# SPDX-License-Identifier: Apache-2.0
"""aten.sigmoid.default in chosen: 1 input variation, 1 call.

Each case is named after the module of its first call and the number of its calls.
Made by `bringup init tests/models/results.py:Chosen --input 4x16`.
"""

import pytest
import torch
import ttnn


@pytest.mark.parametrize(
    "input_shape",
    [
        pytest.param((4, 3), id="head-x1"),
    ],
)
def test_sigmoid(device, assert_close, input_shape):
    """1 variation, 1 call of aten.sigmoid.default."""
    torch.manual_seed(0)
    torch_input = torch.randn(input_shape)
    reference = torch.sigmoid(torch_input)

    input = ttnn.from_torch(torch_input, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    output = ttnn.sigmoid(input)
    output = ttnn.to_torch(output)

    assert_close(reference, output, pcc=0.999, relative_error=0.02)
