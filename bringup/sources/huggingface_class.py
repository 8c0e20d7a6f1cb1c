"""Which transformers class a config is built as."""

from __future__ import annotations

from typing import Any

from bringup.errors import SourceError
from bringup.sources.build import one_line
from bringup.sources.spec import near_matches


def model_class(transformers: Any, config: Any, wanted: str) -> Any:
    """The class asked for, else the one that the config names, else the one that its type is for.

    Raises:
        SourceError: transformers has no such class.
    """
    name = wanted or next(iter(getattr(config, "architectures", None) or ()), "")
    if not name:
        return _class_by_type(transformers, config)
    try:
        class_ = getattr(transformers, name, None)
    except ImportError as error:
        raise SourceError(f"{name} needs a library that is not installed: {one_line(error)}") from error
    if isinstance(class_, type) and issubclass(class_, transformers.PreTrainedModel):
        return class_
    stem = type(config).__name__.removesuffix("Config")
    related = [found for found in dir(transformers) if found.startswith(stem) and ("For" in found or "Model" in found)]
    listed = f"classes for this config: {', '.join(related)}" if related else "name another with --class"
    raise SourceError(
        f"transformers has no model class {name!r}",
        next_step=near_matches(name, related or dir(transformers)) or listed,
    )


def _class_by_type(transformers: Any, config: Any) -> Any:
    auto = transformers.models.auto.modeling_auto
    for mapping in _mappings(auto, config):
        if type(config) in mapping:
            found = mapping[type(config)]
            return found[0] if isinstance(found, (tuple, list)) else found
    raise SourceError(f"transformers names no model class for {config.model_type}", next_step="name one with --class")


def _mappings(auto: Any, config: Any) -> list[Any]:
    """Where to look for a class: what the type is for, the bare model, then any task."""
    found = []
    if getattr(config, "is_encoder_decoder", False):
        found += [auto.MODEL_FOR_SPEECH_SEQ_2_SEQ_MAPPING, auto.MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING]
    elif is_decoder_only(auto, config):
        found.append(auto.MODEL_FOR_CAUSAL_LM_MAPPING)
    others = [mapping for name, mapping in sorted(vars(auto).items()) if name.endswith("_MAPPING") and "MODEL" in name]
    return [*found, auto.MODEL_MAPPING, *others]


def is_decoder_only(auto: Any, config: Any) -> bool:
    """Whether a config's type is for generating text and for nothing else."""
    kind = config.model_type
    return kind in auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES and kind not in auto.MODEL_FOR_MASKED_LM_MAPPING_NAMES
