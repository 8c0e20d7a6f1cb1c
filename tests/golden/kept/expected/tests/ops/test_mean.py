# SPDX-License-Identifier: Apache-2.0
"""aten.mean.dim in kept: 1 input variation, 1 call.

Each case is named after the module of its first call and the number of its calls.
Made by `bringup init tests/models/kept.py:Kept --input x=4x8 --input ids=4:int64`.
"""

import pytest
import torch
import ttnn


@pytest.mark.parametrize(
    "input_shape",
    [
        pytest.param((4, 8), id="kept-x1"),
    ],
)
def test_mean(device, assert_close, input_shape):
    """1 variation, 1 call of aten.mean.dim."""
    torch.manual_seed(0)
    torch_input = torch.randn(input_shape)
    reference = torch.mean(torch_input, dim=[0], keepdim=False)

    input = ttnn.from_torch(torch_input, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    output = ttnn.mean(input, dim=[0], keepdim=False)
    output = ttnn.to_torch(output)

    assert_close(reference, output, pcc=0.999, relative_error=0.02)
