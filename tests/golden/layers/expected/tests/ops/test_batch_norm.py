# SPDX-License-Identifier: Apache-2.0
"""aten.batch_norm.default in layers: 5 input variations, 10 calls.

Each case is named after the module of its first call and the number of its calls.
Made by `bringup init tests/models/layers.py:Layers --input 1x3x32x32`.
"""

import pytest
import torch
import ttnn


@pytest.mark.parametrize(
    ["input_shape", "weight_shape", "bias_shape", "running_mean_shape", "running_var_shape"],
    [
        pytest.param((1, 32, 32, 32), (32,), (32,), (32,), (32,), id="stem.1-x1"),
        pytest.param((1, 32, 16, 16), (32,), (32,), (32,), (32,), id="blocks.0.bn1-x2"),
        pytest.param((1, 64, 8, 8), (64,), (64,), (64,), (64,), id="blocks.1.bn1-x5"),
        pytest.param((1, 96, 8, 8), (96,), (96,), (96,), (96,), id="dense.growth2.norm-x1"),
        pytest.param((1, 128, 8, 8), (128,), (128,), (128,), (128,), id="dense.growth3.norm-x1"),
    ],
)
def test_batch_norm(device, assert_close, input_shape, weight_shape, bias_shape, running_mean_shape, running_var_shape):
    """5 variations, 10 calls of aten.batch_norm.default."""
    torch.manual_seed(0)
    torch_input = torch.randn(input_shape)
    torch_weight = torch.randn(weight_shape)
    torch_bias = torch.randn(bias_shape)
    torch_running_mean = torch.randn(running_mean_shape)
    torch_running_var = torch.rand(running_var_shape) + 0.5
    reference = torch.nn.functional.batch_norm(
        torch_input, torch_running_mean, torch_running_var, torch_weight, torch_bias, eps=1e-05
    )

    input = ttnn.from_torch(torch_input, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    weight = ttnn.from_torch(
        torch_weight.reshape(1, -1, 1, 1), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device
    )
    bias = ttnn.from_torch(torch_bias.reshape(1, -1, 1, 1), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    running_mean = ttnn.from_torch(
        torch_running_mean.reshape(1, -1, 1, 1), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device
    )
    running_var = ttnn.from_torch(
        torch_running_var.reshape(1, -1, 1, 1), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device
    )
    output = ttnn.batch_norm(
        input, running_mean=running_mean, running_var=running_var, weight=weight, bias=bias, eps=1e-05, training=False
    )
    output = ttnn.to_torch(output)

    assert_close(reference, output, pcc=0.999, relative_error=0.02)
