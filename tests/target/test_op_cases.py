"""Every op case: what the emulated board computes agrees with independent torch code."""

from __future__ import annotations

import re

import op_cases
import pytest
import torch
import ttnn
from measure import pcc, relative_error


def run(case: op_cases.Case, device) -> torch.Tensor:
    inputs = case.make()
    if case.layout != "RAW":
        layout = getattr(ttnn, f"{case.layout}_LAYOUT")
        inputs = [
            ttnn.from_torch(
                t, dtype=ttnn.bfloat16 if t.is_floating_point() else ttnn.uint32, layout=layout, device=device
            )
            for t in inputs
        ]
    op_cases.DEVICE[:] = [device]
    output = case.ttnn(*inputs)
    return ttnn.to_torch(output) if isinstance(output, ttnn.Tensor) else output


@pytest.mark.parametrize("case", op_cases.CASES, ids=[case.id for case in op_cases.CASES])
def test_op(case, mode, device):
    computed, expected = run(case, device), case.torch(*case.make())
    if mode == "exact":
        assert relative_error(computed, expected) <= case.exact
    else:
        assert pcc(computed, expected) >= case.pcc


def test_the_table_is_as_wide_as_it_claims():
    text = open(op_cases.__file__, encoding="utf-8").read()  # noqa: SIM115, PTH123
    named = set(re.findall(r"\bttnn\.(?:transformer\.|experimental\.)?([a-z]\w+)\(", text))
    named |= {case.id for case in op_cases.CASES if hasattr(ttnn, case.id)}
    assert len(op_cases.CASES) >= 250
    assert len(named) >= 150
