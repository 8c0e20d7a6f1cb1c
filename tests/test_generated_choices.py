"""What a generated folder's tests keep of torch's choices: wrong ones are found in both modes, ties are none and are said."""

from __future__ import annotations

import importlib.util
from types import SimpleNamespace

import pytest
import torch
from test_generated_conftest import fixture

from bringup.render import format_python, render


@pytest.fixture(scope="module")
def choices_class(tmp_path_factory):
    path = tmp_path_factory.mktemp("choices") / "choices.py"
    text = render("tests/choices.py.jinja", model="a model", made_by=[])
    path.write_text(format_python({"choices.py": text})["choices.py"])
    spec = importlib.util.spec_from_file_location("generated_choices", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Choices


def compare(reference, output, choices, mode):
    said = []
    request = SimpleNamespace(node=SimpleNamespace(callspec=SimpleNamespace(params={"emulation_mode": mode})))
    record = lambda name, value: said.append(value) if name == "judged_by" else None  # noqa: E731
    fixture("assert_outputs")(record, request)(reference, output, choices=choices, pcc=0.99, relative_error=0.1)
    return "; ".join(said)


torch.manual_seed(0)
X = torch.randn(6, 40)
ROWS = torch.randn(6, 40)
TIES = torch.tensor([[2.0, 5.0, 2.0, 2.0, 1.0]])
CHOSEN = {
    "topk": lambda x: torch.topk(x, 5).indices,
    "sort": lambda x: torch.sort(x, descending=True).indices,
    "argsort": lambda x: torch.argsort(x),
    "argmax": lambda x: x.argmax(-1),
    "argmin of all": lambda x: x.argmin(),
    "max": lambda x: x.max(1).indices,
    "kthvalue": lambda x: torch.kthvalue(x, 3, dim=1).indices,
    "cummax": lambda x: torch.cummax(x, 1).indices,
    "max_pool2d": lambda x: torch.nn.functional.max_pool2d(x.reshape(6, 1, 5, 8), (5, 4), return_indices=True)[1],
    "cast after": lambda x: torch.topk(x, 5).indices.int(),
}


@pytest.mark.parametrize("mode", ["exact", "rounded"])
@pytest.mark.parametrize("name", CHOSEN)
def test_indices_of_a_model_are_compared_by_what_they_pick(name, mode, choices_class):
    choices = choices_class()
    with choices:
        reference = CHOSEN[name](X * 2)
    assert compare([reference], [reference.to(torch.uint16)], choices, mode) == ""
    wrong = [(reference + 1) % 40, (reference + 7) % 40]
    wrong += [reference.roll(1, 0), torch.zeros_like(reference)] if reference.dim() else []
    wrong += [reference.flip(-1)] if reference.dim() > 1 else []
    for indices in wrong:
        with pytest.raises(AssertionError, match="output 0: "):
            compare([reference], [indices], choices, mode)


@pytest.mark.parametrize("mode", ["exact", "rounded"])
def test_what_rests_on_a_tie_is_not_judged_where_it_differs(mode, choices_class):
    choices = choices_class()
    with choices:
        indices = torch.topk(TIES, 3).indices
        chosen = torch.tensor([[10.0, 20.0, 30.0, 40.0, 50.0]]).gather(1, indices)
        other = TIES * 3
    swapped = torch.tensor([[1, 3, 0]])
    assert "2 at exact ties" in compare([indices], [swapped], choices, mode) or set(indices[0, 1:].tolist()) == {0, 3}
    compare([chosen, other], [chosen, other], choices, mode)
    wrong = torch.tensor([[20.0, 40.0, 10.0]]) if chosen[0, 1] != 40 else torch.tensor([[20.0, 10.0, 40.0]])
    words = r"not judged: output 0: .* it rests on choices .*: topk \(2 of 3 neighbours, 2 of them exact ties\)"
    with pytest.raises(pytest.skip.Exception, match=words):
        compare([chosen, other], [wrong, other], choices, mode)
    with pytest.raises(AssertionError, match="output 1"):  # what rests on no choice is judged
        compare([chosen, other], [chosen, -other], choices, mode)


@pytest.mark.parametrize("mode", ["exact", "rounded"])
@pytest.mark.parametrize(
    "chosen",
    [
        lambda x: ROWS.gather(1, torch.topk(x, 3).indices),
        lambda x: torch.where(x > 0, 3.0, 1.0),
        lambda x: (x * 3).to(torch.int64),
        lambda x: x > 0,
        lambda x: torch.floor(x * 3),
    ],
    ids=["gathered", "where", "cast", "comparison", "floor"],
)
def test_what_rests_on_clear_choices_is_judged(chosen, mode, choices_class):
    clear = torch.arange(40.0).add(0.4).mul(3).sub(60).remainder(31).sub(15).expand(6, 40).contiguous()
    choices = choices_class()
    with choices:
        reference = chosen(clear)
    compare([reference], [reference.clone()], choices, mode)
    wrong = ~reference if reference.dtype == torch.bool else reference.flip(-1) + 1
    with pytest.raises(AssertionError):
        compare([reference], [wrong], choices, "exact")


def test_a_modules_test_rests_on_no_choice_before_it(choices_class):
    choices = choices_class()
    with choices:
        rows = ROWS[:1, :5].gather(1, torch.topk(TIES, 3).indices)
        start = len(choices.made)
        inside = choices.since(start, (rows * 2).clone())
    assert choices.open_for(rows * 1, 0.1) == "" and choices.open_for(rows, 0.1) != ""
    with pytest.raises(AssertionError):
        compare([inside], [-inside], choices, "exact")
