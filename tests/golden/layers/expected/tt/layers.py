# SPDX-License-Identifier: Apache-2.0
"""Layers of layers. Images are (1, 1, N * H * W, C), channels last, in DRAM.

Made by `bringup init tests/models/layers.py:Layers --input 1x3x32x32`.
"""

import math

import ttnn

SHORT_SUM = 256
LONG_SUM = ttnn.WormholeComputeKernelConfig(
    math_fidelity=ttnn.MathFidelity.HiFi4, fp32_dest_acc_en=True, packer_l1_acc=True
)


def adaptive_avg_pool2d(x, parameters):
    """A pool over windows of each channel."""
    arguments = parameters.arguments
    _check_rows(x, arguments["batch_size"] * arguments["input_h"] * arguments["input_w"])
    output = ttnn.adaptive_avg_pool2d(input_tensor=x, **arguments)
    # large pools are run in slices, and come as images
    output = ttnn.reshape(ttnn.to_memory_config(output, ttnn.DRAM_MEMORY_CONFIG), (1, 1, -1, x.shape[-1]))
    return ttnn.to_layout(output, ttnn.TILE_LAYOUT)


def avg_pool2d(x, parameters):
    """A pool over windows of each channel."""
    arguments = parameters.arguments
    _check_rows(x, arguments["batch_size"] * arguments["input_h"] * arguments["input_w"])
    output = ttnn.avg_pool2d(input_tensor=x, **arguments)
    # large pools are run in slices, and come as images
    output = ttnn.reshape(ttnn.to_memory_config(output, ttnn.DRAM_MEMORY_CONFIG), (1, 1, -1, x.shape[-1]))
    return ttnn.to_layout(output, ttnn.TILE_LAYOUT)


def conv1d(x, parameters, activation=None):
    """A convolution over x (N, L, C); the prepared weights are kept for the next call."""
    arguments = parameters.arguments
    output, (parameters.weight, parameters.bias) = ttnn.conv1d(
        input_tensor=x,
        weight_tensor=parameters.weight,
        bias_tensor=getattr(parameters, "bias", None),
        device=x.device(),
        conv_config=ttnn.Conv2dConfig(activation=activation),
        compute_config=_compute_config(arguments, arguments["kernel_size"]),
        return_weights_and_bias=True,
        **arguments,
    )
    return ttnn.reshape(ttnn.to_memory_config(output, ttnn.DRAM_MEMORY_CONFIG), parameters.output_shape)


def conv2d(x, parameters, activation=None):
    """A convolution with its activation; the prepared weights are kept for the next call."""
    arguments = parameters.arguments
    _check_rows(x, arguments["batch_size"] * arguments["input_height"] * arguments["input_width"])
    output, (parameters.weight, parameters.bias) = ttnn.conv2d(
        input_tensor=x,
        weight_tensor=parameters.weight,
        bias_tensor=getattr(parameters, "bias", None),
        device=x.device(),
        conv_config=ttnn.Conv2dConfig(activation=activation),
        compute_config=_compute_config(arguments, *arguments["kernel_size"]),
        memory_config=ttnn.DRAM_MEMORY_CONFIG,
        return_weights_and_bias=True,
        **arguments,
    )
    return output


def conv_transpose2d(x, parameters, activation=None):
    """A convolution with its activation; the prepared weights are kept for the next call."""
    arguments = parameters.arguments
    _check_rows(x, arguments["batch_size"] * arguments["input_height"] * arguments["input_width"])
    output, (parameters.weight, parameters.bias) = ttnn.conv_transpose2d(
        input_tensor=x,
        weight_tensor=parameters.weight,
        bias_tensor=getattr(parameters, "bias", None),
        device=x.device(),
        conv_config=ttnn.Conv2dConfig(activation=activation),
        compute_config=_compute_config(arguments, *arguments["kernel_size"]),
        memory_config=ttnn.DRAM_MEMORY_CONFIG,
        return_weights_and_bias=True,
        **arguments,
    )
    return output


def max_pool2d(x, parameters):
    """A pool over windows of each channel."""
    arguments = parameters.arguments
    _check_rows(x, arguments["batch_size"] * arguments["input_h"] * arguments["input_w"])
    output = ttnn.max_pool2d(input_tensor=x, **arguments)
    # large pools are run in slices, and come as images
    output = ttnn.reshape(ttnn.to_memory_config(output, ttnn.DRAM_MEMORY_CONFIG), (1, 1, -1, x.shape[-1]))
    return ttnn.to_layout(output, ttnn.TILE_LAYOUT)


def upsample(x, parameters):
    """Rows and columns repeated."""
    arguments = parameters.arguments
    channels = arguments["shape"][-1]
    x = ttnn.reshape(ttnn.to_layout(x, ttnn.ROW_MAJOR_LAYOUT), arguments["shape"])
    output = ttnn.upsample(x, scale_factor=arguments["scale_factor"], mode="nearest")
    return ttnn.to_layout(ttnn.reshape(output, (1, 1, -1, channels)), ttnn.TILE_LAYOUT)


def _check_rows(x, rows):
    """TT-NN takes sizes that contradict the tensor without a word."""
    if x.shape[2] != rows:
        raise ValueError(
            f"{rows} rows (batch x height x width) expected, got {tuple(x.shape)}: traced with other inputs?"
        )


def _compute_config(arguments, *kernel):
    """ttnn adds up in bfloat16 by default: over more than SHORT_SUM products, that loses more than 0.015."""
    terms = arguments["in_channels"] // arguments["groups"] * math.prod(kernel)
    return LONG_SUM if terms > SHORT_SUM else None
