"""Whether a model runs on its example inputs at all: asked only after tracing has failed."""

from __future__ import annotations

from typing import Any

import torch

from bringup.errors import SourceError
from bringup.sources.build import first_line, where
from bringup.sources.loaded import Loaded


def check_inputs(loaded: Loaded) -> None:
    """Run the model once.

    Raises:
        SourceError: it fails; says which inputs it got, where in the model it failed and in which words.
    """
    path: list[str] = []
    handles = [
        handle
        for name, module in loaded.model.named_modules()
        for handle in (
            module.register_forward_pre_hook(lambda m, a, name=name: path.append(name)),
            module.register_forward_hook(lambda m, a, o: path.pop() and None),
        )
    ]
    try:
        with torch.no_grad():
            loaded.model(*loaded.args, **loaded.kwargs)
    except NotImplementedError:
        if not _is_meta(loaded):
            raise
    except Exception as error:
        if _is_meta(loaded):
            return  # a value was read that meta does not have: the trace's own words say more
        module = path[-1] if path else ""
        raise SourceError(
            f"the model does not run on its inputs ({describe_inputs(loaded)}): "
            f"{type(error).__name__}: {first_line(error)}",
            where=f"module {module or '(the root)'}, {where(error)}",
            next_step="give inputs that fit with --input SHAPE, or --inputs file.py:function",
        ) from error
    finally:
        for handle in handles:
            handle.remove()


def _is_meta(loaded: Loaded) -> bool:
    return any(tensor.is_meta for tensor in loaded.model.parameters())


def describe_inputs(loaded: Loaded) -> str:
    """The inputs by position or name with their shapes: `input 0: [1, 3, 224, 224] float32`."""
    named = [(f"input {i}", value) for i, value in enumerate(loaded.args)] + list(loaded.kwargs.items())
    return ", ".join(f"{name}: {_describe(value)}" for name, value in named)


def _describe(value: Any) -> str:
    if isinstance(value, torch.Tensor):
        return f"{list(value.shape)} {str(value.dtype).removeprefix('torch.')}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_describe(item) for item in value)}]"
    return type(value).__name__
