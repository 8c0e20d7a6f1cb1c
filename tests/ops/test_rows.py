"""Each row's reference expression gives what the ATen op gives, and its lowering leaves no placeholder.

A line is an op and a call of it. What the lowering's ttnn statements compute is checked on a board; here the torch side, which
every generated test trusts, is run with the op's own arguments and compared with the op itself.
"""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest
import torch

from bringup.inventory import Operand, Variation, VariationArgument
from bringup.ir import Symbol
from bringup.ops.registry import registry
from bringup.ops.spec import Lowering

torch.manual_seed(0)
X = torch.randn(2, 3, 8, 8)
Y = torch.randn(2, 3, 8, 8)
M = torch.randn(4, 6)
POS = torch.rand(2, 3, 8, 8) + 0.5
B = torch.randint(0, 2, (2, 3, 8, 8)).bool()
I = torch.randint(0, 4, (2, 5))  # noqa: E741
C = torch.rand(3) + 0.5
W = torch.randn(6, 3, 3, 3)
Q = torch.randn(1, 2, 32, 64)

CASES: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    *((f"aten.{name}.default", (X,), {}) for name in ["relu", "relu6", "sigmoid", "tanh", "exp", "abs", "neg", "sin", "cos", "erf", "floor", "ceil", "round", "sign", "square", "trunc", "silu", "mish", "hardswish", "hardsigmoid", "selu", "expm1", "erfc", "atan", "exp2", "isnan", "isinf", "elu", "celu", "gelu", "leaky_relu", "hardtanh", "softplus", "log_sigmoid", "hardshrink", "alias"]),
    *((f"aten.{name}.default", (POS,), {}) for name in ["log", "sqrt", "rsqrt", "log2", "log10", "log1p", "reciprocal"]),
    ("aten.gelu.default", (X,), {"approximate": "tanh"}),
    ("aten.clamp.default", (X, -0.5, 0.5), {}),
    ("aten.clamp.default", (X, None, 0.5), {}),
    ("aten.clamp_min.default", (X, 0.1), {}),
    ("aten.clamp_max.default", (X, 0.1), {}),
    ("aten.hardtanh.default", (X, 0.0, 6.0), {}),
    ("aten.leaky_relu.default", (X, 0.1), {}),
    ("aten.pow.Tensor_Scalar", (POS, 2), {}),
    ("aten.pow.Scalar", (2, X), {}),
    ("aten.pow.Tensor_Tensor", (POS, Y), {}),
    ("aten.prelu.default", (X, torch.rand(3)), {}),
    ("aten.bitwise_not.default", (B,), {}),
    ("aten.logical_not.default", (B,), {}),
    *((f"aten.{name}.Tensor", (X, Y), {}) for name in ["add", "sub", "mul", "eq", "ne", "lt", "le", "gt", "ge"]),
    *((f"aten.{name}.Tensor", (X, POS), {}) for name in ["div", "remainder"]),
    *((f"aten.{name}.Tensor", (X, 2.0), {}) for name in ["add", "sub", "mul", "div"]),
    *((f"aten.{name}.Scalar", (X, 0.5), {}) for name in ["add", "sub", "mul", "div", "rsub", "eq", "ne", "lt", "le", "gt", "ge"]),
    ("aten.add.Tensor", (X, Y), {"alpha": 2}),
    ("aten.add.Tensor", (X, C.reshape(3, 1, 1)), {}),
    ("aten.sub.Tensor", (X, 1), {"alpha": 3}),
    ("aten.div.Tensor_mode", (X, POS), {"rounding_mode": "floor"}),
    ("aten.floor_divide.default", (I, 2), {}),
    ("aten.maximum.default", (X, Y), {}),
    ("aten.minimum.default", (X, Y), {}),
    ("aten.max.other", (X, Y), {}),
    ("aten.min.other", (X, Y), {}),
    ("aten.addcmul.default", (X, X, Y), {"value": 2}),
    ("aten.addcdiv.default", (X, X, POS), {}),
    ("aten.lerp.Scalar", (X, Y, 0.3), {}),
    ("aten.where.self", (B, X, Y), {}),
    ("aten.where.ScalarOther", (B, X, 0.0), {}),
    ("aten.where.ScalarSelf", (B, 0.0, X), {}),
    ("aten.masked_fill.Scalar", (X, B, -100.0), {}),
    ("aten.masked_fill.Scalar", (X, B, float("-inf")), {}),
    *((f"aten.{name}.Tensor", (B, ~B), {}) for name in ["bitwise_and", "bitwise_or", "bitwise_xor", "__and__", "__or__"]),
    *((f"aten.{name}.default", (B, ~B), {}) for name in ["logical_and", "logical_or", "logical_xor"]),
    ("aten.linear.default", (M, torch.randn(5, 6), torch.randn(5)), {}),
    ("aten.linear.default", (M, torch.randn(5, 6)), {}),
    ("aten.matmul.default", (Q, Q.transpose(-1, -2)), {}),
    ("aten.mm.default", (M, M.T), {}),
    ("aten.bmm.default", (torch.randn(2, 3, 4), torch.randn(2, 4, 5)), {}),
    ("aten.addmm.default", (torch.randn(4), M, M.T), {}),
    ("aten.baddbmm.default", (torch.randn(2, 3, 5), torch.randn(2, 3, 4), torch.randn(2, 4, 5)), {"beta": 0.5, "alpha": 2.0}),
    ("aten.conv2d.default", (X, W, torch.randn(6), [2, 2], [1, 1]), {}),
    ("aten.conv2d.default", (X, torch.randn(3, 1, 3, 3), None, [1], [1], [1], 3), {}),
    ("aten.conv2d.padding", (X, W, None, [1, 1], "same"), {}),
    ("aten.convolution.default", (X, W, None, [1, 1], [1, 1], [1, 1], False, [0, 0], 1), {}),
    ("aten.convolution.default", (X, torch.randn(3, 5, 2, 2), None, [2, 2], [0, 0], [1, 1], True, [0, 0], 1), {}),
    ("aten.conv1d.default", (torch.randn(1, 3, 16), torch.randn(4, 3, 3), torch.randn(4), [1], [1]), {}),
    ("aten.conv3d.default", (torch.randn(1, 3, 4, 8, 8), torch.randn(4, 3, 3, 3, 3), None, [1, 1, 1], [1, 1, 1]), {}),
    ("aten.conv_transpose2d.input", (X, torch.randn(3, 5, 2, 2), torch.randn(5), [2, 2]), {}),
    ("aten.max_pool2d.default", (X, [3, 3], [2, 2], [1, 1]), {}),
    ("aten.max_pool2d.default", (X, [2], [], [0], [1], True), {}),
    ("aten.max_pool2d_with_indices.default", (X, [2, 2]), {}),
    ("aten.avg_pool2d.default", (X, [3, 3], [1, 1], [1, 1], False, False), {}),
    ("aten.adaptive_avg_pool2d.default", (X, [1, 1]), {}),
    ("aten.adaptive_avg_pool2d.default", (X, [4, 4]), {}),
    ("aten.upsample_nearest2d.vec", (X, None, [2.0, 2.0]), {}),
    ("aten.upsample_bilinear2d.vec", (torch.randn(1, 32, 4, 4), None, False, [2.0, 2.0]), {}),
    ("aten.pixel_shuffle.default", (torch.randn(1, 12, 4, 4), 2), {}),
    ("aten.batch_norm.default", (X, C, C, C, C, False, 0.1, 1e-5, False), {}),
    ("aten._native_batch_norm_legit_no_training.default", (X, C, C, C, C, 0.1, 1e-5), {}),
    ("aten.layer_norm.default", (X, [8], torch.randn(8), torch.randn(8), 1e-6), {}),
    ("aten.layer_norm.default", (X, [8], None, None, 1e-6), {}),
    ("aten.native_layer_norm.default", (X, [8], torch.randn(8), None, 1e-6), {}),
    ("aten.rms_norm.default", (X, [8], torch.randn(8), 1e-6), {}),
    ("aten.group_norm.default", (torch.randn(2, 4, 8, 8), 2, torch.randn(4), torch.randn(4), 1e-5), {}),
    ("aten.softmax.int", (X, -1), {}),
    ("aten._softmax.default", (X, 1, False), {}),
    ("aten.log_softmax.int", (X, -1), {}),
    ("aten.view.default", (X, [2, -1]), {}),
    ("aten.reshape.default", (X, [6, 64]), {}),
    ("aten.flatten.using_ints", (X, 1), {}),
    ("aten.unflatten.int", (X, 2, [2, 4]), {}),
    ("aten.squeeze.dim", (torch.randn(2, 1, 3), 1), {}),
    ("aten.unsqueeze.default", (M, -1), {}),
    ("aten.permute.default", (X, [0, 2, 3, -3]), {}),
    ("aten.transpose.int", (X, -1, -2), {}),
    ("aten.t.default", (M,), {}),
    ("aten.cat.default", ([X, Y], 1), {}),
    ("aten.stack.default", ([M, M], 0), {}),
    ("aten.split.Tensor", (X, 3, -1), {}),
    ("aten.split_with_sizes.default", (X, [3, 5], 2), {}),
    ("aten.chunk.default", (X, 2, -1), {}),
    ("aten.unbind.int", (X, 1), {}),
    ("aten.slice.Tensor", (X, 3, 1, 2**63 - 1), {}),
    ("aten.slice.Tensor", (X, -1, 0, -2, 2), {}),
    ("aten.slice.Tensor", (X, 0, -1, 2**63 - 1), {}),
    ("aten.select.int", (X, 1, -1), {}),
    ("aten.pad.default", (X, [1, 2, 0, 3], "constant", 0.5), {}),
    ("aten.constant_pad_nd.default", (X, [1, 1], 0.0), {}),
    ("aten.expand.default", (torch.randn(1, 3, 1), [2, -1, 4]), {}),
    ("aten.expand.default", (torch.randn(3), [2, 3]), {}),
    ("aten.repeat.default", (M, [2, 1, 3]), {}),
    ("aten.repeat_interleave.self_int", (M, 2, 0), {}),
    ("aten.roll.default", (X, [-3, -3], [2, 3]), {}),
    ("aten.to.dtype", (I, torch.float32), {}),
    ("aten.mean.dim", (X, [2, 3], True), {}),
    ("aten.mean.dim", (X, [-1]), {}),
    ("aten.sum.dim_IntList", (X, [1]), {}),
    ("aten.amax.default", (X, [-1], True), {}),
    ("aten.mean.default", (X,), {}),
    ("aten.max.dim", (X, 1, True), {}),
    ("aten.var.correction", (X, [1]), {"correction": 0}),
    ("aten.argmax.default", (X, -1), {}),
    ("aten.argmax.default", (X,), {}),
    ("aten.argmin.default", (X, 1, True), {}),
    ("aten.any.dim", (B, 1), {}),
    ("aten.all.default", (B,), {}),
    ("aten.cumsum.default", (X, -1), {}),
    ("aten.logsumexp.default", (X, [-1], True), {}),
    ("aten.linalg_vector_norm.default", (X, 2, [-1], True), {}),
    ("aten.topk.default", (X, 3), {}),
    ("aten.sort.default", (X, -1, True), {}),
    ("aten.diff.default", (X,), {}),
    ("aten.scaled_dot_product_attention.default", (Q, Q, Q), {"is_causal": True}),
    ("aten.scaled_dot_product_attention.default", (Q, Q, Q, torch.randn(1, 1, 1, 32)), {"scale": 0.2}),
    ("aten.scaled_dot_product_attention.default", (Q, Q[:, :1], Q[:, :1]), {"enable_gqa": True}),
    ("aten.embedding.default", (M, I), {}),
    ("aten._embedding_bag.default", (M, I[0], torch.tensor([0, 2]), False, 1), {}),
    ("aten._embedding_bag_forward_only.default", (M, I[1], torch.tensor([0]), False, 2), {}),
    ("aten.embedding.default", (M, torch.randint(0, 4, (2, 3, 5))), {}),
    ("aten.index.Tensor", (M, [I]), {}),
    ("aten.gather.default", (M, 1, torch.randint(0, 6, (4, 2))), {}),
    ("aten.index_select.default", (M, 0, torch.tensor([2, 0])), {}),
    ("aten.tril.default", (M,), {}),
    ("aten.triu.default", (M, 1), {}),
    ("aten.zeros_like.default", (M,), {}),
    ("aten.full_like.default", (M, 3.0), {}),
    ("aten.fill.Scalar", (M, 3.0), {}),
    ("aten.lstm.input", (torch.randn(1, 5, 8), [torch.zeros(2, 1, 4)] * 2,
                         [torch.randn(16, s) if s else torch.randn(16) for s in (8, 4, 0, 0)] * 2, True, 1, 0.0, False, True, True), {}),
]  # fmt: skip


