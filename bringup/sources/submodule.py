"""`--submodule PATH`: a part of a model, with the inputs that it gets in a run of the whole."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import nn

from bringup.errors import SourceError
from bringup.sources.build import class_name, first_line, where
from bringup.sources.loaded import Loaded
from bringup.sources.spec import near_matches, slug


class _Captured(BaseException):
    """Ends the run once the part's inputs are there; no model's `except Exception` catches it."""


def take_submodule(loaded: Loaded, path: str) -> Loaded:
    """The part as a model of its own.

    Raises:
        SourceError: there is no such part, it is never called, or the model does not run.
    """
    parts = dict(loaded.model.named_modules(remove_duplicate=False))
    if path not in parts or not path:
        raise SourceError(
            f"the model has no submodule {path!r}",
            next_step=near_matches(path, list(parts)) or "see summary/torchinfo.txt",
        )
    found: dict[str, Any] = {}

    def capture(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        found["args"], found["kwargs"] = args, dict(kwargs)
        raise _Captured

    handle = parts[path].register_forward_pre_hook(capture, with_kwargs=True)
    try:
        with torch.no_grad():
            loaded.model(*loaded.args, **loaded.kwargs)
    except _Captured:
        pass
    except Exception as error:
        raise SourceError(
            f"the model does not run as far as {path}: {type(error).__name__}: {first_line(error)}", where=where(error)
        ) from error
    finally:
        handle.remove()
    if not found:
        raise SourceError(
            f"a run of the model never calls {path}",
            next_step="name a module that is called itself, not a list of them",
        )
    info = replace(loaded.info, name=slug(f"{loaded.info.name}_{path}"), class_name=class_name(parts[path]))
    return Loaded(parts[path], found["args"], found["kwargs"], info)
