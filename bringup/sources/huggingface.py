"""`hf:NAME` with weights from the hub or its cache, and `hf-config:NAME` with random ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import nn

from bringup.errors import SourceError
from bringup.sources.build import class_name, construction, first_line, import_library, parse_settings
from bringup.sources.huggingface_inputs import example_inputs
from bringup.sources.loaded import Loaded, LoadOptions, ModelInfo
from bringup.sources.spec import Spec, near_matches

_TASKS = (
    ("ForCausalLM", "nlp_causal_lm"),
    ("LMHeadModel", "nlp_causal_lm"),
    ("ForMaskedLM", "nlp_masked_lm"),
    ("ForConditionalGeneration", "nlp_conditional_generation"),
    ("ForSequenceClassification", "nlp_text_cls"),
    ("ForTokenClassification", "nlp_token_cls"),
    ("ForQuestionAnswering", "nlp_qa"),
    ("ForImageClassification", "cv_image_cls"),
    ("ForObjectDetection", "cv_object_det"),
    ("ForSemanticSegmentation", "cv_image_seg"),
    ("ForCTC", "audio_asr"),
)


def load_huggingface(spec: Spec, options: LoadOptions) -> Loaded:
    """A transformers model, its class by the config's architecture."""
    transformers = import_library("transformers")
    config = _hub_config(transformers, spec) if spec.source == "hf" else _local_config(transformers, spec)
    _apply_settings(config, parse_settings(options))
    config.use_cache = False
    class_ = _model_class(transformers, config, options.class_name)
    model = _pretrained(class_, spec, config) if spec.source == "hf" else _from_config(class_, config, options)
    info = ModelInfo(
        name=spec.name,
        spec=_relative_spec(spec),
        source="huggingface",
        class_name=class_name(model),
        task=next((task for ending, task in _TASKS if class_.__name__.endswith(ending)), ""),
        licence=str(getattr(config, "license", "") or ""),
        weights=spec.target if spec.source == "hf" else "random",
        url=f"https://huggingface.co/{spec.target}"
        if spec.source == "hf"
        else "https://huggingface.co/docs/transformers",
        notes=("use_cache=False: caches are objects that torch.export cannot return",),
    )
    return Loaded(model, (), example_inputs(model, config, options), info)


def _hub_config(transformers: Any, spec: Spec) -> Any:
    try:
        return transformers.AutoConfig.from_pretrained(spec.target)
    except Exception as error:
        raise SourceError(
            f"no config for {spec.target!r} from the hub or its cache: {first_line(error)}",
            next_step="check the name and the network; without either: hf-config:TYPE, or hf-config:path/config.json",
        ) from error


def _local_config(transformers: Any, spec: Spec) -> Any:
    if spec.target.endswith(".json") or "/" in spec.target:
        if not Path(spec.target).exists():
            raise SourceError(f"there is no file {spec.target}", next_step="paths are relative to the current folder")
        try:
            return transformers.AutoConfig.from_pretrained(spec.target, local_files_only=True)
        except Exception as error:
            raise SourceError(f"{spec.target} is no transformers config: {first_line(error)}") from error
    known = sorted(transformers.CONFIG_MAPPING.keys())
    if spec.target not in known:
        raise SourceError(
            f"transformers has no config type {spec.target!r}",
            next_step=near_matches(spec.target, known) or "list them with `bringup models --source hf-config`",
        )
    return transformers.AutoConfig.for_model(spec.target)


def _apply_settings(config: Any, settings: dict[str, Any]) -> None:
    for key, value in settings.items():
        *path, name = key.split(".")
        target = config
        for part in path:
            target = getattr(target, part, None)
        known = sorted(target.to_dict()) if hasattr(target, "to_dict") else []
        if target is None or (name not in known and not hasattr(target, name)):
            raise SourceError(
                f"the config has no entry {key}",
                next_step=near_matches(name, known) or "read the config's documentation",
            )
        setattr(target, name, value)


def _model_class(transformers: Any, config: Any, wanted: str) -> Any:
    names = [wanted] if wanted else list(getattr(config, "architectures", None) or [])
    if names:
        class_ = getattr(transformers, names[0], None)
        if class_ is None:
            raise SourceError(
                f"transformers has no class {names[0]!r}",
                next_step=near_matches(names[0], dir(transformers)) or "see --class",
            )
        return class_
    auto = transformers.models.auto.modeling_auto
    kind = config.model_type
    for mapping in _mappings(auto, config, kind):
        if type(config) in mapping:
            found = mapping[type(config)]
            return found[0] if isinstance(found, (tuple, list)) else found
    raise SourceError(f"transformers names no model class for {kind}", next_step="name one with --class")


def _mappings(auto: Any, config: Any, kind: str) -> list[Any]:
    """Where to look for a class: what the type is for, then the bare model."""
    found = []
    if getattr(config, "is_encoder_decoder", False):
        found += [auto.MODEL_FOR_SPEECH_SEQ_2_SEQ_MAPPING, auto.MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING]
    elif kind in auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES and kind not in auto.MODEL_FOR_MASKED_LM_MAPPING_NAMES:
        found.append(auto.MODEL_FOR_CAUSAL_LM_MAPPING)
    return [*found, auto.MODEL_MAPPING]


def _from_config(class_: Any, config: Any, options: LoadOptions) -> nn.Module:
    try:
        with construction(options):
            model = class_(config)
    except Exception as error:
        raise SourceError(
            f"{class_.__name__} cannot be built from this config: {type(error).__name__}: {first_line(error)}",
            next_step="check the --set values; head counts must divide widths",
        ) from error
    assert isinstance(model, nn.Module)
    return model


def _pretrained(class_: Any, spec: Spec, config: Any) -> nn.Module:
    try:
        model = class_.from_pretrained(spec.target, config=config)
    except Exception as error:
        raise SourceError(
            f"the weights of {spec.target} cannot be loaded: {first_line(error)}",
            next_step="check the network, or use hf-config: for random weights",
        ) from error
    assert isinstance(model, nn.Module)
    return model


def _relative_spec(spec: Spec) -> str:
    if spec.source == "hf-config" and Path(spec.target).is_absolute():
        from bringup.sources.python import relative_path

        return f"hf-config:{relative_path(spec.target)}"
    return spec.text
