"""What long sums lose: the model beside figures of real kernels, and the rule that follows from it."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest
import torch
import torch.nn.functional as F
import ttnn
from measure import relative_error

from bringup.inventory import Operand, Variation, VariationArgument
from bringup.ops.accumulation import IN_L1, IN_REGISTER, LOSS, sum_of
from bringup.target.accumulation import CONVOLUTION, MATMUL, Accumulation, multiply

SIMULATED = [
    ("HiFi4 alone", CONVOLUTION, 0.070),
    ("packer_l1_acc", Accumulation(4, is_float32=False, is_in_l1=True), 0.0136),
    ("fp32_dest_acc_en", Accumulation(4, is_float32=True, is_in_l1=False), 0.0062),
    ("both", Accumulation(4, is_float32=True, is_in_l1=True), 0.0029),
]
"""A convolution 512 -> 512, 3x3, at 7x7, in Tenstorrent's functional simulator: sums of 4,608 products."""


def loss(terms: int, how: Accumulation) -> float:
    """Relative error of a product of random matrices, inputs and output in bfloat16."""
    torch.manual_seed(0)
    first, second = torch.randn(64, terms), torch.randn(terms, 16)
    computed = multiply(first.bfloat16().float(), second.bfloat16().float(), how)
    return relative_error(computed.bfloat16(), first.double() @ second.double())


@pytest.mark.parametrize(("name", "how", "simulated"), SIMULATED, ids=[row[0] for row in SIMULATED])
def test_the_model_is_near_the_simulator(name, how, simulated):
    assert loss(4608, how) == pytest.approx(simulated, rel=0.3)


@pytest.mark.parametrize(("how", "limit"), [(CONVOLUTION, IN_REGISTER), (MATMUL, IN_L1)], ids=["register", "l1"])
def test_sums_up_to_the_limit_keep_the_default_and_longer_ones_do_not(how, limit):
    assert loss(limit, how) <= LOSS
    assert loss(4 * limit, how) > LOSS
    assert loss(4 * limit, Accumulation(4, is_float32=True, is_in_l1=True)) < 0.004


@pytest.mark.parametrize(
    ("op", "shapes", "arguments", "terms", "is_long"),
    [
        ("aten.conv2d.default", {"input": (1, 28, 9, 9), "weight": (8, 28, 3, 3)}, {"groups": 1}, 252, False),
        ("aten.conv2d.default", {"input": (1, 29, 9, 9), "weight": (8, 29, 3, 3)}, {"groups": 1}, 261, True),
        ("aten.conv2d.default", {"input": (1, 960, 9, 9), "weight": (960, 1, 3, 3)}, {"groups": 960}, 9, False),
        ("aten.conv_transpose2d.input", {"input": (1, 64, 9, 9), "weight": (64, 8, 2, 2)}, {"groups": 2}, 128, False),
        ("aten.convolution.default", {"input": (1, 64, 9), "weight": (64, 8, 5)}, {"transposed": True, "groups": 1}, 320, True),
        ("aten.linear.default", {"input": (1, 9, 3072), "weight": (8, 3072)}, {}, 3072, False),
        ("aten.linear.default", {"input": (1, 9, 14336), "weight": (8, 14336)}, {}, 14336, True),
        ("aten.addmm.default", {"self": (8,), "mat1": (9, 5000), "mat2": (5000, 8)}, {}, 5000, True),
        ("aten.scaled_dot_product_attention.default", dict.fromkeys(("query", "key", "value"), (1, 2, 512, 64)), {}, 512, True),
        ("aten.rms_norm.default", {"input": (1, 9, 2048)}, {"normalized_shape": (2048,)}, 2048, True),
        ("aten.group_norm.default", {"input": (1, 64, 4, 4)}, {"num_groups": 8}, 128, False),
    ],
)  # fmt: skip
def test_the_length_of_a_sum_follows_from_shapes_and_groups(op, shapes, arguments, terms, is_long):
    operands = [VariationArgument(name, Operand(shape, "float32", "activation")) for name, shape in shapes.items()]
    given = [VariationArgument(name, value) for name, value in arguments.items()]
    found = sum_of(Variation("v", op, (*operands, *given), (), 1, ()))
    assert found is not None
    assert (found.terms, found.is_long) == (terms, is_long)


