# SPDX-License-Identifier: Apache-2.0
"""Layers of waves. Images are (1, 1, N * H * W, C), channels last, in DRAM.

Made by `bringup init tests/models/waves.py:Waves --input 2x4x32`.
"""

import ttnn


def complex_matmul(x, y):
    """Matrices of complex numbers, real and imaginary part in a last dimension of 2."""
    x_real, x_imag = [ttnn.squeeze(part, -1) for part in ttnn.split(x, 1, dim=-1)]
    y_real, y_imag = [ttnn.squeeze(part, -1) for part in ttnn.split(y, 1, dim=-1)]
    real = ttnn.subtract(ttnn.matmul(x_real, y_real), ttnn.matmul(x_imag, y_imag))
    imag = ttnn.add(ttnn.matmul(x_real, y_imag), ttnn.matmul(x_imag, y_real))
    return ttnn.concat([ttnn.unsqueeze(real, -1), ttnn.unsqueeze(imag, -1)], dim=-1)


def complex_multiply(x, y):
    """Complex numbers, real and imaginary part in a last dimension of 2."""
    x_real, x_imag = ttnn.split(x, 1, dim=-1)
    y_real, y_imag = ttnn.split(y, 1, dim=-1)
    real = ttnn.subtract(ttnn.multiply(x_real, y_real), ttnn.multiply(x_imag, y_imag))
    imag = ttnn.add(ttnn.multiply(x_real, y_imag), ttnn.multiply(x_imag, y_real))
    return ttnn.concat([real, imag], dim=-1)
