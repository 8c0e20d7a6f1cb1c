"""Buffers in generated modules: what shares them, who frees them, and that nothing stays behind."""

from __future__ import annotations

import importlib
import re
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch

from bringup.modules.program import Place, Use, parts
from bringup.modules.sharing import SHARES, results_share, shared_operands
from bringup.modules.ttnn_lines import KEEP_ROWS
from bringup.plan.folder import text_files

ttnn = pytest.importorskip("ttnn")

from bringup.target import emulated_board  # noqa: E402  it sets ttnn's environment

MODELS = Path(__file__).parent.parent / "models"
TILE, ROW_MAJOR = ttnn.TILE_LAYOUT, ttnn.ROW_MAJOR_LAYOUT
CASES = {
    "ttnn.reshape": (lambda x: ttnn.reshape(x, (1, 2, 9, 8)), lambda x: ttnn.reshape(x, (2, 9, 2, 4))),
    "ttnn.view": (lambda x: ttnn.view(x, (1, 2, 9, 8)), None),
    "ttnn.experimental.view": (lambda x: ttnn.experimental.view(x, (1, 2, 9, 8)), None),
    "ttnn.squeeze": (lambda x: ttnn.squeeze(ttnn.unsqueeze(x, 0), 0), None),
    "ttnn.unsqueeze": (lambda x: ttnn.unsqueeze(x, 0), lambda x: ttnn.unsqueeze(x, 2)),
    "ttnn.slice": (lambda x: ttnn.slice(x, [0, 0, 0], [2, 9, 8]), lambda x: ttnn.slice(x, [0, 0, 0], [2, 9, 4])),
    "ttnn.split": (lambda x: ttnn.split(x, 2, dim=0)[0], lambda x: ttnn.split(x, 1, dim=0)[0]),
    "ttnn.chunk": (lambda x: ttnn.chunk(x, 1, 0)[0], lambda x: ttnn.chunk(x, 2, 0)[0]),
    "ttnn.concat": (lambda x: ttnn.concat([x], dim=0), lambda x: ttnn.concat([x, x], dim=0)),
    "ttnn.permute": (lambda x: ttnn.permute(x, (0, 1, 2)), lambda x: ttnn.permute(x, (1, 0, 2))),
    "ttnn.transpose": (lambda x: ttnn.transpose(x, 1, 1), lambda x: ttnn.transpose(x, 0, 1)),
    "ttnn.expand": (lambda x: ttnn.expand(x, (2, 9, 8)), lambda x: ttnn.expand(ttnn.unsqueeze(x, 0), (3, 2, 9, 8))),
    "ttnn.repeat": (lambda x: ttnn.repeat(x, (1, 1, 1)), lambda x: ttnn.repeat(x, (2, 1, 1))),
    "ttnn.repeat_interleave": (lambda x: ttnn.repeat_interleave(x, 1, 0), lambda x: ttnn.repeat_interleave(x, 2, 0)),
    "ttnn.roll": (lambda x: ttnn.roll(x, 0, 0), lambda x: ttnn.roll(x, 1, 0)),
    "ttnn.pad": (
        lambda x: ttnn.pad(x, [(0, 0), (0, 3), (0, 24)], 0.0),
        lambda x: ttnn.pad(x, [(0, 0), (0, 0), (0, 26)], 0.0),
    ),
    "ttnn.fill_implicit_tile_padding": (lambda x: ttnn.fill_implicit_tile_padding(x, 0.0), None),
    "ttnn.tilize_with_zero_padding": (ttnn.tilize_with_zero_padding, None),
    "ttnn.to_layout": (lambda x: ttnn.to_layout(x, TILE), lambda x: ttnn.to_layout(x, ROW_MAJOR)),
    "ttnn.to_memory_config": (
        lambda x: ttnn.to_memory_config(x, ttnn.DRAM_MEMORY_CONFIG),
        lambda x: ttnn.to_memory_config(x, ttnn.L1_MEMORY_CONFIG),
    ),
    "ttnn.sharded_to_interleaved": (ttnn.sharded_to_interleaved, None),
    "ttnn.to_device": (lambda x: ttnn.to_device(x, x.device()), None),
    "ttnn.reallocate": (ttnn.reallocate, None),
}
"""For each op a call that shares its operand's buffer, and one that does not."""
OWN = {
    "ttnn.typecast": lambda x: ttnn.typecast(x, ttnn.bfloat16), "ttnn.clone": ttnn.clone, "ttnn.identity": ttnn.identity,
    "ttnn.multiply": lambda x: ttnn.multiply(x, 1), "ttnn.sum": lambda x: ttnn.sum(x, 0, keepdim=True),
    "ttnn.mean": lambda x: ttnn.mean(x, 0, keepdim=True), "ttnn.relu": ttnn.relu, "ttnn.where": lambda x: ttnn.where(x, x, x),
    "ttnn.cumsum": lambda x: ttnn.cumsum(x, 0),
}  # fmt: skip
"""Ops that give a buffer of their own, also where they change nothing."""


