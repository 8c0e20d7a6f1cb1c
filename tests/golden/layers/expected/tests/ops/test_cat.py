# SPDX-License-Identifier: Apache-2.0
"""aten.cat.default in layers: 4 input variations, 4 calls.

Each case is named after the module of its first call and the number of its calls.
Made by `bringup init tests/models/layers.py:Layers --input 1x3x32x32`.
"""

import pytest
import torch
import ttnn


@pytest.mark.parametrize(
    "tensors_shapes",
    [
        pytest.param(((1, 64, 8, 8),), id="dense.growth1-x1"),
    ],
)
def test_cat_one(device, assert_equal, tensors_shapes):
    """1 variation, 1 call of aten.cat.default."""
    torch.manual_seed(0)
    torch_tensors = [torch.randn(shape) for shape in tensors_shapes]
    reference = torch.cat(torch_tensors, dim=1)

    tensors = [
        ttnn.from_torch(tensor, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device) for tensor in torch_tensors
    ]
    output = ttnn.clone(tensors[0])
    output = ttnn.to_torch(output)

    assert_equal(reference, output)


@pytest.mark.parametrize(
    "tensors_shapes",
    [
        pytest.param(((1, 64, 8, 8), (1, 32, 8, 8)), id="dense.growth2-x1"),
        pytest.param(((1, 64, 8, 8), (1, 32, 8, 8), (1, 32, 8, 8)), id="dense.growth3-x1"),
        pytest.param(((1, 64, 8, 8), (1, 32, 8, 8), (1, 32, 8, 8), (1, 32, 8, 8)), id="dense-x1"),
    ],
)
def test_cat(device, assert_equal, tensors_shapes):
    """3 variations, 3 calls of aten.cat.default."""
    torch.manual_seed(0)
    torch_tensors = [torch.randn(shape) for shape in tensors_shapes]
    reference = torch.cat(torch_tensors, dim=1)

    tensors = [
        ttnn.from_torch(tensor, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device) for tensor in torch_tensors
    ]
    output = ttnn.concat(tensors, dim=1)
    output = ttnn.to_torch(output)

    assert_equal(reference, output)
