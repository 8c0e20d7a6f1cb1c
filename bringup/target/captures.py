"""Captured traces and events, as records of calls: on a mock board ttnn itself ends the process on them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import ttnn

from bringup.target.findings import CaptureError
from bringup.target.values import Key, Value, Values, key_of

if TYPE_CHECKING:
    from bringup.target.emulation import Emulation
    from bringup.target.reference_call import ReferenceCall


@dataclass(frozen=True, slots=True)
class EmulatedTrace:
    """What begin_trace_capture gives in the place of ttnn's trace id."""

    number: int


@dataclass(frozen=True, slots=True)
class EmulatedEvent:
    """What record_event gives in the place of ttnn's event."""

    queue: int


@dataclass(frozen=True, slots=True)
class _Output:
    key: Key
    shape: tuple[int, ...]
    dtype: ttnn.DataType


@dataclass(frozen=True, slots=True)
class _Recorded:
    call: ReferenceCall
    outputs: tuple[_Output, ...]


@dataclass(slots=True)
class Capture:
    """The calls of one trace, in order."""

    device: Any
    calls: list[_Recorded] = field(default_factory=list)

    def record(self, call: ReferenceCall, outputs: list[ttnn.Tensor]) -> None:
        """Note one call."""
        made = (_Output(key_of(tensor), tuple(tensor.shape), tensor.dtype) for tensor in outputs)
        self.calls.append(_Recorded(call, tuple(made)))

    def replay(self, emulation: Emulation) -> None:
        """Compute every call from what the buffers hold now; buffers that are gone since live on in here."""
        made: dict[Key, Value] = {}
        for recorded in self.calls:
            shapes = [output.shape for output in recorded.outputs]
            values = recorded.call.compute_again(shapes, partial(_look_up, made, emulation.values))
            for output, value in zip(recorded.outputs, values, strict=True):
                made[output.key] = emulation.stored(value, output.dtype)
                emulation.values.put_at(output.key, made[output.key])


def _look_up(made: dict[Key, Value], values: Values, key: Key) -> Value | None:
    return made[key] if key in made else values.at(key)


class Captures:
    """The traces of a process; at most one is being captured."""

    def __init__(self) -> None:
        self.current: Capture | None = None
        self._open: EmulatedTrace | None = None
        self._traces: dict[EmulatedTrace, Capture] = {}
        self._made = 0

    def begin(self, device: Any) -> EmulatedTrace:
        """Start to record."""
        if self._open is not None:
            raise CaptureError("begin_trace_capture while another trace is captured")
        self._made += 1
        trace = EmulatedTrace(self._made)
        self.current = self._traces[trace] = Capture(device)
        self._open = trace
        return trace

    def end(self, trace: EmulatedTrace) -> None:
        """Stop to record."""
        if trace != self._open:
            raise CaptureError("end_trace_capture for a trace that is not being captured")
        self.current = self._open = None

    def find(self, trace: EmulatedTrace) -> Capture:
        """A captured trace."""
        if trace == self._open:
            raise CaptureError("execute_trace before end_trace_capture")
        if trace not in self._traces:
            raise CaptureError("execute_trace for a trace that was released, or never captured")
        return self._traces[trace]

    def release(self, trace: EmulatedTrace) -> None:
        """Forget a trace."""
        if trace == self._open:
            raise CaptureError("release_trace before end_trace_capture")
        self._traces.pop(trace, None)

    def event(self, queue: int | None) -> EmulatedEvent:
        """A recorded event."""
        return EmulatedEvent(queue or 0)

    def check_event(self, event: object) -> None:
        """An event to wait for is one that was recorded."""
        if not isinstance(event, EmulatedEvent):
            raise CaptureError(f"wait for {event!r}, which is no event that record_event gave")