def test_ttnn_shares_buffers_where_the_table_says():
    assert SHARES.keys() == CASES.keys() and not SHARES.keys() & OWN.keys()
    with opened_board() as device:

        def shares(call):
            x = ttnn.from_torch(torch.zeros(2, 9, 8), dtype=ttnn.bfloat16, layout=TILE, device=device)
            address = x.buffer_address()  # before: a reallocated tensor has none
            return call(x).buffer_address() == address

        assert {op for op, (same, _) in CASES.items() if not shares(same)} == set()
        assert {op for op, (_, other) in CASES.items() if other and shares(other)} == set()
        assert {op for op, call in OWN.items() if shares(call)} == set()


ROWS_GIVEN = {
    "pad": lambda x: ttnn.pad(x, [(0, 0), (1, 0), (0, 24)], 0.0), "typecast": lambda x: ttnn.typecast(x, ttnn.float32), "clone": ttnn.clone,
    **{op.removeprefix("ttnn."): CASES[op][0] for op in CASES if op.removeprefix("ttnn.") not in ("pad", "to_layout")},
}  # fmt: skip


def test_ops_keep_row_major_where_the_writer_says():
    names = {text.removeprefix("ttnn.").removesuffix("(") for text in KEEP_ROWS}
    assert names <= ROWS_GIVEN.keys()
    with opened_board() as device:
        x = ttnn.from_torch(torch.zeros(2, 9, 8), dtype=ttnn.bfloat16, layout=ROW_MAJOR, device=device)
        assert {name for name in names if ROWS_GIVEN[name](x).layout != ROW_MAJOR} == set()
        assert ttnn.tilize_with_zero_padding(x).layout == TILE


X, Y, W = Use("x"), Use("y"), Place("w")


@pytest.mark.parametrize(
    ("expression", "results", "shared"),
    [
        (parts("ttnn.reshape(ttnn.permute(", X, ", (0, 2, 1)), (1, 4))"), 1, ((X,),)),
        (parts("ttnn.reshape(ttnn.linear(", X, ", ", W, "), (1, 4))"), 1, ((),)),
        (parts("ttnn.reshape(", W, ", (1, 4))"), 1, ((W,),)),
        (parts("(ttnn.pad(tensor, [(0, 24)], 0.0) for tensor in (", X, ", ", Y, "))"), 2, ((X,), (Y,))),
        (parts("[ttnn.squeeze(part, 0) for part in ttnn.split(", X, ", 1, dim=0)]"), 2, ((), ())),
        (parts("[ttnn.squeeze(part, 0) for part in ttnn.split(", X, ", 1, dim=0)]"), 1, ((X,),)),
        (parts("[", X, ", ttnn.mean(", Y, ")]"), 2, ((X,), ())),
        (parts("ttnn.concat([", X, ", ", Y, "], dim=1)"), 1, ((),)),
        (parts("ttnn.concat([", X, "], dim=1)"), 1, ((X,),)),
        (parts("ttnn.add_(", X, ", ", Y, ")"), 1, ((X,),)),
        (parts("ttnn.typecast(", X, ", ttnn.bfloat16)"), 1, ((),)),
    ],
)  # fmt: skip
def test_operands_that_a_value_shares_its_buffer_with(expression, results, shared):
    assert shared_operands(expression, results) == shared


@pytest.mark.parametrize(
    ("expression", "shares"),
    [(parts("gru(", X, ", ", W, ")"), True), (parts("ttnn.topk(", X, ", 3)"), False), (parts("ttnn.split(", X, ", 1, dim=0)"), False)],
)  # fmt: skip
def test_results_of_a_helper_may_share_a_buffer(expression, shares):
    assert results_share(expression) is shares


def device_memory(device):
    """Bytes in use on a board, of each kind that tensors are in."""
    kinds = (ttnn.BufferType.DRAM, ttnn.BufferType.L1)
    return tuple(ttnn.get_memory_view(device, kind).total_bytes_allocated_per_bank for kind in kinds)


