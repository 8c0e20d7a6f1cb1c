"""The models that the installed sources offer, for `bringup models`."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass

from bringup.errors import SourceError, UsageError
from bringup.sources.spec import near_matches


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A model by its spec; `task` in tt-forge-models' words, empty when it depends on the class."""

    spec: str
    source: str
    task: str


def list_models(search: str = "", source: str = "") -> tuple[CatalogueEntry, ...]:
    """The entries whose spec or task holds `search`, of one source or of all that are installed.

    Raises:
        UsageError: there is no such source. SourceError: it is not installed.
    """
    if source and source not in _SOURCES:
        listed = f"sources: {', '.join(_SOURCES)}"
        raise UsageError(f"there is no source {source!r}", next_step=near_matches(source, _SOURCES) or listed)
    missing = missing_sources()
    if source in missing:
        library = _SOURCES[source][0]
        raise SourceError(f"{library} is not installed", next_step="install it: pip install 'bringup[models]'")
    names = [source] if source else [name for name in _SOURCES if name not in missing]
    words = search.lower()
    entries = (entry for name in names for entry in _SOURCES[name][1]())
    return tuple(entry for entry in entries if words in entry.spec.lower() or words in entry.task)


def missing_sources() -> tuple[str, ...]:
    """The sources whose library is not installed; `pip install 'bringup[models]'` brings all."""
    return tuple(
        name for name, (library, _) in _SOURCES.items() if library and importlib.util.find_spec(library) is None
    )


def _torchvision() -> list[CatalogueEntry]:
    from torchvision import models

    from bringup.sources.torchvision import model_task

    # quantized_resnet50 is resnet50 unless it is quantized, which tracing does not do
    names = [name for name in models.list_models() if not name.startswith("quantized_")]
    return [
        CatalogueEntry(f"torchvision:{name}", "torchvision", model_task(models.get_model_builder(name)))
        for name in names
    ]


def _timm() -> list[CatalogueEntry]:
    import timm

    return [CatalogueEntry(f"timm:{name}", "timm", "cv_image_cls") for name in timm.list_models()]


def _transformers() -> list[CatalogueEntry]:
    from transformers import CONFIG_MAPPING
    from transformers.models.auto import modeling_auto as auto

    def task(name: str) -> str:
        if name in auto.MODEL_FOR_SPEECH_SEQ_2_SEQ_MAPPING_NAMES:
            return "audio_asr"
        if name in auto.MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES:
            return "conditional_generation"
        is_causal = name in auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
        return "nlp_causal_lm" if is_causal and name not in auto.MODEL_FOR_MASKED_LM_MAPPING_NAMES else ""

    names = sorted(name for name in CONFIG_MAPPING if name in auto.MODEL_MAPPING_NAMES)
    return [CatalogueEntry(f"hf-config:{name}", "hf-config", task(name)) for name in names]


def _examples() -> list[CatalogueEntry]:
    from bringup.examples import EXAMPLES

    return [CatalogueEntry(f"example:{name}", "example", "") for name in EXAMPLES]


_SOURCES: dict[str, tuple[str, Callable[[], list[CatalogueEntry]]]] = {
    "torchvision": ("torchvision", _torchvision),
    "timm": ("timm", _timm),
    "hf-config": ("transformers", _transformers),
    "example": ("", _examples),
}
