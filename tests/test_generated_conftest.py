"""The comparisons in the generated conftest.py: right outputs pass, each planted fault fails."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
import torch

CONFTEST = Path(__file__).parent / "golden/lstm/expected/tests/conftest.py"


def fixture(name: str):
    spec = importlib.util.spec_from_file_location("generated_conftest", CONFTEST)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = getattr(module, name)
    return getattr(found, "__wrapped__", None) or found._get_wrapped_function()


def close(reference, output, pcc=0.99, relative_error=0.02):
    fixture("assert_close")(lambda name, value: None)(reference, output, pcc, relative_error)


def equal(reference, output):
    fixture("assert_equal")()(reference, output)


torch.manual_seed(0)
R = torch.randn(8, 32)
NAN = R.clone().index_put((torch.tensor(0), torch.tensor(0)), torch.tensor(float("nan")))
INF = R.clone().index_put((torch.tensor(0), torch.tensor(0)), torch.tensor(float("inf")))
RIGHT = [
    (R, R.bfloat16()),
    (torch.ones(4, 4), torch.ones(4, 4)),
    (torch.zeros(4), torch.zeros(4)),
    (torch.tensor([2.0]), torch.tensor([2.0])),
    (INF, INF),
    (torch.full((4,), torch.finfo(torch.float32).min), torch.full((4,), torch.finfo(torch.float32).min).bfloat16()),
    ([R, R], [R, R]),
    (1e30 * R, 1e30 * R),
    (torch.tensor([2**24 + 1, 0]), torch.tensor([2**24 + 1, 0])),
    (R + 1000, (R + 1000) * (1 + 1e-6)),
]
FAULTS = {
    "noise of a tenth": (R, R + 0.1 * torch.randn_like(R)),
    "twice": (R, 2 * R),
    "plus one": (R, R + 1),
    "shape": (R, R.T),
    "flat": (R, R.flatten()),
    "transposed square": (R[:, :8], R[:, :8].T),
    "nan in the output": (R, NAN),
    "inf in the output": (R, INF),
    "no inf where it must be": (INF, R),
    "inf of the other sign": (INF, torch.where(torch.isinf(INF), -INF, INF)),
    "another constant": (torch.ones(4, 4), 2 * torch.ones(4, 4)),
    "constant for values": (R, torch.zeros_like(R)),
    "values for a constant": (torch.ones(4, 4), torch.randn(4, 4)),
    "values whose squares float32 does not hold": (1e30 * R, 1.1e30 * R),
    "an integer past 2**24": (torch.tensor([2**24 + 1]), torch.tensor([2**24])),
    "values about a large mean": (R + 1000, 1000 - R),
    "one element": (torch.tensor([2.0]), torch.tensor([3.0])),
    "one output of two": ([R, R], [R]),
    "swapped outputs": ([R, -R], [-R, R]),
}


@pytest.mark.parametrize("case", RIGHT)
def test_right_outputs_pass(case):
    close(*case)
    if not isinstance(case[0], list):
        equal(case[0], case[0])


@pytest.mark.parametrize("fault", [name for name in FAULTS if "integer" not in name])
def test_a_fault_fails_the_close_comparison(fault):
    with pytest.raises(AssertionError):
        close(*FAULTS[fault])


@pytest.mark.parametrize("fault", [name for name in FAULTS if "nan" not in name])
def test_a_fault_fails_the_exact_comparison(fault):
    with pytest.raises(AssertionError):
        equal(*FAULTS[fault])


def test_pcc_alone_would_let_twice_and_plus_one_pass():
    both = torch.stack([R.flatten(), (2 * R + 1).flatten()])
    assert float(torch.corrcoef(both)[0, 1]) > 0.9999


@pytest.mark.skipif(importlib.util.find_spec("ttnn") is None, reason="ttnn is not installed")
def test_the_generated_tests_collect_and_skip_clearly_without_a_board():
    folder = CONFTEST.parent
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", "--rootdir", str(folder), str(folder / "ops")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no Tenstorrent board (/dev/tenstorrent)" in done.stdout
    assert " passed" not in done.stdout
