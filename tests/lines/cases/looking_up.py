"""Reading and writing at indices."""

from __future__ import annotations

from cases.lines import CASES, add, b, i, t

for op in ("index.Tensor", "_unsafe_index.Tensor"):
    add(op, t(6, 7, 8), [i(4)])
    add(op, t(6, 7, 8), [None, i(2, 3)])
    add(op, i(6, 7, 8), [i(2, 2)])
    add(op, i(6, 7, 8), [None, i(2, 2)])
    add(op, b(6, 7, 8), [i(2, 2)])
    add(op, t(6, 7, 8), [i(2, 2), i(2)])
    add(op, t(6, 7, 8, 3), [None, i(2, 2), i(2)])
    add(op, t(6, 7, 8), [None, i(4, 1), i(5)])
    add(op, t(6, 7, 8), [i(4), None, i(4)])
    add(op, i(6, 7), [i(4)])
    add(op, i(6, 7, 8), [None, None, i(4)])
    add(op, b(6, 7), [i(4), i(4)])
    add(op, i(9), [i(2, 3)])
add("index.Tensor", t(2, 5, 6, 7), [None, None, i(4, 1), i(3)])
add("index.Tensor", t(9), [i(2, 3)])
add("gather.default", t(9), 0, i(4))
add("gather.default", t(3, 9, 5), 1, i(3, 4, 5))
add("gather.default", t(3, 9, 5), -1, i(2, 4, 3))
add("gather.default", i(6, 9), 0, i(2, 9))
add("gather.default", t(2, 2, 3, 4, 5), 2, i(2, 2, 2, 4, 5))
add("index_select.default", i(6, 7), 0, i(4))
add("index_select.default", b(6, 7), 1, i(4))
add("index_select.default", t(9), 0, i(3))
add("index_select.default", i(4, 6, 7), 0, i(4))
add("index_select.default", i(4, 6, 7), -1, i(4))
add("embedding.default", t(30, 40), i())
add("_embedding_bag.default", t(50, 16), i(10), i(2), False, 1)
add("_embedding_bag.default", t(50, 40), i(37), i(5), False, 0, False, t(37), True)
add("_embedding_bag.default", t(50, 40), i(37), i(5), False, 2)
add("_embedding_bag_forward_only.default", t(9, 4), i(5), i(2))
add("isin.Tensor_Tensor", i(2, 3, 4), i(5))
add("scatter.src", t(6, 9), 1, i(6, 3), t(6, 3))
add("scatter.src", t(6, 9), 0, i(2, 5), t(3, 9))
add("scatter.src", i(6, 9), -1, i(6, 3), i(6, 3))
add("scatter.src", t(3, 4, 5), 1, i(3, 2, 5), t(3, 2, 5))
add("scatter.value", t(6, 9), 1, i(6, 3), 2.5)
add("scatter.value", i(6, 9), 0, i(2, 9), 7)
add("scatter.value", t(9), 0, i(3), 1.0)
add("scatter_add.default", t(6, 9), 1, i(6, 3), t(6, 3))
add("scatter_add.default", t(6, 9), 0, i(2, 5), t(3, 9))
add("scatter.reduce", t(6, 9), 1, i(6, 3), t(6, 3), reduce="add")
add("scatter_reduce.two", t(6, 9), 1, i(6, 3), t(6, 3), "sum")
add("scatter_reduce.two", t(6, 9), 0, i(4, 9), t(4, 9), "sum")
for op, more in (("index_add", {"alpha": 1}), ("index_add", {"alpha": 3}), ("index_copy", {})):
    add(f"{op}.default", t(6, 7), 0, i(3), t(3, 7), **more)
    add(f"{op}.default", t(2, 6, 7), -1, i(3), t(2, 6, 3), **more)
