"""ATen calls written as torch code do what the op does, with the arguments that its schema takes by name alone by name."""

from __future__ import annotations

import ast
import dataclasses
from typing import Any

import pytest
import torch
from test_rows import CASES, POS, B, I, M, X, bind, ids, leaves, overload

from bringup.ir import Argument, OpCall, Ref, Symbol, TensorType, Value
from bringup.modules.program import Use
from bringup.modules.torch_block import torch_block

V = torch.tensor([0.5, 1.5, 2.5])
SQUARE = M[:, :4]

AWKWARD: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("aten.var_mean.correction", (M, [1]), {"correction": 0, "keepdim": True}),
    ("aten.var.correction", (M, [1]), {"correction": 0, "keepdim": True}),
    ("aten.std.correction", (M, [1]), {"correction": 0, "keepdim": True}),
    ("aten.std_mean.correction", (M,), {"keepdim": True}),
    ("aten.repeat_interleave.self_int", (M, 2, 1), {"output_size": 12}),
    ("aten.repeat_interleave.Tensor", (torch.tensor([1, 2]),), {"output_size": 3}),
    ("aten.sum.dim_IntList", (M, None, True), {"dtype": torch.float64}),
    ("aten.sort.stable", (M,), {"stable": True, "dim": 0, "descending": True}),
    ("aten.argsort.stable", (M,), {"stable": True, "dim": 0}),
    ("aten.bucketize.Tensor", (X, V), {"out_int32": True, "right": True}),
    ("aten.searchsorted.Tensor", (V, X), {"right": True}),
    ("aten.isin.Tensor_Tensor", (I, torch.tensor([1, 2])), {"invert": True}),
    ("aten.round.decimals", (X,), {"decimals": 2}),
    ("aten.aminmax.default", (M,), {"dim": 1, "keepdim": True}),
    ("aten.addcmul.default", (X, X, POS), {"value": 2.0}),
    ("aten.addcdiv.default", (X, X, POS), {"value": 2.0}),
    ("aten.scatter.reduce", (M, 1, I % 4, torch.ones(2, 5)), {"reduce": "add"}),
    ("aten.scatter_reduce.two", (M, 1, I % 4, torch.ones(2, 5), "amax"), {"include_self": False}),
    ("aten.index_reduce.default", (M, 0, torch.tensor([0, 2]), torch.ones(2, 6), "prod"), {"include_self": False}),
    ("aten.nonzero_static.default", (B[0, 0],), {"size": 5, "fill_value": 7}),
    ("aten.linalg_cross.default", (M[:, :3], M[:, 3:]), {"dim": 1}),
    ("aten.linalg_lu.default", (SQUARE,), {"pivot": True}),
    ("aten.linalg_vector_norm.default", (M, 1.0, [1], True), {"dtype": torch.float64}),
    ("aten.cumsum.default", (M, 1), {"dtype": torch.float64}),
    ("aten.full.default", ([2, 3], 1.5), {"dtype": torch.float64}),
    ("aten.arange.start_step", (1, 9, 2), {"dtype": torch.int64}),
    ("aten.elu.default", (X, 1.5, 2.0, 0.5), {}),
    ("aten.elu.default", (X, 1.5), {}),
    ("aten.softplus.default", (X, 2.0, 10.0), {}),
    ("aten._softmax.default", (X, 1, False), {}),
    ("aten._log_softmax.default", (X, 1, False), {}),
    ("aten.instance_norm.default", (X, torch.rand(3), torch.rand(3), torch.rand(3), POS[0, :, 0, 0], False, 0.1, 1e-5, False), {}),
    ("aten.native_layer_norm.default", (X, [8], None, None, 1e-5), {}),
    ("aten.convolution.default", (X, torch.randn(6, 3, 3, 3), None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1), {}),
    ("aten.adaptive_max_pool2d.default", (X, [2, 2]), {}),
    ("aten.constant_pad_nd.default", (X, [1, 2], 3.0), {}),
    ("aten.pad.default", (X[0], [1, 1], "reflect"), {}),
    ("aten.upsample_nearest1d.default", (X[0], [5], 0.6), {}),
    ("aten.upsample_bilinear2d.default", (X, [5, 5], False, 0.6, 0.6), {}),
    ("aten.rsub.Scalar", (X, 2.0, 3.0), {}),
    ("aten._to_copy.default", (X,), {"dtype": torch.float64}),
    ("aten.expand.default", (V, [2, 3]), {"implicit": True}),
    ("aten.full.default", ([2], 1 + 2j), {}),
]  # fmt: skip


def scalar(value: Any, tensors: dict[str, torch.Tensor]) -> Any:
    if isinstance(value, torch.Tensor):
        tensors[f"t{len(tensors)}"] = value
        return Ref(f"t{len(tensors) - 1}")
    for kind, type_ in (("dtype", torch.dtype), ("complex", complex)):
        if isinstance(value, type_):
            return Symbol(kind, str(value).removeprefix("torch."))
    return Symbol("float", str(value)) if value in (float("inf"), float("-inf")) else value


def make_call(op: str, named: dict[str, Any], results: list[torch.Tensor]) -> tuple[OpCall, dict[str, torch.Tensor]]:
    """The call as the tracer gives it, and its tensors by name."""
    tensors: dict[str, torch.Tensor] = {}
    arguments = []
    for name, value in named.items():
        many = isinstance(value, (list, tuple))
        items = tuple(scalar(item, tensors) for item in (value if many else (value,)))
        arguments.append(Argument(name, items if many else items[0]))
    schema = overload(op)._schema.arguments
    default = {p.name for p in schema if p.has_default_value() and repr(named[p.name]) == repr(p.default_value)}
    by_name = tuple(p.name for p in schema if p.kwarg_only)
    outputs = tuple(f"o{i}" for i in range(len(results)))
    return OpCall("call", op, tuple(arguments), outputs, "", None, by_name, tuple(default)), tensors


