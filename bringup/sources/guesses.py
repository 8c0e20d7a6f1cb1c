"""Whole numbers among inputs that bringup drew, drawn again once the graph tells what they index."""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch

from bringup.index_ranges import Draw, integer_draws
from bringup.ir import Graph
from bringup.sources.build import SEED
from bringup.sources.loaded import Loaded


def is_integer(tensor: torch.Tensor) -> bool:
    """Whether a tensor holds whole numbers."""
    return not (tensor.is_floating_point() or tensor.is_complex() or tensor.dtype is torch.bool)


def draw_again(loaded: Loaded, graph: Graph) -> Loaded:
    """The same inputs, but for whole numbers that index a table: these within it."""
    if not loaded.has_guesses:
        return loaded
    values = graph.value_by_name()
    draws = {values[name].source or name: draw for name, draw in integer_draws(graph).items()}
    signature = inspect.signature(loaded.model.forward)
    names = list(signature.bind(*loaded.args, **loaded.kwargs).arguments)[: len(loaded.args)]
    torch.manual_seed(SEED)
    args = tuple(_again(value, name, draws) for name, value in zip(names, loaded.args, strict=False))
    kwargs = {name: _again(value, name, draws) for name, value in loaded.kwargs.items()}
    return replace(loaded, args=(*args, *loaded.args[len(args) :]), kwargs=kwargs)


def _again(value: Any, name: str, draws: Mapping[str, Draw]) -> Any:
    draw = draws.get(name)
    if draw is None or not isinstance(value, torch.Tensor) or not is_integer(value) or value.is_meta:
        return value
    return drawn(draw, tuple(value.shape)).to(value.dtype)


def drawn(draw: Draw, shape: tuple[int, ...]) -> torch.Tensor:
    """A tensor of such numbers."""
    if draw.bags:
        return torch.arange(draw.bags) * draw.stop // max(1, draw.bags - draw.has_end)
    if draw.is_distinct:
        return draw.low + torch.randperm(draw.stop - draw.low)[: math.prod(shape)].reshape(shape)
    return torch.randint(draw.low, draw.stop, shape)
