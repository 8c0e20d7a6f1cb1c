"""`timm:NAME`."""

from __future__ import annotations

from typing import Any

from torch import nn

from bringup.errors import SourceError
from bringup.sources.build import (
    call_with_settings,
    class_name,
    construction,
    import_library,
    parse_settings,
    random_image,
    refuse_settings,
)
from bringup.sources.loaded import Loaded, LoadOptions, ModelInfo
from bringup.sources.spec import Spec, near_matches


def load_timm(spec: Spec, options: LoadOptions) -> Loaded:
    """A model of timm with random weights, or timm's own with `--weights pretrained`."""
    timm = import_library("timm")
    if not timm.is_model(spec.target):
        raise SourceError(
            f"timm has no model {spec.target!r}",
            next_step=near_matches(spec.target, timm.list_models()) or "list them with `bringup models --source timm`",
        )
    is_pretrained = options.weights == "pretrained"
    settings = parse_settings(options)
    refuse_settings(
        settings, {"pretrained": "--weights pretrained", "model_name": f"timm:{settings.get('model_name')}"}
    )
    with construction(options):
        model = call_with_settings(
            timm.create_model,
            {"model_name": spec.target, "pretrained": is_pretrained, **settings},
            f"timm's {spec.target}",
            "check the network: the weights come from the hub" if is_pretrained else "",
        )
    assert isinstance(model, nn.Module)
    config: dict[str, Any] = getattr(model, "pretrained_cfg", None) or {}
    hub = config.get("hf_hub_id")
    info = ModelInfo(
        name=spec.name,
        spec=spec.text,
        source="timm",
        class_name=class_name(model),
        task="cv_image_cls",
        licence=str(config.get("license") or ""),
        weights="timm pretrained" if is_pretrained else "random",
        url=f"https://huggingface.co/{hub}" if hub else "https://github.com/huggingface/pytorch-image-models",
    )
    return Loaded(model, (random_image(options, *_input_size(config, settings)),), {}, info)


def _input_size(config: dict[str, Any], settings: dict[str, Any]) -> tuple[int, int, int]:
    """Channels, height and width: timm's own for the model, or what `--set` made of it."""
    channels, height, width = config.get("input_size") or (3, 224, 224)
    size = settings.get("img_size", (height, width))
    height, width = (size, size) if isinstance(size, int) else size
    return settings.get("in_chans", channels), height, width
