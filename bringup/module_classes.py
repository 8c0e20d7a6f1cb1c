"""Module instances brought together by class and by the structure of what they do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from bringup.inventory import Inventory, ModuleClass, Structure
from bringup.ir import ArgumentValue, Frame, Graph, OpCall, Ref
from bringup.variations import find_variations, group_frames_below


def take_inventory(graph: Graph) -> Inventory:
    """The distinct variations and distinct modules of a graph."""
    variations, variation_of = find_variations(graph)
    return Inventory(variations, find_module_classes(graph), variation_of)


def is_own_class(class_name: str) -> bool:
    """Whether a module is the model's own, not one of torch.nn's leaves and containers."""
    return not class_name.startswith(("torch.nn.", "torch.ao."))


def find_module_classes(graph: Graph) -> tuple[ModuleClass, ...]:
    """The model's own classes with their structures, in the order of their first call."""
    frames = graph.frame_by_id()
    calls = _calls_by_frame(graph, frames)
    by_class: dict[str, dict[object, list[str]]] = {}
    for frame_id, frame_calls in calls.items():
        if is_own_class(frames[frame_id].class_name):
            key = _structure_key(frames[frame_id], frame_calls, frames)
            by_class.setdefault(frames[frame_id].class_name, {}).setdefault(key, []).append(frame_id)
    return tuple(_module_class(name, groups, calls, frames) for name, groups in by_class.items())


def _calls_by_frame(graph: Graph, frames: Mapping[str, Frame]) -> dict[str, list[OpCall]]:
    """The calls of each frame, its children's included; frames in the order of their first call, outermost first."""
    found: dict[str, list[OpCall]] = {}
    for call in graph.calls:
        for frame_id in reversed(group_frames_below(frames, call.frame)):
            found.setdefault(frame_id, []).append(call)
    return found


def _structure_key(frame: Frame, calls: list[OpCall], frames: Mapping[str, Frame]) -> object:
    """The ops in order with tensors numbered as they appear and modules by their place below the frame."""
    numbers: dict[str, int] = {}
    key = []
    for call in calls:
        operands = tuple(_number(argument.value, numbers) for argument in call.arguments)
        for output in call.outputs:
            numbers[output] = len(numbers)
        below = frames[call.frame].path[len(frame.path) :]
        key.append((call.target, operands, below))
    return tuple(key)


_OUTSIDE = -1


def _number(value: ArgumentValue, numbers: Mapping[str, int]) -> object:
    """What an argument reads, by number; a run of tensors from outside in a list counts as one.

    So a concatenation of all that came before is the same structure whatever their number (DenseNet).
    """
    if isinstance(value, Ref):
        return numbers.get(value.ref, _OUTSIDE)
    if not isinstance(value, tuple):
        return None
    read = [numbers.get(item.ref, _OUTSIDE) for item in value if isinstance(item, Ref)]
    return tuple(n for i, n in enumerate(read) if n != _OUTSIDE or i == 0 or read[i - 1] != _OUTSIDE)


def _module_class(
    class_name: str, groups: dict[object, list[str]], calls: Mapping[str, list[OpCall]], frames: Mapping[str, Frame]
) -> ModuleClass:
    name = class_name.rpartition(".")[2]
    structures = tuple(
        _structure(f"{name}-{i}" if len(groups) > 1 else name, members, calls[members[0]], frames)
        for i, members in enumerate(groups.values(), start=1)
    )
    return ModuleClass(name, class_name, structures)


def _structure(id_: str, members: list[str], calls: list[OpCall], frames: Mapping[str, Frame]) -> Structure:
    ops = Counter(call.target for call in calls)
    ordered = tuple(sorted(ops.items(), key=lambda item: (-item[1], item[0])))
    paths = tuple(dict.fromkeys(frames[member].path for member in members))
    return Structure(id_, paths, len(calls), ordered, _children(members[0], calls, frames))


def _children(frame_id: str, calls: list[OpCall], frames: Mapping[str, Frame]) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for call in calls:
        chain = group_frames_below(frames, call.frame)
        own = next((f for f in reversed(chain[: chain.index(frame_id)]) if is_own_class(frames[f].class_name)), None)
        if own is not None:
            names.setdefault(frames[own].class_name.rpartition(".")[2])
    return tuple(names)
