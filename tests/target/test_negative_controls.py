"""Planted faults: each must be caught in exact mode, and what PCC alone would have said is written beside it.

`FAULTS` is the table of the README's claim. A fault is caught when the relative error in exact mode is over 1e-5 or an
error names it; `pcc_passes` says whether "PCC >= 0.99" in rounded mode would have let it through.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
import ttnn
from measure import pcc, relative_error

sys.path.insert(0, str(Path(__file__).parent))

from test_hand_written_models import bert_inputs, bert_operands, bert_reference, settled
from tt_models.bert import bert_layer, parameters_of
from tt_models.convolution import TtConv, to_torch_image, to_ttnn_image

from bringup.examples.yolov4 import Downsample1
from bringup.target.findings import DeallocatedTensorError, HostTensorError
from bringup.target.modes import EXACT_ERROR

Program = Callable[[Any], tuple[torch.Tensor, torch.Tensor]]


@dataclass(frozen=True)
class Fault:
    name: str
    right: Program
    wrong: Program
    pcc_passes: bool


FAULTS: list[Fault] = []


def fault(name: str, program: Callable[..., Any], *, pcc_passes: bool) -> None:
    """`program(device, is_wrong)` gives what was computed and what torch says."""
    FAULTS.append(Fault(name, lambda device: program(device, False), lambda device: program(device, True), pcc_passes))


def moved(tensor: torch.Tensor, device) -> Any:
    return ttnn.from_torch(tensor, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)


def simple(torch_op, right, wrong, *shapes, scale=1.0):
    def program(device, is_wrong):
        torch.manual_seed(0)
        inputs = [torch.randn(shape) * scale for shape in shapes]
        output = (wrong if is_wrong else right)(*[moved(t, device) for t in inputs])
        return ttnn.to_torch(output), torch_op(*inputs)

    return program


# fmt: off (a table: one line per fault)

# Convolutions


def downsample(change):
    """YOLOv4's Downsample1 at 64x64 with one fault in it."""

    def program(device, is_wrong):
        from tt_models.yolov4 import TtDownsample1

        torch.manual_seed(0)
        module = settled(Downsample1())
        image = torch.randn(1, 3, 64, 64)
        model = TtDownsample1(device, module, 1, 64)
        if is_wrong:
            change(model, module, device)
        output = model(to_ttnn_image(image, device))
        with torch.no_grad():
            return to_torch_image(output, 1, 32, 32), module(image)

    return program


def swap(model, module, device):
    model.convs[2], model.convs[3] = model.convs[3], model.convs[2]


def forget_fold(model, module, device):
    conv = torch.nn.Conv2d(3, 32, 3, padding=1)
    conv.weight.data, conv.bias.data = module.conv1.weight.data, torch.zeros(32)
    model.convs[0] = TtConv(device, conv, None, 1, 64, 64)


def forget_mish(model, module, device):
    right = model.run
    model.run = lambda index, x: model.convs[2](x)[0] if index == 3 else right(index, x)


def swap_concat(model, module, device):
    def call(x):
        x1 = model.run(1, x)
        x2 = model.run(2, x1)
        x3, x4 = model.run(3, x2), model.run(4, x2)
        x6 = model.run(6, model.run(5, x4)) + x4
        return model.run(8, ttnn.concat([x3, model.run(7, x6)], dim=-1))

    type(model).__call__ = lambda self, x: call(x)


