# SPDX-License-Identifier: Apache-2.0
"""aten.hardtanh.default in layers: 1 input variation, 1 call.

Each case is named after the module of its first call and the number of its calls.
Made by `bringup init tests/models/layers.py:Layers --input 1x3x32x32`.
"""

import pytest
import torch
import ttnn


@pytest.mark.parametrize(
    "input_shape",
    [
        pytest.param((1, 32, 32, 32), id="stem.2-x1"),
    ],
)
def test_hardtanh(device, assert_close, input_shape):
    """1 variation, 1 call of aten.hardtanh.default."""
    torch.manual_seed(0)
    torch_input = torch.randn(input_shape)
    reference = torch.nn.functional.hardtanh(torch_input, min_val=0.0, max_val=6.0)

    input = ttnn.from_torch(torch_input, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    output = ttnn.hardtanh(input, min_val=0.0, max_val=6.0)
    output = ttnn.to_torch(output)

    assert_close(reference, output, pcc=0.999, relative_error=0.02)
