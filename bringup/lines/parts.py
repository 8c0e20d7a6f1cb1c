"""An op taken apart by torch's own decompositions, on tensors without data: what to judge where no row fits."""

from __future__ import annotations

import logging
import operator
import warnings
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from bringup.errors import UsageError
from bringup.inventory import Operand, Variation
from bringup.ir import Kind
from bringup.lines.overloads import find_overload
from bringup.lines.read import output_kind, read_variation, torch_value

if TYPE_CHECKING:
    from torch import fx

_MOST = 400
"""Parts of one call: more would be no route that anybody writes."""


def take_apart(variation: Variation, keeps: Callable[[str], bool]) -> tuple[Variation, ...]:
    """The calls that torch's decompositions make of a variation, each once; empty when torch has none.

    Args:
        variation: What to take apart.
        keeps: Whether an op stays as it is.
    """
    graph = graph_of_parts(variation, keeps)
    return variations_of(graph, variation) if graph else ()


def graph_of_parts(variation: Variation, keeps: Callable[[str], bool]) -> fx.Graph | None:
    """The same as a graph, whose placeholders are the variation's tensors in order; None when torch has no way."""
    import torch
    from torch._subclasses import FakeTensorMode
    from torch.fx.experimental.proxy_tensor import make_fx

    logging.getLogger("torch._subclasses.fake_tensor").setLevel(logging.CRITICAL)
    overload = find_overload(variation.op)
    try:
        with FakeTensorMode(), torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            call, tensors = _call(overload, variation)
            graph = make_fx(call, decomposition_table=_table(overload, keeps))(*tensors).graph
    except Exception:  # torch's decompositions raise what they like: there is no such route then
        return None
    nodes = _op_nodes(graph)
    if len(nodes) > _MOST or any(node.target is overload for node in nodes):
        return None
    writes = overload not in _decompositions() and any(node.target._schema.is_mutable for node in nodes)  # type: ignore[union-attr]
    return None if writes else graph


def _op_nodes(graph: fx.Graph) -> list[fx.Node]:
    import torch

    return [node for node in graph.nodes if isinstance(node.target, torch._ops.OpOverload)]


@cache
def _decompositions() -> dict[Any, Any]:
    import torch
    from torch._decomp import core_aten_decompositions, decomposition_table

    cast = {torch.ops.prims.convert_element_type.default: lambda a, dtype: torch.ops.aten._to_copy(a, dtype=dtype)}
    return {**decomposition_table, **core_aten_decompositions(), **cast}


@cache
def _kept_out(keeps: Callable[[str], bool]) -> dict[Any, Any]:
    """The decompositions of ops that do not stay as they are: asked once, for there are over a thousand."""
    return {op: made for op, made in _decompositions().items() if not keeps(str(op))}


def _kernel_of_ops(overload: Any) -> Callable[..., Any] | None:
    """torch's own kernel where that calls other ops: lists of tensors one by one, copies of views."""
    import torch

    for key in ("CompositeExplicitAutograd", "CompositeExplicitAutogradNonFunctional"):
        if torch._C._dispatch_has_kernel_for_dispatch_key(overload.name(), key):
            return partial(overload._op_dk, getattr(torch._C.DispatchKey, key))
    return None


def _table(overload: Any, keeps: Callable[[str], bool]) -> dict[Any, Any]:
    found = _decompositions().get(overload) or (None if keeps(str(overload)) else _kernel_of_ops(overload))
    own = {overload: found} if found else {}
    return {**_kept_out(keeps), **own}


def _call(overload: Any, variation: Variation) -> tuple[Callable[..., Any], list[Any]]:
    """A function of the variation's tensors alone, and those."""
    tensors: list[Any] = []
    names: list[tuple[str, Any]] = []
    for argument in variation.arguments:
        names.append((argument.name, _slots(argument.value, tensors)))
    kwarg_only = {parameter.name for parameter in overload._schema.arguments if parameter.kwarg_only}

    def call(*given: Any) -> Any:
        values = [(name, _filled(value, given)) for name, value in names]
        return overload(
            *[value for name, value in values if name not in kwarg_only],
            **{name: value for name, value in values if name in kwarg_only},
        )

    return call, tensors


class _Slot(int):
    """The place of a tensor among the function's own arguments."""


def _slots(value: Any, tensors: list[Any]) -> Any:
    if isinstance(value, Operand):
        tensors.append(torch_value(value))
        return _Slot(len(tensors) - 1)
    if isinstance(value, tuple):
        return [_slots(item, tensors) for item in value]
    return torch_value(value)


def _filled(value: Any, given: tuple[Any, ...]) -> Any:
    if isinstance(value, _Slot):
        return given[value]
    return [_filled(item, given) for item in value] if isinstance(value, list) else value


def variations_of(graph: fx.Graph, variation: Variation) -> tuple[Variation, ...]:
    """The calls of such a graph, each once; empty where one cannot be written as a variation."""
    kinds: list[Kind] = [operand.kind for _, operand in variation.operands()]
    try:
        return _variations(graph, _op_nodes(graph), kinds)
    except UsageError:
        return ()


def _variations(graph: fx.Graph, nodes: list[fx.Node], kinds: list[Kind]) -> tuple[Variation, ...]:
    kind_of = dict(zip((node for node in graph.nodes if node.op == "placeholder"), kinds, strict=True))
    found: dict[str, Variation] = {}
    for node in graph.nodes:
        if node.op == "placeholder":
            continue
        sources = {kind_of[source] for source in node.all_input_nodes if source in kind_of}
        kind_of[node] = output_kind(sources)
        if node in nodes:
            made = read_variation(form_of(node, kind_of))
            found[made.id] = made
    return tuple(found.values())


def form_of(node: fx.Node, kind_of: Mapping[fx.Node, Kind]) -> dict[str, Any]:
    """A call of a graph as the lines have it; tensors of no known kind are activations.

    Raises:
        UsageError: one of its arguments has no such form.
    """
    form = {"op": str(node.target), "args": _form(node.args, kind_of), "kwargs": _form(node.kwargs, kind_of)}
    users = [user for user in node.users if user.users or user.op == "output"]
    if not users or any(user.target is not operator.getitem for user in users):
        return form
    return {**form, "reads": sorted({int(str(user.args[1])) for user in users})}


def _form(value: Any, kind_of: Mapping[fx.Node, Kind]) -> Any:
    """An argument as the lines have it."""
    import torch

    if isinstance(value, torch.fx.Node):
        tensor = value.meta.get("val")
        if not isinstance(tensor, torch.Tensor):
            raise UsageError(f"{value} is no tensor")
        return {"shape": list(tensor.shape), "dtype": str(tensor.dtype), "kind": kind_of.get(value, "activation")}
    if isinstance(value, (list, tuple)):
        return [_form(item, kind_of) for item in value]
    if isinstance(value, dict):
        return {name: _form(item, kind_of) for name, item in value.items()}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value).removeprefix("torch.")
