"""Model sources: from a spec to a torch model with example inputs."""

from __future__ import annotations

from dataclasses import replace

from bringup.errors import UsageError
from bringup.sources.loaded import Loaded, LoadOptions, ModelInfo
from bringup.sources.spec import Spec, parse_spec

__all__ = ["LoadOptions", "Loaded", "ModelInfo", "load"]


def load(text: str, options: LoadOptions) -> Loaded:
    """The model of a spec, in eval mode, with inputs that fit it; it is not run.

    Only the library that the spec names is imported. Loading a model from a path or a module runs its code.

    Raises:
        SourceError: there is no such model, it cannot be built, or no inputs can be made for it.
    """
    spec = parse_spec(text)
    import torch

    if options.no_weights and options.submodule and options.inputs_from:
        raise UsageError("--inputs gives real tensors, --no-weights a model without data", next_step="use --input")
    torch.manual_seed(0)
    loaded = _source(spec, options)
    loaded.model.eval()
    from bringup.sources.finish import apply_options

    return apply_options(loaded, options)


def _source(spec: Spec, options: LoadOptions) -> Loaded:
    if spec.source == "torchvision":
        from bringup.sources.torchvision import load_torchvision

        return load_torchvision(spec, options)
    if spec.source == "timm":
        from bringup.sources.timm import load_timm

        return load_timm(spec, options)
    if spec.source in ("hf", "hf-config"):
        from bringup.sources.huggingface import load_huggingface

        return load_huggingface(spec, options)
    from bringup.sources.python import load_example, load_python

    loaded = load_example(spec, options) if spec.source == "example" else load_python(spec, options)
    return replace(loaded, info=replace(loaded.info, name=loaded.info.name or spec.name))
