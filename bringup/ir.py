"""The graph of a traced model: data only, no torch.

A `Graph` is what `trace` makes and everything later starts from (`.bringup/graph.json`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, Union

Kind = Literal["activation", "prologue", "parameter", "buffer", "constant"]
"""What an operand is: an input or computed from one; computed from integer inputs alone, without weights (masks and
position ids: the host does that before the model runs); a weight; a buffer; or known before any input."""

Level = Literal["ttnn", "core"]
"""`ttnn`: ops are kept where TT-NN has them; `core`: everything decomposed to core ATen."""


@dataclass(frozen=True, slots=True)
class TensorType:
    """Shape in elements and torch dtype without its prefix, such as `float32`."""

    shape: tuple[int, ...]
    dtype: str


@dataclass(frozen=True, slots=True)
class Ref:
    """A tensor argument: the name of a `Value`."""

    ref: str


@dataclass(frozen=True, slots=True)
class Symbol:
    """An argument JSON has no form for: kind `dtype`, `device`, `layout`, `memory_format`, `complex` or
    `float` (inf, nan)."""

    kind: str
    text: str


Scalar = Union[bool, int, float, str, None, Ref, Symbol]
ArgumentValue = Union[Scalar, tuple[Scalar, ...]]


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument by the name that the op's schema gives it; defaults are filled in."""

    name: str
    value: ArgumentValue


@dataclass(frozen=True, slots=True)
class Value:
    """A tensor of the graph.

    `source` is the qualified name in the model for parameters and buffers, the argument's name for
    the model's inputs, and empty for what an op computes. `data` are the elements of a small
    constant that the model's code makes itself: no checkpoint has them.
    """

    name: str
    type: TensorType
    kind: Kind
    source: str = ""
    data: tuple[Union[int, float], ...] | None = None


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line of the user's model. `file` is relative to where Python found it, never a machine's path."""

    file: str
    line: int
    function: str
    code: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Frame:
    """One call of one module. `id` tells two calls of the same module apart; the root's path is empty.

    `source` is the line of the parent's forward that makes the call, where torch tells it.
    """

    id: str
    path: str
    class_name: str
    parent: str | None
    source: SourceLine | None = None


@dataclass(frozen=True, slots=True)
class OpCall:
    """One call of one ATen op, `target` with its overload: `aten.conv2d.default`.

    Of its arguments the op's schema takes those in `by_name` by name alone; those in `at_default` have its default.
    """

    name: str
    target: str
    arguments: tuple[Argument, ...]
    outputs: tuple[str, ...]
    frame: str
    source: SourceLine | None = None
    by_name: tuple[str, ...] = ()
    at_default: tuple[str, ...] = ()

    def argument(self, name: str) -> ArgumentValue:
        """The argument of that name; KeyError when the op's schema has none."""
        for argument in self.arguments:
            if argument.name == name:
                return argument.value
        raise KeyError(name)

    def refs(self) -> Iterator[str]:
        """The names of the tensors that the call reads, in the order of its arguments."""
        for argument in self.arguments:
            items = argument.value if isinstance(argument.value, tuple) else (argument.value,)
            yield from (item.ref for item in items if isinstance(item, Ref))


@dataclass(frozen=True, slots=True)
class Weight:
    """A parameter, a buffer, or a constant that the model's code keeps. Tied weights have the same `storage` number.

    `bounds` are the least and the largest of whole numbers: what they index has to have as many places.
    """

    name: str
    kind: Kind
    type: TensorType
    storage: int
    bounds: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class KeptConstant:
    """A tensor of the model's code that stands at no place of the model: its bytes, compressed by zlib, in base64."""

    name: str
    type: TensorType
    packed: str


