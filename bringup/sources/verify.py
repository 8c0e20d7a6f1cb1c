"""Whether a model runs on its example inputs at all: asked only after tracing has failed."""

from __future__ import annotations

import inspect
import traceback
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from bringup.errors import SourceError
from bringup.sources.build import one_line, where
from bringup.sources.loaded import Loaded
from bringup.sources.restore import unchanged
from bringup.sources.user_code import ModelStop, stops_as_errors


@dataclass(frozen=True, slots=True)
class _Call:
    """A module that is running, and the tensors it was given."""

    path: str
    module: nn.Module
    tensors: tuple[torch.Tensor, ...]


@dataclass(frozen=True, slots=True)
class _Need:
    """What a module takes, in words; the size of one dimension of it, and how many dimensions (0: any number)."""

    words: str
    dimension: int = 0
    size: int = 0
    rank: int = 0


def check_inputs(loaded: Loaded) -> None:
    """Run the model once.

    Raises:
        SourceError: it fails; says on which input, where in the model, in torch's words, and what to try.
    """
    try:
        with torch.no_grad(), stops_as_errors(), unchanged(loaded.model):
            loaded.model(*loaded.args, **loaded.kwargs)
    except Exception as error:
        if _reads_values_of_meta(loaded, error):
            return  # the model may be right: the trace's own words say more
        raise _failure(loaded, _failing_call(loaded.model, error), error) from error


def _failing_call(model: nn.Module, error: Exception) -> _Call | None:
    """The innermost module that was running, by the traceback: hooks would not see what a model catches itself."""
    paths = {id(module): path for path, module in model.named_modules()}
    for frame, _ in reversed(list(traceback.walk_tb(error.__traceback__))):
        if frame.f_code.co_name == "_wrapped_call_impl" and id(frame.f_locals.get("self")) in paths:
            module = frame.f_locals["self"]
            given = (*frame.f_locals.get("args", ()), *frame.f_locals.get("kwargs", {}).values())
            return _Call(paths[id(module)], module, tuple(value for value in given if isinstance(value, torch.Tensor)))
    return None


def _reads_values_of_meta(loaded: Loaded, error: Exception) -> bool:
    is_meta = any(tensor.is_meta for tensor in loaded.model.parameters())
    return is_meta and (isinstance(error, NotImplementedError) or "meta" in str(error))


def _failure(loaded: Loaded, call: _Call | None, error: Exception) -> SourceError:
    inputs = _named_inputs(loaded)
    culprit = _culprit(inputs, call)
    shown = [culprit] if culprit else inputs
    return SourceError(
        f"the model does not run on its input{'s' if len(shown) > 1 else ''} "
        f"{'; '.join(f'{name}: {_shape(value)}' for name, value in shown)}: {type(error).__name__}: {one_line(error)}",
        where="; ".join(part for part in (_place(call), where(error)) if part),
        next_step="the code must return: take out what ends it"
        if isinstance(error, ModelStop)
        else _next_step(loaded, culprit, _need(call.module) if call else None),
    )


def _culprit(inputs: list[tuple[str, Any]], call: _Call | None) -> tuple[str, Any] | None:
    """The input that the failing module was given as it is; None when it was none of them, or several."""
    if call is None or not call.path:
        return inputs[0] if len(inputs) == 1 else None
    found = [item for item in inputs if any(item[1] is tensor for tensor in call.tensors)]
    return found[0] if len(found) == 1 else None


def _place(call: _Call | None) -> str:
    if call is None:
        return ""
    place = f"module {call.path} ({type(call.module).__name__})" if call.path else "the model's own forward"
    need = _need(call.module)
    if need and call.tensors:
        place += f", which takes {need.words} and was given {_shape(call.tensors[0])}"
    return place


def _named_inputs(loaded: Loaded) -> list[tuple[str, Any]]:
    """The inputs by the names that forward gives them."""
    try:
        bound = inspect.signature(loaded.model.forward).bind(*loaded.args, **loaded.kwargs).arguments
    except TypeError:
        return [*((f"input {i}", value) for i, value in enumerate(loaded.args)), *loaded.kwargs.items()]
    found: list[tuple[str, Any]] = []
    for name, value in bound.items():
        is_rest = isinstance(value, dict) and name not in loaded.kwargs
        found += value.items() if is_rest else [(name, value)]
    return found


def _shape(value: Any) -> str:
    if isinstance(value, torch.Tensor):
        return f"{list(value.shape)} {str(value.dtype).removeprefix('torch.')}"
    if isinstance(value, (list, tuple)):
        return f"({', '.join(_shape(item) for item in value)})"
    return type(value).__name__


def _need(module: Any) -> _Need | None:
    if isinstance(module, nn.modules.conv._ConvNd):
        rank = len(module.kernel_size) + 2
        return _Need(f"{module.in_channels} channels in {rank} dimensions", 1, module.in_channels, rank)
    if isinstance(module, nn.modules.batchnorm._BatchNorm):
        return _Need(f"{module.num_features} channels", 1, module.num_features)
    if isinstance(module, nn.Linear):
        return _Need(f"{module.in_features} features", -1, module.in_features)
    if isinstance(module, nn.RNNBase):
        return _Need(f"{module.input_size} features", -1, module.input_size)
    if isinstance(module, nn.Embedding):
        return _Need(f"whole numbers below {module.num_embeddings}")
    return None


def _next_step(loaded: Loaded, culprit: tuple[str, Any] | None, need: _Need | None) -> str:
    """The options that fit, when the module that failed was given an input of the model as it is."""
    general = "give inputs that fit with --input SHAPE, or --inputs file.py:function"
    wrong = culprit[1] if culprit else None
    given = [*(("", value) for value in loaded.args), *((f"{name}=", value) for name, value in loaded.kwargs.items())]
    if need is None or not isinstance(wrong, torch.Tensor) or not all(isinstance(v, torch.Tensor) for _, v in given):
        return general
    right = _fitting(wrong, need)
    if right is None:
        return general
    options = (f"--input {name}{right if value is wrong else _option(value)}" for name, value in given)
    return f"try {' '.join(options)}, or --inputs file.py:function"


def _fitting(tensor: torch.Tensor, need: _Need) -> str | None:
    """What to write after `--input` for a tensor that the module takes; None when that is not known."""
    sizes = list(tensor.shape)
    if not need.size:
        return f"{'x'.join(map(str, sizes)) or 'scalar'}:int64" if tensor.is_floating_point() else None
    if len(sizes) < 2 or need.rank not in (0, len(sizes)) or sizes[need.dimension] == need.size:
        return None
    sizes[need.dimension] = need.size
    return "x".join(map(str, sizes))


def _option(tensor: torch.Tensor) -> str:
    dtype = str(tensor.dtype).removeprefix("torch.")
    shape = "x".join(map(str, tensor.shape)) or "scalar"
    return shape if dtype == "float32" else f"{shape}:{dtype}"
