"""Example inputs for transformers models, from forward's signature and the config."""

from __future__ import annotations

import inspect
from typing import Any

import torch
from torch import nn

from bringup.sources.loaded import LoadOptions

_DEFAULT_SEQUENCE = 128


def example_inputs(model: nn.Module, config: Any, options: LoadOptions) -> dict[str, torch.Tensor]:
    """Inputs by name: tokens with mask, images, spectrograms or waveforms, and a decoder's tokens."""
    names = list(inspect.signature(model.forward).parameters)
    main = getattr(model, "main_input_name", "input_ids")
    torch.manual_seed(0)
    with torch.device("meta" if options.no_weights else "cpu"):
        inputs: dict[str, torch.Tensor] = {}
        if "input_ids" in names and main in ("input_ids", "pixel_values"):
            inputs.update(_tokens(config, options, names, is_decoder=_is_causal(model)))
        if "pixel_values" in names and (main == "pixel_values" or _has(config, "vision_config")):
            inputs["pixel_values"] = _image(config, options)
        if main == "input_features":
            inputs["input_features"] = _float(
                options, _get(config, "num_mel_bins", 80), 2 * _get(config, "max_source_positions", 1500)
            )
        if main == "input_values":
            inputs["input_values"] = _float(options, 16000)
        if "decoder_input_ids" in names and getattr(config, "is_encoder_decoder", False):
            length = min(options.sequence or 16, _get(config, "max_target_positions", 10**9))
            inputs["decoder_input_ids"] = torch.randint(0, _get(config, "vocab_size", 1000), (options.batch, length))
    return inputs


def _tokens(config: Any, options: LoadOptions, names: list[str], *, is_decoder: bool) -> dict[str, torch.Tensor]:
    limit = min(
        _get(config, name, 10**9) for name in ("max_position_embeddings", "n_positions", "max_target_positions")
    )
    length = min(options.sequence or _DEFAULT_SEQUENCE, limit)
    shape = (options.batch, length)
    tokens = {"input_ids": torch.randint(0, _get(config, "vocab_size", 1000), shape)}
    if "attention_mask" in names:
        mask = torch.ones(shape, dtype=torch.int64)
        if not is_decoder:
            mask[:, length - length // 8 :] = 0  # padding on the right, so that the mask matters
        tokens["attention_mask"] = mask
    return tokens


def _is_causal(model: nn.Module) -> bool:
    return type(model).__name__.endswith(("ForCausalLM", "LMHeadModel"))


def _image(config: Any, options: LoadOptions) -> torch.Tensor:
    size = _get(config, "image_size", 224)
    height, width = size if isinstance(size, (list, tuple)) else (size, size)
    return _float(options, _get(config, "num_channels", 3), height, width)


def _float(options: LoadOptions, *shape: int) -> torch.Tensor:
    dtype = getattr(torch, options.dtype) if options.dtype else torch.float32
    return torch.randn(options.batch, *shape).to(dtype)


def _has(config: Any, name: str) -> bool:
    return getattr(config, name, None) is not None


def _get(config: Any, name: str, default: Any) -> Any:
    """An entry of the config or of the config of one of its parts."""
    for part in (config, *(getattr(config, nested, None) for nested in ("text_config", "vision_config"))):
        value = getattr(part, name, None)
        if value is not None:
            return value
    return default
