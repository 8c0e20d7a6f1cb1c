"""DRAM of activations by liveness, and of weights as tiles, against hand counts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bringup.boards import BOARDS
from bringup.ir import Argument, Frame, Graph, OpCall, Ref, TensorType, Value
from bringup.memory import activation_bytes, plan_memory
from bringup.ops.dtypes import DEVICE_DTYPES, device_dtypes
from bringup.plan.memory_report import Need, fit_text
from bringup.weight_memory import tile_bytes, weight_bytes

TILE = 32 * 32 * 2
MODELS = Path(__file__).parent / "models"
SHAPES = {
    "Positions": "1x64x64x768",
    "Layers": "1x3x8x8",
    "Standardised": "1x3x8x8",
    "Unused": "1x3x8x8",
    "Experts": "8x4x64",
}


@pytest.mark.parametrize(
    ("shape", "dtype", "expected"),
    [((), "float32", TILE), ((5,), "float32", TILE), ((2, 33, 64), "float32", 2 * 2 * 2 * TILE), ((4, 32), "int64", 2 * TILE)],
)  # fmt: skip
def test_an_activation_is_padded_to_tiles(shape, dtype, expected):
    assert activation_bytes(TensorType(shape, dtype)) == expected


def graph(*steps: tuple[str, tuple[str, ...]], outputs: tuple[str, ...]) -> Graph:
    """Calls on tensors of one tile each; `x` is the input."""
    type_ = TensorType((32, 32), "float32")
    names = ["x", *(name for name, _ in steps)]
    values = tuple(Value(name, type_, "activation", "x" if name == "x" else "") for name in names)
    calls = tuple(
        OpCall(name, f"aten.{name}", tuple(Argument(str(i), Ref(ref)) for i, ref in enumerate(refs)), (name,), "")
        for name, refs in steps
    )
    return Graph("ttnn", calls, values, (Frame("", "", "m.M", None),), ("x",), outputs)


def test_a_chain_needs_two_tensors_and_a_residual_three():
    chain = plan_memory(graph(("a", ("x",)), ("b", ("a",)), ("c", ("b",)), outputs=("c",)))
    assert (chain.inputs, chain.peak, chain.peak_call) == (TILE, 2 * TILE, "aten.a")
    residual = plan_memory(graph(("a", ("x",)), ("b", ("a",)), ("c", ("b", "x")), outputs=("c",)))
    assert (residual.peak, residual.peak_call) == (3 * TILE, "aten.b")


def test_an_output_lives_to_the_end():
    kept = plan_memory(graph(("a", ("x",)), ("b", ("a",)), ("c", ("b",)), outputs=("a", "c")))
    assert (kept.peak, kept.peak_call) == (3 * TILE, "aten.c")


@pytest.mark.parametrize(
    ("shape", "form", "tiles"),
    [
        ((64, 3, 7, 7), "kernel", 5 * 2), ((64, 32, 3), "kernel", 3 * 2), ((64, 64, 1, 1), "kernel", 4), ((8, 3, 3, 3, 3), "kernel", 3),
        ((64, 3, 2, 2), "transposed kernel", 8), ((64, 3, 7, 7), "plain", 64 * 3), ((1, 64, 64, 768), "plain", 64 * 2 * 24),
        ((4, 1024, 256), "plain", 4 * 32 * 8), ((768, 1, 1), "channels", 24), ((1000,), "plain", 32), ((), "plain", 1), ((33, 32), "plain", 2),
    ],
)  # fmt: skip
def test_weights_are_padded_as_they_lie_on_the_device(shape, form, tiles):
    assert tile_bytes(shape, "bfloat16", form) == tiles * TILE
    assert tile_bytes(shape, "bfloat8_b", form) == tiles * 1088


@pytest.mark.torch
@pytest.mark.parametrize(
    ("name", "tiles"),
    [("Positions", 64 * 2 * 24), ("Layers", 2 + 8 + 1 + 3), ("Standardised", 2), ("Unused", 2 + 1), ("Experts", 8 * 2)],
)
def test_what_a_weight_is_follows_from_the_ops_that_read_it(name, tiles, analysed):
    """A position embedding of rank 4 is no kernel; one that is standardised, or that no op reads, still is."""
    analysis = analysed(f"{MODELS}/weights.py:{name}", inputs=(SHAPES[name],))
    assert weight_bytes(analysis.graph, "bfloat16") == tiles * TILE


def test_each_dtype_of_a_model_is_explained():
    assert [entry.torch for entry in device_dtypes({"bool", "float32"})] == ["float32", "bool"]
    assert len({entry.torch for entry in DEVICE_DTYPES}) == len(DEVICE_DTYPES)


def test_a_decoder_keeps_keys_and_values():
    attention = "scaled_dot_product_attention.default"
    made = graph(("a", ("x",)), ("b", ("x",)), outputs=("b",))
    arguments = tuple(Argument(name, Ref("x")) for name in ("query", "key", "value"))
    calls = tuple(OpCall(call.name, f"aten.{attention}", arguments, call.outputs, "") for call in made.calls)
    assert plan_memory(replace(made, calls=calls)).caches == 4 * TILE
    assert plan_memory(made).caches == 0


def test_keys_are_kept_before_they_are_repeated_for_groups_of_heads():
    small, large = TensorType((1, 2, 32, 32), "float32"), TensorType((1, 8, 32, 32), "float32")
    values = (Value("k", small, "activation", "k"), Value("wide", large, "activation"), Value("y", large, "activation"))
    attend = tuple(Argument(name, Ref("wide")) for name in ("query", "key", "value"))
    calls = (
        OpCall("wide", "aten.expand.default", (Argument("self", Ref("k")),), ("wide",), ""),
        OpCall("y", "aten.scaled_dot_product_attention.default", attend, ("y",), ""),
    )
    made = Graph("ttnn", calls, values, (Frame("", "", "m.M", None),), ("k",), ("y",))
    assert plan_memory(made).caches == 2 * 2 * TILE


def test_a_recurrent_op_keeps_its_states():
    type_ = TensorType((32, 32), "float32")
    values = tuple(Value(name, type_, "activation", "x" if name == "x" else "") for name in ("x", "y", "h", "c"))
    call = OpCall("y", "aten.lstm.input", (Argument("input", Ref("x")),), ("y", "h", "c"), "")
    made = Graph("ttnn", (call,), values, (Frame("", "", "m.M", None),), ("x",), ("y",))
    assert plan_memory(made).states == 2 * TILE


@pytest.mark.parametrize(
    ("weights", "activations", "kept", "words"),
    [
        (0.5, 0.2, 0.2, "fits, 90.0% of DRAM"),
        (1.2, 0.1, 0.1, "does not fit in bfloat16; fits with bfloat8_b weights"),
        (0.5, 0.1, 1.2, "caches of 53% of these"),
        (1.2, 0.9, 0.0, "activations have to give"),
        (4.0, 0.1, 0.1, "does not fit: even bfloat8_b weights need 2.1 x its DRAM"),
    ],
)
def test_what_fits_and_what_has_to_give(weights, activations, kept, words):
    board = BOARDS[0]
    need = Need(*(int(part * board.dram_bytes) for part in (weights, activations, kept)))
    assert words in fit_text(need, board)
