# SPDX-License-Identifier: Apache-2.0
"""The torch model of decoder with its weights, and example inputs of the traced shapes.

Made by `bringup init tests/models/recurrent.py:Decoder --input x=3x2x8 --input y=4x2x6 --input start=2x2x5`.
"""

import copy
import dataclasses
import sys
from collections.abc import Mapping
from pathlib import Path

import torch


def load_model():
    """The model in eval mode."""
    torch.manual_seed(0)
    sys.path.insert(0, str(Path(__file__).parent))
    from recurrent import Decoder

    model = Decoder if isinstance(Decoder, torch.nn.Module) else Decoder()
    make_distinct(model)
    return model.eval()


def make_distinct(model):
    """Random weights hide faults where they are constant: ones, zeros and fresh batch norms get values of their own."""
    with torch.no_grad():
        for name, tensor in (*model.named_parameters(), *model.named_buffers()):
            if name.endswith("running_var"):
                tensor.uniform_(0.5, 1.5)
            elif (
                _is_learned(model, name)
                and tensor.is_floating_point()
                and tensor.numel() > 1
                and tensor.min() == tensor.max()
            ):
                tensor.add_(torch.randn_like(tensor), alpha=0.1)


def _is_learned(model, name):
    return name in dict(model.named_parameters()) or name.endswith("running_mean")


def example_inputs():
    """Inputs of the shapes that the model was traced with, by name; the same every time."""
    torch.manual_seed(0)
    return {
        "x": torch.randn((3, 2, 8)),
        "y": torch.randn((4, 2, 6)),
        "start": torch.randn((2, 2, 5)),
    }


def run(model, inputs):
    """The model's outputs by their paths, such as `[0]`, `.logits`, `["boxes"]`; a tensor alone has the empty path."""
    inputs = copy.deepcopy(inputs)  # forward may write to them
    with torch.no_grad():
        return parts(model(**inputs))


def parts(output, path=""):
    """The tensors and constants of an output of any structure, by their paths."""
    if isinstance(output, Mapping):
        is_named = dataclasses.is_dataclass(output)
        members = {f".{key}" if is_named else f"[{_key(key)}]": member for key, member in output.items()}
    elif dataclasses.is_dataclass(output):
        members = {f".{field.name}": getattr(output, field.name) for field in dataclasses.fields(output)}
    elif hasattr(output, "_fields"):
        members = {f".{name}": member for name, member in zip(output._fields, output, strict=True)}
    elif isinstance(output, (list, tuple)):
        members = {f"[{index}]": member for index, member in enumerate(output)}
    else:
        return {path: output.detach() if isinstance(output, torch.Tensor) else output}
    return {name: part for key, member in members.items() for name, part in parts(member, path + key).items()}


def _key(key):
    return f'"{key}"' if isinstance(key, str) else repr(key)
