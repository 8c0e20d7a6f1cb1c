"""The TT-NN model while it is written: which form each tensor has on the device, and how another form is made of it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal as OneOf

from bringup.ir import Frame, OpCall, Value
from bringup.modules.flow import Flow
from bringup.modules.fuse_node import Node
from bringup.modules.naming import assigned_names, safe
from bringup.modules.preparation import HOST_ONLY, Preparations, Prepared, methods_of, wanted_dtype, wanted_layout
from bringup.modules.program import Emitted, Literal, Part, Parts, Place, Statement, Use, parts
from bringup.modules.tree import line_in_owner
from bringup.ops.lowering import PAIR
from bringup.variations import short_name

Form = OneOf["native", "rows", "sequence"]
"""How a torch tensor stands on the device: as in torch; NCHW as (1, 1, N * H * W, C); NCL as (N, L, C)."""


_PERMUTED = re.compile(r"\.permute\(([\d, ]+)\)(\.reshape\(1, 1, -1, \{torch\}\.shape\[1\]\))?")
"""What a test does to an operand in torch that can be done on the device as well."""


@dataclass(frozen=True, slots=True)
class Held:
    """A tensor on the device: its form, layout and ttnn dtype."""

    form: Form
    layout: str
    dtype: str


@dataclass(frozen=True, slots=True)
class HostInput:
    """A tensor that the host makes for the device: a value in torch, and how it is moved."""

    value: str
    how: str


@dataclass(frozen=True, slots=True)
class Fallback:
    """An op that runs in torch on the host: its call, and why."""

    call: str
    op: str
    reason: str


@dataclass
class State:
    """Everything that lowering one op may ask or add to.

    Args:
        issues: What to say of the issue of an op call that TT-NN lacks, by the call's name.
        device_of: For each result of torch, a tensor on the device that it was made from.
    """

    flow: Flow
    frames: Mapping[str, Frame]
    owner_of: Mapping[str, str]
    weight_names: frozenset[str]
    issues: Mapping[str, str] = field(default_factory=dict)
    emitted: list[Emitted] = field(default_factory=list)
    held: dict[str, Held] = field(default_factory=dict)
    converted: dict[tuple[str, str, Form, str, str], str] = field(default_factory=dict)
    preparations: Preparations = field(default_factory=Preparations)
    host_inputs: dict[str, HostInput] = field(default_factory=dict)
    constants: dict[str, None] = field(default_factory=dict)
    fallbacks: list[Fallback] = field(default_factory=list)
    device_of: dict[str, str] = field(default_factory=dict)
    count: int = 0

    def fresh(self) -> str:
        """An id for a value that is no value of the graph."""
        self.count += 1
        return f"%{self.count}"

    def shape(self, value: str) -> tuple[int, ...]:
        """The torch shape of a value of the graph."""
        return self.flow.values[value].type.shape

    def owner(self, node: Node) -> str:
        """The frame whose function a node stands in."""
        return self.owner_of[node.frame]

    def site(self, node: Node, name: str = "") -> str:
        """The place in `parameters` of what belongs to one call: its module, or its name below the owner."""
        path, owner = self.frames[node.frame].path, self.frames[self.owner(node)].path
        if path != owner:
            return path
        return f"{path}.{name or node.name}" if path else name or node.name

    def emit(
        self,
        node: Node,
        outputs: tuple[str, ...],
        expression: Parts,
        held: Held,
        *,
        hint: str = "",
        is_view: bool = False,
        is_list: bool = False,
        is_heavy: bool = True,
        comment: str = "",
        issue: str = "",
    ) -> None:
        """Add a statement to the node's function."""
        last: OpCall = node.last or node.call
        line = line_in_owner(self.frames, self.owner(node), last.frame, last.source)
        statement = Statement(outputs, expression, hint, line, is_view, is_list, is_heavy, comment, issue)
        self.emitted.append(Emitted(self.owner(node), statement))
        self.held.update(dict.fromkeys(outputs, held))

    def operand(
        self, node: Node, value: str, how: str, form: Form = "native", layout: str = "", name: str = ""
    ) -> Part:
        """A tensor in the form that an op wants: a prepared weight, an input made by the host, or a device tensor.

        Args:
            how: How the op's test moves it: an expression of `{torch}`.
            form: The form a device tensor must have.
            layout: `TILE` or `ROW_MAJOR`; empty for what `how` says, `any` for either.
            name: What a weight without a name of its own is called.
        """
        role = self.flow.roles[value]
        if role == "weight":
            return self.weight(node, value, how, name)
        if role == "host":
            return Use(self.host(value, how))
        self.settle_input(value, how)
        if not methods_of(how) or form != "native":
            return self.device(node, value, form, layout or wanted_layout(how), wanted_dtype(how))
        return self._moved(node, value, how)

    def _moved(self, node: Node, value: str, how: str) -> Part:
        """An operand that the test permutes in torch before it is moved."""
        chain = methods_of(how)
        if chain in (".float()", ".int()"):
            return self.device(node, value, "native", "TILE", wanted_dtype(how))
        if chain == ".T":
            source = self.device(node, value, "native", "TILE", wanted_dtype(how))
            return self._view(node, value, parts("ttnn.transpose(", source, ", 0, 1)"), "TILE")
        match = _PERMUTED.fullmatch(chain)
        if match is None:
            raise NotImplementedError(f"{node.op}: {chain}")
        source = self.device(node, value, "native", "TILE", wanted_dtype(how))
        permuted = self._view(node, value, parts("ttnn.permute(", source, f", ({match[1]}))"), "TILE")
        if match[2]:
            channels = self.shape(value)[1]
            rows = (1, 1, math.prod(self.shape(value)) // channels, channels)
            permuted = self._view(
                node, value, parts("ttnn.reshape(", permuted, ", ", Literal("shape", rows), ")"), "TILE"
            )
        if wanted_layout(how) == "TILE":
            return permuted
        return self._view(node, value, parts("ttnn.to_layout(", permuted, ", ttnn.ROW_MAJOR_LAYOUT)"), "ROW_MAJOR")

    def _view(self, node: Node, value: str, expression: Parts, layout: str) -> Use:
        made = self.fresh()
        self.emit(node, (made,), expression, Held("native", layout, "bfloat16"), is_view=True)
        return Use(made)

    def weight(self, node: Node, value: str, how: str, name: str = "") -> Place:
        """The place of a weight, prepared for this op, below the module that reads it."""
        source = self.source(value)
        own = self.flow.values[value].source or name or short_name(node.op)
        owner = self.frames[self.owner(node)].path
        path = own if not owner or own.startswith(f"{owner}.") else f"{self.site(node)}.{own.rpartition('.')[2]}"
        if not self.flow.values[value].source:
            called = self._called(value) or name or "constant"
            path = f"{owner}.{called}" if owner else called
            # A module of that name keeps its place for its own weights.
            path += "_value" if any(weight.startswith(f"{path}.") for weight in self.weight_names) else ""
        return Place(self.preparations.place(path, Prepared(how, source)))

    def _called(self, value: str) -> str:
        """What the model's own line calls a constant that it works out."""
        maker = next((call for call in self.flow.calls if value in call.outputs), None)
        named = assigned_names(maker.source) if maker else ()
        return named[0] if len(named) == 1 else ""

    def source(self, value: str) -> str:
        """A weight's name in the model, or the key of a constant that torch works out from weights."""
        found = self.flow.values[value].source
        if found and found in self.weight_names:
            return found
        self.constants[value] = None
        return f"={value}"

    def host(self, value: str, how: str) -> str:
        """The id of a device tensor that the host makes of a value."""
        for known, given in self.host_inputs.items():
            if given == HostInput(value, how):
                return known
        made = self.fresh()
        self.host_inputs[made] = HostInput(value, how)
        self.held[made] = Held("native", wanted_layout(how), wanted_dtype(how))
        return made

    def settle_input(self, value: str, how: str) -> None:
        """A float input of the model is moved as its first reader wants it."""
        if value in self.held or not self.flow.values[value].source:
            return
        chain = methods_of(how)
        form: Form = "native"
        if chain.startswith(".permute(0, 2, 3, 1)"):
            how = ROWS_HOW.replace("ROW_MAJOR", wanted_layout(how))
            form = "rows"
        elif chain:
            how = how.replace(chain, "")
        self.host_inputs[value] = HostInput(value, how)
        self.held[value] = Held(form, wanted_layout(how), wanted_dtype(how))

    def device(self, node: Node, value: str, form: Form, layout: str = "any", dtype: str = "") -> Use:
        """A device tensor in a form, layout and dtype; what has to be done for it is done once in each function."""
        if self.flow.roles.get(value) == "host" and value not in self.held:
            return Use(self._host_in(value, form, "TILE" if layout == "TILE" else "ROW_MAJOR"))
        if value not in self.held:
            is_complex = self.flow.values[value].type.dtype.startswith("complex")
            self.settle_input(value, ROWS_HOW if form == "rows" else PAIR if is_complex else TILE_HOW)
        held = self.held[value]
        dtype = dtype if dtype in ("uint32", "int32", "float32") or held.dtype in _INTEGERS else ""
        layout = held.layout if layout in ("any", "") else layout
        dtype = dtype or held.dtype
        if (form, layout, dtype) == (held.form, held.layout, held.dtype):
            return Use(value)
        key = (self.owner(node), value, form, layout, dtype)
        if key not in self.converted:
            self.converted[key] = self._convert(node, value, held, Held(form, layout, dtype))
        return Use(self.converted[key])

    def _host_in(self, value: str, form: Form, layout: str) -> str:
        """What the host works out, such as an image of whole numbers, in the form that an op wants."""
        how = {"rows": ROWS_HOW, "sequence": SEQUENCE_HOW, "native": TILE_HOW}[form]
        made = self.host(value, re.sub("TILE_LAYOUT|ROW_MAJOR_LAYOUT", f"{layout}_LAYOUT", how))
        self.held[made] = Held(form, layout, "bfloat16")
        return made

    def _convert(self, node: Node, value: str, held: Held, wanted: Held) -> str:
        current = value
        layout = held.layout
        if held.form != wanted.form:
            current = self._reform(node, value, held, wanted.form)
        if layout != wanted.layout and layout == "ROW_MAJOR":
            layout = wanted.layout
            held_tiled = Held(wanted.form, layout, held.dtype)
            current = self._step(node, current, ", ttnn.TILE_LAYOUT)", "ttnn.to_layout(", held_tiled)
        if held.dtype != wanted.dtype:
            current = self._step(
                node, current, f", ttnn.{wanted.dtype})", "ttnn.typecast(", Held(wanted.form, layout, wanted.dtype)
            )
        if layout != wanted.layout:
            current = self._step(node, current, f", ttnn.{wanted.layout}_LAYOUT)", "ttnn.to_layout(", wanted)
        return current

    def _step(self, node: Node, value: str, tail: str, head: str, held: Held) -> str:
        made = self.fresh()
        self.emit(node, (made,), parts(head, Use(value), tail), held, is_view=True)
        return made

    def _reform(self, node: Node, value: str, held: Held, form: Form) -> str:
        made = self.fresh()
        shape = self.shape(value)
        after = Held(form, held.layout, held.dtype)
        inner: Parts = (Use(value),)
        if held.form == "rows":
            batch, channels, height, width = shape
            inner = parts("ttnn.reshape(", *inner, ", ", Literal("shape", (batch, height, width, channels)), ")")
            inner = parts("ttnn.permute(", *inner, ", (0, 3, 1, 2))")
        elif held.form == "sequence":
            inner = parts("ttnn.permute(", *inner, ", (0, 2, 1))")
        if form == "rows":
            batch, channels, height, width = shape
            inner = parts("ttnn.permute(", *inner, ", (0, 2, 3, 1))")
            inner = parts(
                "ttnn.reshape(", *inner, ", ", Literal("shape", (1, 1, batch * height * width, channels)), ")"
            )
        elif form == "sequence":
            inner = parts("ttnn.permute(", *inner, ", (0, 2, 1))")
        self.emit(node, (made,), inner, after, is_view=True)
        return made

    def own_device(self, node: Node) -> Place:
        """The device, for a function that reads no tensor on it: it stands among the parameters."""
        owner = self.frames[self.owner(node)].path
        return Place(self.preparations.place(f"{owner}.device" if owner else "device", Prepared("device", "")))

    def returned(self, value: str, root: str, name: str) -> str:
        """A weight, or what is worked out of weights alone, that the model returns: kept in torch, read as it is.

        Args:
            name: What it is called where neither the model nor its own line has a name for it.
        """
        own = self.flow.values[value].source.rpartition(".")[2] or self._called(value) or name
        path = self.preparations.place(f"host.{safe(own)}", Prepared(HOST_ONLY, self.source(value)))
        made = self.fresh()
        self.emitted.append(Emitted(root, Statement((made,), (Place(path),), safe(own), is_heavy=False)))
        self.held[made] = Held("native", "TILE", "torch")
        return made

    def device_input(self, value: str) -> str:
        """An input of the model that is given back as it is."""
        self.settle_input(value, TILE_HOW)
        return value

    def is_device(self, value: str) -> bool:
        """Whether a value is on the device when the model runs."""
        return self.flow.roles[value] == "device"

    def form(self, value: str) -> Form:
        """The form in which a device value is held; native for what is not there yet."""
        return self.held[value].form if value in self.held else "native"


_INTEGERS = ("uint16", "uint32", "int32")

TILE_HOW = "ttnn.from_torch({torch}, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)"
ROWS_HOW = (
    "ttnn.from_torch({torch}.permute(0, 2, 3, 1).reshape(1, 1, -1, {torch}.shape[1]), "
    "dtype=ttnn.bfloat16, layout=ttnn.ROW_MAJOR_LAYOUT, device=device)"
)
SEQUENCE_HOW = (
    "ttnn.from_torch({torch}.permute(0, 2, 1), dtype=ttnn.bfloat16, layout=ttnn.ROW_MAJOR_LAYOUT, device=device)"
)


def element_count(shape: tuple[int, ...]) -> int:
    """Number of elements."""
    return math.prod(shape)


def value_dtype(value: Value) -> str:
    """The ttnn dtype of a torch value on the device."""
    return "int32" if value.type.dtype.startswith(("int", "uint")) else "bfloat16"
