"""Module calls from `nn_module_stack`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from bringup.ir import Frame, SourceLine


class FrameTable:
    """Module calls by the chain of keys that torch.export gives them.

    The keys carry `@1` for a second call of the same module; the chain tells calls of equal children apart. The
    class comes from the model itself: torch.export gives a ModuleList the class of its child.
    """

    def __init__(self, class_by_path: Mapping[str, str]) -> None:
        self._class_by_path = class_by_path
        self._by_chain: dict[tuple[str, ...], Frame] = {}
        self._calls: dict[str, int] = {}
        self._root = self._add((), "", class_by_path.get("", ""), None, None)

    def frame_of(self, stack: Mapping[str, tuple[str, object]], lines: Sequence[SourceLine] = ()) -> Frame:
        """The innermost module call of an op; `lines` are the lines of its stack, outermost first.

        torch keeps the lines of functions called forward: one per module call. With more or fewer of them, which
        line called which module is not known.
        """
        called_at = lines if len(lines) == len(stack) else ()
        chain: tuple[str, ...] = ()
        frame = self._root
        for depth, (key, (path, class_)) in enumerate(stack.items()):
            if not path:
                continue
            chain = (*chain, key)
            if chain in self._by_chain:
                frame = self._by_chain[chain]
            else:
                line = called_at[depth - 1] if called_at and depth else None
                frame = self._add(chain, path, self._class_by_path.get(path, _class_name(class_)), frame.id, line)
        return frame

    def frames(self, used: Collection[str]) -> tuple[Frame, ...]:
        """The frames in `used` and all around them, in the order of their first call."""
        by_id = {frame.id: frame for frame in self._by_chain.values()}
        keep = {self._root.id}
        for frame_id in used:
            current: str | None = frame_id
            while current is not None and current not in keep:
                keep.add(current)
                current = by_id[current].parent
        return tuple(frame for frame in self._by_chain.values() if frame.id in keep)

    def _add(
        self, chain: tuple[str, ...], path: str, class_name: str, parent: str | None, source: SourceLine | None
    ) -> Frame:
        number = self._calls.get(path, 0)
        self._calls[path] = number + 1
        frame = Frame(f"{path}@{number}" if number else path, path, class_name, parent, source)
        self._by_chain[chain] = frame
        return frame


def _class_name(class_: object) -> str:
    return class_ if isinstance(class_, str) else f"{class_.__module__}.{class_.__qualname__}"  # type: ignore[attr-defined]
