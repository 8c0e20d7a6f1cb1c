"""`torchvision:NAME`."""

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
)
from bringup.sources.loaded import Loaded, LoadOptions, ModelInfo
from bringup.sources.spec import Spec, near_matches

TASKS = {
    "detection": "cv_object_det",
    "segmentation": "cv_image_seg",
    "video": "video_cls",
    "optical_flow": "cv_optical_flow",
    "quantization": "cv_image_cls",
}
_SIZES = {"inception_v3": 299, "vit_h_14": 518, "swin_v2_t": 256, "swin_v2_s": 256, "swin_v2_b": 256, "maxvit_t": 224}


def load_torchvision(spec: Spec, options: LoadOptions) -> Loaded:
    """A model of torchvision with random weights, or with those that `--weights` names."""
    models = import_library("torchvision.models")
    if spec.target not in models.list_models():
        raise SourceError(
            f"torchvision has no model {spec.target!r}",
            next_step=near_matches(spec.target, models.list_models())
            or "list them with `bringup models --source torchvision`",
        )
    weights = _named_weights(models, spec.target, options.weights)
    model = _build(models, spec.target, weights, options)
    task = model_task(models, spec.target)
    info = ModelInfo(
        name=spec.name,
        spec=spec.text,
        source="torchvision",
        class_name=class_name(model),
        task=task,
        licence="BSD-3-Clause (torchvision; weights may have terms of their own)",
        weights=f"torchvision {weights}" if weights else "random",
        url="https://pytorch.org/vision/stable/models.html",
    )
    return Loaded(model, (_example_input(models, spec.target, task, options),), {}, info)


def _build(models: Any, name: str, weights: Any, options: LoadOptions) -> nn.Module:
    settings: dict[str, Any] = {"weights": weights, **parse_settings(options)}
    if weights is None and model_task(models, name) in ("cv_object_det", "cv_image_seg"):
        settings["weights_backbone"] = None
    if weights is None and name in ("inception_v3", "googlenet"):
        settings.setdefault("aux_logits", False)
        settings.setdefault("init_weights", False)
    with construction(options):
        model = call_with_settings(models.get_model_builder(name), settings, f"torchvision's {name}")
    assert isinstance(model, nn.Module)
    return model


def _named_weights(models: Any, name: str, text: str) -> Any:
    """The weights enum that `--weights` names; None for none, and for a checkpoint file, which is loaded later."""
    if not text or "." in text or "/" in text:
        return None
    enum = models.get_model_weights(name)
    if text in enum.__members__:
        return enum[text]
    raise SourceError(
        f"torchvision's {name} has no weights {text!r}",
        next_step=f"it has {', '.join(enum.__members__)}; a checkpoint is given as a path",
    )


def model_task(models: Any, name: str) -> str:
    """The task by the module that defines the model."""
    module = models.get_model_builder(name).__module__.split(".")
    return next((task for part, task in TASKS.items() if part in module), "cv_image_cls")


def _example_input(models: Any, name: str, task: str, options: LoadOptions) -> Any:
    size = _image_size(models, name, task)
    if task == "cv_object_det":
        return list(random_image(options, 3, size, size))
    if task == "video_cls":
        return random_image(options, 3, 16, size, size)
    return random_image(options, 3, size, size)


def _image_size(models: Any, name: str, task: str) -> int:
    """Height and width that the model's own weights were made for; needs no network."""
    try:
        transforms = models.get_model_weights(name).DEFAULT.transforms().__dict__
    except (ValueError, AttributeError):
        return _SIZES.get(name, 224)
    crop = transforms.get("crop_size") or transforms.get("resize_size")
    if isinstance(crop, (list, tuple)) and crop:
        crop = crop[0]
    return int(crop) if crop else (320 if task == "cv_object_det" else _SIZES.get(name, 224))
