"""What can be traced of a model that cannot be traced whole: its largest submodules that export."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from bringup.sources.loaded import Loaded, ModelInfo
from bringup.sources.restore import unchanged
from bringup.sources.user_code import stops_as_errors


@dataclass(frozen=True, slots=True)
class ModuleInputs:
    """What a submodule was called with first, in a run of the whole model."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]


def capture_inputs(loaded: Loaded) -> dict[str, ModuleInputs]:
    """The inputs of every submodule that a run of the whole model calls, as far as the run gets."""
    captured: dict[str, ModuleInputs] = {}
    handles = []
    for path, module in loaded.model.named_modules():
        if path:
            handles.append(module.register_forward_pre_hook(_recorder(captured, path), with_kwargs=True))
    try:
        with torch.no_grad(), stops_as_errors(), unchanged(loaded.model):
            loaded.model(*loaded.args, **loaded.kwargs)
    except Exception:  # the model's own failure: what was called before it can still be traced
        pass
    finally:
        for handle in handles:
            handle.remove()
    return captured


def _recorder(captured: dict[str, ModuleInputs], path: str) -> Any:
    def record(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        captured.setdefault(path, ModuleInputs(args, dict(kwargs)))

    return record


def child_paths(model: nn.Module, path: str) -> tuple[str, ...]:
    """The direct children of a submodule, in the order of their registration."""
    parent = model.get_submodule(path)
    return tuple(f"{path}.{name}" if path else name for name, _ in parent.named_children())


def load_part(loaded: Loaded, path: str, inputs: ModuleInputs) -> Loaded:
    """A submodule as a model of its own."""
    info = ModelInfo(loaded.info.name, loaded.info.spec, source=loaded.info.source)
    return Loaded(loaded.model.get_submodule(path), inputs.args, inputs.kwargs, info)
