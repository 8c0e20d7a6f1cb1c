"""Arguments of a line by the types of the op's schema: what torch has no name for is refused, never left out."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

from bringup.errors import UsageError
from bringup.inventory import NO_OPERAND, Item, ItemValue, Operand
from bringup.ir import Kind, Symbol
from bringup.near import and_near

KINDS: tuple[Kind, ...] = ("activation", "parameter", "buffer", "constant", "prologue")
_SYMBOLS = {"ScalarType": "dtype", "Layout": "layout", "Device": "device", "MemoryFormat": "memory_format"}
_NUMBERED = {
    "dtype": {0: "uint8", 1: "int8", 2: "int16", 3: "int32", 4: "int64", 5: "float16", 6: "float32", 7: "float64",
              9: "complex64", 10: "complex128", 11: "bool", 15: "bfloat16"},
    "layout": {0: "strided"},
    "memory_format": {0: "contiguous_format", 1: "preserve_format", 2: "channels_last", 3: "channels_last_3d"},
}  # fmt: skip
"""What ATen's schemas have as numbers."""
_INFINITE = ("inf", "-inf", "nan")
_OF_TENSOR = ("shape", "dtype", "kind", "layout")
_CHOICES = {
    "approximate": ("none", "tanh"),
    "rounding_mode": ("trunc", "floor"),
    "indexing": ("ij", "xy"),
    "UPLO": ("U", "L", "u", "l"),
    "interpolation": ("linear", "lower", "higher", "midpoint", "nearest"),
}
"""Strings that ops choose by, and of which torch does not always say that it has no such choice."""


def value_of(value: Any, name: str, type_: str) -> ItemValue:
    """An argument.

    Args:
        value: As JSON has it.
        name: In the op's schema.
        type_: There, too.

    Raises:
        UsageError: it is of another form, or names something that torch does not have.
    """
    if isinstance(value, (list, tuple)):
        return tuple(_item(item, name, type_) for item in value)
    if "List[" in type_ and not isinstance(value, dict) and value is not None:
        return (_item(value, name, type_),)
    return _item(value, name, type_)


def _item(value: Any, name: str, type_: str) -> Item:
    if isinstance(value, dict):
        if "List[" in type_ and "Tensor" not in type_:
            raise UsageError(f"{name} is {type_}, got a tensor")
        return _tensor(value)
    if isinstance(value, (list, tuple)):
        raise UsageError(f"{name} has a list inside a list")
    kind = next((kind for spelled, kind in _SYMBOLS.items() if spelled in type_), "")
    if kind and value is not None:
        return Symbol(kind, _name_of(kind, value))
    if isinstance(value, str) and value in _INFINITE and "str" not in type_:
        return Symbol("float", value)
    if isinstance(value, float) and not math.isfinite(value):
        return Symbol("float", str(value))
    if isinstance(value, str):
        return _text(value, name, type_)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    raise UsageError(f"{name} cannot be {type(value).__name__}")


def _text(value: str, name: str, type_: str) -> str:
    if "str" not in type_ and "Dimname" not in type_:
        form = 'a tensor, {"shape": [...], "dtype": ...}' if "Tensor" in type_ else type_
        raise UsageError(f"{name} is {form}, got {value[:80]!r}")
    choices = _CHOICES.get(name)
    if choices and value not in choices:
        raise UsageError(f"{name} is one of {', '.join(choices)}, got {value[:80]!r}{and_near(value, choices)}")
    return value


def _name_of(kind: str, value: Any) -> str:
    """The name that torch has for a dtype, layout, memory format or device."""
    if kind == "device":
        return _device(value)
    shown = repr(value)[:80]
    if isinstance(value, int) and not isinstance(value, bool):
        value = _NUMBERED[kind].get(value)
    names = torch_names(kind)
    if not isinstance(value, str) or value.removeprefix("torch.") not in names:
        near = and_near(value.removeprefix("torch."), names) if isinstance(value, str) else ""
        raise UsageError(f"torch has no {kind.replace('_', ' ')} {shown}{near}")
    return names[value.removeprefix("torch.")]


def _device(value: Any) -> str:
    import torch

    try:
        return str(torch.device(value)) if isinstance(value, str) else str(torch.device(int(value)))
    except (RuntimeError, TypeError, ValueError) as error:
        near = and_near(value, ("cpu", "meta", "cuda", "mps", "xpu")) if isinstance(value, str) else ""
        raise UsageError(f"torch has no device {value!r:.80}{near}") from error


@cache
def torch_names(kind: str) -> dict[str, str]:
    """torch's names of its dtypes, layouts or memory formats, each with the one that it prints: `half` is float16."""
    import torch

    class_ = {"dtype": torch.dtype, "layout": torch.layout, "memory_format": torch.memory_format}[kind]
    found = {name: getattr(torch, name) for name in dir(torch)}
    return {name: str(value).removeprefix("torch.") for name, value in found.items() if isinstance(value, class_)}


def _tensor(data: dict[str, Any]) -> Operand | Symbol:
    """A tensor; a sparse or quantised one as a symbol that says what it is."""
    layout = _name_of("layout", data.get("layout", "strided"))
    operand = operand_of(data)
    if layout != "strided":
        return Symbol(NO_OPERAND, f"{layout} {operand.dtype} {list(operand.shape)}")
    is_quantised = operand.dtype.startswith(("qint", "quint"))
    return Symbol(NO_OPERAND, f"{operand.dtype} {list(operand.shape)}") if is_quantised else operand


def operand_of(data: dict[str, Any]) -> Operand:
    """A tensor.

    Raises:
        UsageError: it has no shape, or names a dtype or kind that there is not.
    """
    shape, kind = data.get("shape"), data.get("kind", "activation")
    unknown = next((key for key in data if key not in _OF_TENSOR), None)
    if unknown is not None:
        near = and_near(unknown, _OF_TENSOR)
        raise UsageError(f"a tensor has shape, dtype, kind and layout, and no {unknown[:80]!r}{near}")
    if not isinstance(shape, list) or not all(isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in shape):
        raise UsageError(f"a tensor's shape is a list of sizes, got {shape!r:.200}")
    if kind not in KINDS:
        near = and_near(kind, KINDS) if isinstance(kind, str) else ""
        raise UsageError(f"a tensor's kind is one of {', '.join(KINDS)}, got {kind!r:.80}{near}")
    return Operand(tuple(shape), _dtype(data.get("dtype", "float32")), kind)


def _dtype(value: Any) -> str:
    names = torch_names("dtype")
    text = value.removeprefix("torch.") if isinstance(value, str) else ""
    if text not in names:
        near = and_near(text, names) if text else ""
        raise UsageError(f"torch has no dtype {value[:80] if text else repr(value)[:80]}{near}")
    return names[text]