def overload(op: str) -> torch._ops.OpOverload:
    namespace, name, kind = op.split(".")
    return getattr(getattr(getattr(torch.ops, namespace), name), kind)


def bind(op: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """The arguments by schema name, defaults filled, as the tracer names them."""
    named = {}
    for index, parameter in enumerate(overload(op)._schema.arguments):
        default = parameter.default_value if parameter.has_default_value() else None
        named[parameter.name] = args[index] if index < len(args) else kwargs.get(parameter.name, default)
    return named


def item(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return Operand(tuple(value.shape), str(value.dtype).removeprefix("torch."), "activation")
    if isinstance(value, (list, tuple)):
        return tuple(item(member) for member in value)
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return Symbol("float", str(value))
    return Symbol("dtype", str(value)) if isinstance(value, torch.dtype) else value


def leaves(result: Any) -> list[torch.Tensor]:
    return [result] if isinstance(result, torch.Tensor) else [t for t in result if isinstance(t, torch.Tensor)]


def make_variation(op: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Variation, list[torch.Tensor]]:
    named = bind(op, args, kwargs)
    results = leaves(overload(op)(*args, **kwargs))
    arguments = tuple(VariationArgument(name, item(value)) for name, value in named.items())
    return Variation("x", op, arguments, tuple(item(result) for result in results), 1, ()), results


def evaluate(lowering: Lowering, named: dict[str, Any]) -> Any:
    """The reference expression with the op's own tensors in place of the random ones."""
    own = {"input" if name == "self" else name: value for name, value in named.items()}
    own["indices"] = own["indices"][0] if isinstance(own.get("indices"), (list, tuple)) else own.get("indices")
    scope = {f"torch_{t.name}": own[t.name] for t in lowering.inputs}
    text = re.sub(r"\{(\w+)\}", lambda m: f"values[{m[1]!r}]", lowering.torch)
    return eval(text, {"torch": torch, "values": dict(lowering.values), "float": float, **scope})


def ids(case: tuple[str, Any, Any]) -> str:
    return case[0].removeprefix("aten.")


@pytest.mark.parametrize("case", CASES, ids=ids)
def test_the_reference_is_the_op(case):
    op, args, kwargs = case
    variation, results = make_variation(op, args, kwargs)
    row = registry()[op]
    assert row.lower is not None
    lowering = row.lower(variation)
    computed = leaves(evaluate(lowering, bind(op, args, kwargs)))
    expected = results if lowering.many_outputs else results[:1]
    assert len(computed) == len(expected)
    for mine, theirs in zip(computed, expected, strict=True):
        assert mine.shape == theirs.shape
        assert torch.allclose(mine.double(), theirs.double(), rtol=1e-4, atol=1e-5, equal_nan=True)


@pytest.mark.parametrize("case", CASES, ids=ids)
def test_a_lowering_has_a_value_for_each_placeholder(case):
    op, args, kwargs = case
    lowering = registry()[op].lower(make_variation(op, args, kwargs)[0])
    wanted = {m for text in (lowering.torch, *lowering.ttnn) for m in re.findall(r"\{(\w+)\}", text)}
    assert wanted == set(lowering.values)
    assert any(line.lstrip().startswith("output") for line in lowering.ttnn)
    # A value that differs between variations becomes a parameter of that name: no statement may assign it.
    assigned = {name.strip() for line in lowering.ttnn if " = " in line for name in line.split(" = ")[0].split(",")}
    assert not (wanted & assigned), wanted & assigned
    assert not (wanted & {made.name for made in lowering.inputs})
    for made in lowering.inputs:
        assert "{shape}" in made.make


def test_a_wrong_reference_is_caught():
    """The planted fault: a reference with another slope must not pass the comparison above."""
    op, args, kwargs = "aten.leaky_relu.default", (X, 0.1), {}
    variation, results = make_variation(op, args, kwargs)
    right = registry()[op].lower(variation)
    wrong = dataclasses.replace(right, values={"negative_slope": 0.2})
    assert torch.allclose(evaluate(right, bind(op, args, kwargs)), results[0])
    assert not torch.allclose(evaluate(wrong, bind(op, args, kwargs)), results[0])
