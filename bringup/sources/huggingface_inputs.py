"""Example inputs for transformers models, from forward's signature and the config."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from bringup.errors import SourceError
from bringup.sources.build import SEED
from bringup.sources.huggingface_class import is_decoder_only
from bringup.sources.loaded import LoadOptions

_SEQUENCE = 128
_DECODER_SEQUENCE = 16
_POSITIONS = ("max_position_embeddings", "n_positions", "max_target_positions")
_IMAGE_TOKENS = ("image_token_id", "image_token_index")

Tensors = dict[str, torch.Tensor]


def example_inputs(model: nn.Module, config: Any, options: LoadOptions) -> tuple[Tensors, tuple[str, ...]]:
    """Inputs by name: tokens with mask, images, spectrograms or waveforms, a decoder's tokens; and notes on them.

    Raises:
        SourceError: the sequence asked for is longer than the model's positions.
    """
    names = inspect.signature(model.forward).parameters
    main = getattr(model, "main_input_name", "input_ids")
    inputs: Tensors = {}
    notes: tuple[str, ...] = ()
    torch.manual_seed(SEED)
    with torch.device("meta" if options.no_weights else "cpu"):
        if "input_ids" in names and main in ("input_ids", "pixel_values"):
            inputs |= _tokens(model, config, options, has_mask="attention_mask" in names)
        if "pixel_values" in names and (main == "pixel_values" or _has(config, "vision_config")):
            if "input_ids" in inputs and any(_has(config, token) for token in _IMAGE_TOKENS):
                notes = (
                    "text only: images stand in the tokens of this model, give both with --inputs file.py:function",
                )
            else:
                inputs["pixel_values"] = _image(config, options)
        if main == "input_features":
            inputs["input_features"] = _features(config, options)
        if main == "input_values":
            channels = _get(config, "audio_channels", 0)  # codecs take them, encoders take one without saying so
            inputs["input_values"] = _floats(options, *((channels,) if channels else ()), 16000)  # a second of sound
        if "decoder_input_ids" in names and getattr(config, "is_encoder_decoder", False):
            shape = (options.batch, _length(config, options, _DECODER_SEQUENCE))
            inputs["decoder_input_ids"] = torch.randint(0, _vocabulary(config), shape)
    return inputs, notes


def _tokens(model: nn.Module, config: Any, options: LoadOptions, *, has_mask: bool) -> Tensors:
    length = _length(config, options, _SEQUENCE)
    shape = (options.batch, length)
    tokens = {"input_ids": torch.randint(0, _vocabulary(config), shape)}
    if has_mask:
        mask = torch.ones(shape, dtype=torch.int64)
        if not _is_decoder_only(model, config):
            mask[:, length - length // 8 :] = 0  # padding on the right, so that the mask matters
        tokens["attention_mask"] = mask
    return tokens


def _length(config: Any, options: LoadOptions, default: int) -> int:
    stated = [_get(config, name, 0) for name in _POSITIONS]
    limit = min((positions for positions in stated if positions > 0), default=10**9)  # XLNet says -1: any number
    if options.sequence and options.sequence > limit:
        raise SourceError(
            f"--sequence {options.sequence}: the model has {limit} positions",
            next_step=f"at most --sequence {limit}, or more positions by --set ({', '.join(_POSITIONS)})",
        )
    return options.sequence or min(default, limit)


def _vocabulary(config: Any) -> int:
    return int(_get(config, "vocab_size", 1000))


def _is_decoder_only(model: nn.Module, config: Any) -> bool:
    from transformers.models.auto import modeling_auto

    is_causal = type(model).__name__.endswith(("ForCausalLM", "LMHeadModel"))
    has_images_in_text = any(_has(config, token) for token in _IMAGE_TOKENS)
    is_generator = not getattr(config, "is_encoder_decoder", False) and is_decoder_only(modeling_auto, config)
    return is_causal or has_images_in_text or is_generator


def _image(config: Any, options: LoadOptions) -> torch.Tensor:
    size = _get(config, "image_size", 224)
    if isinstance(size, Mapping):
        size = (size.get("height", 224), size.get("width", 224))
    height, width = size if isinstance(size, (list, tuple)) else (size, size)
    channels = next(
        (_get(config, name, 0) for name in ("num_channels", "in_channels", "in_chans") if _get(config, name, 0)), 3
    )
    frames = _get(config, "num_frames", 0)
    return _floats(options, *((frames,) if frames else ()), channels, height, width)


def _features(config: Any, options: LoadOptions) -> torch.Tensor:
    """Spectrograms: (frames, bins) for most, (bins, frames) for those made like Whisper."""
    for name in ("input_feat_per_channel", "feature_projection_input_dim"):
        if _has(config, name):
            return _floats(options, 512, getattr(config, name))
    return _floats(options, _get(config, "num_mel_bins", 80), 2 * _get(config, "max_source_positions", 1500))


def _floats(options: LoadOptions, *shape: int) -> torch.Tensor:
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
