# SPDX-License-Identifier: Apache-2.0
"""mixed in float32 where it asks for bfloat16 or float16: what torch itself rounds is no measure for TT-NN.

Made by `bringup init tests/models/reduced.py:Mixed --input 4x16`.
"""

import copy
import dataclasses

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map

REDUCED = (torch.bfloat16, torch.float16)


def hold_in_float32(model):
    """The same weights and buffers, as the reduced model holds them, in tensors of float32."""
    for tensor in (*model.parameters(), *model.buffers()):
        if tensor.dtype in REDUCED:
            tensor.data = tensor.data.float()
    return model


def widened(values):
    """Values of any structure with their reduced tensors in float32."""
    return tree_map(_widen_part, values)


class InFloat32(TorchDispatchMode):
    """Each op inside computes in float32: casts to a reduced dtype, those of autocast too, give float32."""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        """Call an op with what is reduced among its arguments widened; a tensor that it writes to stays itself."""
        widen = _widen_dtype if func._schema.is_mutable else _widen
        return func(*tree_map(widen, args), **tree_map(widen, kwargs or {}))


def _widen_part(value):
    if not dataclasses.is_dataclass(value):
        return _widen(value)
    made = copy.copy(value)
    for field in dataclasses.fields(value):
        object.__setattr__(made, field.name, widened(getattr(value, field.name)))
    return made


def _widen(value):
    if isinstance(value, torch.Tensor):
        return value.float() if value.dtype in REDUCED else value
    return _widen_dtype(value)


def _widen_dtype(value):
    return torch.float32 if isinstance(value, torch.dtype) and value in REDUCED else value
