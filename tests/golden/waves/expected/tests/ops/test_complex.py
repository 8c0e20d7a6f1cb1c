# SPDX-License-Identifier: Apache-2.0
"""aten.complex.default in waves: 1 input variation, 1 call.

Each case is named after the module of its first call and the number of its calls.
Made by `bringup init tests/models/waves.py:Waves --input 2x4x32`.
"""

import pytest
import torch
import ttnn


@pytest.mark.parametrize(
    ["real_shape", "imag_shape"],
    [
        pytest.param((2, 4, 16), (2, 4, 16), id="waves-x1"),
    ],
)
def test_complex(device, assert_equal, real_shape, imag_shape):
    """1 variation, 1 call of aten.complex.default."""
    torch.manual_seed(0)
    torch_real = torch.randn(real_shape)
    torch_imag = torch.randn(imag_shape)
    reference = torch.complex(torch_real, torch_imag)

    real = ttnn.from_torch(torch_real, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    imag = ttnn.from_torch(torch_imag, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    output = ttnn.concat([ttnn.unsqueeze(real, -1), ttnn.unsqueeze(imag, -1)], dim=-1)
    output = ttnn.to_torch(output)

    assert_equal(reference, output)
