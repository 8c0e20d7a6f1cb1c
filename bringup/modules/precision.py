"""Models that compute in bfloat16 or float16: generated torch code is float32, as the reference is.

What torch itself rounds after each op is no measure for another program; what the weights hold stays as it is.
"""

from __future__ import annotations

from dataclasses import replace

from bringup.ir import Argument, ArgumentValue, Graph, OpCall, Scalar, Symbol, TensorType

REDUCED = ("bfloat16", "float16")


def is_reduced(graph: Graph) -> bool:
    """Whether a tensor of the model is of a dtype that torch rounds to."""
    return any(value.type.dtype in REDUCED for value in graph.values)


def in_float32(graph: Graph) -> Graph:
    """The same graph with float32 in place of reduced dtypes: of its tensors, and where a call names one."""
    if not is_reduced(graph):
        return graph
    values = tuple(
        replace(value, type=TensorType(value.type.shape, "float32")) if value.type.dtype in REDUCED else value
        for value in graph.values
    )
    return replace(graph, values=values, calls=tuple(map(_wide_call, graph.calls)))


def _wide_call(call: OpCall) -> OpCall:
    return replace(call, arguments=tuple(Argument(a.name, _wide(a.value)) for a in call.arguments))


def _wide(value: ArgumentValue) -> ArgumentValue:
    return tuple(map(_wide_scalar, value)) if isinstance(value, tuple) else _wide_scalar(value)


def _wide_scalar(value: Scalar) -> Scalar:
    is_dtype = isinstance(value, Symbol) and value.kind == "dtype" and value.text in REDUCED
    return Symbol("dtype", "float32") if is_dtype else value
