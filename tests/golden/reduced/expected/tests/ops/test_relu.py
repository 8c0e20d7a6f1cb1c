# SPDX-License-Identifier: Apache-2.0
"""aten.relu.default in mixed: 1 input variation, 1 call.

Each case is named after the module of its first call and the number of its calls.
Made by `bringup init tests/models/reduced.py:Mixed --input 4x16`.
"""

import pytest
import torch
import ttnn


@pytest.mark.parametrize(
    "input_shape",
    [
        pytest.param((4, 32), id="mixed-x1"),
    ],
)
def test_relu(device, assert_close, input_shape):
    """1 variation, 1 call of aten.relu.default."""
    torch.manual_seed(0)
    torch_input = torch.randn(input_shape, dtype=torch.bfloat16).float()
    reference = torch.relu(torch_input)

    input = ttnn.from_torch(torch_input, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    output = ttnn.relu(input)
    output = ttnn.to_torch(output)

    assert_close(reference, output, pcc=0.999, relative_error=0.02)
