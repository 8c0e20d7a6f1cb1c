# SPDX-License-Identifier: Apache-2.0
"""aten.topk.default in chosen: 1 input variation, 1 call.

Each case is named after the module of its first call and the number of its calls.
Made by `bringup init tests/models/results.py:Chosen --input 4x16`.
"""

import pytest
import torch
import ttnn


@pytest.mark.parametrize(
    "input_shape",
    [
        pytest.param((4, 20), id="head-x1"),
    ],
)
def test_topk(device, assert_close, assert_picks, input_shape):
    """1 variation, 1 call of aten.topk.default."""
    torch.manual_seed(0)
    torch_input = torch.randn(input_shape)
    reference = torch.topk(torch_input, 3, dim=-1, largest=True)

    input = ttnn.from_torch(torch_input, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    output = ttnn.topk(input, k=3, dim=-1, largest=True)
    output = [ttnn.to_torch(tensor) for tensor in output]

    assert_close(reference[0], output[0], pcc=0.999, relative_error=0.02)
    assert_picks(reference[1], output[1], torch_input, dim=-1, relative_error=0.02)
