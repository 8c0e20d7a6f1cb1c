"""The models that the installed sources offer, for `bringup models`."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass

from bringup.errors import SourceError, UsageError


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A model by its spec."""

    spec: str
    source: str
    task: str


def list_models(search: str = "", source: str = "") -> tuple[CatalogueEntry, ...]:
    """The entries whose spec holds `search`, of one source or of all that are installed.

    Raises:
        UsageError: there is no such source. SourceError: it is not installed.
    """
    if source and source not in _SOURCES:
        raise UsageError(f"there is no source {source!r}", next_step=f"sources: {', '.join(_SOURCES)}")
    found: list[CatalogueEntry] = []
    for name, (library, entries) in _SOURCES.items():
        if source not in ("", name):
            continue
        if library and importlib.util.find_spec(library) is None:
            if source:
                raise SourceError(f"{library} is not installed", next_step="install it: pip install 'bringup[models]'")
            continue
        found += entries()
    words = search.lower()
    return tuple(entry for entry in found if words in entry.spec.lower())


def _torchvision() -> list[CatalogueEntry]:
    from torchvision import models

    from bringup.sources.torchvision import model_task

    names = [name for name in models.list_models() if not name.startswith("quantized_")]
    return [CatalogueEntry(f"torchvision:{name}", "torchvision", model_task(models, name)) for name in names]


def _timm() -> list[CatalogueEntry]:
    import timm

    return [CatalogueEntry(f"timm:{name}", "timm", "cv_image_cls") for name in timm.list_models()]


def _transformers() -> list[CatalogueEntry]:
    from transformers import CONFIG_MAPPING
    from transformers.models.auto.modeling_auto import MODEL_MAPPING_NAMES

    names = sorted(name for name in CONFIG_MAPPING if name in MODEL_MAPPING_NAMES)
    return [CatalogueEntry(f"hf-config:{name}", "hf-config", "") for name in names]


def _examples() -> list[CatalogueEntry]:
    from bringup.examples import EXAMPLES

    return [CatalogueEntry(f"example:{name}", "example", "") for name in EXAMPLES]


_SOURCES: dict[str, tuple[str, Callable[[], list[CatalogueEntry]]]] = {
    "torchvision": ("torchvision", _torchvision),
    "timm": ("timm", _timm),
    "hf-config": ("transformers", _transformers),
    "example": ("", _examples),
}
