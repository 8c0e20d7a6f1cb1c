"""What a graph says of the model itself: its module instances and weights."""

from __future__ import annotations

import inspect
import itertools
import re

import torch
from torch import nn

from bringup.ir import ModuleInfo, TensorType, Weight
from bringup.sources.user_code import stops_as_errors

_ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def read_modules(model: nn.Module) -> tuple[ModuleInfo, ...]:
    """Every module instance, the root first; shared modules under their first path and each other path too."""
    named = model.named_modules(remove_duplicate=False)
    return tuple(ModuleInfo(path, class_name(module), _extra(module), _forward(module)) for path, module in named)


def _forward(module: nn.Module) -> tuple[str, ...]:
    """The names of forward's arguments; none for a class of torch's own, whose inside nobody reads."""
    if class_name(module).startswith("torch.nn.modules.") and not class_name(module).endswith("MultiheadAttention"):
        return ()
    try:
        return tuple(inspect.signature(type(module).forward).parameters)[1:]
    except (TypeError, ValueError):
        return ()


def class_name(module: nn.Module) -> str:
    """Full class name of a module: `torch.nn.modules.conv.Conv2d`."""
    return f"{type(module).__module__}.{type(module).__qualname__}"


def _extra(module: nn.Module) -> str:
    try:
        with stops_as_errors():
            return _ADDRESS.sub("", module.extra_repr())
    except Exception:  # a user's extra_repr may read what eval mode or meta does not have
        return ""


def read_weights(model: nn.Module) -> tuple[Weight, ...]:
    """Every parameter and buffer by each of its names; tied ones share a storage number."""
    numbers: dict[int, int] = {}
    counter = itertools.count()
    found: list[Weight] = []
    parameters = model.named_parameters(remove_duplicate=False)
    buffers = model.named_buffers(remove_duplicate=False)
    for kind, named in (("parameter", parameters), ("buffer", buffers)):
        for name, tensor in named:
            key = _storage_key(tensor)
            if key not in numbers:
                numbers[key] = next(counter)
            type_ = TensorType(tuple(tensor.shape), str(tensor.dtype).removeprefix("torch."))
            found.append(Weight(name, kind, type_, numbers[key], bounds_of(tensor)))  # type: ignore[arg-type]
    return tuple(found)


def bounds_of(tensor: torch.Tensor) -> tuple[int, int] | None:
    """The least and the largest of whole numbers; None for others."""
    is_whole = not (tensor.is_floating_point() or tensor.is_complex() or tensor.is_quantized)
    if not is_whole or tensor.is_meta or tensor.layout is not torch.strided or not tensor.numel():
        return None
    return int(tensor.min()), int(tensor.max())


def _storage_key(tensor: torch.Tensor) -> int:
    # A storage's C++ address is its identity also on meta, where every data_ptr is 0; a sparse tensor has none.
    return int(tensor.untyped_storage()._cdata) if tensor.layout is torch.strided else id(tensor)
