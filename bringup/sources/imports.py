"""Import a model's code from a file or by its module name. This runs the code."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from bringup.errors import SourceError
from bringup.sources.build import one_line, where
from bringup.sources.spec import PREFIXES, near_matches
from bringup.sources.user_code import here, stops_as_errors


def import_path(text: str, *, is_known: bool = False) -> ModuleType:
    """Import a file as Python would run it: its folder on sys.path, its own name unless another module has it.

    Args:
        is_known: Whether to take the module as it is where the file was imported already: its classes are the model's.

    Raises:
        SourceError: there is no such file, or it raises.
    """
    path = here() / text
    if not path.is_file():
        near = near_matches(path.name, sorted(p.name for p in path.parent.glob("*.py"))) if path.parent.is_dir() else ""
        raise SourceError(f"there is no file {text}", next_step=near or "paths are relative to the current folder")
    path = path.resolve()
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    name = _module_name(path)
    known = sys.modules.get(name)
    if is_known and known is not None and getattr(known, "__file__", None) == str(path):
        return known
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    before = sys.modules.get(name)
    sys.modules[name] = module  # while it runs too: dataclasses and pickle look their module up
    try:
        with stops_as_errors():
            spec.loader.exec_module(module)
    except Exception as error:
        sys.modules.pop(name)
        if before is not None:
            sys.modules[name] = before
        raise _import_failure(text, error) from error
    return module


def _module_name(path: Path) -> str:
    """The file's stem, with a hash when that is no identifier or is the name of some other module."""
    if path.stem.isidentifier():
        other = sys.modules.get(path.stem)
        if other is None or getattr(other, "__file__", None) == str(path):
            return path.stem
    return f"{path.stem}_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"


def import_module(name: str) -> ModuleType:
    """Import a module by its name; the current folder is searched first, as `python -m` does.

    Raises:
        SourceError: there is no such module, or it raises.
    """
    cwd = str(here())
    if "" not in sys.path and cwd not in sys.path:
        sys.path.insert(0, cwd)
    try:
        with stops_as_errors():
            return importlib.import_module(name)
    except Exception as error:
        is_missing = isinstance(error, ModuleNotFoundError) and error.name and f"{name}.".startswith(f"{error.name}.")
        if not is_missing:
            raise _import_failure(name, error) from error
        raise SourceError(
            f"there is no module {name}",
            next_step="install it, or run from the folder that holds it; "
            f"a source is written {', '.join(f'{prefix}:NAME' for prefix in PREFIXES)}",
        ) from error


def _import_failure(what: str, error: BaseException) -> SourceError:
    next_step = "run it with python, then try again"
    if isinstance(error, ModuleNotFoundError) and error.name:
        next_step = f"install {error.name.partition('.')[0]}, which it imports"
    elif isinstance(error, ImportError) and "relative import" in str(error):
        next_step = "it is part of a package: write package.module:Name, from the folder that holds the package"
    return SourceError(
        f"{what} cannot be imported: {type(error).__name__}: {one_line(error)}",
        where=where(error),
        next_step=next_step,
    )
