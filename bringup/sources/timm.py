"""`timm:NAME`."""

from __future__ import annotations

from torch import nn

from bringup.errors import SourceError
from bringup.sources.build import (
    call_with_settings,
    class_name,
    construction,
    import_library,
    parse_settings,
    random_image,
)
from bringup.sources.loaded import Loaded, LoadOptions, ModelInfo
from bringup.sources.spec import Spec, near_matches


def load_timm(spec: Spec, options: LoadOptions) -> Loaded:
    """A model of timm with random weights, or timm's own with `--weights pretrained`."""
    timm = import_library("timm")
    name, _, tag = spec.target.partition(".")
    if name not in timm.list_models():
        raise SourceError(
            f"timm has no model {spec.target!r}",
            next_step=near_matches(name, timm.list_models()) or "list them with `bringup models --source timm`",
        )
    pretrained = options.weights == "pretrained"
    settings = {"model_name": spec.target if tag else name, "pretrained": pretrained, **parse_settings(options)}
    with construction(options):
        model = call_with_settings(timm.create_model, settings, f"timm's {name}")
    assert isinstance(model, nn.Module)
    config = getattr(model, "pretrained_cfg", None) or getattr(model, "default_cfg", {})
    info = ModelInfo(
        name=spec.name,
        spec=spec.text,
        source="timm",
        class_name=class_name(model),
        task="cv_image_cls",
        licence=str(config.get("license") or ""),
        weights="timm pretrained" if pretrained else "random",
        url=f"https://huggingface.co/timm/{spec.target}",
    )
    shape = config.get("input_size") or (3, 224, 224)
    return Loaded(model, (random_image(options, *shape),), {}, info)
