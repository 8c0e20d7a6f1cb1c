"""`--input 1x3x320x320`, `--input ids=1x128:int64` and `--inputs path.py:fn`."""

from __future__ import annotations

import inspect
import re
from typing import Any

import torch
from torch import nn

from bringup.errors import SourceError, UsageError
from bringup.sources.build import first_line, where
from bringup.sources.loaded import LoadOptions
from bringup.sources.python import import_path, split_inputs
from bringup.sources.spec import near_matches

_FORM = re.compile(r"^(?:(?P<name>[^\W\d]\w*)=)?(?P<shape>\d+(?:x\d+)*|scalar)(?::(?P<dtype>\w+))?$")
_DTYPES = {
    name: getattr(torch, name)
    for name in ("float32", "float16", "bfloat16", "float64", "int64", "int32", "int16", "int8", "uint8", "bool")
}
_SMALL = 100
"""Integers are drawn below this, or below the vocabulary's size: they are indices more often than not."""


def given_inputs(model: nn.Module, options: LoadOptions) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The inputs that the user described.

    Raises:
        UsageError: a text is not of the form. SourceError: forward has no such input, or the user's function fails.
    """
    if options.inputs_from:
        return _from_function(options.inputs_from)
    torch.manual_seed(0)
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    vocabulary = getattr(getattr(model, "config", None), "vocab_size", None)
    with torch.device("meta" if options.no_weights else "cpu"):
        for text in options.inputs:
            name, tensor = parse_input(text, vocabulary or _SMALL)
            if name:
                kwargs[name] = tensor
            else:
                args.append(tensor)
    _check_names(model, kwargs)
    return tuple(args), kwargs


def parse_input(text: str, below: int = _SMALL) -> tuple[str, torch.Tensor]:
    """The name (empty for a positional input) and a tensor of random values.

    Raises:
        UsageError: the text is not of the form `[name=]1x3x224x224[:dtype]`.
    """
    match = _FORM.match(text)
    if not match:
        raise UsageError(
            f"--input {text}: not of the form [name=]1x3x224x224[:dtype]", next_step="for example ids=1x128:int64"
        )
    dtype = match["dtype"] or "float32"
    if dtype not in _DTYPES:
        raise UsageError(
            f"--input {text}: no dtype {dtype!r}", next_step=near_matches(dtype, list(_DTYPES)) or ", ".join(_DTYPES)
        )
    shape = () if match["shape"] == "scalar" else tuple(int(size) for size in match["shape"].split("x"))
    if _DTYPES[dtype].is_floating_point:
        return match["name"] or "", torch.randn(shape).to(_DTYPES[dtype])
    bound = 2 if dtype == "bool" else min(below, torch.iinfo(_DTYPES[dtype]).max)
    return match["name"] or "", torch.randint(0, bound, shape).to(_DTYPES[dtype])


def _check_names(model: nn.Module, kwargs: dict[str, Any]) -> None:
    parameters = inspect.signature(model.forward).parameters
    if any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        return
    for name in kwargs:
        if name not in parameters:
            known = list(parameters)
            raise SourceError(
                f"the model's forward has no input {name!r}",
                next_step=near_matches(name, known) or f"it has: {', '.join(known)}",
            )


def _from_function(text: str) -> tuple[tuple[Any, ...], dict[str, Any]]:
    path, colon, name = text.rpartition(":")
    if not colon or not path.endswith(".py"):
        raise UsageError(f"--inputs {text}: not of the form path.py:function", next_step="for example inputs.py:make")
    function = getattr(import_path(path), name, None)
    if not callable(function):
        raise SourceError(f"{path} has no function {name}")
    try:
        return split_inputs(function())
    except Exception as error:
        raise SourceError(
            f"{name}() of {path} failed: {type(error).__name__}: {first_line(error)}", where=where(error)
        ) from error
