"""`--submodule PATH`: a part of a model, with the inputs that it gets in a run of the whole."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode
from torch.utils._pytree import tree_map_only

from bringup.errors import SourceError
from bringup.sources.build import class_name, one_line, where
from bringup.sources.loaded import Loaded
from bringup.sources.restore import unchanged
from bringup.sources.spec import near_matches, slug
from bringup.sources.user_code import stops_as_errors


class _Captured(BaseException):
    """Ends the run once the part's inputs are there; no model's `except Exception` catches it."""


def take_submodule(loaded: Loaded, path: str) -> Loaded:
    """The part as a model of its own.

    Raises:
        SourceError: there is no such part, it is never called, or the model does not run.
    """
    parts = dict(loaded.model.named_modules(remove_duplicate=False))
    if path not in parts or not path:
        raise _unknown(path, [part for part in parts if part])
    found: list[tuple[tuple[Any, ...], dict[str, Any]]] = []

    def capture(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        found.append((args, dict(kwargs)))
        raise _Captured

    handle = parts[path].register_forward_pre_hook(capture, with_kwargs=True)
    try:
        with stops_as_errors(), unchanged(loaded.model):
            _run(loaded)
    except _Captured:
        pass
    except Exception as error:
        raise SourceError(
            f"the model does not run as far as {path}: {type(error).__name__}: {one_line(error)}",
            where=where(error),
            next_step="give inputs that fit the whole model with --input",
        ) from error
    finally:
        handle.remove()
    if not found:
        raise _never_called(path, parts)
    args, kwargs = tree_map_only(FakeTensor, _as_meta, found[0])
    info = replace(loaded.info, name=slug(f"{loaded.info.name}_{path}"), class_name=class_name(parts[path]))
    return Loaded(parts[path], args, kwargs, info)


def _run(loaded: Loaded) -> None:
    with torch.no_grad():
        if not any(parameter.is_meta for parameter in loaded.model.parameters()):
            loaded.model(*loaded.args, **loaded.kwargs)
            return
        # transformers asks a mask's values unless it sees that it is being traced, which fake tensors tell it
        with FakeTensorMode(allow_non_fake_inputs=True) as mode:
            args, kwargs = tree_map_only(torch.Tensor, mode.from_tensor, (loaded.args, loaded.kwargs))
            loaded.model(*args, **kwargs)


def _as_meta(tensor: torch.Tensor) -> torch.Tensor:
    return torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype, device="meta")


def _unknown(path: str, known: list[str]) -> SourceError:
    outermost = [name for name in known if "." not in name]
    return SourceError(
        f"the model has no submodule {path!r}",
        next_step=near_matches(path, known) or f"it has: {', '.join(outermost[:20]) or 'none'}",
    )


def _never_called(path: str, parts: dict[str, nn.Module]) -> SourceError:
    below = [name for name in parts if name.startswith(f"{path}.") and "." not in name[len(path) + 1 :]]
    return SourceError(
        f"a run of the model never calls {path} ({type(parts[path]).__name__})",
        next_step=f"name a module that is called itself: {', '.join(below[:5])}"
        if below
        else "name a module that forward calls",
    )
