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

_SAVE = "save model.state_dict()"
_LONGEST = 80
_CHECK = "is the checkpoint of this model, with these arguments (--set key=value)?"


def load_checkpoint(loaded: Loaded, text: str) -> Loaded:
    """The model with the weights of a file.

    Raises:
        SourceError: there is no such file, it is no checkpoint, or it is of another model.
    """
    path = Path(text)
    try:
        is_file = path.is_file()
    except OSError as error:
        raise SourceError(f"{_short(text)} cannot be read: {error.strerror}", next_step="give a file") from error
    if not is_file:
        raise SourceError(f"there is no file {_short(text)}", next_step="paths are relative to the current folder")
    state = _unwrap(_read(path), path)
    own = {n: t for n, t in loaded.model.state_dict().items() if isinstance(t, torch.Tensor)}
    try:
        for name in own:
            if name in state:
                _check_alike(path, name, state[name], own[name])
        result = loaded.model.load_state_dict(dict(state), strict=False)
        missing = _really_missing(result.missing_keys, own, state)
    except SourceError:
        raise
    except Exception as error:  # tensors without storage, of odd layouts, of other dtypes: torch says which
        raise SourceError(f"{path.name} is of another model: {one_line(error)}", next_step=_CHECK) from error
    unexpected = _really_unexpected(result.unexpected_keys, loaded.model)
    if missing or unexpected:
        raise SourceError(
            f"{path.name} is of another model: {_names('missing', missing)}, {_names('unexpected', unexpected)}",
            next_step=_CHECK,
        )
    return replace(loaded, info=replace(loaded.info, weights=path.name))


def _check_alike(path: Path, name: str, given: torch.Tensor, own: torch.Tensor) -> None:
    """A weight of the file fits the model's: copying would make a number of anything."""
    odd = {
        "nested": given.is_nested,
        "quantized": given.is_quantized != own.is_quantized,
        "meta": given.is_meta and not own.is_meta,
        str(given.layout).removeprefix("torch."): given.layout != own.layout,
    }
    kind = next((kind for kind, is_so in odd.items() if is_so), "")
    if kind:
        raise SourceError(
            f"{path.name}: {_short(name)} is a {kind} tensor",
            next_step="save it as a dense tensor of floats: tensor.to_dense(), tensor.dequantize()",
        )
    differs = given.shape != own.shape
    if differs or given.is_complex() != own.is_complex():
        here, there = (list(given.shape), list(own.shape)) if differs else (given.dtype, own.dtype)
        raise SourceError(
            f"{path.name} is of another model: {_short(name)} is {here} in the file, {there} in the model",
            next_step=_CHECK,
        )


def _read(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            start = file.read(64)
    except OSError as error:
        raise SourceError(f"{path.name} cannot be read: {error.strerror}", next_step="check its rights") from error
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
        reason = f"it holds an object of {_short(unsafe[1])}" if unsafe else f"{type(error).__name__} while reading it"
        raise SourceError(
            f"{path.name} is no checkpoint that can be read safely: {reason}",
            next_step="save a state_dict with torch.save or safetensors; objects other than tensors are not loaded",
        ) from error


def _unwrap(read: Any, path: Path) -> Mapping[str, torch.Tensor]:
    state, around = read, [id(read)]
    while isinstance(state, Mapping):
        inner = next((state[w] for w in _WRAPPERS if isinstance(state.get(w), Mapping)), None)
        if inner is None:
            break
        if id(inner) in around:
            raise SourceError(f"{path.name} holds a state_dict that contains itself", next_step=_SAVE)
        state = inner
        around.append(id(inner))
    found = _why_none(state)
    if found:
        raise SourceError(f"{path.name} holds no state_dict ({found})", next_step=_SAVE)
    named: dict[str, torch.Tensor] = dict(state)
    for prefix in _PREFIXES:
        if all(name.startswith(prefix) for name in named):
            named = {name.removeprefix(prefix): tensor for name, tensor in named.items()}
    return named


def _why_none(state: Any) -> str:
    """Why it is no state_dict; empty for one."""
    if not isinstance(state, Mapping):
        return type(state).__name__
    if not state:
        return "it is empty"
    odd = next((name for name in state if not isinstance(name, str)), None)
    if odd is not None or None in state:
        return f"{_short(repr(odd))} is the name of a weight in it"
    others = [name for name, value in state.items() if not isinstance(value, torch.Tensor)]
    if not others:
        return ""
    if len(others) < len(state):
        return f"{_short(others[0])} is no tensor, but of type {type(state[others[0]]).__name__}"
    return f"its keys: {', '.join(_short(name) for name in others[:5])}"


def _really_missing(
    names: list[str], own: Mapping[str, torch.Tensor], state: Mapping[str, torch.Tensor]
) -> tuple[str, ...]:
    """Without those tied to a weight that the file has: safetensors keeps one name of each."""
    filled = {_storage(own[name]) for name in state if name in own}
    return tuple(name for name in names if name not in own or _storage(own[name]) not in filled)


def _storage(tensor: torch.Tensor) -> int:
    """Where a tensor's elements are: sparse ones have no place of their own, so none is that of another."""
    return tensor.data_ptr() if tensor.layout == torch.strided else id(tensor)


def _really_unexpected(names: list[str], model: nn.Module) -> tuple[str, ...]:
    """Without those that the model's own class says old checkpoints have (transformers)."""
    patterns = getattr(model, "_keys_to_ignore_on_load_unexpected", None) or ()
    return tuple(name for name in names if not any(re.search(pattern, name) for pattern in patterns))


def _names(what: str, names: tuple[str, ...]) -> str:
    shown = ", ".join(map(_short, names[:3])) + (", ..." if len(names) > 3 else "")
    return f"{len(names)} {what}" + (f" ({shown})" if names else "")


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 3]}..."
