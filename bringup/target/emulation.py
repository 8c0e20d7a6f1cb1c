"""Values beside a mock board's buffers: what ttnn's calls are replaced by while a program is emulated."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
import ttnn
import ttnn.decorators

from bringup.target import guards
from bringup.target.call_text import describe_call
from bringup.target.captures import Captures
from bringup.target.dtypes import as_stored
from bringup.target.findings import CaptureError, NotJudged
from bringup.target.modes import Mode
from bringup.target.patches import Patches
from bringup.target.reference import own_reference
from bringup.target.reference.convolution import round_prepared
from bringup.target.reference_call import ReferenceCall, flat_tensors
from bringup.target.values import PreparedWeight, Unknown, Value, Values, is_on_device


class Emulation:
    """One emulation: the mode, the values, and the calls of ttnn that it stands in front of.

    Args:
        board: `n150`, `n300`, `p100` or `p150`.
        mode: `exact`, `rounded` or `accumulated`; may be changed between programs, never within one.
    """

    def __init__(self, board: str, mode: Mode) -> None:
        self.board = board
        self.mode: Mode = mode
        self.values = Values()
        self.captures = Captures()
        self.op_at = ""
        """The op that runs now: what a process that dies was at."""
        self.last_call = ""
        """The call that failed last, with its operands."""
        self.on_op: Callable[[str], None] | None = None
        self.reader: Callable[..., Any] | None = None
        self.keeps_programs = False
        """Whether a program's wish to clear ttnn's program cache waits: the same program runs next."""
        self._depth = 0
        self._patches = Patches()

    def install(self) -> None:
        """Stand in front of ttnn's calls."""
        from bringup.target import interpose

        interpose.install(self, self._patches)

    def remove(self) -> None:
        """Give ttnn back as it was."""
        self._patches.undo()
        self.values.clear()

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Calls in here are ttnn's own business: nothing is emulated."""
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1

    @property
    def is_inside(self) -> bool:
        """Whether ttnn, or a reference function, is at work."""
        return self._depth > 0

    def run_operation(self, original: Callable[..., Any], operation: Any, args: tuple[Any, ...], kwargs: Any) -> Any:
        """One call of a registered operation: ttnn's own host code, and the value of what it gives."""
        name = operation.python_fully_qualified_name
        own = own_reference(name)
        if own is None and isinstance(operation.function, types.FunctionType):
            return original(operation, *args, **kwargs)
        self.enter_op(name)
        try:
            guards.check_operands(name, args, kwargs)
            call = ReferenceCall.prepare(self, operation, own, args, kwargs)
            with self.inside():
                output = original(operation, *args, **kwargs)
            self.finish(call, output)
        except Exception:
            self.last_call = describe_call(name, args, kwargs)
            raise
        return output

    def enter_op(self, name: str) -> None:
        """Note which op runs, for the case that ttnn ends the process."""
        self.op_at = name
        if self.on_op:
            self.on_op(name)

    def finish(self, call: ReferenceCall, output: Any) -> None:
        """Keep the values of an op's outputs, now or, within a captured trace, when it is replayed."""
        tensors = flat_tensors(output)
        capture = self.captures.current
        if capture is None:
            for tensor, value in zip(tensors, call.compute(tensors), strict=True):
                self.keep(tensor, value)
            return
        capture.record(call, tensors)
        for tensor in tensors:
            self.values.put(tensor, Unknown("it was captured in a trace that has not been executed"))

    def read(self, tensor: ttnn.Tensor) -> Value:
        """The value of a tensor: float32 or integers, never an alias of what is kept."""
        value = self._look_up(tensor)
        return value.clone() if isinstance(value, torch.Tensor) else value

    def _look_up(self, tensor: ttnn.Tensor) -> Value:
        kept = self.values.find(tensor)
        if kept is not None:
            return kept
        if is_on_device(tensor):
            return Unknown("nothing that the emulated board knows was ever written to its buffer")
        with self.inside():
            value: torch.Tensor = tensor.to_torch()
        return value.to(torch.float32) if value.is_floating_point() else value

    def keep(self, tensor: ttnn.Tensor, value: Value) -> None:
        """Keep the value of a tensor, as its dtype holds it."""
        self.values.put(tensor, self.stored(value, tensor.dtype))

    def stored(self, value: Value, dtype: ttnn.DataType) -> Value:
        """A value as a buffer of a dtype holds it in this mode."""
        with self.inside():
            if isinstance(value, PreparedWeight) and self.mode != "exact":
                return PreparedWeight(round_prepared(value.torch_value, dtype))
            return as_stored(value, dtype, self.mode) if isinstance(value, torch.Tensor) else value

    @contextmanager
    def reading_with(self, read: Callable[..., Any]) -> Iterator[None]:
        """Within: ttnn's golden preparation reads operands through this."""
        before, self.reader = self.reader, read
        try:
            yield
        finally:
            self.reader = before

    def to_torch(self, tensor: ttnn.Tensor) -> torch.Tensor:
        """The value as ttnn.to_torch gives it.

        Raises:
            NotJudged: nobody knows it.
            DeallocatedTensorError: its buffer is gone.
        """
        guards.check_allocated("ttnn.to_torch", tensor)
        if self.captures.current is not None:
            raise CaptureError("ttnn.to_torch while a trace is captured: a trace holds no reads")
        value = self._look_up(tensor)
        if isinstance(value, Unknown):
            raise NotJudged(value.reason)
        if isinstance(value, PreparedWeight):
            raise NotJudged("a convolution's prepared weight was read")
        if value.is_floating_point() and self.mode != "exact" and tensor.dtype != ttnn.float32:
            return value.to(torch.bfloat16)
        return value.clone()
