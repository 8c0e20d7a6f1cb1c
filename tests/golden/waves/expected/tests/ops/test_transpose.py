# SPDX-License-Identifier: Apache-2.0
"""aten.transpose.int in waves: 1 input variation, 1 call.

Each case is named after the module of its first call and the number of its calls.
Made by `bringup init tests/models/waves.py:Waves --input 2x4x32`.
"""

import pytest
import torch
import ttnn


@pytest.mark.parametrize(
    "input_shape",
    [
        pytest.param((2, 4, 16), id="waves-x1"),
    ],
)
def test_transpose_complex(device, assert_equal, input_shape):
    """1 variation, 1 call of aten.transpose.int."""
    torch.manual_seed(0)
    torch_input = torch.randn(input_shape, dtype=torch.complex64)
    reference = torch.transpose(torch_input, -1, -2)

    input = ttnn.from_torch(
        torch.view_as_real(torch_input), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device
    )
    output = ttnn.transpose(input, 2, 1)
    output = ttnn.to_torch(output)

    assert_equal(reference, output)
