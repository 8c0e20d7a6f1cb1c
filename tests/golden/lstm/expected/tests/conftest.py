# SPDX-License-Identifier: Apache-2.0
"""The board, and how outputs compare, for all tests of lstm."""

import importlib.util
import os
import sys
from pathlib import Path

import pytest
import torch

sys.path[:0] = [str(Path(__file__).parent.parent), str(Path(__file__).parent)]

HAS_TTNN = importlib.util.find_spec("ttnn") is not None
HAS_BOARD = Path("/dev/tenstorrent").exists()
IS_EMULATED = "TT_METAL_MOCK_CLUSTER_DESC_PATH" in os.environ

if not HAS_TTNN:
    collect_ignore_glob = ["ops/*", "modules/*", "test_model.py"]


def pytest_report_header(config):
    """What the tests run on."""
    if not HAS_TTNN:
        return "ttnn is not installed (pip install ttnn, on Python 3.10 or 3.12): no test here can run"
    if HAS_BOARD or IS_EMULATED:
        return f"ttnn on {'a board' if HAS_BOARD else 'an emulated board'}"
    return "neither a Tenstorrent board (/dev/tenstorrent) nor an emulated one is there: tests will be skipped"


@pytest.fixture(scope="module")
def board():
    """A Tenstorrent device that stays open for one file of tests."""
    if not (HAS_BOARD or IS_EMULATED):
        pytest.skip("no Tenstorrent board (/dev/tenstorrent), and no emulated one (TT_METAL_MOCK_CLUSTER_DESC_PATH)")
    import ttnn

    opened = ttnn.open_device(device_id=0, l1_small_size=32768)
    yield opened
    ttnn.close_device(opened)


@pytest.fixture
def device(board):
    """The device for one test."""
    yield board
    # Cached programs keep their sliding-window tables in L1_SMALL: some 280 convolutions would fill it.
    board.clear_program_cache()


@pytest.fixture(scope="session")
def model_run():
    """A run of the whole model in torch, with what every module got and gave."""
    from module_run import run_model

    return run_model()


@pytest.fixture
def assert_close(record_property):
    """Compare shapes, then PCC, then the relative L2 error: PCC alone is blind to scale and offset."""

    def compare(reference, output, pcc, relative_error):
        for index, (expected, computed) in enumerate(_pairs(reference, output)):
            name = f"output {index}"
            assert tuple(computed.shape) == tuple(expected.shape), f"{name}: {_shapes(expected, computed)}"
            expected, computed = _as_float(expected), _as_float(computed)
            difference, norm = torch.linalg.vector_norm(computed - expected), torch.linalg.vector_norm(expected)
            if not torch.isfinite(difference + norm):
                expected, computed = _as_bfloat16_holds(expected), _as_bfloat16_holds(computed)
                finite = torch.isfinite(expected)
                others = [torch.where(torch.isfinite(tensor), 0, tensor) for tensor in (expected, computed)]
                assert others[0].allclose(others[1], equal_nan=True), f"{name}: inf or nan in other places"
                expected, computed = expected[finite].double(), computed[finite].double()
                difference, norm = torch.linalg.vector_norm(computed - expected), torch.linalg.vector_norm(expected)
            computed_pcc = _pcc(expected, computed)
            computed_error = float(difference / norm) if norm > 0 else float(difference)
            record_property("pcc", computed_pcc)
            record_property("relative_error", computed_error)
            assert computed_pcc >= pcc, f"{name}: PCC computed {computed_pcc:.6f}, required {pcc}"
            assert computed_error <= relative_error, (
                f"{name}: relative error computed {computed_error:.3e}, required {relative_error}"
            )

    return compare


@pytest.fixture
def assert_equal():
    """Compare data movement and integer results: every value as bfloat16 holds it."""

    def compare(reference, output):
        for index, (expected, computed) in enumerate(_pairs(reference, output)):
            name = f"output {index}"
            assert tuple(computed.shape) == tuple(expected.shape), f"{name}: {_shapes(expected, computed)}"
            if expected.is_floating_point():
                expected = expected.bfloat16()
            differing = int((expected != computed.to(expected.dtype)).sum())
            assert differing == 0, f"{name}: {differing} of {expected.numel()} values differ"

    return compare


def _pairs(reference, output):
    expected = list(reference) if isinstance(reference, (list, tuple)) else [reference]
    computed = list(output) if isinstance(output, (list, tuple)) else [output]
    assert len(expected) == len(computed), f"{len(computed)} outputs, {len(expected)} required"
    return zip(expected, computed, strict=True)


def _shapes(expected, computed):
    return f"shape computed {tuple(computed.shape)}, required {tuple(expected.shape)}"


def _as_bfloat16_holds(tensor):
    # Masks are filled with the lowest float32; bfloat16's own lowest number stands for it, or -inf.
    return torch.where(tensor.abs() >= torch.finfo(torch.bfloat16).max, torch.sign(tensor) * float("inf"), tensor)


def _as_float(tensor):
    """One dimension of float32; what float32 would round stays exact."""
    is_narrow = tensor.dtype in (torch.float32, torch.bfloat16, torch.float16, torch.bool)
    return tensor.flatten().to(torch.float32 if is_narrow else torch.float64)


def _pcc(expected, computed):
    """Pearson's correlation; constants correlate only with themselves."""
    if expected.numel() < 2:
        return 1.0 if _agree(expected, computed) else 0.0
    centered = expected - expected.mean(), computed - computed.mean()
    first, second = (float(torch.linalg.vector_norm(tensor)) for tensor in centered)
    if _is_constant(expected, first) or _is_constant(computed, second):
        return 1.0 if _agree(expected, computed) else 0.0
    # From the difference: the sum of products of a million float32 values is not exact enough near 1.
    difference = float(torch.linalg.vector_norm(centered[1].sub_(centered[0])))
    return 1 - (difference**2 - (first - second) ** 2) / (2 * first * second)


def _agree(expected, computed):
    """Whether values are near each other: integers are float64 here, what the device gives float32."""
    return torch.allclose(expected.double(), computed.double(), rtol=1e-2, atol=1e-3)


def _is_constant(tensor, norm_about_mean):
    """Whether a tensor varies by no more than rounding does."""
    return norm_about_mean <= 1e-6 * float(torch.linalg.vector_norm(tensor))
