"""A model spec's parts, from its text."""

from __future__ import annotations

import difflib
import importlib.util
import keyword
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from bringup.errors import SourceError
from bringup.near import near_matches as near_matches

PREFIXES = ("torchvision", "timm", "hf", "hf-config", "example")
_FORMS = (
    "torchvision:NAME, timm:NAME, hf:NAME, hf-config:TYPE, example:NAME, path/model.py:Name, package.module:Name, "
    "either with Class.method too, or a file with load_model() alone"
)
LOAD_MODEL = "load_model"
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Spec:
    """`source` is a prefix, `path` (a file) or `module`; `target` what stands behind it; `name` the slug.

    `attribute` is a name with dots, or empty for the `load_model` of the file or module.
    """

    text: str
    source: str
    target: str
    attribute: str
    name: str


def parse_spec(text: str) -> Spec:
    """The parts of a spec.

    Raises:
        SourceError: it has no form that we know.
    """
    head, colon, rest = text.partition(":")
    if colon and head in PREFIXES:
        if not rest:
            raise SourceError(f"no model is named after {head}:", next_step="list them with `bringup models`")
        return Spec(text, head, rest, "", _target_name(rest))
    target, attribute = split_target(text)
    if not attribute and target == text:
        if not target.endswith(".py") and not _is_module_alone(text):
            raise _no_form(text)
        is_file = target.endswith(".py")
        name = Path(target).stem if is_file else target.rpartition(".")[2]
        return Spec(text, "path" if is_file else "module", target, "", slug(name, "model"))
    if target.endswith(".py"):
        if not is_dotted(attribute):
            raise SourceError(
                f"{text!r}: {attribute!r} is no name in Python", next_step=f"name a class of the file: {target}:Name"
            )
        return Spec(text, "path", target, attribute, slug(attribute, Path(target).stem))
    if (
        is_dotted(target)
        and is_dotted(attribute)
        and ("." in target or not _near_prefixes(target) or _is_importable(target))
    ):
        return Spec(text, "module", target, attribute, slug(attribute, target))
    raise _unknown_prefix(text, head, rest)


def split_target(text: str) -> tuple[str, str]:
    """The file or module of a spec, and the attribute: empty where the file or module stands alone."""
    target, colon, attribute = text.rpartition(":")
    is_alone = not colon or (attribute.endswith(".py") and ("/" in attribute or "\\" in attribute))
    return (text, "") if is_alone else (target, attribute)


def is_dotted(text: str) -> bool:
    """Whether a text is a name in Python, or several with dots between them."""
    return all(part.isidentifier() and not keyword.iskeyword(part) for part in text.split("."))


def _is_module_alone(text: str) -> bool:
    """Whether a text without a colon means a module: a single name only where the current folder has it."""
    if not is_dotted(text):
        return False
    top, dot, _ = text.partition(".")
    if Path(f"{top}.py").is_file() or Path(top, "__init__.py").is_file():
        return True
    return bool(dot) and _is_importable(top)


def _target_name(target: str) -> str:
    """`openai/whisper-tiny` -> `whisper_tiny`, `models/tiny/config.json` -> `tiny`, `tiny.json` -> `tiny`."""
    path = Path(target)
    if path.name == "config.json":
        return slug(path.resolve().parent.name, "model")
    return slug(path.stem if path.suffix == ".json" else path.name)


def _near_prefixes(head: str) -> list[str]:
    return difflib.get_close_matches(head.lower(), PREFIXES, n=1, cutoff=0.7)


def _is_importable(module: str) -> bool:
    """Whether a module of that name is there, in the current folder too."""
    return Path(module).is_dir() or Path(f"{module}.py").is_file() or importlib.util.find_spec(module) is not None


def _no_form(text: str) -> SourceError:
    near = difflib.get_close_matches(text.lower(), ("resnet50", "mobilenet_v2", "bert", "gpt2", "yolov4"), n=1)
    known = {"bert": "hf-config", "gpt2": "hf-config", "yolov4": "example"}
    hint = f"did you mean {known.get(near[0], 'torchvision')}:{near[0]}? " if near else ""
    return SourceError(f"not a model spec: {text!r}", next_step=f"{hint}write {_FORMS}")


def _unknown_prefix(text: str, head: str, rest: str) -> SourceError:
    near = _near_prefixes(head)
    hint = f"did you mean {near[0]}:{rest}? " if near else ""
    return SourceError(f"unknown source in {text!r}", next_step=f"{hint}write {_FORMS}")


def slug(text: str, fallback: str = "") -> str:
    """A safe name for a folder and in code: `MobileNetV2` -> `mobilenetv2`, `../../x` -> `x`, `1x1` -> `model_1x1`.

    Raises:
        SourceError: nothing is left of the text, nor of the fallback.
    """
    for candidate in (text, fallback):
        ascii_text = unicodedata.normalize("NFKD", candidate).encode("ascii", "ignore").decode().lower()
        name = re.sub(r"[^a-z0-9]+", "_", ascii_text).strip("_")[:_LONGEST_NAME].rstrip("_")
        if name:
            return name if name[0].isalpha() else f"model_{name}"
    raise SourceError(
        f"{text!r} gives no name for the model's folder and code", next_step="use a name with ASCII letters or digits"
    )
