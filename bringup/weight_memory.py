"""DRAM of a model's weights, as the ops that read them lay them down: no rank tells a kernel from a table."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Literal

from bringup.ir import Graph, OpCall, Ref, Weight
from bringup.variations import short_name

Form = Literal["plain", "channels", "kernel", "transposed kernel"]
"""`plain`: a stack of matrices of the last two dimensions; `channels`: a value per channel of an image, one row where
images lie with their channels last; `kernel`: a convolution's, one matrix of what an output reads by the output
channels; `transposed kernel`: a transposed convolution's."""

TILE = 32
TILE_BYTES = {"bfloat16": 2048, "bfloat8_b": 1088}
_CONVOLUTIONS = ("conv", "convolution", "conv1d", "conv2d", "conv3d", "conv_tbc")
_MODULES = "torch.nn.modules.conv."


def distinct_weights(weights: Iterable[Weight], kind: str) -> tuple[Weight, ...]:
    """The parameters or buffers, tied ones once."""
    by_storage: dict[int, Weight] = {}
    for weight in weights:
        if weight.kind == kind:
            by_storage.setdefault(weight.storage, weight)
    return tuple(by_storage.values())


def weight_bytes(graph: Graph, dtype: str) -> int:
    """Bytes of all parameters as tiles, padding included, tied ones once."""
    forms = weight_forms(graph)
    return sum(
        tile_bytes(weight.type.shape, dtype, forms[weight.storage])
        for weight in distinct_weights(graph.weights, "parameter")
    )


def tile_bytes(shape: tuple[int, ...], dtype: str, form: Form = "plain") -> int:
    """Bytes of a weight on the device in `bfloat16` or `bfloat8_b`."""
    if form == "channels":
        shape = (1, math.prod(shape))
    elif form == "kernel" and len(shape) > 2:
        shape = (math.prod(shape[1:]), shape[0])
    elif form == "transposed kernel" and len(shape) > 2:
        shape = (shape[0] * math.prod(shape[2:]), shape[1])
    *stack, rows, columns = (1, 1, *shape)
    tiles = math.prod(stack) * math.ceil(rows / TILE) * math.ceil(columns / TILE)
    return tiles * TILE_BYTES[dtype]


def weight_forms(graph: Graph) -> dict[int, Form]:
    """How each weight lies on the device, by its storage: as the ops need it, or its module where no op was traced."""
    storage_of = {weight.name: weight.storage for weight in graph.weights}
    found: dict[int, Form] = {}
    for name, form in _read_as(graph).items():
        if name in storage_of:
            found.setdefault(storage_of[name], form)
    classes = {module.path: module.class_name for module in graph.modules}
    for weight in graph.weights:
        module, _, attribute = weight.name.rpartition(".")
        of_module = _form_of_module(classes.get(module, ""), attribute)
        found[weight.storage] = found.get(weight.storage) or of_module
    return found


def _form_of_module(class_name: str, attribute: str) -> Form:
    if not class_name.startswith(_MODULES) or not attribute.startswith("weight"):
        return "plain"
    return "transposed kernel" if "Transpose" in class_name else "kernel"


def _read_as(graph: Graph) -> dict[str, Form]:
    """The form in which the first op that reads it needs each weight, by the weight's name."""
    values = graph.value_by_name()
    made_of = _made_of(graph)
    found: dict[str, Form] = {}
    for call in graph.calls:
        if call.outputs and all(values[output].kind == "constant" for output in call.outputs):
            continue  # a tensor of weights alone: what reads that one tells how it lies
        for argument in call.arguments:
            items = argument.value if isinstance(argument.value, tuple) else (argument.value,)
            for ref in (item.ref for item in items if isinstance(item, Ref)):
                weight = values[made_of.get(ref, ref)]
                if weight.kind == "parameter" and weight.source:
                    found.setdefault(weight.source, _form(call, argument.name, values[ref].type.shape))
    return found


def _made_of(graph: Graph) -> dict[str, str]:
    """The weight that a tensor is made of which has as many elements: views, casts, standardised weights."""
    values = graph.value_by_name()
    found: dict[str, str] = {}
    for call in graph.calls:
        elements = {output: math.prod(values[output].type.shape) for output in call.outputs}
        for ref in call.refs():
            origin = found.get(ref, ref)
            if values[origin].kind == "parameter" and math.prod(values[origin].type.shape) in elements.values():
                found.update({o: origin for o, n in elements.items() if values[o].kind == "constant"})
    return found


def _form(call: OpCall, argument: str, shape: tuple[int, ...]) -> Form:
    name = short_name(call.target)
    if argument == "weight" and (name in _CONVOLUTIONS or name.startswith(("conv_transpose", "mkldnn_conv"))):
        is_transposed = "transpose" in name or any(a.name == "transposed" and a.value for a in call.arguments)
        return "transposed kernel" if is_transposed else "kernel"
    is_row = len(shape) >= 3 and math.prod(shape) == max(shape) > 1 and shape[-1] == shape[-2] == 1
    return "channels" if is_row else "plain"
