"""One emulated board for all tests in here; the environment is given back, for other tests start processes."""

from __future__ import annotations

import importlib.util
import os

import pytest

if importlib.util.find_spec("ttnn") is None:
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def emulation():
    from bringup.target import emulated_board

    before = dict(os.environ)
    with emulated_board("n150", "exact") as emulated:
        import ttnn

        device = ttnn.open_device(device_id=0, l1_small_size=32768, num_command_queues=2)
        os.environ.clear()
        os.environ.update(before)
        emulated.device = device
        yield emulated
        ttnn.close_device(device)


@pytest.fixture(params=["exact", "rounded"])
def mode(request, emulation):
    emulation.mode = request.param
    yield request.param
    emulation.mode = "exact"


@pytest.fixture
def device(emulation):
    yield emulation.device
    emulation.device.clear_program_cache()
