"""torchviz's graph of autograd functions, for any form of output."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils._pytree import tree_leaves

from bringup.sources.loaded import Loaded

_NODE_ID = re.compile(r"\b\d{9,}\b")


@dataclass(frozen=True, slots=True)
class DotResult:
    """A graph in dot's language with its number of nodes, or why there is none."""

    text: str
    nodes: int = 0
    problem: str = ""


def torchviz_dot(loaded: Loaded) -> DotResult:
    """The graph of a forward with gradients, from the parameters to the outputs.

    Node names are addresses in torchviz: they are numbered in the order of their appearance, so that the text is the
    same in every run.
    """
    from torchviz import make_dot

    parameters = dict(loaded.model.named_parameters())
    required = {name: parameter.requires_grad for name, parameter in parameters.items()}
    try:
        _require(parameters, dict.fromkeys(parameters, True))
        with torch.enable_grad():
            outputs = _differentiable(loaded.model(*loaded.args, **loaded.kwargs))
        if not outputs:
            return DotResult("", problem="no output depends on a parameter, so torchviz has nothing to draw")
        text = str(make_dot(tuple(outputs), params=parameters).source)
    except Exception as error:  # the model's own code runs here
        lines = str(error).strip().splitlines() or [""]
        return DotResult("", problem=f"torchviz failed: {type(error).__name__}: {lines[0][:200]}")
    finally:
        _require(parameters, required)
    renumbered = _renumber(text)
    return DotResult(renumbered, renumbered.count("[label="))


def _require(parameters: dict[str, torch.nn.Parameter], required: dict[str, bool]) -> None:
    for name, parameter in parameters.items():
        if parameter.is_floating_point():
            parameter.requires_grad_(required[name])


def _differentiable(output: Any) -> list[torch.Tensor]:
    leaves = tree_leaves(output)
    if not any(isinstance(leaf, torch.Tensor) for leaf in leaves) and hasattr(output, "to_tuple"):
        leaves = tree_leaves(output.to_tuple())
    return [leaf for leaf in leaves if isinstance(leaf, torch.Tensor) and leaf.grad_fn is not None]


def _renumber(text: str) -> str:
    numbers: dict[str, str] = {}
    return _NODE_ID.sub(lambda match: numbers.setdefault(match[0], f"n{len(numbers)}"), text)
