"""A graph made ready for code: what does nothing is left out, and each value is known to be made where.

Values are made in three places: from weights and constants alone (`weight`: once, when parameters are prepared), from
integer inputs alone (`host`: in torch, before the model runs), or on the device (`device`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Literal

from bringup.ir import Argument, ArgumentValue, Graph, OpCall, Ref, Scalar, SourceLine, Symbol, Value
from bringup.modules.growing import chain_joins
from bringup.modules.precision import in_float32
from bringup.variations import short_name

Role = Literal["weight", "host", "device"]

MADE = "bringup.constant.default"
"""No op of ATen: a tensor of given elements."""
_NOTHING = frozenset({"alias", "detach", "lift_fresh_copy", "lift_fresh", "clone", "contiguous"})
_CASTS = frozenset({"to", "to_copy", "type_as", "float", "_to_copy"})
_SHAPERS = frozenset(
    {
        "view", "reshape", "unsafe_view", "expand", "flatten", "unflatten", "slice", "squeeze", "expand_as", "view_as",
        "pad", "permute",
    }
)  # fmt: skip
# They take a tensor for its shape and dtype alone, which the output tells too.
_READS_NO_VALUE = re.compile(r"aten\.(new_(zeros|ones|full|empty)|(zeros|ones|full|empty)_like)\.")
_MADE_DENSE = re.compile(r"aten\.(linear|addmm|b?mm|baddbmm|matmul|conv\w*|embedding|layer_norm|rms_norm|cat|stack)\.")
"""What gives a tensor with strides of its own, whatever those of its operands: all others may pass theirs on."""
_FLOATS = ("float", "bfloat")
_ON_DEVICE = (*_FLOATS, "complex")
"""What inputs of the model go to the device as they are."""


@dataclass(frozen=True, slots=True)
class Flow:
    """The calls that are left, in order, and the role of every value.

    `outputs` are what the model returns, then what it leaves in its buffers. `renamed` gives, for values that a
    left-out call made, the value that stands for them; `read` are the values that something reads.
    """

    calls: tuple[OpCall, ...]
    values: Mapping[str, Value]
    roles: Mapping[str, Role]
    outputs: tuple[str, ...]
    renamed: Mapping[str, str]
    read: Set[str]


def read_flow(graph: Graph, *, keep_casts: bool) -> Flow:
    """The calls without those that change nothing; `keep_casts` keeps changes between floating dtypes."""
    graph = in_float32(graph)
    made = {value.name: replace(value, source="") for value in graph.values if value.data is not None}
    values = {**graph.value_by_name(), **made}
    renamed: dict[str, str] = {}
    restrided: set[str] = set()
    kept: list[OpCall] = []
    for call in map(_one_output, _with_constants(graph)):
        if any(ref in renamed or ref in restrided for ref in call.refs()) and not _MADE_DENSE.match(call.target):
            restrided.update(call.outputs)
        current = _as_reshape(_rename(call, renamed), call.outputs[0] in restrided)
        source = _unchanged(current, values, keep_casts)
        if source is None:
            kept.append(current)
        else:
            renamed[call.outputs[0]] = source
    outputs = tuple(renamed.get(name, name) for name in graph.results)
    live = chain_joins(_live(_from_the_start(kept, values, outputs), outputs), graph.frame_by_id())
    read = {ref for call in live for ref in call.refs()} | set(outputs)
    return Flow(live, values, _roles(live, values), outputs, renamed, read)


def _rename(call: OpCall, renamed: Mapping[str, str]) -> OpCall:
    def scalar(value: Scalar) -> Scalar:
        return Ref(renamed.get(value.ref, value.ref)) if isinstance(value, Ref) else value

    def argument(value: ArgumentValue) -> ArgumentValue:
        if isinstance(value, Ref) and _READS_NO_VALUE.match(call.target):
            return None
        return tuple(scalar(v) for v in value) if isinstance(value, tuple) else scalar(value)

    return replace(call, arguments=tuple(Argument(a.name, argument(a.value)) for a in call.arguments))


def _with_constants(graph: Graph) -> Iterator[OpCall]:
    """The calls, with one before its first reader for each constant whose values the graph has."""
    pending = {value.name: value for value in graph.values if value.data is not None}
    for call in graph.calls:
        for ref in call.refs():
            value = pending.pop(ref, None)
            if value is not None:
                yield _made(value, call.frame, call.source)
        yield call
    for name in graph.results:
        value = pending.pop(name, None)
        if value is not None:
            yield _made(value, next(frame.id for frame in graph.frames if frame.parent is None), None)


def _made(value: Value, frame: str, source: SourceLine | None) -> OpCall:
    data, dtype = Argument("data", value.data), Argument("dtype", Symbol("dtype", value.type.dtype))
    return OpCall(f"{value.name}_made", MADE, (data, dtype), (value.name,), frame, source)


def _from_the_start(calls: Sequence[OpCall], values: Mapping[str, Value], outputs: Collection[str]) -> list[OpCall]:
    """Constant indices counted from the start: those of TT-NN have no sign; not those that the model returns."""
    sizes: dict[str, int] = {}
    for call in calls:
        indices = get(call, "indices")
        if call.target.startswith("aten.index.") and isinstance(indices, tuple):
            shape = values[next(iter(call.refs()))].type.shape
            sizes.update({item.ref: size for item, size in zip(indices, shape, strict=False) if isinstance(item, Ref)})
    wrapped = sizes.keys() - set(outputs)
    return [_wrapped(call, sizes[call.outputs[0]]) if call.outputs[0] in wrapped else call for call in calls]


def _wrapped(call: OpCall, size: int) -> OpCall:
    data = get(call, "data")
    if call.target != MADE or not isinstance(data, tuple) or not all(type(element) is int for element in data):
        return call
    counted = Argument("data", tuple(element % size for element in data if isinstance(element, int)))
    return replace(call, arguments=(counted, *call.arguments[1:]))


def _one_output(call: OpCall) -> OpCall:
    """Inference's own overload of batch norm as the one that models write: its other outputs are empty."""
    if call.target != "aten._native_batch_norm_legit_no_training.default":
        return call
    arguments = (*call.arguments, Argument("training", False), Argument("cudnn_enabled", False))
    return replace(call, target="aten.batch_norm.default", arguments=arguments, outputs=call.outputs[:1])


