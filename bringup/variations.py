"""Op calls brought together by their full key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Set
from dataclasses import replace

from bringup.inventory import Item, ItemValue, Operand, Site, Variation, VariationArgument
from bringup.ir import ArgumentValue, Frame, Graph, OpCall, Ref, Scalar, SourceLine, Value

_PLACEMENT = {"device", "layout", "pin_memory"}
"""Arguments that say where torch keeps a tensor: no part of what the op does."""
_ONE_LIST = frozenset(
    {"split", "split_with_sizes", "chunk", "unbind", "tensor_split", "unsafe_split", "unsafe_chunk", "hsplit", "vsplit",
     "dsplit"}
)  # fmt: skip
"""Ops whose results are one list, whose members belong together."""


def find_variations(graph: Graph) -> tuple[tuple[Variation, ...], tuple[tuple[str, str], ...]]:
    """The distinct variations in the order of their first call, and each call's variation id."""
    values, frames = graph.value_by_name(), graph.frame_by_id()
    read = {ref for call in graph.calls for ref in call.refs()} | set(graph.outputs)
    found: dict[str, Variation] = {}
    sites: dict[str, dict[tuple[str, str, SourceLine | None], int]] = {}
    variation_of: list[tuple[str, str]] = []
    for call in graph.calls:
        variation = variation_of_call(call, values, read)
        found.setdefault(variation.id, variation)
        here = sites.setdefault(variation.id, {})
        frame = frames[call.frame]
        site = (frame.path, frame.class_name, call.source)
        here[site] = here.get(site, 0) + 1
        variation_of.append((call.name, variation.id))
    complete = tuple(_with_sites(variation, sites[id_]) for id_, variation in found.items())
    return complete, tuple(variation_of)


def _with_sites(variation: Variation, sites: Mapping[tuple[str, str, SourceLine | None], int]) -> Variation:
    listed = tuple(Site(module, class_name, source, calls) for (module, class_name, source), calls in sites.items())
    return replace(variation, count=sum(sites.values()), sites=listed)


def variation_of_call(call: OpCall, values: Mapping[str, Value], read: Set[str]) -> Variation:
    """The variation of one call, without count and sites; `read` are the tensors that something reads."""
    arguments = tuple(
        VariationArgument(a.name, _item_value(a.value, values)) for a in call.arguments if a.name not in _PLACEMENT
    )
    outputs = tuple(_operand(values[name]) for name in call.outputs)
    unread = unread_results(call.target, [i for i, name in enumerate(call.outputs) if name in read], len(outputs))
    return Variation(variation_id(call.target, arguments, unread), call.target, arguments, outputs, 0, (), unread)


def unread_results(op: str, read: Collection[int], count: int) -> tuple[int, ...]:
    """The places of results that nothing reads, of an op with several."""
    if not read or short_name(op) in _ONE_LIST:
        return ()
    return tuple(place for place in range(count) if place not in read)


def _item_value(value: ArgumentValue, values: Mapping[str, Value]) -> ItemValue:
    if isinstance(value, tuple):
        return tuple(_item(item, values) for item in value)
    return _item(value, values)


def _item(value: Scalar, values: Mapping[str, Value]) -> Item:
    return _operand(values[value.ref]) if isinstance(value, Ref) else value


def _operand(value: Value) -> Operand:
    return Operand(value.type.shape, value.type.dtype, value.kind)


def variation_id(op: str, arguments: tuple[VariationArgument, ...], unread: tuple[int, ...] = ()) -> str:
    """The op's short name and a hash of the full key: `conv2d-3f9a1c2e`."""
    named: list[object] = [[a.name, _key(a.value)] for a in arguments]
    key = json.dumps([op, named, *([list(unread)] if unread else [])], separators=(",", ":"))
    return f"{short_name(op)}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"


def _key(value: ItemValue) -> object:
    if isinstance(value, tuple):
        return [_key(item) for item in value]
    if isinstance(value, Operand):
        return {"shape": value.shape, "dtype": value.dtype, "kind": value.kind}
    if value is None or isinstance(value, (bool, int, float, str)):
        return [type(value).__name__, value]
    return {value.kind: value.text}


def short_name(op: str) -> str:
    """`aten._unsafe_view.default` -> `unsafe_view`, `transformers.grouped_mm.default` -> `grouped_mm`."""
    parts = op.split(".")
    return (parts[1] if len(parts) > 1 else parts[0]).strip("_") or "op"


def group_frames_below(frames: Mapping[str, Frame], frame_id: str) -> tuple[str, ...]:
    """The frame and all frames around it, innermost first."""
    chain: list[str] = []
    current: str | None = frame_id
    while current is not None:
        chain.append(current)
        current = frames[current].parent
    return tuple(chain)
