"""`--input 1x3x320x320`, `--input ids=1x128:int64`, `--inputs path.py:fn`, and inputs that a model's own code makes."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from bringup.errors import SourceError, UsageError
from bringup.sources.build import SEED, check_known, one_line, where
from bringup.sources.imports import import_path
from bringup.sources.loaded import LoadOptions
from bringup.sources.spec import near_matches
from bringup.sources.user_code import stops_as_errors
from bringup.trace.structure import tensors_of

_FORM = re.compile(r"(?:(?P<name>[^\W\d]\w*)=)?(?P<shape>[1-9]\d*(?:x[1-9]\d*)*|scalar)(?::(?P<dtype>\w+))?")
_VALUE = re.compile(
    r"(?P<name>[^\W\d]\w*)?(?:==(?P<python>.+)|(?(name)=)(?P<numbers>\[.*\])(?::(?P<dtype>\w+))?)", re.DOTALL
)
_DTYPES = {
    name: getattr(torch, name)
    for name in (
        "float32",
        "float16",
        "bfloat16",
        "float64",
        "int64",
        "int32",
        "int16",
        "int8",
        "uint8",
        "bool",
        "complex64",
        "complex128",
        "uint16",
        "uint32",
        "uint64",
    )
}
_SMALL = 100
"""Integers are drawn below this, or below the vocabulary's size: they are indices more often than not."""

Inputs = tuple[tuple[Any, ...], dict[str, Any]]


def given_inputs(model: nn.Module, options: LoadOptions) -> Inputs:
    """The inputs that the user described; they replace those of the source, all of them.

    Raises:
        UsageError: a text is not of the form. SourceError: forward has no such input, or the user's function fails.
    """
    args, kwargs = _from_function(options) if options.inputs_from else _from_texts(model, options)
    _check_signature(model, args, kwargs)
    return args, kwargs


def _from_texts(model: nn.Module, options: LoadOptions) -> Inputs:
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    below = _vocabulary(model)
    torch.manual_seed(SEED)
    with torch.device("meta" if options.no_weights else "cpu"):
        for text in options.inputs:
            name, tensor = parse_input(text, below) if _value_of(text) is None else parse_value(text)
            if name in kwargs:
                raise UsageError(f"--input {text}: {name} is given twice", next_step="give each input once")
            if name:
                kwargs[name] = tensor
            else:
                args.append(tensor)
    return tuple(args), kwargs


def _vocabulary(model: nn.Module) -> int:
    config = getattr(model, "config", None)
    for part in (config, getattr(config, "text_config", None)):
        size = getattr(part, "vocab_size", None)
        if isinstance(size, int) and size > 0:
            return size
    return _SMALL


def parse_input(text: str, below: int = _SMALL) -> tuple[str, torch.Tensor]:
    """The name (empty for a positional input) and a tensor of random values.

    Raises:
        UsageError: the text is not of the form `[name=]1x3x224x224[:dtype]`.
    """
    match = _FORM.fullmatch(text)
    if not match:
        raise UsageError(
            f"--input {text}: not of the form [name=]1x3x224x224[:dtype], with sizes of at least 1",
            next_step="for example 1x3x320x320, or ids=1x128:int64; by value: lengths=[5, 9], scale==2.5",
        )
    name, dtype = match["name"] or "", match["dtype"] or "float32"
    if dtype not in _DTYPES:
        listed = f"one of {', '.join(_DTYPES)}"
        raise UsageError(f"--input {text}: no dtype {dtype!r}", next_step=near_matches(dtype, _DTYPES) or listed)
    shape = () if match["shape"] == "scalar" else tuple(int(size) for size in match["shape"].split("x"))
    try:
        return name, _random(shape, _DTYPES[dtype], below)
    except (RuntimeError, TypeError) as error:  # no memory, or a size beyond 64 bits
        raise UsageError(
            f"--input {text}: a tensor of that size cannot be made", next_step="make it smaller, or use --no-weights"
        ) from error


def value_names(model: nn.Module, options: LoadOptions) -> frozenset[str]:
    """The inputs that are given by value in `--input`."""
    by_position = iter(inspect.signature(model.forward).parameters)
    found = set()
    for text in options.inputs:
        match = _value_of(text) or _FORM.fullmatch(text)
        name = (match and match["name"]) or next(by_position, "")
        if _value_of(text):
            found.add(name)
    return frozenset(found)


def _value_of(text: str) -> re.Match[str] | None:
    return _VALUE.fullmatch(text)


