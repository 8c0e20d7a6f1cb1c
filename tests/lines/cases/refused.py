"""What rows say that TT-NN refuses: lines for their limits. Each has to be refused when its lowering is run all the same."""

from __future__ import annotations

from cases.lines import Line, b, t

REFUSED: list[Line] = []


def refuse(op: str, *args: object, **kwargs: object) -> None:
    """A variation that a limit of its row rules out."""
    REFUSED.append({"op": f"aten.{op}", "args": list(args), "kwargs": kwargs})


for op in ("add.Tensor", "mul.Tensor", "eq.Tensor", "maximum.default", "logical_and.default"):
    refuse(op, t(2, *[1] * 7), t(*[1] * 7, 3))
refuse("where.self", b(3), t(2, 2, 2, 2, 2, 2, 3), t())
refuse("masked_fill.Scalar", t(2, 2, 2, 2, 2, 2, 3), b(3), 1.0)
refuse("addcmul.default", t(2, 2, 2, 2, 2, 2, 3), t(3), t(3))
refuse("pow.Tensor_Tensor", t(2, 2, 2, 2, 2, 2, 3), t(3))
refuse("sum.dim_IntList", t(2, 2, 2, 2, 2, 2, 2, 3, 5), [3])
refuse("grid_sampler.default", t(1, 32, 7, 8), t(1, 5, 6, 2), 0, 2, False)
refuse("grid_sampler_2d.default", t(1, 32, 7, 8), t(1, 5, 6, 2), 2, 0, True)
refuse("pad.default", t(1, 5, 6), [1, 2], "reflect")
refuse("index_put.default", t(6, 7), [b(6, 7)], t(5))
refuse("masked_scatter.default", t(5), b(3, 5), t(15))
refuse("polygamma.default", 0, t(5))
refuse("diff.default", t(6, 7), 2)
refuse("_to_copy.default", t(6, 7), dtype="float8_e5m2")
refuse("resize.default", t(6), [7])
refuse("as_strided.default", t(10), [2, 2], [1, 2], 10)
