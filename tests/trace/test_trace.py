"""The trace: what a graph says of real models and of awkward ones."""

from __future__ import annotations

import pytest
import torch

from bringup.ir import Graph, Ref
from bringup.json_files import from_json, to_json
from bringup.sources import LoadOptions, load
from bringup.trace import trace
from bringup.variations import short_name
from bringup.views.pictures import start_views


def targets(graph: Graph) -> list[str]:
    return [call.target for call in graph.calls]


def values_check(graph: Graph) -> None:
    """Every tensor that a call reads is there, and made before."""
    known = {value.name for value in graph.values} - {o for call in graph.calls for o in call.outputs}
    for call in graph.calls:
        assert set(call.refs()) <= known, call
        known.update(call.outputs)
    assert set(graph.outputs) <= known


def test_yolov4_gives_the_guides_lists(analysed):
    analysis = analysed("example:yolov4")
    names = [module.name for module in analysis.inventory.modules]
    stages = [f"Downsample{i}" for i in range(1, 6)]
    assert sorted(names) == sorted(["Yolov4", "Resblock", *stages, "Neck", "Head"])
    kinds = {short_name(kind.op) for kind in analysis.inventory.op_kinds()}
    assert kinds == {
        "conv2d", "max_pool2d", "cat", "batch_norm", "mish", "leaky_relu", "upsample_nearest2d", "add",
    }  # fmt: skip
    shapes = [value.type.shape for value in analysis.graph.values if value.name in analysis.graph.outputs]
    assert sorted(shapes) == [(1, 255, 10, 10), (1, 255, 20, 20), (1, 255, 40, 40)]


# name, batch, height, width, channels, stride, padding: as TT-NN's engineers wrote down the inputs of Downsample1
DOWNSAMPLE1 = [
    ("conv1", 1, 320, 320, 3, 1, 1),
    ("conv2", 1, 320, 320, 32, 2, 1),
    ("conv3", 1, 160, 160, 64, 1, 0),
    ("conv4", 1, 160, 160, 64, 1, 0),
    ("conv5", 1, 160, 160, 64, 1, 0),
    ("conv6", 1, 160, 160, 32, 1, 1),
    ("conv7", 1, 160, 160, 64, 1, 0),
    ("conv8", 1, 160, 160, 128, 1, 0),
]


def test_yolov4_downsample1_has_the_published_convolutions(analysed):
    graph = analysed("example:yolov4").graph
    values = graph.value_by_name()
    found = {}
    for call in graph.calls:
        if call.target == "aten.conv2d.default" and call.frame.startswith("down1."):
            source = call.argument("input")
            assert isinstance(source, Ref)
            n, c, h, w = values[source.ref].type.shape
            (stride, _), (padding, _) = call.argument("stride"), call.argument("padding")
            found[call.frame.removeprefix("down1.")] = (n, h, w, c, stride, padding)
    assert found == {name: tuple(rest) for name, *rest in DOWNSAMPLE1}


def test_mobilenet_v2_as_core_aten(analysed):
    """A peer's table (torch 2.2) has 154 calls; since then dropout in eval mode leaves no clone, and t is permute."""
    kinds = {kind.op: kind.calls for kind in analysed("torchvision:mobilenet_v2", "core").inventory.op_kinds()}
    assert kinds == {
        "aten.convolution.default": 52,
        "aten._native_batch_norm_legit_no_training.default": 52,
        "aten.hardtanh.default": 35,
        "aten.add.Tensor": 10,
        "aten.mean.dim": 1,
        "aten.addmm.default": 1,
        "aten.view.default": 1,
        "aten.permute.default": 1,
    }


def test_resnet_modules_lines_and_json(analysed):
    analysis = analysed("torchvision:resnet18")
    graph = analysis.graph
    values_check(graph)
    block = next(module for module in analysis.inventory.modules if module.name == "BasicBlock")
    assert (len(block.instances), len(block.structures)) == (8, 2)
    conv = next(call for call in graph.calls if call.frame == "layer2.0.conv1")
    assert (conv.source.file, conv.source.code) == ("torchvision/models/resnet.py", "out = self.conv1(x)")
    assert dict((a.name, a.value) for a in conv.arguments)["dilation"] == (1, 1)
    assert all(call.source and not call.source.file.startswith("/") for call in graph.calls)
    assert from_json(Graph, to_json(graph), "graph.json") == graph


def test_bert_masks_are_the_hosts_and_weights_are_weights(analysed):
    analysis = analysed("hf-config:bert", settings=("num_hidden_layers=2",))
    values_check(analysis.graph)
    by_kind = {value.kind for value in analysis.graph.values}
    assert by_kind == {"activation", "parameter", "buffer", "constant", "prologue"}
    linear = next(v for v in analysis.inventory.variations if v.op == "aten.linear.default")
    assert [(name, operand.kind) for name, operand in linear.operands()] == [
        ("input", "activation"), ("weight", "parameter"), ("bias", "parameter"),
    ]  # fmt: skip
    assert not any(t.startswith("aten._assert") for t in targets(analysis.graph))


