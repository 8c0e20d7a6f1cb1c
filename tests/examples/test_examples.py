"""The example models run, and YOLOv4 is what TT-NN engineers wrote down of it."""

from __future__ import annotations

import importlib

import pytest
import torch

from bringup.examples import EXAMPLES
from bringup.ir import Graph, OpCall, Ref
from bringup.module_classes import take_inventory
from bringup.sources.loaded import Loaded, ModelInfo
from bringup.trace import trace

OUTPUTS = {
    "yolov4": [(2, 255, 40, 40), (2, 255, 20, 20), (2, 255, 10, 10)],
    "unet": [(2, 1, 256, 256)],
    "lstm": [(2, 20, 10)],
}

# Downsample1's convolutions as (channels in, height, width, stride, padding) of their inputs.
DOWNSAMPLE1 = {
    "down1.conv1": (3, 320, 320, (1, 1), (1, 1)),
    "down1.conv2": (32, 320, 320, (2, 2), (1, 1)),
    "down1.conv3": (64, 160, 160, (1, 1), (0, 0)),
    "down1.conv4": (64, 160, 160, (1, 1), (0, 0)),
    "down1.conv5": (64, 160, 160, (1, 1), (0, 0)),
    "down1.conv6": (32, 160, 160, (1, 1), (1, 1)),
    "down1.conv7": (64, 160, 160, (1, 1), (0, 0)),
    "down1.conv8": (128, 160, 160, (1, 1), (0, 0)),
}


def build(name: str, batch: int = 1) -> Loaded:
    target, _, attribute = EXAMPLES[name].partition(":")
    module = importlib.import_module(target)
    torch.manual_seed(0)
    return Loaded(getattr(module, attribute)().eval(), module.example_inputs(batch), {}, ModelInfo(name, name))


@pytest.fixture(scope="module")
def yolov4() -> Graph:
    return trace(build("yolov4"))


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_runs_on_a_batch(name: str) -> None:
    loaded = build(name, batch=2)
    with torch.no_grad():
        outputs = loaded.model(*loaded.args)
    tensors = outputs if isinstance(outputs, tuple) else (outputs,)
    assert [tuple(tensor.shape) for tensor in tensors] == OUTPUTS[name]


def test_the_seed_decides_the_weights() -> None:
    one, two = (build("lstm").model.state_dict() for _ in range(2))
    assert all(torch.equal(one[key], two[key]) for key in one)


def test_yolov4_has_the_published_number_of_parameters() -> None:
    assert sum(parameter.numel() for parameter in build("yolov4").model.parameters()) == 64_363_101


def test_yolov4_gives_the_lists_of_the_guide(yolov4: Graph) -> None:
    inventory = take_inventory(yolov4)
    stages = [f"Downsample{i}" for i in range(1, 6)]
    assert {module.name for module in inventory.modules} == {"Yolov4", "Neck", "Head", "Resblock", *stages}
    assert {kind.op for kind in inventory.op_kinds()} == {
        "aten.conv2d.default",
        "aten.max_pool2d.default",
        "aten.cat.default",
        "aten.batch_norm.default",
        "aten.mish.default",
        "aten.leaky_relu.default",
        "aten.upsample_nearest2d.vec",
        "aten.add.Tensor",
    }


def facts(graph: Graph, call: OpCall) -> tuple[object, ...]:
    image = call.argument("input")
    assert isinstance(image, Ref)
    shape = graph.value_by_name()[image.ref].type.shape
    return (*shape[1:], call.argument("stride"), call.argument("padding"))


def test_downsample1_has_the_convolutions_that_tt_nn_engineers_wrote_down(yolov4: Graph) -> None:
    calls = [c for c in yolov4.calls if c.target == "aten.conv2d.default" and c.frame.startswith("down1.")]
    assert {call.frame: facts(yolov4, call) for call in calls} == DOWNSAMPLE1