add("index_fill.int_Scalar", t(6, 7), 1, i(3), 2.5)
add("index_fill.int_Scalar", i(2, 6, 7), 0, i(1), 5)
add("index_fill.int_Tensor", t(6, 7), 0, i(3), t())
for op in ("index_put.default", "_unsafe_index_put.default"):
    for accumulate in (False, True):
        add(op, t(6, 7), [i(3)], t(3, 7), accumulate)
        add(op, t(6, 7), [None, i(3)], t(6, 3), accumulate)
        add(op, t(6, 7, 8), [i(3), i(3)], t(3, 8), accumulate)
        add(op, t(6, 7, 8), [i(3)], t(), accumulate)
        add(op, t(6, 7, 8), [i(2, 2)], t(7, 8), accumulate)
        add(op, t(6, 7, 8), [None, i(3)], t(3, 1), accumulate)
        add(op, t(6, 7, 8, 3), [i(3), i(3)], t(3, 1, 3), accumulate)
        add(op, t(6, 7, 8), [b(6, 7)], t(8), accumulate)
        add(op, t(6, 7, 8), [None, i(3, 1), i(4)], t(6, 3, 4), accumulate)
        add(op, t(6, 7), [b(6, 7)], t(), accumulate)
        add(op, t(6, 7), [b(6)], t(7), accumulate)
add("index_put.default", i(6, 7), [i(3)], i(3, 7))
add("index_put.default", i(512), [i(300)], i(300))
add("index_put.default", t(300, 5), [i(300)], t(300, 5))
add("scatter.src", i(6, 300), 1, i(6, 280), i(6, 280))
add("index_copy.default", i(300, 4), 0, i(280), i(280, 4))
add("scatter.value", t(300), 0, i(280), 1.0)
add("index_put.default", i(6, 7), [b(6, 7)], i())
add("masked_scatter.default", t(6, 7), b(6, 7), t(60))
add("masked_scatter.default", t(2, 3, 5), b(2, 3, 1), t(2, 3, 5))

add("index_add.default", t(), 0, i(1), t())
add("index_copy.default", t(), 0, i(1), t())
add("index_fill.int_Scalar", t(), 0, i(1), 2.0)

add("masked_scatter.default", t(1, 7, 8), b(1, 7, 8), t(24))
add("masked_scatter.default", t(2, 7, 8), b(7, 8), t(24))

CASES += [
    {
        "op": "transformers.grouped_mm_fallback.default",
        "args": [t(12, 16), t(4, 16, 8), t(4, dtype="int32")],
        "kwargs": {},
    },
    {
        "op": "transformers.grouped_mm_fallback.default",
        "args": [t(7, 33), t(3, 33, 40), t(3, dtype="int32")],
        "kwargs": {},
    },
]

# What a mutant of the same statements has to be told from: indices of several dimensions, values that are repeated, any dim.
for op in ("index.Tensor", "_unsafe_index.Tensor"):
    for x, at in ((t(6, 7, 8), []), (t(6, 7, 8), [None]), (t(6, 7, 8), [None, None]), (i(6, 7), []), (b(6, 7), [])):
        add(op, x, [*at, i(2, 1, 3)])
    for x in (t(6, 7, 8), t(6, 37), t(9, 4), t(3, 6, 37), t(2, 3, 6, 37), t(2, 2, 3, 6, 7)):
        add(op, x, [i(2, 1, 3), i(3)])
    add(op, t(6, 7, 8, 3), [None, i(2, 2, 1), i(2)])
    add(op, t(6, 7, 8), [i(2, 1, 3), None, i(3)])
    add(op, t(2, 5, 6, 7), [None, None, i(2, 2, 1), i(3)])
add("index_select.default", t(6, 7, 8), 1, i(1))
for op, more in (("index_add", {"alpha": 1}), ("index_copy", {})):
    add(f"{op}.default", t(2, 6, 7), 0, i(2), t(2, 6, 7), **more)
    add(f"{op}.default", t(6), 0, i(3), t(3), **more)
add("index_fill.int_Scalar", t(6), 0, i(3), 2.5)
add("index_fill.int_Scalar", i(6, 7), 1, i(3), 5)
for op in ("index_put.default", "_unsafe_index_put.default"):
    for accumulate in (False, True):
        add(op, t(6, 7, 8), [i(3)], t(8), accumulate)
        add(op, t(6, 7), [i(3)], t(7), accumulate)
        add(op, t(6, 7), [i(3), i(3)], t(), accumulate)
        add(op, t(6, 7, 8), [i(3), i(3)], t(8), accumulate)
        add(op, t(6, 7, 8), [None, i(3)], t(8), accumulate)
        add(op, t(6, 7, 8), [None, i(3, 1), i(4)], t(3, 1), accumulate)