def _as_reshape(call: OpCall, is_restrided: bool) -> OpCall:
    """A view of a tensor that `contiguous` copied, which is left out, or of what follows from it: any strides do."""
    if short_name(call.target) != "view" or not is_restrided:
        return call
    arguments = tuple(replace(a, name="shape") if a.name == "size" else a for a in call.arguments)
    return replace(call, target="aten.reshape.default", arguments=arguments)


def get(call: OpCall, name: str) -> ArgumentValue:
    """The argument of that name, None when the op has none."""
    return next((a.value for a in call.arguments if a.name == name), None)


def _unchanged(call: OpCall, values: Mapping[str, Value], keep_casts: bool) -> str | None:
    """The operand that the call's output equals, None when the call does something."""
    name = short_name(call.target)
    refs = tuple(call.refs())
    if not refs or len(call.outputs) != 1:
        return None
    before, after = values[refs[0]].type, values[call.outputs[0]].type
    if name == "copy" and values[refs[-1]].type == after:
        return refs[-1]
    if name in _NOTHING or (name == "cat" and len(refs) == 1):
        return refs[0]
    if name.endswith("dropout"):
        return None if get(call, "train") or get(call, "training") else refs[0]
    if name in _CASTS:
        floats = all(t.dtype.startswith(_FLOATS) for t in (before, after)) or all(
            t.dtype.startswith("complex") for t in (before, after)
        )
        return refs[0] if before.dtype == after.dtype or (floats and not keep_casts) else None
    if name in ("add", "sub") and get(call, "other") == 0 and before == after:
        return refs[0]
    if name in _SHAPERS and before.shape == after.shape:
        return refs[0] if name != "permute" or _is_identity(call) else None
    return None


def _is_identity(call: OpCall) -> bool:
    dims = get(call, "dims")
    return isinstance(dims, tuple) and dims == tuple(range(len(dims)))


def _live(calls: list[OpCall], outputs: tuple[str, ...]) -> tuple[OpCall, ...]:
    needed = set(outputs)
    found: list[OpCall] = []
    for call in reversed(calls):
        if needed.intersection(call.outputs):
            found.append(call)
            needed.update(call.refs())
    return tuple(reversed(found))


def _roles(calls: tuple[OpCall, ...], values: Mapping[str, Value]) -> dict[str, Role]:
    roles: dict[str, Role] = {name: _source_role(value) for name, value in values.items()}
    parameters = {name for name, value in values.items() if value.kind == "parameter"}
    for call in calls:
        read = {roles[ref] for ref in call.refs()}
        has_parameter = any(ref in parameters for ref in call.refs())
        if read <= {"weight"}:
            role: Role = "weight"
            parameters.update(call.outputs if has_parameter else ())
        else:
            role = "host" if read <= {"weight", "host"} and not has_parameter else "device"
        roles.update(dict.fromkeys(call.outputs, role))
    return roles


def _source_role(value: Value) -> Role:
    if value.kind in ("parameter", "buffer", "constant"):
        return "weight"
    is_input = value.source != ""
    return "host" if is_input and not value.type.dtype.startswith(_ON_DEVICE) else "device"


def dtype_text(symbol: Symbol) -> str:
    """`torch.float32` for the dtype symbol `float32`."""
    return f"torch.{symbol.text}"
