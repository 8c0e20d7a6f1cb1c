"""What the emulated board finds wrong with a program, and what it cannot judge."""

from __future__ import annotations


class EmulationError(Exception):
    """A mistake in a TT-NN program that ttnn itself lets pass, or dies of: what, in which op, on which operand."""


class HostTensorError(EmulationError):
    """A host tensor given to an op that runs on the device: ttnn ends the process."""


class DeallocatedTensorError(EmulationError):
    """A tensor used after its buffer was deallocated: ttnn ends the process, or reads what is there now."""


class ShapeError(EmulationError):
    """The op's real output has another shape than its reference value."""


class ArgumentError(EmulationError):
    """An argument that contradicts an operand: a weight of another shape, an index out of range."""


class CaptureError(EmulationError):
    """Something that a trace cannot capture, or a trace used in the wrong order."""


class NotJudged(Exception):
    """A value was read that the emulated board does not know, so nothing can be said of it."""
