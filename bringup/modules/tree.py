"""Emitted statements as a tree of module calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bringup.ir import Frame, SourceLine
from bringup.modules.program import Body, Emitted, Item, ModuleCall

_CONTAINERS = ("torch.nn.modules.container.", "torch.nn.modules.module.")
_FEW = 3
"""A module of torch's own with more statements than this is worth a function: MultiheadAttention."""


def owners(frames: Mapping[str, Frame], calls: Sequence[str], *, single: bool = True) -> dict[str, str]:
    """For each frame, the frame whose function its statements stand in.

    Containers, torch's own leaves and modules of a single op are written into the module that calls them.

    Args:
        calls: The frame of each statement to come.
        single: Whether modules of one op are written into their caller.
    """
    below: dict[str, int] = {}
    for called in calls:
        current: str | None = called
        while current is not None:
            below[current] = below.get(current, 0) + 1
            current = frames[current].parent
    found: dict[str, str] = {}
    for frame_id, frame in frames.items():
        is_own = frame.parent is None or _has_function(frame.class_name, below.get(frame_id, 0), single)
        found[frame_id] = frame_id if is_own or frame.parent is None else found[frame.parent]
    return found


def _has_function(class_name: str, count: int, single: bool) -> bool:
    if class_name.startswith(_CONTAINERS):
        return False
    return count > (_FEW if class_name.startswith("torch.nn.") else int(single))


def line_in_owner(frames: Mapping[str, Frame], owner: str, frame: str, line: SourceLine | None) -> SourceLine | None:
    """The line of the owner's forward that an op in a frame below it stands for."""
    current = frame
    found = line
    while current != owner:
        parent = frames[current].parent
        if parent is None:
            break
        source = frames[current].source
        found = source if source is not None and not source.file.startswith("torch/") else found
        current = parent
    return found


def build_tree(
    emitted: Sequence[Emitted], frames: Mapping[str, Frame], owner_of: Mapping[str, str], outputs: tuple[str, ...]
) -> Body:
    """The root's body; `outputs` are the values that the model returns."""
    root = next(id_ for id_, frame in frames.items() if frame.parent is None)
    items: dict[str, list[Item | str]] = {root: []}
    for entry in emitted:
        for child, parent in reversed(_chain(entry.frame, frames, owner_of)):
            if child not in items:
                items[child] = []
                items[parent].append(child)
        items[entry.frame].append(entry.statement)
    return _close(root, items, frames, _readers(emitted, frames, owner_of, outputs), owner_of)


def _chain(frame: str, frames: Mapping[str, Frame], owner_of: Mapping[str, str]) -> list[tuple[str, str]]:
    """The pairs (child, parent) of owners from a frame up to the root."""
    found: list[tuple[str, str]] = []
    current = frame
    while (parent := frames[current].parent) is not None:
        above = owner_of[parent]
        found.append((current, above))
        current = above
    return found


def _readers(
    emitted: Sequence[Emitted], frames: Mapping[str, Frame], owner_of: Mapping[str, str], outputs: tuple[str, ...]
) -> dict[str, set[str]]:
    """For each value, the frames that read it; `` for the caller of the model."""
    found: dict[str, set[str]] = {}
    for entry in emitted:
        for value in entry.statement.uses():
            found.setdefault(value, set()).add(entry.frame)
    for value in outputs:
        found.setdefault(value, set()).add("<caller>")
    return found


def _close(
    frame_id: str,
    items: Mapping[str, list[Item | str]],
    frames: Mapping[str, Frame],
    readers: Mapping[str, set[str]],
    owner_of: Mapping[str, str],
) -> Body:
    closed: list[Item] = []
    inside = {frame_id}
    for item in items[frame_id]:
        if isinstance(item, str):
            child = _close(item, items, frames, readers, owner_of)
            closed.append(ModuleCall(child))
            inside |= _frames_in(child)
        else:
            closed.append(item)
    made = [value for item in closed for value in item.outputs]
    made_inside = set(made)
    read = dict.fromkeys(value for item in closed for value in item.uses())
    inputs = tuple(value for value in read if value not in made_inside)
    outputs = tuple(dict.fromkeys(value for value in made if readers.get(value, set()) - inside))
    frame = frames[frame_id]
    return Body(frame_id, frame.path, frame.class_name, tuple(closed), inputs, outputs, frame.source)


def _frames_in(body: Body) -> set[str]:
    found = {body.frame}
    for item in body.items:
        if isinstance(item, ModuleCall):
            found |= _frames_in(item.body)
    return found
