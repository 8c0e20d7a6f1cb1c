"""TT-NN models written by hand run unmodified, and agree with torch."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
import ttnn
from measure import pcc, relative_error

sys.path.insert(0, str(Path(__file__).parent))

from tt_models.bert import bert_layer, parameters_of
from tt_models.convolution import to_torch_image, to_ttnn_image
from tt_models.resnet import TtBasicBlock, TtResNet18
from tt_models.yolov4 import TtDownsample1

from bringup.examples.yolov4 import Downsample1


def settled(model: torch.nn.Module) -> torch.nn.Module:
    """Random batch norm statistics, as training leaves them: those of a new model hide a fold that was forgotten."""
    torch.manual_seed(1)
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.normal_(module.running_mean, std=0.1)
            torch.nn.init.uniform_(module.running_var, 0.5, 1.5)
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.bias, std=0.1)
    return model.eval()


def agrees(computed: torch.Tensor, expected: torch.Tensor, mode: str) -> None:
    if mode == "exact":
        assert relative_error(computed, expected) < 1e-5
    else:
        assert pcc(computed, expected) > 0.99


@pytest.mark.parametrize("shard_layout", ["HEIGHT_SHARDED", "BLOCK_SHARDED", None])
@pytest.mark.parametrize("stride", [1, 2])
def test_basic_block(shard_layout, stride, mode, device):
    from torchvision.models.resnet import BasicBlock

    torch.manual_seed(0)
    downsample = None
    if stride == 2:
        downsample = torch.nn.Sequential(torch.nn.Conv2d(64, 64, 1, stride, bias=False), torch.nn.BatchNorm2d(64))
    block = settled(BasicBlock(64, 64, stride, downsample))
    image = torch.randn(1, 64, 32, 32)
    layout = getattr(ttnn.TensorMemoryLayout, shard_layout) if shard_layout else None
    output, height, width = TtBasicBlock(device, block, 1, 32, 32, layout)(to_ttnn_image(image, device))
    with torch.no_grad():
        agrees(to_torch_image(output, 1, height, width), block(image), mode)


def test_resnet18(mode, device):
    from torchvision.models import resnet18

    torch.manual_seed(0)
    model = settled(resnet18())
    image = torch.randn(1, 3, 224, 224)
    output = TtResNet18(device, model, 1, 224)(to_ttnn_image(image, device))
    with torch.no_grad():
        agrees(ttnn.to_torch(output), model(image), mode)


def test_bert_layer(mode, device):
    layer, hidden, mask = bert_inputs()
    output = bert_layer(*bert_operands(hidden, mask, device), parameters_of(layer, device))
    agrees(ttnn.to_torch(output), bert_reference(layer, hidden, mask), mode)


def bert_inputs():
    from transformers import BertConfig
    from transformers.models.bert.modeling_bert import BertLayer

    torch.manual_seed(0)
    config = BertConfig(hidden_size=128, num_attention_heads=4, intermediate_size=256, num_hidden_layers=1)
    config._attn_implementation = "eager"
    layer = BertLayer(config).eval()
    for parameter in layer.parameters():
        torch.nn.init.normal_(parameter, std=0.3) if parameter.dim() > 1 else torch.nn.init.normal_(parameter, std=0.5)
    mask = torch.zeros(1, 1, 1, 64)
    mask[..., 48:] = -10000.0
    return layer, torch.randn(1, 64, 128), mask


def bert_reference(layer, hidden, mask) -> torch.Tensor:
    with torch.no_grad():
        output = layer(hidden, mask)
    return output[0] if isinstance(output, tuple) else output


def bert_operands(hidden, mask, device):
    return tuple(
        ttnn.from_torch(t, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device) for t in (hidden, mask)
    )


def test_yolov4_downsample1(mode, device):
    torch.manual_seed(0)
    module = settled(Downsample1())
    image = torch.randn(1, 3, 320, 320)
    output = TtDownsample1(device, module, 1, 320)(to_ttnn_image(image, device))
    with torch.no_grad():
        agrees(to_torch_image(output, 1, 160, 160), module(image), mode)
