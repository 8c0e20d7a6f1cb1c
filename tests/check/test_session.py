"""Child processes: what dies, hangs, fails, skips or cannot be judged is said, and the rest still runs."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from bringup.check.results import Result
from bringup.check.session import Session, join_mode, run_session, split_mode

BEHAVIOURS = """
    import os
    import signal
    import time

    import pytest
    import torch
    import ttnn


    def tile(device, *shape):
        return ttnn.from_torch(torch.randn(shape), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)


    def test_passes(device, record_property):
        record_property("relative_error", 0.0)
        ttnn.relu(tile(device, 32, 32))


    def test_dies(device):
        ttnn.relu(tile(device, 32, 32))
        ttnn.roll(tile(device, 0, 32), 1, 0)


    def test_is_killed(device):
        ttnn.relu(tile(device, 32, 32))
        os.kill(os.getpid(), signal.SIGKILL)


    def test_exits(device):
        ttnn.relu(tile(device, 32, 32))
        os._exit(3)


    def test_hangs(device):
        ttnn.relu(tile(device, 32, 32))
        time.sleep(60)


    def test_is_refused(device):
        ttnn.matmul(tile(device, 32, 64), tile(device, 32, 64))


    def test_is_wrong_by_two(device, record_property):
        record_property("relative_error", 1e-3)


    def test_asserts(device):
        assert 1 == 2, "PCC computed 0.5, required 0.99"


    def test_reads_what_nobody_knows(device):
        ttnn.to_torch(ttnn.empty((32, 32), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device))


    def test_uses_a_host_tensor(device):
        ttnn.relu(ttnn.from_torch(torch.randn(32, 32)))


    def test_is_skipped():
        pytest.skip("on purpose")


    def test_has_a_mistake_of_its_own():
        {}["key"]


    @pytest.mark.parametrize("channels", range(1, 301))
    def test_three_hundred_convolutions(device, channels):
        ttnn.conv2d(
            input_tensor=ttnn.from_torch(torch.randn(1, 1, 64, channels), dtype=ttnn.bfloat16, device=device),
            weight_tensor=ttnn.from_torch(torch.randn(32, channels, 3, 3), dtype=ttnn.bfloat16), device=device,
            in_channels=channels, out_channels=32, batch_size=1, input_height=8, input_width=8, kernel_size=(3, 3), padding=(1, 1),
        )
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> dict[str, Result]:
    from bringup.render import render

    root = tmp_path_factory.mktemp("behaviours")
    (root / "tests").mkdir()
    (root / "tests/conftest.py").write_text(render("tests/conftest.py.jinja", model="behaviours"))
    (root / "tests/test_behaviours.py").write_text(textwrap.dedent(BEHAVIOURS))
    seen: list[Result] = []
    session = Session((root / "tests",), root, "n150", "exact", "", 2, 10.0)
    found = run_session(session, seen.append)
    assert tuple(seen) == found
    return {result.test.partition("::")[2]: result for result in found}


@pytest.mark.parametrize(
    ("test", "outcome", "kind", "words"),
    [
        ("test_passes", "passed", "", ""),
        ("test_dies", "failed", "crash", "the process ended with SIGFPE in ttnn.roll, without an exception"),
        ("test_is_killed", "not judged", "environment", "killed from outside (SIGKILL) in ttnn.relu"),
        ("test_exits", "failed", "crash", "the process ended with exit code 3 in ttnn.relu"),
        ("test_hangs", "failed", "timeout", "took more than 10 s in ttnn.relu"),
        (
            "test_is_refused",
            "failed",
            "rejected",
            "The width of the first tensor must be equal to the height of the second tensor",
        ),
        ("test_is_wrong_by_two", "failed", "wrong value", "relative error computed 1.000e-03, required 1e-05"),
        ("test_asserts", "failed", "wrong value", "PCC computed 0.5, required 0.99"),
        ("test_reads_what_nobody_knows", "not judged", "not judged", "ttnn.empty leaves a buffer as it is"),
        ("test_uses_a_host_tensor", "failed", "mistake", "operand 0 is a host tensor"),
        ("test_is_skipped", "skipped", "skipped", "on purpose"),
        ("test_has_a_mistake_of_its_own", "failed", "error", "KeyError"),
    ],
)
def test_each_end_is_told(results, test, outcome, kind, words):
    result = results[test]
    assert (result.outcome, result.kind) == (outcome, kind), result
    assert words in result.words
    assert "backtrace" not in result.words and " --- " not in result.words
    assert result.mode == "exact"


def test_a_refusal_names_the_call(results):
    assert results["test_is_refused"].call == "ttnn.matmul([32, 64] bfloat16 TILE, [32, 64] bfloat16 TILE)"


def test_convolutions_do_not_fill_l1_small(results):
    """About 280 different ones in one process fill it; each of the two processes runs 150, so 300 in all pass anyhow.

    What is checked is that the device fixture clears it: the last one of a process finds as much room as the first.
    """
    many = [result for name, result in results.items() if "three_hundred" in name]
    assert len(many) == 300
    assert [result for result in many if result.outcome != "passed"] == []


def test_modes_are_split_from_ids():
    for test in ("a.py::test_x[case-x1]", "a.py::test_x", "a.py::test_x[exact]", "a.py::test_x[a-rounded-b]"):
        assert split_mode(join_mode(test, "exact")) == (test, "exact")
    assert split_mode("a.py::test_x[case]") == ("a.py::test_x[case]", "hardware")


def test_tests_that_cannot_be_collected_are_a_usage_error(tmp_path):
    from bringup.errors import UsageError

    (tmp_path / "test_broken.py").write_text("import nothing_of_that_name\n")
    with pytest.raises(UsageError, match="nothing_of_that_name"):
        run_session(Session((Path(tmp_path),), tmp_path, "n150", "exact", "", 1, 10.0), lambda result: None)


def test_programs_kept_from_one_mode_to_the_next_change_no_figure(tmp_path):
    """The second mode finds the first one's programs; run alone it builds them anew."""
    from bringup.render import render

    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/conftest.py").write_text(render("tests/conftest.py.jinja", model="two modes"))
    text = textwrap.dedent(BEHAVIOURS).replace("range(1, 301)", "(8, 64)")
    (tmp_path / "tests/test_two_modes.py").write_text(text)
    selections = ("three_hundred", "three_hundred and rounded")
    both, alone = (
        {
            r.test: r.l1_bytes_per_core
            for r in run_session(Session((tmp_path / "tests",), tmp_path, "n150", "both", k, 1, 60.0), print)
            if r.mode == "rounded"
        }
        for k in selections
    )
    assert both == alone
    assert all(figure > 1000 for figure in both.values())
    assert len(both) == 2