@dataclass(frozen=True, slots=True)
class ModuleInfo:
    """A module instance of the model, called or not: its path, full class name, own extra_repr, forward's arguments."""

    path: str
    class_name: str
    extra: str = ""
    forward: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attempt:
    """One tracing strategy and how it ended. `status` is `ok`, `failed` or `not tried`."""

    strategy: str
    status: str
    message: str = ""
    source: SourceLine | None = None
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class Structure:
    """What the model is given or gives: a tensor, a constant, or a container of such.

    Args:
        kind: `tensor`; `constant`: `text` is how Python writes it; `tuple`, `list`, `dict`; `named`: a named tuple, a
            dataclass or an output of transformers.
        keys: Of a dict as Python writes them; of what is named, its fields.
        class_name: Of what is named, and of a dict or constant of a class of its own, with its module.
    """

    kind: Literal["tensor", "constant", "tuple", "list", "dict", "named"]
    text: str = ""
    keys: tuple[str, ...] = ()
    class_name: str = ""
    members: tuple[Structure, ...] = ()

    def leaves(self, path: str = "") -> Iterator[tuple[str, Structure]]:
        """The tensors and constants with their paths: `state[0]`, `extra["bias"]`, `.logits`."""
        if self.kind in ("tensor", "constant"):
            yield path, self
        for index, member in enumerate(self.members):
            key = f".{self.keys[index]}" if self.kind == "named" else f"[{self.keys[index] if self.keys else index}]"
            yield from member.leaves(path + key)


@dataclass(frozen=True, slots=True)
class Given:
    """An argument that the model is called with: by position, by keyword, or as the rest (`*args`) of the positions."""

    name: str
    how: Literal["position", "keyword", "rest"]
    structure: Structure


@dataclass(frozen=True, slots=True)
class Call:
    """How the model is called, and what it gives; tensors in the order of the graph's inputs and outputs."""

    given: tuple[Given, ...]
    result: Structure


@dataclass(frozen=True, slots=True)
class StateWrite:
    """A buffer that the model's forward writes, and the value that it has after the call."""

    buffer: str
    value: str


@dataclass(frozen=True, slots=True)
class Graph:
    """A traced model: op calls in order, their tensors, the module calls they belong to, the weights.

    `outputs` are what the model returns; `state` what it leaves in its buffers besides. `parts` is empty when the whole
    model was traced; else the paths of the submodules that were. `call` keeps the structure of inputs and outputs,
    whose tensors alone are in `inputs` and `outputs`.
    """

    level: Level
    calls: tuple[OpCall, ...]
    values: tuple[Value, ...]
    frames: tuple[Frame, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    weights: tuple[Weight, ...] = ()
    modules: tuple[ModuleInfo, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    parts: tuple[str, ...] = ()
    versions: tuple[tuple[str, str], ...] = field(default=())
    call: Call | None = None
    state: tuple[StateWrite, ...] = ()
    constants: tuple[KeptConstant, ...] = ()

    def check(self) -> None:
        """Every name that is used is there, once.

        Raises:
            ValueError: it is not, with the first such name.
        """
        values, frames = unique("value", (v.name for v in self.values)), unique("frame", (f.id for f in self.frames))
        unique("call", (call.name for call in self.calls))
        for frame in self.frames:
            if frame.parent is not None and frame.parent not in frames:
                raise ValueError(f"frame {frame.id!r} is called by {frame.parent!r}, which is none")
        for call in self.calls:
            if call.frame not in frames:
                raise ValueError(f"call {call.name!r} is in frame {call.frame!r}, which is none")
        used = [name for call in self.calls for name in (*call.refs(), *call.outputs)]
        for name in (*self.inputs, *self.outputs, *used):
            if name not in values:
                raise ValueError(f"there is no value {name!r}")
        self._check_frames_end()

    def _check_frames_end(self) -> None:
        parents = {frame.id: frame.parent for frame in self.frames}
        for frame in self.frames:
            seen: set[str] = set()
            current: str | None = frame.id
            while current is not None:
                if current in seen:
                    raise ValueError(f"frame {frame.id!r} is called by itself")
                seen.add(current)
                current = parents[current]

    def value_by_name(self) -> dict[str, Value]:
        """The tensors by name."""
        return {value.name: value for value in self.values}

    def frame_by_id(self) -> dict[str, Frame]:
        """The module calls by id."""
        return {frame.id: frame for frame in self.frames}

    @property
    def results(self) -> tuple[str, ...]:
        """What a call of the model leaves behind: its outputs, then the buffers that it writes."""
        return (*self.outputs, *(write.value for write in self.state))

    @property
    def is_complete(self) -> bool:
        """Whether the whole model was traced."""
        return not self.parts


def unique(what: str, names: Iterable[str]) -> frozenset[str]:
    """The names, of which none stands twice.

    Raises:
        ValueError: one does.
    """
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"{what} {name!r} is there twice")
        seen.add(name)
    return frozenset(seen)
