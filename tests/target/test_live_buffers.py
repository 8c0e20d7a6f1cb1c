"""Values go with their buffers: also with those that die while nothing is dispatched, of which ttnn keeps a dead list."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

STRESS = """
import gc, random, sys
import torch
from bringup.target import emulated_board

PLANTED = "planted" in sys.argv

with emulated_board("n150") as emulation:
    import ttnn

    if PLANTED:  # the list that was read before
        from bringup.target import live
        live.LiveAddresses._blocks = lambda self, kind: [b.address for d in self._devices for b in ttnn._ttnn.reports.get_buffers(d)]

    device = ttnn.open_device(device_id=0, l1_small_size=32768)
    random.seed(0)

    def make(number):
        memory = random.choice([ttnn.DRAM_MEMORY_CONFIG, ttnn.L1_MEMORY_CONFIG])
        source = torch.full((32, 32 + 32 * (number % 5)), float(number))
        return ttnn.from_torch(source, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device, memory_config=memory)

    class Cycle:
        def __init__(self, tensors):
            self.tensors, self.own = tensors, self

    kept = {}
    for round_ in range(6):
        for number in range(60):
            kept[round_ * 100 + number] = make(round_ * 100 + number)
            Cycle([make(1000 + number)])
        emulation.values._sweep()
        ttnn._ttnn.graph.begin_graph_capture(ttnn.graph.RunMode.NO_DISPATCH)
        for number in random.sample(sorted(kept), 25):
            tensor = kept.pop(number)
            if number % 2:
                ttnn.deallocate(tensor)
        del tensor
        gc.collect()
        emulation.values._sweep()
        ttnn._ttnn.graph.end_graph_capture()
        junk = [bytearray(n % 400 + 64) for n in range(50_000)]
        for _ in range(5):
            emulation.values._sweep()
        for number, tensor in kept.items():
            assert float(ttnn.to_torch(tensor).max()) == number, number
    before = len(emulation.values)
    kept.clear()
    gc.collect()
    emulation.values._sweep()
    assert before - len(emulation.values) >= 200, (before, len(emulation.values))
    ttnn.close_device(device)
    device = ttnn.open_device(device_id=0, l1_small_size=16384)
    again = make(7)
    emulation.values._sweep()
    assert float(ttnn.to_torch(again).max()) == 7
    ttnn.close_device(device)
print("done")
"""


def run(*arguments):
    command = [sys.executable, "-c", textwrap.dedent(STRESS), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=250)


def test_buffers_that_die_while_nothing_is_dispatched_end_nothing():
    done = run()
    assert (done.returncode, done.stdout.strip()) == (0, "done"), done.stderr


@pytest.mark.slow
def test_the_control_ttnn_s_list_of_buffers_ends_the_process():
    """The planted fault: with the list that was read before, the same program dies of SIGSEGV."""
    assert run("planted").returncode == -11