def test_layer_norms_and_integers_keep_what_ttnn_does():
    norm = VariationArgument("input", Operand((1, 9, 9999), "float32", "activation"))
    rows = VariationArgument("self", Operand((9, 9999), "int64", "activation"))
    assert sum_of(Variation("v", "aten.layer_norm.default", (norm,), (), 1, ())) is None
    assert sum_of(Variation("v", "aten.mm.default", (rows,), (), 1, ())) is None


LONG = dict(math_fidelity=ttnn.MathFidelity.HiFi4, fp32_dest_acc_en=True, packer_l1_acc=True)


@pytest.mark.parametrize(
    ("name", "weight", "arguments"),
    [
        ("conv2d", (24, 16, 3, 3), {"stride": (2, 1), "padding": (1, 2), "dilation": (1, 2)}),
        ("conv2d", (16, 4, 3, 3), {"groups": 4, "padding": (1, 1)}),
        ("conv_transpose2d", (16, 8, 3, 3), {"stride": (2, 2), "padding": (1, 1), "output_padding": (1, 1)}),
        ("conv_transpose2d", (16, 4, 2, 3), {"groups": 2, "stride": (2, 1), "padding": (0, 1)}),
    ],
)
def test_convolutions_are_the_same_added_up_product_by_product(emulation, device, name, weight, arguments):
    torch.manual_seed(0)
    image, kernel = torch.randn(2, 16, 10, 12), torch.randn(weight)
    reference = getattr(F, name)(image, kernel, **arguments)
    emulation.mode = "accumulated"
    try:
        output = getattr(ttnn, name)(
            input_tensor=ttnn.from_torch(image.permute(0, 2, 3, 1).reshape(1, 1, -1, 16), dtype=ttnn.bfloat16, device=device),
            weight_tensor=ttnn.from_torch(kernel, dtype=ttnn.bfloat16), device=device, in_channels=16,
            out_channels=reference.shape[1], batch_size=2, input_height=10, input_width=12,
            kernel_size=tuple(weight[2:]), compute_config=ttnn.WormholeComputeKernelConfig(**LONG), **arguments,
        )  # fmt: skip
        computed = ttnn.to_torch(output).float().reshape(2, *reference.shape[2:], -1).permute(0, 3, 1, 2)
    finally:
        emulation.mode = "exact"
    assert relative_error(computed, reference) < 0.005


@pytest.mark.slow
def test_a_resnet_that_adds_up_in_bfloat16_fails_where_the_generated_one_passes(tmp_path):
    """The folder as it was before sums were looked at has relative error 0.287 with real kernels, 0.2 is allowed."""
    subprocess.run([sys.executable, "-m", "bringup", "init", "torchvision:resnet18"], cwd=tmp_path, check=True)
    before = tmp_path / "before"
    shutil.copytree(tmp_path / "resnet18", before)
    layers = before / "tt" / "layers.py"
    text = layers.read_text()
    assert "SHORT_SUM = 256" in text
    layers.write_text(text.replace("SHORT_SUM = 256", "SHORT_SUM = 1_000_000"))
    outcomes = [_run(folder / "tests" / "test_model.py") for folder in (tmp_path / "resnet18", before)]
    assert outcomes == [0, 1]


def _run(test) -> int:
    plugin = ["-p", "bringup.target.emulate", "--emulate-mode", "accumulated", "-p", "no:timeout"]
    return subprocess.run([sys.executable, "-m", "pytest", "-q", *plugin, str(test)]).returncode
