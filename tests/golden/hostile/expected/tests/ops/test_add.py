# SPDX-License-Identifier: Apache-2.0
"""aten.add.Tensor in hostile: 1 input variation, 1 call.

Each case is named after the module of its first call and the number of its calls.
Made by `bringup init tests/models/awkward.py:Hostile --input 2x4`.
"""

import pytest
import torch
import ttnn


@pytest.mark.parametrize(
    "input_shape",
    [
        pytest.param((2, 4), id="evil-x1"),
    ],
)
def test_add_scalar(device, assert_close, input_shape):
    """1 variation, 1 call of aten.add.Tensor."""
    torch.manual_seed(0)
    torch_input = torch.randn(input_shape)
    reference = torch.add(torch_input, 1)

    input = ttnn.from_torch(torch_input, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    output = ttnn.add(input, 1)
    output = ttnn.to_torch(output)

    assert_close(reference, output, pcc=0.999, relative_error=0.02)
