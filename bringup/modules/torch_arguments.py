"""The arguments of an ATen call as torch code: which are written, which of them by name."""

from __future__ import annotations

import keyword
from collections.abc import Callable, Mapping

from bringup.ir import Argument, ArgumentValue, OpCall, Ref, Scalar, Symbol
from bringup.modules.program import Literal, Part, Parts, parts

Refer = Callable[[str], Part]

_PLACEMENT = frozenset({"device", "layout", "pin_memory", "memory_format"})
"""Where torch keeps a tensor: the code runs wherever its operands are."""
_FUNCTIONAL_DEFAULTS: Mapping[str, object] = {
    "is_causal": False, "dropout_p": 0.0, "enable_gqa": False, "approximate": "none", "training": False,
}  # fmt: skip
_NOT_FUNCTIONAL = frozenset({"cudnn_enable", "cudnn_enabled"})
"""Arguments of ATen ops that no function of torch.nn.functional has."""
_READ_BETTER = frozenset(
    {"dtype", "approximate", "alpha", "beta", "rounding_mode", "scale", "enable_gqa", "correction", "eps"}
)
"""Arguments that are written by name though they could be positional."""


def arguments_of(call: OpCall, refer: Refer, skip: tuple[str, ...] = (), *, functional: bool = False) -> list[Parts]:
    """The arguments that a call needs: positional as far as the op's schema lets them, by name afterwards.

    Args:
        skip: Arguments that are not written.
        functional: Whether a function of torch.nn.functional is called, which has defaults where the schema has none.
    """
    found: list[Parts] = []
    by_name = False
    for argument in call.arguments:
        if argument.name in skip or _is_left_out(call, argument, functional):
            by_name = True
            continue
        by_name = by_name or argument.name in call.by_name or argument.name in _READ_BETTER
        value = value_parts(argument.name, argument.value, refer)
        found.append(_named(argument.name, value) if by_name else value)
    return found


def _is_left_out(call: OpCall, argument: Argument, functional: bool) -> bool:
    if argument.name in call.at_default or argument.name in _PLACEMENT:
        return True
    if not functional:
        return False
    if argument.value is None or argument.name in _NOT_FUNCTIONAL:
        return True
    return argument.value == _FUNCTIONAL_DEFAULTS.get(argument.name, Ref(""))


def _named(name: str, value: Parts) -> Parts:
    return parts(f'**{{"{name}": ', *value, "}") if keyword.iskeyword(name) else parts(f"{name}=", *value)


def joined(given: list[Parts]) -> list[Part]:
    """Arguments with commas between them."""
    found: list[Part] = []
    for index, argument in enumerate(given):
        found += [", ", *argument] if index else [*argument]
    return found


def value_parts(name: str, value: ArgumentValue, refer: Refer) -> Parts:
    """One argument's value."""
    if isinstance(value, tuple):
        if any(isinstance(item, Ref) for item in value):
            return parts("[", *joined([_scalar(name, item, refer) for item in value]), "]")
        return (Literal(name, tuple(_plain(item) for item in value)),)
    return _scalar(name, value, refer)


def _scalar(name: str, value: Scalar, refer: Refer) -> Parts:
    if isinstance(value, Ref):
        return (refer(value.ref),)
    if isinstance(value, Symbol) and value.kind == "dtype":
        return (f"torch.{value.text}",)
    return (Literal(name, _plain(value)),)


def _plain(value: Scalar) -> object:
    if not isinstance(value, Symbol):
        return value
    return {"float": float, "complex": complex}.get(value.kind, str)(value.text)