@pytest.mark.parametrize(("view", "expected"), [("False", 3), ("True", 5)])
def test_in_place_ops_become_functional(analysed, models, view, expected):
    """Written through a view, the write must reach the tensor that is read later: torch's functionalisation does it."""
    graph = analysed(f"{models}/awkward.py:InPlace", settings=(f"through_view={view}",), inputs=("2x4",)).graph
    values_check(graph)
    assert not any(short_name(target).endswith("_") or "_." in target for target in targets(graph))
    assert len(graph.calls) >= expected
    assert ("aten.slice_scatter.default" in targets(graph)) == (view == "True")
    if view == "False":
        assert targets(graph) == ["aten.add.Tensor", "aten.relu.default", "aten.add.Tensor"]


def test_two_calls_tied_weights_dead_code_and_no_grad(analysed, models):
    graph = analysed(f"{models}/awkward.py:Twice", inputs=("2x4",)).graph
    values_check(graph)
    assert sorted(targets(graph)) == ["aten.add.Tensor", *["aten.linear.default"] * 3, "aten.sin.default"]
    assert {frame.id for frame in graph.frames} == {"", "linear", "linear@1", "tied"}
    storages = {weight.name: weight.storage for weight in graph.weights}
    assert storages["linear.weight"] == storages["tied.weight"] != storages["linear.bias"]
    sin = next(call for call in graph.calls if call.target == "aten.sin.default")
    assert graph.value_by_name()[sin.outputs[0]].kind == "constant"


def test_a_branch_on_a_value_is_a_finding_with_its_line(analysed, models):
    graph = analysed(f"{models}/awkward.py:Branchy", inputs=("1x3x8x8",)).graph
    assert graph.parts == ("block", "head")
    assert not graph.is_complete
    values_check(graph)
    attempt = graph.attempts[0]
    assert (attempt.status, attempt.source.file, attempt.source.code) == ("failed", "awkward.py", "if x.sum() > 0:")
    assert "torch.where" in attempt.next_step
    assert {frame.path for frame in graph.frames} == {"", "block", "block.conv", "head"}


def test_dictionaries_in_and_out(analysed, models):
    graph = analysed(f"{models}/awkward.py:Dictionary", inputs_from=f"{models}/awkward.py:dictionary_inputs").graph
    assert graph.is_complete
    assert len(graph.inputs) == 2
    assert len(graph.outputs) == 2


def test_meta_and_cpu_give_the_same_graph_of_a_cnn(analysed):
    real, meta = analysed("torchvision:resnet18").graph, analysed("torchvision:resnet18", no_weights=True).graph
    assert targets(real) == targets(meta)


def test_an_op_without_a_row_is_taken_apart_as_in_lines(analysed, models):
    from bringup.ops.registry import registry

    graph = analysed(f"{models}/video.py:Clip", inputs=("1x129x32",)).graph
    assert graph.is_complete and targets(graph).count("aten.slice.Tensor") == 2
    assert set(targets(graph)) <= registry().keys() and "aten.tensor_split.indices" not in registry()
    values_check(graph)


def test_written_buffers_are_named_and_constants_found(analysed, models):
    graph = analysed(f"{models}/kept.py:Kept", inputs=("x=4x8", "ids=4:int64")).graph
    values_check(graph)
    assert [write.buffer for write in graph.state] == ["mean", "steps"]
    types = graph.value_by_name()
    assert [types[write.value].type.shape for write in graph.state] == [(8,), ()]
    assert next(weight.name for weight in graph.weights if weight.kind == "constant") == "frequencies"
    assert [constant.type.shape for constant in graph.constants] == [(80,), (9, 9)]
    assert "aten.item.default" not in targets(graph)
    filled = next(call for call in graph.calls if call.target == "aten.new_full.default")
    assert filled.argument("fill_value") == 16.0


def test_looking_at_a_model_leaves_it_as_it_was(models):
    loaded = load(f"{models}/kept.py:Kept", LoadOptions(inputs=("x=4x8", "ids=4:int64")))
    before = {name: tensor.clone() for name, tensor in loaded.model.named_buffers()}
    with torch.no_grad():
        first = loaded.model(*loaded.args, **loaded.kwargs)[0]
        assert loaded.model.steps == 1 and loaded.model.shape is not None  # it does change itself
    loaded = load(f"{models}/kept.py:Kept", LoadOptions(inputs=("x=4x8", "ids=4:int64")))
    start_views(loaded)
    trace(loaded)
    assert loaded.model.shape is None and "anchors" not in vars(loaded.model)
    assert all(torch.equal(tensor, before[name]) for name, tensor in loaded.model.named_buffers())
    with torch.no_grad():
        assert torch.equal(loaded.model(*loaded.args, **loaded.kwargs)[0], first)
