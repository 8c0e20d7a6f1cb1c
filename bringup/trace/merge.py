"""Several traced parts put together as one graph of the whole model."""

from __future__ import annotations

from dataclasses import replace

from bringup.ir import Argument, ArgumentValue, Frame, Graph, OpCall, Ref, Scalar, StateWrite, Value


def merge_parts(whole: Graph, parts: dict[str, Graph]) -> Graph:
    """The calls of all parts in one graph; names and paths get the part's path in front.

    Args:
        whole: The graph of the model with no calls: its modules, weights and attempts.
        parts: A graph by the path of its submodule, in the order of their calls.
    """
    moved = [_move(graph, path) for path, graph in parts.items()]
    frames = {frame.id: frame for path in parts for frame in _frames_above(path, whole)}
    frames.update({frame.id: frame for graph in moved for frame in graph.frames})
    return replace(
        whole,
        calls=tuple(call for graph in moved for call in graph.calls),
        values=tuple(value for graph in moved for value in graph.values),
        frames=tuple(frames.values()),
        inputs=tuple(name for graph in moved for name in graph.inputs),
        outputs=tuple(name for graph in moved for name in graph.outputs),
        parts=tuple(parts),
        state=tuple(write for graph in moved for write in graph.state),
    )


def _frames_above(path: str, whole: Graph) -> list[Frame]:
    classes = {module.path: module.class_name for module in whole.modules}
    names = path.split(".")
    above = ["", *(".".join(names[:i]) for i in range(1, len(names)))]
    return [Frame(p, p, classes.get(p, ""), above[i - 1] if i else None) for i, p in enumerate(above)]


def _move(graph: Graph, path: str) -> Graph:
    parent = path.rpartition(".")[0]
    frames = tuple(
        Frame(
            _below(path, f.id),
            _below(path, f.path),
            f.class_name,
            parent if f.parent is None else _below(path, f.parent),
        )
        for f in graph.frames
    )
    return replace(
        graph,
        calls=tuple(_move_call(call, path) for call in graph.calls),
        values=tuple(_move_value(value, path) for value in graph.values),
        frames=frames,
        inputs=tuple(f"{path}:{name}" for name in graph.inputs),
        outputs=tuple(f"{path}:{name}" for name in graph.outputs),
        state=tuple(StateWrite(_below(path, write.buffer), f"{path}:{write.value}") for write in graph.state),
    )


def _below(path: str, inner: str) -> str:
    if not inner:
        return path
    return f"{path}{inner}" if inner.startswith("@") else f"{path}.{inner}"


def _move_value(value: Value, path: str) -> Value:
    return replace(value, name=f"{path}:{value.name}", source=_below(path, value.source) if value.source else "")


def _move_call(call: OpCall, path: str) -> OpCall:
    return replace(
        call,
        name=f"{path}:{call.name}",
        arguments=tuple(Argument(a.name, _move_argument(a.value, path)) for a in call.arguments),
        outputs=tuple(f"{path}:{output}" for output in call.outputs),
        frame=_below(path, call.frame),
    )


def _move_argument(value: ArgumentValue, path: str) -> ArgumentValue:
    if isinstance(value, tuple):
        return tuple(_move_scalar(item, path) for item in value)
    return _move_scalar(value, path)


def _move_scalar(value: Scalar, path: str) -> Scalar:
    return Ref(f"{path}:{value.ref}") if isinstance(value, Ref) else value
