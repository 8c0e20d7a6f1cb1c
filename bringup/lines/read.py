"""One JSON line as an input variation.

`{"op": "aten.add.Tensor", "args": [{"shape": [1, 64], "dtype": "float32"}, 2.0], "kwargs": {"alpha": 1}}`

A tensor is an object with `shape`, `dtype` (default `float32`) and `kind` (`activation`, the default, `parameter`,
`buffer`, `constant`, or `prologue`: made of integer inputs alone). Everything else is as the op's schema has it;
dtypes, layouts and the like are strings. What is left out takes the schema's default. In-place and out forms are judged
as the op that they are a form of.
"""

from __future__ import annotations

import importlib
import json
import logging
import math
from collections.abc import Set
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bringup.errors import UsageError
from bringup.inventory import Item, ItemValue, Operand, Variation, VariationArgument
from bringup.ir import Kind, Symbol
from bringup.variations import variation_id

if TYPE_CHECKING:
    import torch

KINDS: tuple[Kind, ...] = ("activation", "parameter", "buffer", "constant", "prologue")
_SYMBOLS = {"ScalarType": "dtype", "Layout": "layout", "Device": "device", "MemoryFormat": "memory_format"}
_NUMBERED = {
    "dtype": {0: "uint8", 1: "int8", 2: "int16", 3: "int32", 4: "int64", 5: "float16", 6: "float32", 7: "float64",
              11: "bool", 15: "bfloat16"},
    "layout": {0: "strided"},
    "memory_format": {0: "contiguous_format", 1: "preserve_format", 2: "channels_last", 3: "channels_last_3d"},
}  # fmt: skip
"""What ATen's schemas have as numbers."""
_INFINITE = ("inf", "-inf", "nan")
_LIBRARIES = {"torchvision": "torchvision", "transformers": "transformers.integrations.moe"}
"""What registers ops of its own when it is imported."""
_PLACEMENT = ("device", "layout", "pin_memory")


@dataclass(frozen=True, slots=True)
class Line:
    """A line that was read.

    Args:
        number: Its number in the file, from 1.
        variation: None when it could not be made out.
        problem: Why it could not.
    """

    number: int
    variation: Variation | None
    problem: str = ""


def read_line(number: int, text: str) -> Line:
    """A line of the file; what is wrong with it is said in `problem`, never raised."""
    try:
        data = json.loads(text)
    except ValueError as error:
        return Line(number, None, f"not JSON: {error}")
    try:
        return Line(number, read_variation(data))
    except UsageError as error:
        return Line(number, None, error.what)


def read_variation(data: Any) -> Variation:
    """A JSON object as a variation, its outputs worked out by torch without any data.

    Raises:
        UsageError: it is not of the form, there is no such op, or torch refuses the call.
    """
    if not isinstance(data, dict) or not isinstance(data.get("op"), str):
        raise UsageError('not of the form {"op": "aten.add.Tensor", "args": [...], "kwargs": {...}}')
    overload = find_overload(data["op"])
    arguments = _bind(overload, data.get("args", []), data.get("kwargs", {}))
    named = tuple(VariationArgument(name, value) for name, value in arguments if name not in _PLACEMENT)
    made = Variation(variation_id(str(overload), named), str(overload), named, (), 1, ())
    return replace(
        made, outputs=_outputs(overload, arguments, output_kind({operand.kind for _, operand in made.operands()}))
    )


def find_overload(name: str) -> torch._ops.OpOverload:
    """The op of a name: `aten.add.Tensor`, `aten::add.Tensor`, `aten.relu` for its default; functional where it can be.

    Raises:
        UsageError: torch has no such op.
    """
    import torch

    parts = name.removeprefix("torch.ops.").replace("::", ".").split(".")
    if len(parts) not in (2, 3):
        raise UsageError(f"{name!r} is no op: its form is namespace.name.overload")
    namespace, base, *rest = parts
    overload = rest[0] if rest else "default"
    if namespace in _LIBRARIES:
        with suppress(ImportError):
            importlib.import_module(_LIBRARIES[namespace])
    for candidate in (base.removesuffix("_") if not base.endswith("__") else base, base):
        try:
            packet = getattr(getattr(torch.ops, namespace), candidate)
            found: torch._ops.OpOverload = getattr(packet, overload)
            return found
        except (AttributeError, RuntimeError):
            continue
    raise UsageError(f"torch has no op {name}")