def one_conv(change_weight=None, change_image=None, activation=None, wrong_activation=None, torch_activation=None):
    def program(device, is_wrong):
        torch.manual_seed(0)
        weight, image = torch.randn(32, 32, 3, 3) * 0.1, torch.randn(1, 32, 32, 32)
        used = change_weight(weight) if is_wrong and change_weight else weight
        fused = wrong_activation if is_wrong and wrong_activation != activation else activation
        x = to_ttnn_image(image, device)
        if is_wrong and change_image:
            x = ttnn.from_torch(change_image(image), dtype=ttnn.bfloat16, device=device)
        output = ttnn.conv2d(
            input_tensor=x, weight_tensor=ttnn.from_torch(used, dtype=ttnn.bfloat16), device=device, in_channels=32,
            out_channels=32, batch_size=1, input_height=32, input_width=32, kernel_size=(3, 3), padding=(1, 1),
            conv_config=ttnn.Conv2dConfig(activation=fused() if fused else None),
        )  # fmt: skip
        expected = F.conv2d(image, weight, padding=1)
        return to_torch_image(output, 1, 32, 32), torch_activation(expected) if torch_activation else expected

    return program


def leaky(slope):
    return lambda: ttnn.UnaryWithParam(ttnn.UnaryOpType.LEAKY_RELU, slope)


fault("swapped convolutions", downsample(swap), pcc_passes=False)
fault("batch norm not folded", downsample(forget_fold), pcc_passes=True)
fault("activation missing", downsample(forget_mish), pcc_passes=False)
fault("O and I of a weight transposed", one_conv(lambda w: w.transpose(0, 1).contiguous()), pcc_passes=False)
fault("H and W of a kernel transposed", one_conv(lambda w: w.mT.contiguous()), pcc_passes=False)
fault("NCHW input", one_conv(change_image=lambda x: x.reshape(1, 1, 1024, 32)), pcc_passes=False)
fault(
    "relu missing",
    one_conv(
        activation=lambda: ttnn.UnaryWithParam(ttnn.UnaryOpType.RELU), wrong_activation=None, torch_activation=F.relu
    ),
    pcc_passes=False,
)
fault(
    "wrong negative_slope",
    one_conv(activation=leaky(0.1), wrong_activation=leaky(0.01), torch_activation=lambda x: F.leaky_relu(x, 0.1)),
    pcc_passes=True,
)

# Attention and BERT


def bert(change):
    def program(device, is_wrong):
        layer, hidden, mask = bert_inputs()
        parameters = parameters_of(layer, device)
        operands = list(bert_operands(hidden, mask, device))
        if is_wrong:
            change(parameters, operands, layer, device)
        return ttnn.to_torch(bert_layer(*operands, parameters)), bert_reference(layer, hidden, mask)

    return program


def swap_query_and_key(parameters, operands, layer, device):
    attention = layer.attention.self
    order = [attention.key, attention.query, attention.value]
    weight = torch.cat([m.weight for m in order]).T.contiguous()
    bias = torch.cat([m.bias for m in order]).reshape(1, -1)
    parameters["qkv"] = (moved(weight.detach(), device), moved(bias.detach(), device))


def forget_to_transpose(parameters, operands, layer, device):
    _, bias = parameters["attention_output"]
    parameters["attention_output"] = (moved(layer.attention.output.dense.weight.detach(), device), bias)


def forget_mask(parameters, operands, layer, device):
    operands[1] = moved(torch.zeros(1, 1, 1, 64), device)


def scaled_attention(q, k, v, **options):
    return ttnn.transformer.scaled_dot_product_attention(q, k, v, is_causal=False, **options)


HEADS = [(1, 4, 64, 32)] * 3
fault("query and key swapped", bert(swap_query_and_key), pcc_passes=False)
fault("square weight not transposed", bert(forget_to_transpose), pcc_passes=False)
fault("attention mask missing", bert(forget_mask), pcc_passes=False)
fault(
    "wrong scale in attention",
    simple(F.scaled_dot_product_attention, scaled_attention, lambda *a: scaled_attention(*a, scale=1 / 32), *HEADS),
    pcc_passes=False,
)

# Single ops