def expression(call: OpCall, tensors: dict[str, torch.Tensor]) -> str:
    """The line that stands in generated code for a call."""
    values = {
        name: Value(name, TensorType(tuple(t.shape), str(t.dtype).removeprefix("torch.")), "activation", name)
        for name, t in tensors.items()
    }
    inputs = [(name, name) for name in tensors if not name.startswith("o")]
    (line,) = torch_block([call], values, inputs, call.outputs, Use).lines
    return line


def run(line: str, tensors: dict[str, torch.Tensor]) -> list[torch.Tensor]:
    return leaves(eval(line.partition(" = ")[2], {"torch": torch, "float": float, **tensors}))


@pytest.mark.parametrize("case", [*CASES, *AWKWARD], ids=ids)
def test_the_text_is_the_op(case):
    op, args, kwargs = case
    results = leaves(overload(op)(*args, **kwargs))
    call, tensors = make_call(op, bind(op, args, kwargs), results)
    outputs = {f"o{i}": result for i, result in enumerate(results)}
    line = expression(call, {**tensors, **outputs})
    for mine, theirs in zip(run(line, tensors), results, strict=False):
        assert mine.dtype == theirs.dtype, line
        assert torch.allclose(mine, theirs, rtol=1e-4, atol=1e-5, equal_nan=True), line


EXAMPLES = {
    "Tensor": torch.ones(2), "List[Tensor]": [torch.ones(2)], "List[Optional[Tensor]]": [torch.ones(2)], "int": 3, "SymInt": 3,
    "List[int]": [3, 5], "List[SymInt]": [3, 5], "float": 0.5, "bool": True, "number": 0.25, "str": "text", "ScalarType": torch.float64,
    "List[float]": [0.5], "List[bool]": [True], "List[number]": [0.25],
}  # fmt: skip


def schemas() -> list[torch._C.FunctionSchema]:
    """Of every ATen op that writes nothing and takes an argument by name alone that says what it does."""
    found = (s for s in torch._C._jit_get_all_schemas() if s.name.startswith("aten::") and not s.is_mutable)
    known = [s for s in found if hasattr(torch.ops.aten, s.name[6:]) and s.overload_name not in ("names", "Dimname")]
    return [s for s in known if any(p.kwarg_only and plain_type(p) in EXAMPLES for p in s.arguments)]


def plain_type(parameter: torch._C.Argument) -> str:
    text = str(parameter.real_type)
    return text[9:-1] if text.startswith("Optional[") else text


SUGAR = (".to(torch.", ".expand(")
"""Methods that take what their op has by name alone, or a size as numbers of their own: they are run above."""


def positional_by_name_alone(line: str, call: OpCall) -> list[str]:
    """Arguments that the schema takes by name alone and the text writes without one."""
    tree = ast.parse(line)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    if not calls or any(written in line for written in SUGAR):
        return []
    written = max(calls, key=lambda node: len(node.args) + len(node.keywords))
    is_method = isinstance(written.func, ast.Attribute) and not ast.unparse(written.func).startswith("torch.")
    names = [argument.name for argument in call.arguments][is_method:]
    return [name for name, _ in zip(names, written.args, strict=False) if name in call.by_name]


def test_no_op_gets_an_argument_without_its_name():
    """Every ATen schema that has one, whether a row knows it or not."""
    found, wrong = 0, []
    for schema in schemas():
        op = f"aten.{schema.name[6:]}.{schema.overload_name or 'default'}"
        named = {p.name: EXAMPLES.get(plain_type(p)) for p in schema.arguments}
        call, tensors = call_of_schema(op, schema, named)
        line = expression(call, {**tensors, "o0": torch.ones(3, 5)})
        found += 1
        wrong += [f"{line}: {name}" for name in positional_by_name_alone(line, call)]
    assert found > 250
    assert not wrong, wrong[:5]


def call_of_schema(op: str, schema: Any, named: dict[str, Any]) -> tuple[OpCall, dict[str, torch.Tensor]]:
    tensors: dict[str, torch.Tensor] = {}
    arguments = []
    for name, value in named.items():
        many = isinstance(value, list)
        items = tuple(scalar(item, tensors) for item in (value if many else (value,)))
        arguments.append(Argument(name, items if many else items[0]))
    by_name = tuple(p.name for p in schema.arguments if p.kwarg_only)
    return OpCall("call", op, tuple(arguments), ("o0",), "", None, by_name), tensors


def test_a_positional_argument_that_needs_its_name_is_found():
    """The planted fault: a graph that does not say what its ops take by name alone."""
    op, args, kwargs = AWKWARD[0]
    results = leaves(overload(op)(*args, **kwargs))
    call, tensors = make_call(op, bind(op, args, kwargs), results)
    everything = {**tensors, "o0": results[0], "o1": results[1]}
    assert not positional_by_name_alone(expression(call, everything), call)
    unsaid = dataclasses.replace(call, by_name=())
    assert positional_by_name_alone(
        expression(unsaid, everything).replace("correction=0, keepdim=True", "0, True"), call
    ) == ["correction", "keepdim"]
