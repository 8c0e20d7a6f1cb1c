"""Sizes that depend on values: the op stays on the host, what follows has the sizes of the example inputs."""

from __future__ import annotations

from pathlib import Path

import pytest

from bringup.plan.folder import coverage_files, text_files

MODELS = Path(__file__).parent.parent / "models"


def analysis_of(name, analysed):
    return analysed(f"{MODELS}/value_sizes.py:{name}", inputs=("16x8",))


@pytest.mark.torch
@pytest.mark.parametrize(
    ("name", "ops"),
    [
        ("Selects", {"aten.index.Tensor": 16, "aten.nonzero.default": None, "aten._unique2.default": None}),
        ("Repeats", {"aten.repeat_interleave.Tensor": None}),
    ],
)
def test_the_graph_is_whole_and_names_the_ops(name, ops, analysed):
    analysis = analysis_of(name, analysed)
    assert analysis.graph.is_complete
    gaps = {verdict.op: verdict for verdict in analysis.coverage.gaps}
    assert set(gaps) == set(ops)
    for op, bound in ops.items():
        assert "depends on values (" in gaps[op].reason
        assert bound is None or f"at most {bound})" in gaps[op].reason
    report = coverage_files(analysis)["COVERAGE.md"]
    assert "value_sizes.py:" in report
    functional = next(text for path, text in text_files(analysis).items() if path.startswith("reference/functional_"))
    assert "torch" in functional


@pytest.mark.torch
def test_sizes_are_those_of_the_example_inputs(analysed):
    """Against the model itself: as many rows as its mask picks."""
    analysis = analysis_of("Selects", analysed)
    values = analysis.graph.value_by_name()
    shapes = [values[name].type.shape for name in analysis.graph.outputs]
    assert all(isinstance(size, int) for shape in shapes for size in shape)
    assert 0 < shapes[0][0] <= 16
    assert shapes[0][1] == 4


@pytest.mark.torch
def test_a_number_read_out_of_a_tensor_is_said_with_its_line(analysed):
    graph = analysis_of("Counts", analysed).graph
    said = graph.attempts[-1].message
    assert "numbers that forward reads out of tensors" in said
    assert "count = (y[:, 0] > 0).sum().item()" in said
    assert analysis_of("Selects", analysed).graph.attempts[-1].message == ""


@pytest.mark.torch
def test_a_branch_by_a_value_is_no_graph(analysed):
    graph = analysis_of("Chooses", analysed).graph
    assert not graph.is_complete
    assert "depends on a tensor's value" in graph.attempts[-1].message
    assert "torch.cond(" in graph.attempts[-1].source.code
