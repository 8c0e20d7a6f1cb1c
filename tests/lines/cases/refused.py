"""What rows say that TT-NN refuses: lines for their limits. Each has to be refused when its lowering is run all the same."""

from __future__ import annotations

from cases.lines import Line, b, i, t

REFUSED: list[Line] = []


def refuse(op: str, *args: object, **kwargs: object) -> None:
    """A variation that a limit of its row rules out."""
    REFUSED.append({"op": f"aten.{op}", "args": list(args), "kwargs": kwargs})


for op in ("add.Tensor", "mul.Tensor", "eq.Tensor", "maximum.default", "logical_and.default"):
    refuse(op, t(2, *[1] * 7), t(*[1] * 7, 3))
refuse("matmul.default", t(2, 3, 4, 8), t(2, 1, 8, 4))
refuse("batch_norm.default", t(2, 5, 6, 7), t(5), t(5), None, None, True, 0.1, 1e-2, False)
refuse("constant_pad_nd.default", t(5, 6), [-1, 2], 0.0)
refuse("pad.default", t(1, 5, 6), [1, 2], "reflect")
refuse("index_put.default", t(6, 7), [b(6, 7)], t(5))
refuse("masked_scatter.default", t(5), b(3, 5), t(15))
refuse("elu.default", t(5), 1.0, 1.0, 2.0)
refuse("polygamma.default", 0, t(5))
refuse("slice_scatter.default", t(20, 5), t(5, 5), 0, 10, 20, 2)
refuse("rms_norm.default", t(3, 4, 5), [4, 5], None, 1e-2)
refuse("scatter_reduce.two", t(6, 9), 1, i(6, 3), t(6, 3), "sum", include_self=False)
refuse("scatter.reduce", t(6, 9), 1, i(6, 3), t(6, 3), reduce="multiply")
refuse("diff.default", t(6, 7), 2)
refuse("roll.default", t(6, 7), [3])
refuse("_to_copy.default", t(6, 7), dtype="complex64")
