"""`--weights FILE`: a checkpoint into a model, without running code from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from bringup.errors import SourceError
from bringup.sources.build import first_line
from bringup.sources.loaded import Loaded

_WRAPPERS = ("state_dict", "model_state_dict", "model", "module", "net")


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
    missing = [name for name in own if name not in state]
    unexpected = [name for name in state if name not in own]
    shapes = [name for name in state if name in own and state[name].shape != own[name].shape]
    if shapes:
        name = shapes[0]
        raise SourceError(
            f"{path.name} is of another model: {name} is {list(state[name].shape)} there, {list(own[name].shape)} here",
            next_step="check the model's arguments (--set key=value)",
        )
    if missing or unexpected:
        raise SourceError(
            f"{path.name} is of another model: {_names('missing', missing)}, {_names('unexpected', unexpected)}",
            next_step="check the model's arguments (--set key=value)",
        )
    loaded.model.load_state_dict(dict(state))
    return replace(loaded, info=replace(loaded.info, weights=path.name))


def _read(path: Path) -> Any:
    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            return load_file(path)
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        words = "it holds more than tensors" if "weights_only" in str(error) else first_line(error)
        raise SourceError(
            f"{path.name} is no checkpoint that can be read safely: {words}",
            next_step="save a state_dict with torch.save or safetensors; objects other than tensors are not loaded",
        ) from error


def _unwrap(state: Any, path: Path) -> Mapping[str, torch.Tensor]:
    for wrapper in _WRAPPERS:
        if isinstance(state, Mapping) and isinstance(state.get(wrapper), Mapping):
            state = state[wrapper]
    if not isinstance(state, Mapping) or not state or not all(isinstance(t, torch.Tensor) for t in state.values()):
        raise SourceError(f"{path.name} holds no state_dict", next_step="save model.state_dict()")
    if all(name.startswith("module.") for name in state):
        return {name.removeprefix("module."): tensor for name, tensor in state.items()}
    return state


def _names(what: str, names: list[str]) -> str:
    shown = ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
    return f"{len(names)} {what}" + (f" ({shown})" if names else "")
