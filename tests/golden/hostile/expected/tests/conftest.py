# SPDX-License-Identifier: Apache-2.0
"""The board, and how outputs compare, for all tests of hostile."""

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
            finite = torch.isfinite(expected)
            assert finite.equal(torch.isfinite(computed)), f"{name}: inf or nan in other places"
            if not finite.all():
                expected, computed = expected[finite], computed[finite]
            expected, computed = expected.double().flatten(), computed.double().flatten()
            computed_pcc, computed_error = _pcc(expected, computed), _relative_error(expected, computed)
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
            differing = int((expected.double() != computed.to(expected.dtype).double()).sum())
            assert differing == 0, f"{name}: {differing} of {expected.numel()} values differ"

    return compare


def _pairs(reference, output):
    expected = list(reference) if isinstance(reference, (list, tuple)) else [reference]
    computed = list(output) if isinstance(output, (list, tuple)) else [output]
    assert len(expected) == len(computed), f"{len(computed)} outputs, {len(expected)} required"
    return zip(expected, computed, strict=True)


def _shapes(expected, computed):
    return f"shape computed {tuple(computed.shape)}, required {tuple(expected.shape)}"


def _pcc(expected, computed):
    """Pearson's correlation; constants correlate only with themselves."""
    if expected.numel() < 2 or expected.std() == 0 or computed.std() == 0:
        return 1.0 if torch.allclose(expected, computed, rtol=1e-2, atol=1e-3) else 0.0
    expected, computed = expected - expected.mean(), computed - computed.mean()
    return float(expected @ computed / (torch.linalg.vector_norm(expected) * torch.linalg.vector_norm(computed)))


def _relative_error(expected, computed):
    """L2 norm of the difference over that of the reference."""
    difference, norm = torch.linalg.vector_norm(computed - expected), torch.linalg.vector_norm(expected)
    return float(difference / norm) if norm > 0 else float(difference)
