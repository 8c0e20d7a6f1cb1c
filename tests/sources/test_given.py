"""Inputs given by value: what `--input` takes, and the file that keeps them."""

from __future__ import annotations

import io

import pytest
import torch

from bringup.errors import UsageError
from bringup.sources.given import inputs_file
from bringup.sources.input_spec import parse_value

VALUES = {
    "t==981": ("t", 981),
    "==2.5": ("", 2.5),
    "mode=='fast'": ("mode", "fast"),
    "sizes==(3, 4)": ("sizes", (3, 4)),
    "mask==None": ("mask", None),
}
TENSORS = {
    "lengths=[5, 9]": ("lengths", torch.tensor([5, 9])),
    "[[0.5], [1]]": ("", torch.tensor([[0.5], [1.0]])),
    "mask=[1, 0]:bool": ("mask", torch.tensor([True, False])),
    "x=[0.1]:bfloat16": ("x", torch.tensor([0.1], dtype=torch.bfloat16)),
}


@pytest.mark.parametrize("text", VALUES)
def test_values_are_taken_as_they_are(text):
    assert parse_value(text) == VALUES[text]


@pytest.mark.parametrize("text", TENSORS)
def test_numbers_make_a_tensor(text):
    name, tensor = parse_value(text)
    assert name == TENSORS[text][0]
    assert tensor.dtype == TENSORS[text][1].dtype and torch.equal(tensor, TENSORS[text][1])


@pytest.mark.parametrize("text", ["x=[1, ]2]", "x=[[1], [2, 3]]", "x==forward", "x=[1]:flaot32", "x=['a']"])
def test_what_is_no_value_is_a_usage_error(text):
    with pytest.raises(UsageError, match="--input"):
        parse_value(text)


def test_the_file_keeps_every_kind_of_tensor():
    """Dtypes, strides, no dimensions, shared memory; the same bytes again, and of a part of a tensor only the part."""
    base = torch.arange(12.0)
    given = {
        "flag": torch.tensor(True),
        "half": torch.randn(3).bfloat16(),
        "complex": torch.randn(2, dtype=torch.complex64),
        "transposed": torch.randn(4, 3).t(),
        "expanded": torch.ones(1, 3).expand(100_000, 3),
        "part": torch.zeros(1_000_000)[:2],
        "first": base[:8],
        "second": base[4:],
    }
    stored = inputs_file(given)
    assert stored == inputs_file(given) and len(stored) < 10_000
    kept = torch.load(io.BytesIO(stored), weights_only=True)
    for name, tensor in given.items():
        assert kept[name].dtype == tensor.dtype and torch.equal(kept[name], tensor), name
    assert kept["transposed"].stride() == given["transposed"].stride()
    kept["first"][4] = -1
    assert kept["second"][0] == -1
