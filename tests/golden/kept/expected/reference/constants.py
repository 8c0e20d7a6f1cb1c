# SPDX-License-Identifier: Apache-2.0
"""Tensors that the code of kept makes and keeps beside its parameters and buffers.

Made by `bringup init tests/models/kept.py:Kept --input x=4x8 --input ids=4:int64`.
"""

import base64
import json
import operator
import zlib
from pathlib import Path

import torch

# Attributes of the model that are tensors, but neither parameters nor buffers.
ATTRIBUTES = ("frequencies",)


def load_constants(model):
    """The constants by their names in `parameters`."""
    attributes = {name: operator.attrgetter(name)(model).detach() for name in ATTRIBUTES}
    return {**attributes, **_kept()}


def _kept():
    """What stands at no place of the model (in a list, a global, or only after a first call), as the trace found it."""
    text = Path(__file__).with_suffix(".json").read_text(encoding="utf-8")
    return {name: _unpacked(*kept) for name, kept in json.loads(text).items()}


def _unpacked(dtype, shape, data):
    elements = bytearray(zlib.decompress(base64.b64decode(data)))
    if not elements:
        return torch.zeros(shape, dtype=getattr(torch, dtype))
    return torch.frombuffer(elements, dtype=getattr(torch, dtype)).reshape(shape)
