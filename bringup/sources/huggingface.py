"""`hf:NAME` with weights from the hub or its cache, and `hf-config:NAME` with random ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from bringup.errors import SourceError
from bringup.sources.build import SEED, class_name, construction, import_library, one_line, parse_settings
from bringup.sources.given_path import relative_path
from bringup.sources.huggingface_class import model_class
from bringup.sources.huggingface_config import config_text, hub_is_reachable, make_config
from bringup.sources.huggingface_inputs import example_inputs
from bringup.sources.loaded import Loaded, LoadOptions, ModelInfo
from bringup.sources.spec import Spec

_TASKS = (
    ("ForCausalLM", "nlp_causal_lm"),
    ("LMHeadModel", "nlp_causal_lm"),
    ("ForMaskedLM", "nlp_masked_lm"),
    ("ForSequenceClassification", "nlp_text_cls"),
    ("ForTokenClassification", "nlp_token_cls"),
    ("ForQuestionAnswering", "nlp_qa"),
    ("ForMultipleChoice", "nlp_multi_choice"),
    ("ForImageClassification", "cv_image_cls"),
    ("ForVideoClassification", "cv_video_cls"),
    ("ForObjectDetection", "cv_object_det"),
    ("ForSemanticSegmentation", "cv_image_seg"),
    ("ForDepthEstimation", "cv_depth_est"),
    ("ForAudioClassification", "audio_cls"),
    ("ForCTC", "audio_asr"),
)


def load_huggingface(spec: Spec, options: LoadOptions) -> Loaded:
    """A transformers model, its class by the config's architecture."""
    transformers = import_library("transformers")
    transformers.utils.logging.set_verbosity_error()  # what matters of its warnings is in `notes`
    settings = parse_settings(options)
    config = make_config(transformers, spec, options.revision, settings)
    notes = _switch_cache_off(config)
    class_ = model_class(transformers, config, options.class_name)
    takes_hub_weights = spec.source == "hf" and not options.no_weights and not options.weights
    if takes_hub_weights:
        model, random_weights = _pretrained(class_, spec, config, options)
        notes += random_weights
    else:
        model = _from_config(class_, config, options)
    is_local = Path(spec.target).exists()
    target = relative_path(spec.target) if is_local else spec.target
    info = ModelInfo(
        name=spec.name,
        spec=f"{spec.source}:{target}",
        source="huggingface",
        class_name=class_name(model),
        task=_task(class_.__name__, model, config),
        weights=f"hub: {target}" if takes_hub_weights and not is_local else target if takes_hub_weights else "random",
        url=f"https://huggingface.co/{target}" if spec.source == "hf" and not is_local else "",
        config=config_text(config) if is_local or any("." in key for key in settings) else "",
    )
    inputs, left_out = example_inputs(model, config, options)
    return Loaded(model, (), inputs, replace(info, notes=(*notes, *left_out)))


def _switch_cache_off(config: Any) -> tuple[str, ...]:
    """Caches are objects, which torch.export cannot return; what was done, for the reader."""
    parts = [config, *(getattr(config, name, None) for name in config.sub_configs)]
    with_cache = [part for part in parts if getattr(part, "use_cache", False)]
    for part in with_cache:
        part.use_cache = False
    return ("use_cache=False: torch.export cannot return a cache, which is an object",) if with_cache else ()


def _task(name: str, model: nn.Module, config: Any) -> str:
    """In tt-forge-models' words, by the class; for a bare model by its input."""
    main = getattr(model, "main_input_name", "")
    has_images = getattr(config, "vision_config", None) is not None
    if name.endswith(("ForConditionalGeneration", "Seq2SeqLM")):
        if main in ("input_features", "input_values"):
            return "audio_asr"
        return "mm_conditional_generation" if has_images else "conditional_generation"
    named = next((task for ending, task in _TASKS if name.endswith(ending)), "")
    if named or has_images or config.is_encoder_decoder or hasattr(config, "num_frames"):
        return named
    return {"input_ids": "nlp_embed_gen", "pixel_values": "cv_image_fe"}.get(main, "")


def _from_config(class_: Any, config: Any, options: LoadOptions) -> nn.Module:
    try:
        with construction(options):
            model = class_(config)
    except Exception as error:
        raise SourceError(
            f"{class_.__name__} cannot be built from this config: {type(error).__name__}: {one_line(error)}",
            next_step="check --set: widths must be multiples of the number of heads; another class: --class NAME",
        ) from error
    assert isinstance(model, nn.Module)
    return model


def _pretrained(class_: Any, spec: Spec, config: Any, options: LoadOptions) -> tuple[nn.Module, tuple[str, ...]]:
    """The model, and a note on the weights that the checkpoint does not have."""
    arguments: dict[str, Any] = {"config": config, "revision": options.revision or "main", "output_loading_info": True}
    if options.dtype:
        arguments["dtype"] = getattr(torch, options.dtype)
    try:
        try:
            torch.manual_seed(SEED)
            model, loading = class_.from_pretrained(spec.target, local_files_only=True, **arguments)
        except OSError:
            if Path(spec.target).is_dir() or not hub_is_reachable():
                raise
            model, loading = class_.from_pretrained(spec.target, **arguments)
    except Exception as error:
        raise SourceError(
            f"the weights of {spec.target} cannot be loaded: {one_line(error)}",
            next_step="check the network and --set; random weights: --no-weights, or hf-config:",
        ) from error
    missing = sorted(loading["missing_keys"])
    shown = ", ".join(missing[:5]) + (", ..." if len(missing) > 5 else "")
    return model, ((f"random, because the checkpoint lacks them: {shown}",) if missing else ())
