"""`--weights FILE`: a checkpoint into a model, without running code from it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from bringup.errors import SourceError
from bringup.sources.build import one_line
from bringup.sources.loaded import Loaded

_WRAPPERS = ("state_dict", "model_state_dict", "model", "module", "net")
_PREFIXES = ("module.", "_orig_mod.")
"""What DataParallel and torch.compile put before every name."""

_CHECK = "is the checkpoint of this model, with these arguments (--set key=value)?"


def load_checkpoint(loaded: Loaded, text: str) -> Loaded:
    """The model with the weights of a file.

    Raises:
        SourceError: there is no such file, it is no checkpoint, or it is of another model.
    """
    path = Path(text)
    if not path.is_file():
        raise SourceError(f"there is no file {text}", next_step="paths are relative to the current folder")
    state = _unwrap(_read(path), path)
    own = loaded.model.state_dict()
    for name, tensor in state.items():
        if name in own and tensor.shape != own[name].shape:
            raise SourceError(
                f"{path.name} is of another model: {name} is {list(tensor.shape)} in the file, "
                f"{list(own[name].shape)} in the model",
                next_step=_CHECK,
            )
    try:
        result = loaded.model.load_state_dict(dict(state), strict=False)
    except Exception as error:
        raise SourceError(f"{path.name} is of another model: {one_line(error)}", next_step=_CHECK) from error
    missing = _really_missing(result.missing_keys, own, state)
    unexpected = _really_unexpected(result.unexpected_keys, loaded.model)
    if missing or unexpected:
        raise SourceError(
            f"{path.name} is of another model: {_names('missing', missing)}, {_names('unexpected', unexpected)}",
            next_step=_CHECK,
        )
    return replace(loaded, info=replace(loaded.info, weights=path.name))


def _read(path: Path) -> Any:
    with path.open("rb") as file:
        start = file.read(64)
    if start.startswith(b"version https://git-lfs"):
        raise SourceError(f"{path.name} is a pointer of Git LFS, not the file itself", next_step="run `git lfs pull`")
    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            return load_file(path)
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        # torch's own text advises weights_only=False, which would run the file's code
        unsafe = re.search(r"Unsupported (?:global: GLOBAL|class) (\S+)", str(error))
        reason = f"it holds an object of {unsafe[1]}" if unsafe else f"{type(error).__name__} while reading it"
        raise SourceError(
            f"{path.name} is no checkpoint that can be read safely: {reason}",
            next_step="save a state_dict with torch.save or safetensors; objects other than tensors are not loaded",
        ) from error


def _unwrap(read: Any, path: Path) -> Mapping[str, torch.Tensor]:
    state = read
    while isinstance(state, Mapping):
        inner = next((state[w] for w in _WRAPPERS if isinstance(state.get(w), Mapping)), None)
        if inner is None:
            break
        state = inner
    if not isinstance(state, Mapping) or not state or not all(isinstance(t, torch.Tensor) for t in state.values()):
        found = (
            f"its keys: {', '.join(map(str, list(state)[:5]))}" if isinstance(state, Mapping) else type(state).__name__
        )
        raise SourceError(f"{path.name} holds no state_dict ({found})", next_step="save model.state_dict()")
    named: dict[str, torch.Tensor] = dict(state)
    for prefix in _PREFIXES:
        if all(name.startswith(prefix) for name in named):
            named = {name.removeprefix(prefix): tensor for name, tensor in named.items()}
    return named


def _really_missing(
    names: list[str], own: Mapping[str, torch.Tensor], state: Mapping[str, torch.Tensor]
) -> tuple[str, ...]:
    """Without those tied to a weight that the file has: safetensors keeps one name of each."""
    filled = {own[name].data_ptr() for name in state if name in own}
    return tuple(name for name in names if name not in own or own[name].data_ptr() not in filled)


def _really_unexpected(names: list[str], model: nn.Module) -> tuple[str, ...]:
    """Without those that the model's own class says old checkpoints have (transformers)."""
    patterns = getattr(model, "_keys_to_ignore_on_load_unexpected", None) or ()
    return tuple(name for name in names if not any(re.search(pattern, name) for pattern in patterns))


def _names(what: str, names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
    return f"{len(names)} {what}" + (f" ({shown})" if names else "")
