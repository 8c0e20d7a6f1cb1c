"""One JSON line as an input variation.

`{"op": "aten.add.Tensor", "args": [{"shape": [1, 64], "dtype": "float32"}, 2.0], "kwargs": {"alpha": 1}}`

A tensor is an object with `shape`, `dtype` (default `float32`), `layout` (default `strided`) and `kind` (`activation`,
the default, `parameter`, `buffer`, `constant`, or `prologue`: made of integer inputs alone). Everything else is as the
op's schema has it; dtypes, layouts and the like are strings. What is left out takes the schema's default. In-place and
out forms are judged as the op that they are a form of. Of an op with several results `reads` names the places of those
that are read, `[0]`; left out, all are.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bringup.errors import UsageError
from bringup.inventory import NO_OPERAND, ItemValue, Operand, Variation, VariationArgument
from bringup.ir import Kind, Symbol
from bringup.lines.kernels import refusal
from bringup.lines.overloads import find_named, functional, results_named
from bringup.lines.values import value_of
from bringup.near import and_near, nearest
from bringup.ops.families import family_row
from bringup.variations import unread_results, variation_id

if TYPE_CHECKING:
    import torch

_KEYS = ("op", "args", "kwargs", "reads")
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


def read_line(number: int, text: str | bytes) -> Line:
    """A line of the file; what is wrong with it is said in `problem`, never raised."""
    try:
        data = json.loads(text if isinstance(text, str) else text.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return Line(number, None, f"not UTF-8: {error.reason} at byte {error.start}")
    except ValueError as error:
        return Line(number, None, f"not JSON: {error}")
    except RecursionError:
        return Line(number, None, "not of the form of a line: its lists are nested too deeply")
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
    _check_keys(data)
    form = find_named(data["op"])
    overload = functional(form)
    arguments = _bind(overload, data.get("args", []), data.get("kwargs", {}), _defaults(form))
    named = tuple(VariationArgument(name, value) for name, value in arguments if name not in _PLACEMENT)
    made = Variation("", str(overload), named, (), 1, ())
    outputs: tuple[Operand, ...] = ()
    if not made.symbols(NO_OPERAND):
        kind = output_kind({operand.kind for _, operand in made.operands()})
        drawn = not made.operands() and _is_random(overload)
        outputs = _outputs(overload, arguments, "activation" if drawn else kind)
    unread = _unread(data.get("reads"), made.op, len(outputs))
    return replace(made, id=variation_id(made.op, named, unread), outputs=outputs, unread=unread)


def _unread(reads: Any, op: str, count: int) -> tuple[int, ...]:
    if reads is None:
        return ()
    places = isinstance(reads, list) and all(type(place) is int and 0 <= place < count for place in reads)
    if not places or not reads:
        raise UsageError(f"reads names places of results, 0 to {count - 1}, got {json.dumps(reads)[:80]}")
    return unread_results(op, reads, count)


def _is_random(overload: torch._ops.OpOverload) -> bool:
    """Whether an op draws values: anew in each run, so that what it makes of no tensor is no constant."""
    import torch

    return torch.Tag.nondeterministic_seeded in overload.tags


def _check_keys(data: dict[str, Any]) -> None:
    """Keys of a program's own may stand in a line, but for those that were meant to be the line's."""
    for key in data:
        if key not in _KEYS and nearest(key, _KEYS):
            raise UsageError(f"a line has op, args, kwargs and reads, and no {key[:80]!r}{and_near(key, _KEYS)}")


def _defaults(form: torch._ops.OpOverload) -> dict[str, Any]:
    """What the form that a line names has by default; its functional op may have no default there."""
    return {given.name: given.default_value for given in form._schema.arguments if given.has_default_value()}


def _bind(
    overload: torch._ops.OpOverload, args: Any, kwargs: Any, defaults: Mapping[str, Any]
) -> list[tuple[str, ItemValue]]:
    if not isinstance(args, list) or not isinstance(kwargs, dict):
        raise UsageError("args is a list, kwargs is an object")
    parameters = [p for p in overload._schema.arguments if not p.is_out]
    known = {parameter.name for parameter in parameters}
    outs = results_named(overload)
    unknown = next((name for name in kwargs if name not in known and name not in outs), None)
    if unknown is not None:
        raise UsageError(f"{overload} has no argument {unknown[:80]!r}{and_near(unknown, known)}")
    if len(args) > len(parameters):
        raise UsageError(f"{overload} takes {len(parameters)} arguments, got {len(args)}")
    twice = next((parameter.name for parameter in parameters[: len(args)] if parameter.name in kwargs), None)
    if twice:
        raise UsageError(f"{overload} got {twice} in args and in kwargs")
    bound: list[tuple[str, ItemValue]] = []
    for index, parameter in enumerate(parameters):
        if index < len(args):
            value = args[index]
        elif parameter.name in kwargs:
            value = kwargs[parameter.name]
        elif parameter.has_default_value():
            value = parameter.default_value
        elif parameter.name in defaults:
            value = defaults[parameter.name]
        elif "Optional" in str(parameter.type):
            value = None
        elif parameter.name == "device":
            value = "cpu"
        else:
            raise UsageError(f"{overload} needs {parameter.name}")
        bound.append((parameter.name, value_of(value, parameter.name, str(parameter.real_type))))
    return bound


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
            if isinstance(error, NotImplementedError) and family_row(str(overload)):
                return ()  # an op of another device, which its family says
            raise UsageError(f"torch refuses the call: {_words(error)}") from error
    listed = made if isinstance(made, (tuple, list)) else (made,)
    tensors = [tensor for tensor in listed if isinstance(tensor, torch.Tensor)]
    outputs = tuple(Operand(tuple(map(int, t.shape)), str(t.dtype).removeprefix("torch."), kind) for t in tensors)
    if words := refusal(overload, arguments, outputs):
        raise UsageError(f"torch refuses the call: {words}")
    return outputs


def _words(error: Exception) -> str:
    """torch's own, without the C++ frames behind them."""
    text = " ".join(str(error).split("Exception raised from")[0].split())
    return (text or type(error).__name__)[:300]


def _called(overload: torch._ops.OpOverload, arguments: list[tuple[str, ItemValue]], device: str) -> Any:
    return called(overload, {name: torch_value(value, device) for name, value in arguments})


def called(overload: torch._ops.OpOverload, given: Mapping[str, Any]) -> Any:
    """What an op gives for arguments by name."""
    by_name = {parameter.name: parameter for parameter in overload._schema.arguments}
    return overload(
        *[value for name, value in given.items() if not by_name[name].kwarg_only],
        **{name: value for name, value in given.items() if by_name[name].kwarg_only},
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
        return torch.device(value.text) if value.kind == "device" else getattr(torch, value.text)
    return value
