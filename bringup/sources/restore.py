"""What a run of a model changes in it, put back: buffers that forward writes, and what it keeps as attributes.

A model is looked at several times (torchinfo, torchviz, each way to export): each has to see it as it was loaded.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn


@contextmanager
def unchanged(model: nn.Module) -> Iterator[None]:
    """Leave the model afterwards as it is now, whatever its forward does to it meanwhile."""
    containers = [_contents(held) for module in model.modules() for held in _containers(module)]
    tensors = [(tensor, tensor.detach().clone()) for tensor in _written(model)]
    try:
        yield
    finally:
        for held, contents in containers:
            held.clear()
            held.update(contents) if isinstance(held, (dict, set)) else held.extend(contents)
        with torch.no_grad():
            for tensor, before in tensors:
                tensor.copy_(before)


def _containers(module: nn.Module) -> Iterator[Any]:
    """The module's attributes, and the plain containers among them."""
    yield vars(module)
    yield from (value for value in vars(module).values() if type(value) in (dict, list, set))


def _contents(held: Any) -> tuple[Any, Any]:
    return held, held.copy()


def _written(model: nn.Module) -> list[torch.Tensor]:
    """The tensors that forward may write in place: buffers, and tensors among the attributes."""
    kept = [value for module in model.modules() for value in vars(module).values() if isinstance(value, torch.Tensor)]
    found = {id(tensor): tensor for tensor in (*model.buffers(), *kept)}
    return [tensor for tensor in found.values() if tensor.layout is torch.strided and not tensor.is_meta]
