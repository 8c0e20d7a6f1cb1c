# SPDX-License-Identifier: Apache-2.0
"""aten.cat.default in waves: 1 input variation, 1 call.

Each case is named after the module of its first call and the number of its calls.
Made by `bringup init tests/models/waves.py:Waves --input 2x4x32`.
"""

import pytest
import torch
import ttnn


@pytest.mark.parametrize(
    "tensors_shapes",
    [
        pytest.param(((2, 4, 8), (2, 4, 8)), id="waves-x1"),
    ],
)
def test_cat_complex(device, assert_equal, tensors_shapes):
    """1 variation, 1 call of aten.cat.default."""
    torch.manual_seed(0)
    torch_tensors = [torch.randn(shape, dtype=torch.complex64) for shape in tensors_shapes]
    reference = torch.cat(torch_tensors, dim=2)

    tensors = [
        ttnn.from_torch(torch.view_as_real(tensor), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
        for tensor in torch_tensors
    ]
    output = ttnn.concat(tensors, dim=2)
    output = ttnn.to_torch(output)

    assert_equal(reference, output)