def parse_value(text: str) -> tuple[str, Any]:
    """The name (empty for a positional input) and what is given for it: `lengths=[5, 9]` a tensor, `t==981` a number.

    Raises:
        UsageError: what is given is no Python literal, or no tensor can be made of it.
    """
    match = _VALUE.fullmatch(text)
    assert match is not None
    name, dtype = match["name"] or "", match["dtype"]
    if dtype and dtype not in _DTYPES:
        raise UsageError(
            f"--input {text}: no dtype {dtype!r}",
            next_step=near_matches(dtype, _DTYPES) or f"one of {', '.join(_DTYPES)}",
        )
    try:
        value = ast.literal_eval((match["python"] or match["numbers"]).strip())
        return name, value if match["python"] else torch.tensor(value, dtype=_DTYPES[dtype] if dtype else None)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError, RuntimeError) as error:
        raise UsageError(
            f"--input {text}: not a value: {one_line(error)}",
            next_step="a tensor: lengths=[5, 9] or mask=[[1, 0]]:bool; a number or another literal: scale==2.5",
        ) from error


def _random(shape: tuple[int, ...], dtype: torch.dtype, below: int) -> torch.Tensor:
    if dtype.is_floating_point:
        return torch.randn(shape).to(dtype)
    if dtype.is_complex:
        return torch.randn(shape, dtype=dtype)
    bound = 2 if dtype is torch.bool else min(below, torch.iinfo(dtype).max)
    return torch.randint(0, bound, shape).to(dtype)


def _check_signature(model: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    signature = inspect.signature(model.forward)
    parameters = signature.parameters.values()
    names = [p.name for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    if not any(p.kind is p.VAR_KEYWORD for p in parameters):
        check_known(kwargs, names, "the model's forward has no input")
    try:
        signature.bind(*args, **kwargs)
    except TypeError as error:
        raise SourceError(
            f"the inputs do not fit the model's forward: {one_line(error)}",
            next_step=f"it takes: {', '.join(names) or 'nothing'}",
        ) from error


def _from_function(options: LoadOptions) -> Inputs:
    text = options.inputs_from
    path, colon, name = text.rpartition(":")
    if not colon or not path.endswith(".py") or not name:
        raise UsageError(f"--inputs {text}: not of the form path.py:function", next_step="for example inputs.py:make")
    module = import_path(path, is_known=True)
    function = getattr(module, name, None)
    if not callable(function):
        own = [key for key, value in vars(module).items() if callable(value) and not key.startswith("_")]
        raise SourceError(
            f"{path} has no function {name!r}", next_step=near_matches(name, own) or f"it has: {', '.join(own)}"
        )
    return call_for_inputs(function, name, options, batch_names=())


def call_for_inputs(
    function: Callable[..., Any], what: str, options: LoadOptions, *, batch_names: tuple[str, ...]
) -> Inputs:
    """Call a function of the user's for inputs, with the batch size and dtype when it takes them.

    Raises:
        SourceError: it fails, gives no tensor, or cannot give the batch size asked for.
    """
    arguments: dict[str, Any] = {}
    batch = next((name for name in batch_names if accepts(function, name)), None)
    if batch:
        arguments[batch] = options.batch
    elif options.batch != 1:
        raise SourceError(
            f"{what}() takes no batch size, so --batch {options.batch} has no effect",
            next_step=f"give it an argument {batch_names[0] if batch_names else 'batch'}, or use --input",
        )
    if options.dtype and accepts(function, "dtype_override"):
        arguments["dtype_override"] = getattr(torch, options.dtype)
    torch.manual_seed(SEED)
    try:
        with stops_as_errors():
            given = function(**arguments)  # on the CPU for --no-weights too: code that reads values fails on meta
    except Exception as error:
        raise SourceError(
            f"{what}() failed: {type(error).__name__}: {one_line(error)}",
            where=where(error),
            next_step="it must return a tensor, a tuple, a dict by name, or (args, kwargs)",
        ) from error
    inputs = split_inputs(given)
    if not any(True for _ in tensors_of(inputs)):
        raise SourceError(
            f"{what}() gave no tensor: {type(given).__name__}",
            next_step="it must return a tensor, a tuple, a dict by name, or (args, kwargs)",
        )
    return inputs


def accepts(function: Callable[..., Any], name: str) -> bool:
    """Whether a function takes an argument by that name."""
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False
    return name in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values())


def split_inputs(given: Any) -> Inputs:
    """What a function for inputs returned, as args and kwargs: a tensor, a list or tuple, a dict, or (args, kwargs)."""
    if isinstance(given, Mapping) or hasattr(given, "keys"):
        return (), dict(given)
    if isinstance(given, (tuple, list)):
        if len(given) == 2 and isinstance(given[0], (tuple, list)) and isinstance(given[1], dict):
            return tuple(given[0]), dict(given[1])
        return tuple(given), {}
    return (given,), {}
