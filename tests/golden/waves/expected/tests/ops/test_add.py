# SPDX-License-Identifier: Apache-2.0
"""aten.add.Tensor in waves: 1 input variation, 1 call.

Each case is named after the module of its first call and the number of its calls.
Made by `bringup init tests/models/waves.py:Waves --input 2x4x32`.
"""

import pytest
import torch
import ttnn


@pytest.mark.parametrize(
    ["input_shape", "other_shape"],
    [
        pytest.param((2, 4, 8), (8,), id="waves-x1"),
    ],
)
def test_add_complex(device, assert_close, input_shape, other_shape):
    """1 variation, 1 call of aten.add.Tensor."""
    torch.manual_seed(0)
    torch_input = torch.randn(input_shape, dtype=torch.complex64)
    torch_other = torch.randn(other_shape, dtype=torch.complex64)
    reference = torch.add(torch_input, torch_other)

    input = ttnn.from_torch(
        torch.view_as_real(torch_input), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device
    )
    other = ttnn.from_torch(
        torch.view_as_real(torch_other), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device
    )
    output = ttnn.add(input, other)
    output = ttnn.to_torch(output)

    assert_close(reference, output, pcc=0.999, relative_error=0.02)
