"""`torchvision:NAME`."""

from __future__ import annotations

import inspect
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
from bringup.sources.finish import names_own_weights
from bringup.sources.loaded import Loaded, LoadOptions, ModelInfo
from bringup.sources.spec import Spec, near_matches

_TASKS = {
    "detection": "cv_object_det",
    "segmentation": "cv_image_seg",
    "video": "cv_video_cls",
    "optical_flow": "",
}
_FRAMES = 16
_DETECTION_SIZE = 320


def load_torchvision(spec: Spec, options: LoadOptions) -> Loaded:
    """A model of torchvision with random weights, or with those that `--weights` names."""
    models = import_library("torchvision.models")
    try:
        builder = models.get_model_builder(spec.target)
    except ValueError as error:
        raise SourceError(
            f"torchvision has no model {spec.target!r}",
            next_step=near_matches(spec.target, models.list_models())
            or "list them with `bringup models --source torchvision`",
        ) from error
    weights = _own_weights(models, spec.target, options.weights)
    model = _build(builder, weights, spec.target, options)
    info = ModelInfo(
        name=spec.name,
        spec=spec.text,
        source="torchvision",
        class_name=class_name(model),
        task=model_task(builder),
        licence="BSD-3-Clause (torchvision; weights may have terms of their own)",
        weights=f"torchvision {weights}" if weights else "random",
        url="https://pytorch.org/vision/stable/models.html",
    )
    size = _image_size(models, spec.target, weights, model)
    return Loaded(model, _example_inputs(builder, size, options), {}, info)


def _build(builder: Any, weights: Any, name: str, options: LoadOptions) -> nn.Module:
    settings: dict[str, Any] = parse_settings(options)
    refuse_settings(settings, {"weights": "--weights"})
    known = inspect.signature(builder).parameters
    if weights is None and "weights_backbone" in known:
        settings.setdefault("weights_backbone", None)
    if not options.weights and name in ("inception_v3", "googlenet"):
        settings.setdefault("aux_logits", False)  # heads for training, which eval never calls; a checkpoint has them
    if weights is None and name in ("inception_v3", "googlenet"):
        settings.setdefault("init_weights", False)  # random either way; unset, torchvision warns
    with construction(options):
        model = call_with_settings(
            builder,
            {"weights": weights, **settings},
            f"torchvision's {name}",
            "check the network: the weights are downloaded" if weights else "",
        )
    assert isinstance(model, nn.Module)
    return model


def _own_weights(models: Any, name: str, text: str) -> Any:
    """The weights enum that `--weights` names; None for none, and for a checkpoint file, which is loaded later."""
    if not text or not names_own_weights("torchvision", text):
        return None
    members = models.get_model_weights(name).__members__
    if text in members:
        return members[text]
    raise SourceError(
        f"torchvision's {name} has no weights {text!r}",
        next_step=f"it has {', '.join(members)}; a checkpoint is given as a path: ./{text}",
    )


def model_task(builder: Any) -> str:
    """The task in tt-forge-models' words, by the package that defines the model."""
    parts = builder.__module__.split(".")
    return next((task for part, task in _TASKS.items() if part in parts), "cv_image_cls")


def _example_inputs(builder: Any, size: tuple[int, int], options: LoadOptions) -> tuple[Any, ...]:
    parts = builder.__module__.split(".")
    if "detection" in parts:
        return (list(random_image(options, 3, *size)),)
    if "video" in parts:
        return (random_image(options, 3, _FRAMES, *size),)
    image = random_image(options, 3, *size)
    return (image, image.flip(-1)) if "optical_flow" in parts else (image,)


def _image_size(models: Any, name: str, weights: Any, model: nn.Module) -> tuple[int, int]:
    """Height and width: the model's own where it insists, else what its weights were made for; needs no network."""
    if isinstance(size := getattr(model, "image_size", None), int):
        return size, size
    try:
        chosen = weights or models.get_model_weights(name).DEFAULT
        transforms = vars(chosen.transforms())
    except (ValueError, AttributeError):
        return 224, 224
    found = transforms.get("crop_size") or transforms.get("resize_size")
    if not found:
        return (_DETECTION_SIZE, _DETECTION_SIZE) if "detection" in type(model).__module__ else (224, 224)
    sizes = [found] if isinstance(found, int) else list(found)
    return sizes[0], sizes[-1]
