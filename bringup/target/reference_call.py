"""One call's reference value: operands read before ttnn runs, computed after."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
import ttnn
import ttnn.decorators

from bringup.target.findings import EmulationError, ShapeError
from bringup.target.reference.pooling import ROWS_OR_IMAGES
from bringup.target.values import Key, PreparedWeight, Unknown, Value, fit_to, key_of

if TYPE_CHECKING:
    from bringup.target.emulation import Emulation


@dataclass(frozen=True, slots=True)
class Read:
    """An operand that was read: its buffer, its shape, and the torch tensor that stands for it in the arguments."""

    key: Key
    shape: tuple[int, ...]
    stands_for: torch.Tensor


@dataclass(slots=True)
class ReferenceCall:
    """A call of a reference function with torch operands.

    Args:
        op: `ttnn.add`.
        function: Computes the value; None when nobody knows how.
        args: Its arguments, torch tensors in the place of ttnn's.
        kwargs: The same.
        reads: The operands, to read them again when a trace is replayed.
        unknown: Why the value cannot be computed; empty when it can.
        emulation: Whose values these are.
    """

    op: str
    function: Callable[..., Any] | None
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    reads: tuple[Read, ...]
    unknown: str
    emulation: Emulation

    @classmethod
    def prepare(
        cls,
        emulation: Emulation,
        operation: Any,
        own: Callable[..., Any] | None,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> ReferenceCall:
        """Read the operands of a call, before ttnn overwrites or deallocates them."""
        name = operation.python_fully_qualified_name
        function = own or operation.golden_function
        if function is None:
            return cls(name, None, (), {}, (), f"{name} has no reference function", emulation)
        reader = _Reader(emulation, takes_prepared=getattr(own, "takes_prepared", False))
        try:
            with emulation.inside(), reader.in_place():
                prepare = None if own else operation.preprocess_golden_function_inputs
                prepare = prepare or ttnn.decorators.default_preprocess_golden_function_inputs
                torch_args, torch_kwargs = prepare(args, dict(kwargs))
        except _UnknownOperandError as error:
            return cls(name, None, (), {}, tuple(reader.reads), str(error), emulation)
        except EmulationError:
            raise
        except Exception as error:
            return cls(name, None, (), {}, (), _failed(name, error), emulation)
        for placement in ("queue_id", "cq_id", "memory_config"):
            torch_kwargs.pop(placement, None)
        torch_kwargs.pop("_ttnn_skip_comparison", None)
        if getattr(own, "takes_mode", False):
            torch_kwargs["mode"] = emulation.mode
        if not own:
            for target in ("output_tensor", "optional_output_tensor"):
                torch_kwargs.pop(target, None)
        return cls(name, function, torch_args, torch_kwargs, tuple(reader.reads), "", emulation)

    def compute(self, outputs: list[ttnn.Tensor]) -> list[Value]:
        """The values of the op's output tensors.

        Raises:
            ShapeError: ttnn's output has another shape than the reference value.
            ArgumentError: an argument contradicts an operand.
        """
        return self._compute([tuple(output.shape) for output in outputs], self.args, self.kwargs)

    def compute_again(self, shapes: list[tuple[int, ...]], look_up: Callable[[Key], Value | None]) -> list[Value]:
        """The values from what the operands' buffers hold now."""
        current: dict[int, Any] = {}
        for read in self.reads:
            value = look_up(read.key)
            if value is None:
                value = Unknown(f"an operand of {self.op} was deallocated before the trace was executed")
            value = fit_to(value, read.shape)
            if isinstance(value, Unknown):
                return [value for _ in shapes]
            current[id(read.stands_for)] = value.torch_value if isinstance(value, PreparedWeight) else value.clone()
        return self._compute(shapes, _exchange(self.args, current), _exchange(self.kwargs, current))

    def _compute(self, shapes: list[tuple[int, ...]], args: Any, kwargs: Any) -> list[Value]:
        if self.unknown or self.function is None:
            return [Unknown(self.unknown) for _ in shapes]
        try:
            with self.emulation.inside(), torch.no_grad():
                made = self.function(*args, **kwargs)
        except EmulationError:
            raise
        except Exception as error:
            return [Unknown(_failed(self.op, error)) for _ in shapes]
        return _match(self.op, shapes, list(_flat_values(made)))


class _UnknownOperandError(Exception):
    pass


class _Reader:
    """Stands in for ttnn's own reading of operands while a reference function's arguments are made."""

    def __init__(self, emulation: Emulation, *, takes_prepared: bool) -> None:
        self._emulation = emulation
        self.takes_prepared = takes_prepared
        self.reads: list[Read] = []

    def in_place(self) -> Any:
        return self._emulation.reading_with(self.read)

    def read(self, tensor: Any, *_: Any, **__: Any) -> Any:
        if isinstance(tensor, torch.Tensor):
            return tensor
        value = self._emulation.read(tensor)
        stands_for: torch.Tensor
        if isinstance(value, PreparedWeight):
            if not self.takes_prepared:
                raise _UnknownOperandError("a convolution's prepared weight is an operand")
            stands_for = value.torch_value
        elif isinstance(value, Unknown):
            if self._emulation.captures.current is None:
                raise _UnknownOperandError(value.reason)
            stands_for = torch.zeros(tuple(tensor.shape))
        else:
            stands_for = value
        self.reads.append(Read(key_of(tensor), tuple(tensor.shape), stands_for))
        return stands_for


def _failed(name: str, error: Exception) -> str:
    return f"the reference function of {name} failed: {type(error).__name__}: {error}"


def _exchange(value: Any, current: dict[int, Any]) -> Any:
    if isinstance(value, torch.Tensor):
        return current.get(id(value), value)
    if isinstance(value, (list, tuple)):
        return type(value)(_exchange(item, current) for item in value)
    if isinstance(value, dict):
        return {key: _exchange(item, current) for key, item in value.items()}
    return value


def _flat_values(made: Any) -> Iterator[Value]:
    if isinstance(made, (torch.Tensor, Unknown, PreparedWeight)):
        yield made
    elif isinstance(made, (list, tuple)):
        for item in made:
            yield from _flat_values(item)


def _match(op: str, shapes: list[tuple[int, ...]], made: list[Value]) -> list[Value]:
    if len(made) < len(shapes):
        missing = Unknown(f"the reference function of {op} gives {len(made)} of {len(shapes)} outputs")
        made = made + [missing] * (len(shapes) - len(made))
    for index, (shape, value) in enumerate(zip(shapes, made, strict=False)):
        if op in ROWS_OR_IMAGES and isinstance(value, torch.Tensor) and _same_pixels(value, shape):
            made[index] = value.reshape(shape)
        elif isinstance(value, torch.Tensor) and tuple(value.shape) != shape:
            of = f"output {index} of {op}" if len(shapes) > 1 else f"the output of {op}"
            raise ShapeError(f"{of} has shape {list(shape)} in ttnn, its reference value has {list(value.shape)}")
    return made[: len(shapes)]


def _same_pixels(value: torch.Tensor, shape: tuple[int, ...]) -> bool:
    return value.numel() == math.prod(shape) and value.shape[-1] == shape[-1]


def flat_tensors(output: Any) -> list[ttnn.Tensor]:
    """The ttnn tensors in what an op gives, in order."""
    if isinstance(output, ttnn.Tensor):
        return [output]
    if isinstance(output, (list, tuple)):
        return [tensor for item in output for tensor in flat_tensors(item)]
    return []
