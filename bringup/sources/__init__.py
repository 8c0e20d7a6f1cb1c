"""Model sources: from a spec to a torch model with example inputs."""

from __future__ import annotations

from bringup.errors import UsageError
from bringup.sources.loaded import Loaded, LoadOptions, ModelInfo
from bringup.sources.spec import Spec, near_matches, parse_spec
from bringup.sources.user_code import contained

__all__ = ["LoadOptions", "Loaded", "ModelInfo", "load"]

DTYPES = ("float32", "bfloat16", "float16")
"""What `--dtype` may be."""


def load(spec: str, options: LoadOptions) -> Loaded:
    """The model of a spec, in eval mode, with inputs that fit it; it is not run, except up to a `--submodule`.

    Only the library that the spec names is imported. Loading a model from a path or a module runs its code.

    Raises:
        SourceError: there is no such model, it cannot be built, or no inputs can be made for it.
        UsageError: an option has no meaning, or none for this source.
    """
    parsed = parse_spec(spec)
    _check_options(parsed, options)
    with contained():
        loaded = _load_from_source(parsed, options)
        loaded.model.eval()
        from bringup.sources.finish import apply_options

        return apply_options(loaded, options)


def _load_from_source(spec: Spec, options: LoadOptions) -> Loaded:
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

    return load_example(spec, options) if spec.source == "example" else load_python(spec, options)


def _check_options(spec: Spec, options: LoadOptions) -> None:
    """An option that would be ignored is an error: the result would not be what was asked for."""
    if options.dtype and options.dtype not in DTYPES:
        raise UsageError(
            f"--dtype {options.dtype}: no such dtype for a model",
            next_step=near_matches(options.dtype, DTYPES) or f"one of {', '.join(DTYPES)}",
        )
    if options.inputs and options.inputs_from:
        raise UsageError("--input and --inputs exclude each other", next_step="give one of them")
    if options.weights and options.no_weights:
        raise UsageError("--weights and --no-weights exclude each other", next_step="give one of them")
    if options.batch != 1 and (options.inputs or options.inputs_from):
        raise UsageError(
            "--batch is for the inputs that bringup makes; --input and --inputs say their whole shape",
            next_step="leave --batch out, and give the batch as the first size",
        )
    if spec.source in ("hf", "hf-config"):
        return
    for flag, value in (("--sequence", options.sequence), ("--class", options.class_name)):
        if value:
            raise UsageError(
                f"{flag} is for transformers models; {spec.text} is none", next_step=f"leave {flag} out, or use --input"
            )
