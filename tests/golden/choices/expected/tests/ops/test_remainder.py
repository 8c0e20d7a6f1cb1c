# SPDX-License-Identifier: Apache-2.0
"""aten.remainder.Scalar in chosen: 1 input variation, 1 call.

Each case is named after the module of its first call and the number of its calls.
Made by `bringup init tests/models/results.py:Chosen --input 4x16`.
"""

import pytest
import torch
import ttnn


@pytest.mark.parametrize(
    "input_shape",
    [
        pytest.param((4, 3), id="chosen-x1"),
    ],
)
def test_remainder_scalar(device, assert_close, input_shape):
    """1 variation, 1 call of aten.remainder.Scalar."""
    torch.manual_seed(0)
    torch_input = torch.randint(0, 100, input_shape)
    reference = torch.remainder(torch_input, 4)

    input = ttnn.from_torch(torch_input, dtype=ttnn.int32, layout=ttnn.TILE_LAYOUT, device=device)
    output = ttnn.remainder(input, 4)
    output = ttnn.to_torch(output)

    assert_close(reference, output, pcc=0.999, relative_error=0.02)