def _bind(overload: torch._ops.OpOverload, args: Any, kwargs: Any) -> list[tuple[str, ItemValue]]:
    if not isinstance(args, list) or not isinstance(kwargs, dict):
        raise UsageError("args is a list, kwargs is an object")
    parameters = [p for p in overload._schema.arguments if not p.is_out]
    known = {parameter.name for parameter in parameters}
    outs = {parameter.name for parameter in overload._schema.arguments if parameter.is_out}
    unknown = [name for name in kwargs if name not in known and name not in outs]
    if unknown or len(args) > len(parameters):
        what = f"has no argument {unknown[0]!r}" if unknown else f"takes {len(parameters)} arguments, got {len(args)}"
        raise UsageError(f"{overload} {what}")
    bound: list[tuple[str, ItemValue]] = []
    for index, parameter in enumerate(parameters):
        if index < len(args):
            value = args[index]
        elif parameter.name in kwargs:
            value = kwargs[parameter.name]
        elif parameter.has_default_value():
            value = parameter.default_value
        elif "Optional" in str(parameter.type):
            value = None
        elif parameter.name == "device":
            value = "cpu"
        else:
            raise UsageError(f"{overload} needs {parameter.name}")
        bound.append((parameter.name, _value(value, str(parameter.real_type))))
    return bound


def _value(value: Any, type_: str) -> ItemValue:
    if isinstance(value, (list, tuple)):
        return tuple(_item(item, type_) for item in value)
    if "List[" in type_ and not isinstance(value, dict) and value is not None:
        return (_item(value, type_),)
    return _item(value, type_)


def _item(value: Any, type_: str) -> Item:
    if isinstance(value, dict):
        return _operand(value)
    kind = next((kind for name, kind in _SYMBOLS.items() if name in type_), "")
    if kind and value is not None:
        text = str(_NUMBERED.get(kind, {}).get(value, value)) if isinstance(value, int) else str(value)
        return Symbol(kind, text.removeprefix("torch."))
    if isinstance(value, str) and value in _INFINITE and "str" not in type_:
        return Symbol("float", value)
    if isinstance(value, float) and not math.isfinite(value):
        return Symbol("float", str(value))
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return Symbol("other", str(value))


def _operand(data: dict[str, Any]) -> Operand:
    import torch

    shape, kind = data.get("shape"), data.get("kind", "activation")
    dtype = str(data.get("dtype", "float32")).removeprefix("torch.")
    if not isinstance(shape, list) or not all(isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in shape):
        raise UsageError(f"a tensor's shape is a list of sizes, got {shape!r}")
    if not isinstance(getattr(torch, dtype, None), torch.dtype):
        raise UsageError(f"torch has no dtype {dtype}")
    if kind not in KINDS:
        raise UsageError(f"a tensor's kind is one of {', '.join(KINDS)}, got {kind!r}")
    return Operand(tuple(shape), dtype, kind)


def output_kind(kinds: Set[Kind]) -> Kind:
    """What an op without activations makes is made on the host: once, or with the inputs that it depends on alone."""
    if "activation" in kinds or ("prologue" in kinds and kinds & {"parameter", "buffer"}):
        return "activation"
    return "prologue" if "prologue" in kinds else "constant"


def _outputs(
    overload: torch._ops.OpOverload, arguments: list[tuple[str, ItemValue]], kind: Kind
) -> tuple[Operand, ...]:
    import torch
    from torch._subclasses import FakeTensorMode
    from torch._subclasses.fake_tensor import DataDependentOutputException, DynamicOutputShapeException

    logging.getLogger("torch._subclasses.fake_tensor").setLevel(logging.CRITICAL)
    try:
        with FakeTensorMode():
            made = _called(overload, arguments, "cpu")
    except (DynamicOutputShapeException, DataDependentOutputException):
        return ()
    except Exception as error:
        try:  # some ops lack a kernel for a dtype on the processor, and only there
            made = _called(overload, arguments, "meta")
        except Exception:
            raise UsageError(f"torch refuses the call: {' '.join(str(error).split())[:300]}") from error
    listed = made if isinstance(made, (tuple, list)) else (made,)
    tensors = [tensor for tensor in listed if isinstance(tensor, torch.Tensor)]
    return tuple(Operand(tuple(int(n) for n in t.shape), str(t.dtype).removeprefix("torch."), kind) for t in tensors)


def _called(overload: torch._ops.OpOverload, arguments: list[tuple[str, ItemValue]], device: str) -> Any:
    by_name = {parameter.name: parameter for parameter in overload._schema.arguments}
    given = {name: torch_value(value, device) for name, value in arguments}
    return overload(
        *[given[name] for name, _ in arguments if not by_name[name].kwarg_only],
        **{name: given[name] for name, _ in arguments if by_name[name].kwarg_only},
    )


def torch_value(value: ItemValue, device: str = "cpu") -> Any:
    """An argument as torch takes it; tensors without data, inside the current fake mode."""
    import torch

    if isinstance(value, tuple):
        return [torch_value(item, device) for item in value]
    if isinstance(value, Operand):
        return torch.empty(value.shape, dtype=getattr(torch, value.dtype), device=device)
    if isinstance(value, Symbol):
        if value.kind == "float":
            return float(value.text)
        return torch.device(value.text) if value.kind == "device" else getattr(torch, value.text, None)
    return value
