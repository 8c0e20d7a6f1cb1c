"""A transformers config: from the hub or its cache, from a file, or of a type; with `--set` applied."""

from __future__ import annotations

import copy
import inspect
import json
import os
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bringup.errors import SourceError
from bringup.sources.build import one_line
from bringup.sources.spec import Spec, near_matches

_OF_THE_MACHINE = ("_name_or_path", "transformers_version", "torch_dtype")


def make_config(transformers: Any, spec: Spec, revision: str, settings: dict[str, Any]) -> Any:
    """The config of a spec.

    Settings go in before the config is made: it derives entries from others (`layer_types`, `head_dim`).

    Raises:
        SourceError: there is no such config, or a setting is not an entry of it.
    """
    raw = _raw_config(transformers, spec, revision)
    kind = raw.get("model_type")
    if not kind:
        raise SourceError(
            f"{_shown(spec)} names no model_type", next_step='add "model_type": "bert" (or which it is) to it'
        )
    if kind not in transformers.CONFIG_MAPPING:
        near = near_matches(kind, list(transformers.CONFIG_MAPPING))
        raise SourceError(
            f"transformers {transformers.__version__} has no config type {kind!r}",
            next_step=near or "list them with `bringup models --source hf-config`",
        )
    class_ = transformers.CONFIG_MAPPING[kind]
    config = _from_dict(class_, raw, spec)
    if not settings:
        return config
    return _from_dict(class_, _overlaid(config, raw, settings), spec)


def _raw_config(transformers: Any, spec: Spec, revision: str) -> dict[str, Any]:
    path = Path(spec.target)
    if spec.source == "hf" and not path.is_dir():
        return _hub_config(transformers, spec.target, revision)
    if spec.source == "hf-config" and not path.exists() and (path.suffix == ".json" or "/" in spec.target):
        raise SourceError(f"there is no file {spec.target}", next_step="paths are relative to the current folder")
    if not path.exists() or (path.is_dir() and spec.target in transformers.CONFIG_MAPPING):
        return {"model_type": spec.target}
    try:
        return _read_config(transformers, spec.target, local_files_only=True)
    except Exception as error:
        raise SourceError(
            f"{_shown(spec)} is no transformers config: {one_line(error)}",
            next_step="it must be JSON with a model_type",
        ) from error


def _read_config(transformers: Any, name: str, **arguments: Any) -> dict[str, Any]:
    raw: dict[str, Any] = transformers.PretrainedConfig.get_config_dict(name, **arguments)[0]
    return raw


def _hub_config(transformers: Any, name: str, revision: str) -> dict[str, Any]:
    arguments = {"revision": revision or "main"}
    try:
        return _read_config(transformers, name, local_files_only=True, **arguments)
    except Exception as error:  # not in the cache: every kind of failure means that
        if not hub_is_reachable():
            raise SourceError(
                f"{name!r} is not in the cache of the hub, and the hub cannot be reached",
                next_step="connect, or use random weights: hf-config:TYPE, or hf-config:path/config.json",
            ) from error
    try:
        return _read_config(transformers, name, **arguments)
    except Exception as error:
        raise SourceError(
            f"the hub gives no config for {name!r}: {one_line(error)}",
            next_step="check the name (OWNER/NAME); a private or gated model needs `hf auth login`",
        ) from error


def hub_is_reachable() -> bool:
    """Whether the hub's name resolves: offline, its own client would try for half a minute before it gives up."""
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        return False
    if any(os.environ.get(name) for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")):
        return True
    try:
        socket.getaddrinfo(urlsplit(constants.ENDPOINT).hostname, 443)
    except OSError:
        return False
    return True


def _from_dict(class_: Any, raw: dict[str, Any], spec: Spec) -> Any:
    try:
        return class_.from_dict(raw)
    except Exception as error:
        raise SourceError(
            f"no config can be made for {_shown(spec)}: {type(error).__name__}: {one_line(error)}",
            next_step="check --set; a type without defaults of its own needs hf-config:path/config.json",
        ) from error


def _overlaid(config: Any, raw: dict[str, Any], settings: dict[str, Any]) -> dict[str, Any]:
    """The raw config with settings put in; a dotted key goes into the config of a part."""
    result = copy.deepcopy(raw)
    for key, value in settings.items():
        *path, name = key.split(".")
        target, part = result, config
        for step in path:
            part = _part(part, step, key)
            target = target.setdefault(step, _own_entries(part))
        _check_entry(config, part, name, key)
        name = getattr(part, "attribute_map", {}).get(name, name)
        target[name] = value
        if (
            name == "num_hidden_layers"
            and "layer_types" in target
            and f"{key[: -len(name)]}layer_types" not in settings
        ):
            target["layer_types"] = target["layer_types"][:value]  # one per layer, written out in the file
    return result


def config_text(config: Any) -> str:
    """A config as JSON for a file of its own: what differs from its class's defaults, where that makes the same one."""
    whole = config.to_dict()
    for entries in (config.to_diff_dict(), whole):
        text = json.dumps({key: value for key, value in entries.items() if key not in _OF_THE_MACHINE}, default=str)
        try:
            made = type(config)(**json.loads(text)).to_dict()
        except Exception:  # an entry that its class cannot read back from what it leaves out
            continue
        if all(made.get(key) == value for key, value in whole.items() if key not in _OF_THE_MACHINE):
            break
    return f"{json.dumps(json.loads(text), indent=2, sort_keys=True)}\n"


def _part(config: Any, step: str, key: str) -> Any:
    part = config.get(step) if isinstance(config, dict) else getattr(config, step, None)
    if isinstance(part, dict) or hasattr(part, "to_dict"):
        return part
    near = near_matches(step, _part_names(config))
    raise SourceError(
        f"--set {key}: the config has no part {step!r}",
        next_step=near or f"its parts: {', '.join(_part_names(config)) or 'none'}",
    )


def _part_names(config: Any) -> list[str]:
    entries = config if isinstance(config, dict) else vars(config)
    return sorted(name for name, value in entries.items() if isinstance(value, dict) or hasattr(value, "to_dict"))


def _own_entries(part: Any) -> dict[str, Any]:
    """What a part's config says that its class would not: entries derived from others are made anew."""
    if isinstance(part, dict):
        return dict(part)
    defaults = type(part)().to_dict()
    own = {name: value for name, value in part.to_dict().items() if name not in defaults or value != defaults[name]}
    return {**own, "model_type": part.model_type}


def _entries(part: Any) -> set[str]:
    if isinstance(part, dict):
        return set(part)
    signature = inspect.signature(type(part).__init__).parameters.values()
    named = {p.name for p in signature if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL) and p.name != "self"}
    return {*part.to_dict(), *part.attribute_map, *named} - {"model_type", "transformers_version"}


def _check_entry(config: Any, part: Any, name: str, key: str) -> None:
    known = sorted(_entries(part))
    if name in known:
        return
    below = [
        f"{step}.{name}"
        for step in _part_names(config)
        if part is config and name in _entries(_part(config, step, key))
    ]
    near = f"its parts have it: --set {' or '.join(below)}" if below else near_matches(name, known)
    raise SourceError(f"the config has no entry {key}", next_step=near or "read the config's documentation")


def _shown(spec: Spec) -> str:
    return Path(spec.target).name if Path(spec.target).is_absolute() else spec.target
