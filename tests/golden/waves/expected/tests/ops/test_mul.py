# SPDX-License-Identifier: Apache-2.0
"""aten.mul.Tensor in waves: 2 input variations, 2 calls.

Each case is named after the module of its first call and the number of its calls.
Made by `bringup init tests/models/waves.py:Waves --input 2x4x32`.
"""

import pytest
import torch
import ttnn


@pytest.mark.parametrize(
    ["input_shape", "other_shape"],
    [
        pytest.param((2, 4, 16), (16,), id="waves-x1"),
    ],
)
def test_mul_complex(device, assert_close, input_shape, other_shape):
    """1 variation, 1 call of aten.mul.Tensor."""
    torch.manual_seed(0)
    torch_input = torch.randn(input_shape, dtype=torch.complex64)
    torch_other = torch.randn(other_shape, dtype=torch.complex64)
    reference = torch.mul(torch_input, torch_other)

    input = ttnn.from_torch(
        torch.view_as_real(torch_input), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device
    )
    other = ttnn.from_torch(
        torch.view_as_real(torch_other), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device
    )
    real, imag = ttnn.split(input, 1, dim=-1)
    other_real, other_imag = ttnn.split(other, 1, dim=-1)
    output_real = ttnn.subtract(ttnn.multiply(real, other_real), ttnn.multiply(imag, other_imag))
    output_imag = ttnn.add(ttnn.multiply(real, other_imag), ttnn.multiply(imag, other_real))
    output = ttnn.concat([output_real, output_imag], dim=-1)
    output = ttnn.to_torch(output)

    assert_close(reference, output, pcc=0.999, relative_error=0.02)


@pytest.mark.parametrize(
    "input_shape",
    [
        pytest.param((2, 1, 8, 4), id="waves-x1"),
    ],
)
def test_mul_complex_by_number(device, assert_close, input_shape):
    """1 variation, 1 call of aten.mul.Tensor."""
    torch.manual_seed(0)
    torch_input = torch.randn(input_shape, dtype=torch.complex64)
    reference = torch.mul(torch_input, 0.5)

    input = ttnn.from_torch(
        torch.view_as_real(torch_input), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device
    )
    output = ttnn.multiply(input, 0.5)
    output = ttnn.to_torch(output)

    assert_close(reference, output, pcc=0.999, relative_error=0.02)
