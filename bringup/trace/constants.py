"""Tensors that the model's code makes and keeps: as an attribute of a module, in a list, as a global, out of numpy.

An attribute is read from the model again when parameters are prepared. What has no place in the model, or stands there
only after a first call, is kept with the graph as it was when the model was traced.
"""

from __future__ import annotations

import base64
import operator
import zlib
from collections.abc import Iterable, Mapping

import torch
from torch import nn

from bringup.ir import KeptConstant, Value, Weight
from bringup.trace.model import bounds_of

_MOST_ELEMENTS = 2**24
"""Of a constant that is kept with the graph."""


def constant_weights(
    model: nn.Module, values: Iterable[Value], tensors: Mapping[str, torch.Tensor], first: int
) -> tuple[Weight, ...]:
    """The constants that are read from the model's attributes or from those kept with the graph.

    Args:
        tensors: The constants of the traced program by their source.
        first: A number that no storage of the model has, nor any after it.
    """
    read = {value.source: value for value in values if value.kind == "constant" and value.source and value.data is None}
    there = [
        value
        for source, value in read.items()
        if source in tensors and (is_attribute(model, source, tensors[source]) or _can_keep(tensors[source]))
    ]
    return tuple(
        Weight(value.source, "constant", value.type, first + i, bounds_of(tensors[value.source]))
        for i, value in enumerate(there)
    )


def kept_constants(
    model: nn.Module, weights: Iterable[Weight], tensors: Mapping[str, torch.Tensor]
) -> tuple[KeptConstant, ...]:
    """Those of the constants that are no attribute of the model."""
    return tuple(
        KeptConstant(weight.name, weight.type, packed(tensors[weight.name]))
        for weight in weights
        if weight.kind == "constant" and not is_attribute(model, weight.name, tensors[weight.name])
    )


def is_attribute(model: nn.Module, name: str, tensor: torch.Tensor) -> bool:
    """Whether the model, as it is loaded, has this very tensor at this place."""
    try:
        found = operator.attrgetter(name)(model)
    except AttributeError:
        return False
    if not isinstance(found, torch.Tensor) or found.shape != tensor.shape or found.dtype != tensor.dtype:
        return False
    if found is tensor or found.is_meta or tensor.is_meta:
        return True
    return found.layout is tensor.layout is torch.strided and torch.equal(_bytes(found), _bytes(tensor))


def _can_keep(tensor: torch.Tensor) -> bool:
    return type(tensor) is torch.Tensor and not tensor.is_meta and tensor.layout is torch.strided and (
        tensor.numel() <= _MOST_ELEMENTS
    )  # fmt: skip


def _bytes(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.detach().resolve_conj().resolve_neg().contiguous().reshape(-1).view(torch.uint8)


def packed(tensor: torch.Tensor) -> str:
    """The tensor's bytes, compressed, in base64."""
    return base64.b64encode(zlib.compress(_bytes(tensor).numpy().tobytes(), 9)).decode()