fault("output times 2", simple(F.relu, ttnn.relu, lambda x: ttnn.relu(x) * 2.0, (2, 64, 96)), pcc_passes=True)
fault("output plus 1", simple(F.relu, ttnn.relu, lambda x: ttnn.relu(x) + 1.0, (2, 64, 96)), pcc_passes=True)
fault(
    "concat order",
    simple(
        lambda a, b: torch.cat([a, b], -1),
        lambda a, b: ttnn.concat([a, b], dim=-1),
        lambda a, b: ttnn.concat([b, a], dim=-1),
        (2, 64, 64),
        (2, 64, 64),
    ),
    pcc_passes=False,
)
fault(
    "wrong dim in softmax",
    simple(
        lambda x: F.softmax(x, -1), lambda x: ttnn.softmax(x, dim=-1), lambda x: ttnn.softmax(x, dim=-2), (2, 64, 64)
    ),
    pcc_passes=False,
)
fault(
    "layer_norm with ttnn's default epsilon",
    simple(
        lambda x: F.layer_norm(x, (96,)),
        lambda x: ttnn.layer_norm(x, epsilon=1e-5),
        ttnn.layer_norm,
        (2, 64, 96),
        scale=0.01,
    ),
    pcc_passes=True,
)
fault(
    "epsilon wrong by 1e3",
    simple(
        lambda x: F.layer_norm(x, (96,)),
        lambda x: ttnn.layer_norm(x, epsilon=1e-5),
        lambda x: ttnn.layer_norm(x, epsilon=1e-2),
        (2, 64, 96),
        scale=0.01,
    ),
    pcc_passes=True,
)
fault(
    "erf gelu for tanh gelu",
    simple(
        lambda x: F.gelu(x, approximate="tanh"),
        lambda x: ttnn.gelu(x, variant=ttnn.GeluVariant.Tanh),
        ttnn.gelu,
        (2, 64, 96),
    ),
    pcc_passes=True,
)
fault("gelu missing", simple(lambda x: F.gelu(x), ttnn.gelu, lambda x: x * 1.0, (2, 64, 96)), pcc_passes=False)


# fmt: on


@pytest.mark.parametrize("planted", FAULTS, ids=[planted.name for planted in FAULTS])
def test_fault_is_caught(planted, emulation, device):
    from tt_models.yolov4 import TtDownsample1

    emulation.mode = "exact"
    assert relative_error(*planted.right(device)) < EXACT_ERROR
    original = TtDownsample1.__call__
    try:
        wrong = relative_error(*planted.wrong(device))
        emulation.mode = "rounded"
        said = pcc(*planted.wrong(device))
    finally:
        emulation.mode = "exact"
        TtDownsample1.__call__ = original
    print(f"{planted.name}: exact relative error {wrong:.1e}, rounded PCC {said:.4f}")
    assert wrong > EXACT_ERROR
    assert (said >= 0.99) == planted.pcc_passes


def test_concat_order_in_a_model_is_caught(emulation, device):
    from tt_models.yolov4 import TtDownsample1

    original = TtDownsample1.__call__
    try:
        assert relative_error(*downsample(swap_concat)(device, True)) > EXACT_ERROR
    finally:
        TtDownsample1.__call__ = original


def test_use_after_deallocate_is_caught(emulation, device):
    x = moved(torch.randn(32, 32), device)
    ttnn.deallocate(x)
    with pytest.raises(DeallocatedTensorError, match=r"ttnn\.exp: operand 0"):
        ttnn.exp(x)
    with pytest.raises(DeallocatedTensorError):
        ttnn.to_torch(x)


def test_host_tensor_is_caught(emulation, device):
    with pytest.raises(HostTensorError, match=r"ttnn\.relu: operand 0 is a host tensor \[32, 32\]"):
        ttnn.relu(ttnn.from_torch(torch.randn(32, 32)))


def test_l1_overflow_is_caught(emulation, device):
    x = moved(torch.randn(1, 1, 8192, 8192), device)
    with pytest.raises(RuntimeError, match="Out of Memory"):
        ttnn.to_memory_config(x, ttnn.L1_MEMORY_CONFIG)
