"""The comparisons in the generated conftest.py: right outputs pass, each planted fault fails."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

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
    fixture("assert_equal")(lambda name, value: None)(reference, output)


def outputs(reference, output):
    """What a module's test says: what it recorded."""
    said = []
    request = SimpleNamespace(node=SimpleNamespace())
    fixture("assert_outputs")(lambda name, value: said.append(value) if name == "judged_by" else None, request)(
        reference, output, 0.99, 0.1
    )
    return "; ".join(said)


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


ALL_NAN = torch.full((4, 4), float("nan"))
FLAT = 8 + 0.02 * torch.sin(torch.arange(64.0))
"""It varies by 1.3 units of bfloat16."""


@pytest.mark.parametrize("compare", [close, equal, outputs])
def test_a_reference_of_nan_is_never_a_pass(compare):
    for computed in (ALL_NAN, torch.zeros(4, 4)):
        with pytest.raises(pytest.skip.Exception, match="not judged: output 0: the reference is nan in all 16 places"):
            compare(ALL_NAN, computed)
    with pytest.raises(AssertionError, match="output 1"):
        compare([ALL_NAN, R], [ALL_NAN, -R])


def test_some_nan_is_compared_as_places_and_said():
    said = []
    fixture("assert_close")(lambda name, value: said.append(value) if name == "judged_by" else None)(
        NAN, NAN, 0.99, 0.02
    )
    assert "the reference is nan in 1 of 256 places" in said[0]
    equal(NAN, NAN)
    for compare in (close, equal, outputs):
        with pytest.raises(AssertionError):
            compare(NAN, NAN.roll(1))
    with pytest.raises(pytest.skip.Exception, match="nan in 1 of 256 places: the inputs are no good"):
        outputs(NAN, NAN)


def test_what_hardly_varies_is_judged_by_its_relative_error():
    """Rounding leaves nothing of its variation, and so nothing for PCC to judge."""
    said = outputs(FLAT, FLAT.bfloat16())
    assert "varies by 1.3 units of its dtype, and differs by at most 0." in said
    for wrong in (FLAT * 1.03, FLAT + 0.2, torch.zeros_like(FLAT), -FLAT):
        with pytest.raises(AssertionError, match="relative error"):
            outputs(FLAT, wrong.bfloat16())
    varying = 8 + torch.sin(torch.arange(64.0))
    with pytest.raises(AssertionError, match=r"PCC computed 0\.0"):
        outputs(varying, torch.full_like(varying, 8.0).bfloat16())


@pytest.mark.parametrize(
    "wrong",
    [torch.tensor([1, 2, 4]), torch.tensor([3, 2, 1]), torch.tensor([1.0, 2.4, 3.0]), torch.tensor([1, 1, 1])],
    ids=["off by one", "the other way round", "not whole", "constant"],
)
def test_integers_are_compared_as_integers(wrong):
    reference = torch.tensor([1, 2, 3])
    outputs(reference, reference.to(torch.uint16))
    for compare in (outputs, equal):
        with pytest.raises(AssertionError, match="values differ"):
            compare(reference, wrong)


SCORES = torch.randn(6, 40)
TOP = torch.topk(SCORES, 5).indices
TIED = torch.tensor([[3.0, 1.0, 3.0, 2.0, 3.0]])


def picks(reference, indices, source=SCORES, dim=-1):
    said = []
    compare = fixture("assert_picks")(lambda name, value: said.append(value) if name == "judged_by" else None)
    compare(reference, indices, source, dim=dim, relative_error=0.02)
    return "; ".join(said)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (TOP + 1, "pick other elements|no indices"),
        (TOP.roll(1, 0), "pick other elements"),
        (torch.topk(SCORES, 5, largest=False).indices, "pick other elements"),
        (TOP.flip(-1), "pick other elements"),
        (TOP[:, :1].expand(6, 5), "picked twice"),
        (TOP + 40, "no indices from 0 to 39"),
        (TOP + 0.5, "no indices"),
        (TOP[:, :4], "shape"),
    ],
    ids=["off by one", "of another row", "the smallest", "ascending", "constant", "outside", "not whole", "fewer"],
)
def test_wrong_indices_are_found(wrong, words):
    with pytest.raises(AssertionError, match=words):
        picks(TOP, wrong)


def test_ties_are_no_fault_and_are_said():
    assert picks(TOP, TOP.to(torch.uint16)) == ""
    tied = picks(torch.tensor([[0, 2, 4]]), torch.tensor([[4, 0, 2]]), TIED)
    assert tied == "indices: 3 of 3 indices differ, 3 at exact ties"
    near = TIED + torch.tensor([[0.0, 0.0, 1e-4, 0.0, 2e-4]])
    assert "0 at exact ties, the others of elements equal within the bound" in picks(
        torch.tensor([[4, 2, 0]]), torch.tensor([[0, 2, 4]]), near
    )
    with pytest.raises(AssertionError):
        picks(torch.tensor([[0, 2, 4]]), torch.tensor([[0, 2, 3]]), TIED)


def test_pcc_alone_would_let_twice_and_plus_one_pass():
    both = torch.stack([R.flatten(), (2 * R + 1).flatten()])
    assert float(torch.corrcoef(both)[0, 1]) > 0.9999


@pytest.mark.skipif(importlib.util.find_spec("ttnn") is None, reason="ttnn is not installed")
def test_the_generated_tests_collect_and_skip_clearly_without_a_board():
    folder = CONFTEST.parent
    # A test before this one may have opened an emulated board in this process.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TT_METAL_")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", "--rootdir", str(folder), str(folder / "ops")],
        capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no Tenstorrent board (/dev/tenstorrent)" in done.stdout
    assert " passed" not in done.stdout
