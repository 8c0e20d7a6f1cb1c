"""What a spec names in a module: a class, a method of it, a function, an instance, or the module as a loader."""

from __future__ import annotations

import inspect
from types import FunctionType, ModuleType
from typing import Any

from torch import nn

from bringup.errors import SourceError
from bringup.sources.loader import is_loader
from bringup.sources.spec import LOAD_MODEL, near_matches


def find_attribute(module: ModuleType, attribute: str, spec: str) -> tuple[Any, Any]:
    """What is named, and the module, class or object that has it.

    `load_model` of what has `load_inputs` too stands for the loader of both.

    Args:
        attribute: A name with dots; empty for the module's `load_model`.
        spec: The model's spec, for messages.

    Raises:
        SourceError: there is nothing of that name, or it is a method that needs an instance.
    """
    if not attribute and not callable(getattr(module, LOAD_MODEL, None)):
        raise _not_alone(module, spec)
    owner: Any = module
    *holders, last = (attribute or LOAD_MODEL).split(".")
    for name in holders:
        owner = _member(owner, name, spec)
    found = _member(owner, last, spec)
    if last == LOAD_MODEL and is_loader(owner):
        return owner, owner
    if inspect.isclass(owner) and isinstance(inspect.getattr_static(owner, last, None), FunctionType):
        raise SourceError(
            f"{spec}: {last} is a method of {owner.__name__}'s instances",
            next_step="name a classmethod or staticmethod that returns the model, or write a function that does",
        )
    return found, owner


def _member(owner: Any, name: str, spec: str) -> Any:
    if not hasattr(owner, name):
        raise _no_member(owner, name, spec)
    return getattr(owner, name)


def _no_member(owner: Any, name: str, spec: str) -> SourceError:
    if not isinstance(owner, ModuleType):
        classes = (owner if inspect.isclass(owner) else type(owner)).__mro__
        theirs = [key for class_ in classes if not class_.__module__.startswith("torch.") for key in vars(class_)]
        own = [key for key in theirs if not key.startswith("_")]
        what = getattr(owner, "__name__", type(owner).__name__)
        next_step = near_matches(name, own) or "name what it has: a classmethod, a staticmethod or a class"
        return SourceError(f"{spec}: {what} has no {name}", next_step=next_step)
    own = _own_names(owner)
    listed = f"it has: {', '.join(own)}" if own else "it defines no class and no function"
    return SourceError(f"{spec}: there is no {name}", next_step=near_matches(name, own) or listed)


def _own_names(module: ModuleType) -> list[str]:
    return [
        key
        for key, value in vars(module).items()
        if not key.startswith("_")
        and (isinstance(value, nn.Module) or getattr(value, "__module__", "") == module.__name__)
    ]


def _not_alone(module: ModuleType, spec: str) -> SourceError:
    own = _own_names(module)
    listed = f"; it has: {', '.join(own)}" if own else ""
    return SourceError(
        f"{spec}: no class is named, and it has no function load_model()",
        next_step=f"name a class or function of it: {spec}:{own[0] if own else 'Name'}{listed}",
    )