class Freed:
    """Calls of `ttnn.deallocate`: each has to free a buffer that is there."""

    def __init__(self, monkeypatch):
        self.twice, free = 0, ttnn.deallocate

        def deallocate(tensor, *args, **kwargs):
            self.twice += not tensor.is_allocated()
            return free(tensor, *args, **kwargs)

        monkeypatch.setattr(ttnn, "deallocate", deallocate)


@contextmanager
def opened_board():
    with emulated_board("n150", "exact"):
        device = ttnn.open_device(device_id=0, l1_small_size=32768)
        try:
            yield device
        finally:
            ttnn.close_device(device)


def run_thrice(path, monkeypatch):
    """Three calls of a generated model: the largest error, the memory after each, and what was freed.

    What the first call prepares, such as the weights of a convolution, stays: the others leave nothing more.
    """
    monkeypatch.syspath_prepend(str(path.parent.parent))
    load = importlib.import_module("reference.load_model")
    model, inputs = load.load_model(), load.example_inputs()
    inputs = inputs if isinstance(inputs, (tuple, list)) else tuple(inputs.values())
    with opened_board() as device, torch.no_grad():
        freed = Freed(monkeypatch)
        written = importlib.import_module(f"tt.{path.stem}")
        function = getattr(written, re.findall(r"^def (\w+)", path.read_text(), re.MULTILINE)[-1])
        parameters = importlib.import_module("tt.parameters").prepare_parameters(model, device)
        errors, memory = [], []
        for _ in range(3):
            given = written.prepare_inputs(*inputs, device)
            made = function(*given, parameters)
            pairs = zip(_listed(model(*inputs)), _listed(made), strict=True)
            errors += [_error(wanted, ttnn.to_torch(result)) for wanted, result in pairs]
            assert all(tensor.is_allocated() for tensor in given), "a tensor of the caller's was freed"
            del given, made, pairs
            memory.append(device_memory(device))
    return max(errors), memory, freed


def _listed(result):
    return result if isinstance(result, (tuple, list)) else (result,)


def _error(wanted, made):
    return float((wanted - made).norm() / wanted.norm())


OWNERSHIP = {
    "Attention": "1x9x32", "PaddedTwice": "2x9x8", "Viewed": "4x8x32", "Given": "2x8x32", "Shortcuts": "1x3x8x8", "Stages": "1x8x32",
}  # fmt: skip
LAYOUTS = {
    "Windows": "1x8x8x32", "Padded": "2x8x8", "Same": "1x3x32x32", "SameInOne": "2x16x24", "SameInThree": "1x32x4x6x6", "Copied": "2x5x16",
}  # fmt: skip


@pytest.fixture
def apart():
    """Generated folders have the same names of modules: each test imports its own."""
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] in ("tt", "reference", "ownership", "layouts")]:
        del sys.modules[name]


def written(analysed, model, inputs, to):
    for path, text in text_files(analysed(f"{MODELS}/{model}", inputs=inputs)).items():
        (to / path).parent.mkdir(parents=True, exist_ok=True)
        (to / path).write_text(text)
    return next((to / "tt").glob("ttnn_*.py"))


@pytest.mark.torch
@pytest.mark.parametrize(
    ("model", "shape"),
    [*((f"ownership.py:{model}", shape) for model, shape in OWNERSHIP.items()),
     *((f"layouts.py:{model}", shape) for model, shape in LAYOUTS.items())],
)  # fmt: skip
@pytest.mark.usefixtures("apart")
def test_buffers_are_freed_once_and_none_stays(model, shape, analysed, tmp_path, monkeypatch):
    path = written(analysed, model, (shape,), tmp_path)
    error, memory, freed = run_thrice(path, monkeypatch)
    assert error < 1e-5
    assert freed.twice == 0
    assert memory[1] == memory[2], memory


@pytest.mark.torch
@pytest.mark.usefixtures("apart")
@pytest.mark.parametrize("fault", ["freed twice", "kept"])
def test_a_planted_fault_of_ownership_is_seen(fault, analysed, tmp_path, monkeypatch):
    path = written(analysed, "ownership.py:Viewed", ("4x8x32",), tmp_path)
    text = path.read_text()
    line = next(line for line in text.splitlines(keepends=True) if "ttnn.deallocate(" in line)
    kept = (
        line.replace("ttnn.deallocate(", "parameters.kept = [*getattr(parameters, 'kept', []), ").rstrip()[:-1] + "]\n"
    )
    path.write_text(text.replace(line, line * 2 if fault == "freed twice" else kept, 1))
    _, memory, freed = run_thrice(path, monkeypatch)
    assert freed.twice > 0 if fault == "freed twice" else memory[1] != memory[2]
