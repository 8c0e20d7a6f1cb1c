"""The registry: every row resolves in torch and in ttnn, says a reason, and stands once."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import bringup.ops
from bringup.errors import RegistryError
from bringup.ops.registry import check_row, registry
from bringup.ops.spec import OpSpec

NAMES = set((Path(bringup.ops.__file__).parent / "ttnn_ops.txt").read_text().split("\n")[1:]) - {""}
LIBRARY_OPS = {
    "transformers.grouped_mm_fallback.default",
    "torchvision.nms.default",
    "torchvision.roi_align.default",
    "torchvision.deform_conv2d.default",
    "torch_nn._linear_cross_entropy_batch_chunked.default",
    "torch_nn._linear_cross_entropy_batch_chunked_no_reduction.default",
}
"""Ops that a library adds when it is imported."""


def resolves(op: str) -> bool:
    namespace, name, kind = op.split(".")
    return hasattr(getattr(getattr(torch.ops, namespace), name, None), kind)


def test_every_op_is_one_of_torch():
    assert [op for op in registry() if op not in LIBRARY_OPS and not resolves(op)] == []
    assert not resolves("aten.gleu.default")


def test_every_ttnn_name_is_known():
    assert [(op, n) for op, spec in registry().items() for n in spec.ttnn if n not in NAMES] == []
    assert "ttnn.flip" not in NAMES


@pytest.mark.skipif(importlib.util.find_spec("ttnn") is None, reason="ttnn is not installed")
def test_the_known_names_are_those_of_the_installed_ttnn():
    done = subprocess.run([sys.executable, "-m", "bringup.ops.ttnn_names"], capture_output=True, text=True, check=True)
    assert set(done.stdout.split("\n")[1:]) - {""} == NAMES


GAPS_THAT_WOULD_CLOSE = {
    "aten._fft_r2c.default": "ttnn.fft",
    "aten.bincount.default": "ttnn.bincount",
    "aten.grid_sampler_3d.default": "ttnn.grid_sample3d",
    "aten.linalg_inv_ex.default": "ttnn.inverse",
    "aten.mode.default": "ttnn.mode",
    "aten.nonzero.default": "",
    "torchvision.nms.default": "ttnn.nms",
}


@pytest.mark.parametrize(("op", "name"), GAPS_THAT_WOULD_CLOSE.items())
def test_a_known_gap_is_still_one(op, name):
    assert registry()[op].status == "missing"
    assert name not in NAMES


def test_rows_are_sorted_and_say_reasons():
    rows = registry()
    assert list(rows) == sorted(rows)
    assert len(rows) > 250


@pytest.mark.parametrize(
    "spec",
    [
        OpSpec("aten.x.default", "native"),
        OpSpec("aten.x.default", "missing"),
        OpSpec("aten.x.default", "composite", ("ttnn.add",), "", (), lambda v: None),
        OpSpec("aten.x.default", "folded", reason="r", lower=lambda v: None),
    ],
)
def test_a_row_that_contradicts_itself_is_refused(spec):
    with pytest.raises(RegistryError):
        check_row(spec)
