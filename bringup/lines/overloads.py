"""ATen ops by the names that lines give them."""

from __future__ import annotations

import importlib
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from bringup.errors import UsageError
from bringup.near import and_near

if TYPE_CHECKING:
    import torch

_LIBRARIES = {
    "torchvision": "torchvision",
    "transformers": "transformers.integrations.moe",
    "torch_nn": "torch.nn.modules.linear_cross_entropy",
}
"""What registers ops of its own when it is imported."""


_LONGEST = 200
"""Characters of a name; torch's own take less than half of that."""
_CLOSE = 0.8
"""How alike names of different ops are that one could take for each other."""


def find_overload(name: str) -> torch._ops.OpOverload:
    """The op of a name: `aten.add.Tensor`, `aten::add.Tensor`, `aten.relu` for its default; functional where it can be.

    Raises:
        UsageError: torch has no such op.
    """
    return functional(find_named(name))


def find_named(name: str) -> torch._ops.OpOverload:
    """The same, but for forms that write what they are given and whose functional form has another name.

    Raises:
        UsageError: torch has no such op.
    """
    parts = name.removeprefix("torch.ops.").replace("::", ".").split(".")
    if len(name) > _LONGEST or len(parts) not in (2, 3) or not all(part.isidentifier() for part in parts):
        near = _near(name[:_LONGEST])
        raise UsageError(f"{name[:_LONGEST]!r} is no op: its form is namespace.name.overload{near}")
    namespace, base, *rest = parts
    overload = rest[0] if rest else "default"
    if namespace in _LIBRARIES:
        with suppress(ImportError):
            importlib.import_module(_LIBRARIES[namespace])
    for candidate in (base.removesuffix("_") if not base.endswith("__") else base, base):
        found = _overload(namespace, candidate, overload)
        if found is not None:
            return found
    raise UsageError(f"torch has no op {name}{_near('.'.join(parts))}")


def functional(found: torch._ops.OpOverload) -> torch._ops.OpOverload:
    """Of an op that writes what it is given, the one with the same arguments that gives a new tensor, if there is one.

    Its overload may have another name: `bernoulli_.float` is `bernoulli.p`, `add.out` is `add.Tensor`.
    """
    import torch

    namespace, base = str(found).split(".")[:2]
    name = f"__{base[3:]}" if base.startswith("__i") else base.removesuffix("_")
    packet = getattr(getattr(torch.ops, namespace), name, None)
    if not found._schema.is_mutable or not isinstance(packet, torch._ops.OpOverloadPacket):
        return found
    others = (other for other in _forms(packet) if not other._schema.is_mutable)
    return next((other for other in others if _takes_as_much(other, found)), found)


def _forms(packet: torch._ops.OpOverloadPacket) -> list[torch._ops.OpOverload]:
    names: list[str] = packet.overloads()  # type: ignore[no-untyped-call]
    return [getattr(packet, name) for name in names]


def _takes_as_much(overload: torch._ops.OpOverload, other: torch._ops.OpOverload) -> bool:
    """Whether an op takes what another one does, and has defaults for the rest, as for the dtype of a new tensor."""
    own, wanted = (
        [(given.name, str(given.type)) for given in one._schema.arguments if not given.is_out]
        for one in (overload, other)
    )
    rest = overload._schema.arguments[len(wanted) :]
    return own[: len(wanted)] == wanted and all(given.has_default_value() for given in rest)


def results_named(overload: torch._ops.OpOverload) -> set[str]:
    """What the forms of an op that write their results call them: `out`, or `values` and `indices`."""
    schemas = (form._schema for form in _forms(overload.overloadpacket))
    return {given.name for schema in schemas for given in schema.arguments if given.is_out}


def _overload(namespace: str, base: str, overload: str) -> torch._ops.OpOverload | None:
    """Of the names that torch.ops answers to, only ops are ops: it has methods and attributes too."""
    import torch

    found: Any = torch.ops
    for name, kind in (
        (namespace, torch._ops._OpNamespace),
        (base, torch._ops.OpOverloadPacket),
        (overload, torch._ops.OpOverload),
    ):
        try:
            found = getattr(found, name)
        except (AttributeError, RuntimeError):
            return None
        if not isinstance(found, kind):
            return None
    assert isinstance(found, torch._ops.OpOverload)
    return found


def _near(name: str) -> str:
    names = _names()
    *head, last = name.split(".")
    if len(head) == 2:
        of_op = [other for other in names if other.startswith(f"{head[0]}.{head[1]}.")]
        if of_op:
            return and_near(name, of_op) or f"; its overloads are {', '.join(sorted(of_op)[:8])}"
    if len(head) == 1:
        of_op = [other for other in names if other.startswith(f"{head[0]}.{last}.")]
        if of_op:
            return f"; did you mean {' or '.join(sorted(of_op)[:3])}?"
        name = f"{name}.default"
    return and_near(name, names, _CLOSE) if "." in name else ""


@cache
def _names() -> tuple[str, ...]:
    import torch

    spelled = (name.replace("::", ".") for name in torch._C._dispatch_get_all_op_names())
    named = {name if name.count(".") > 1 else f"{name}.default" for name in spelled}
    return tuple(sorted(name for name in named if not name.startswith("prims.") and "._" not in name))
