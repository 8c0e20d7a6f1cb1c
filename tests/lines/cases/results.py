"""Ops with several results: all of them (as every line without `reads` asks), and each alone."""

from __future__ import annotations

from cases.lines import CASES, add, i, t

# fmt: off (a table)

_GATES = [t(16, 8), t(16, 4), t(16), t(16)]
_BOTH_WAYS = [t(12, 8), t(12, 4), t(12), t(12)] * 2

_FIRST = len(CASES)
add("topk.default", t(2, 3, 70), 5, -1, False)
add("sort.default", t(6, 7), 0, True)
add("sort.stable", t(6, 7), stable=True, dim=1)
add("max.dim", t(6, 7), -1)
add("min.dim", t(2, 6, 7), 1, True)
add("median.dim", t(6, 7), 1)
add("kthvalue.default", t(2, 6, 7), 3, 1, True)
add("cummax.default", t(6, 7), 1)
add("cummin.default", t(3, 6, 7), 0)
add("var_mean.correction", t(6, 7), [1], correction=0)
add("std_mean.correction", t(6, 7), [0, 1], correction=2, keepdim=True)
add("native_layer_norm.default", t(2, 6, 32), [32], t(32), t(32), 1e-5)
add("native_layer_norm.default", t(2, 6, 32), [6, 32], None, None, 1e-3)
add("native_group_norm.default", t(2, 64, 6, 6), t(64), t(64), 2, 64, 36, 4, 1e-5)
add("native_group_norm.default", t(2, 12, 6), None, None, 2, 12, 6, 3, 1e-3)
add("max_pool2d_with_indices.default", t(2, 8, 16, 24), [2, 2], [2, 2])
add("max_pool2d_with_indices.default", t(1, 16, 15, 15), [3, 3], [2, 2], [1, 1], [1, 1], True)
add("max_pool2d_with_indices.default", t(8, 15, 13), [3, 2], [2, 2], [1, 1], [1, 2])
add("max_pool3d_with_indices.default", t(1, 4, 6, 8, 8), [2, 2, 2], [2, 2, 2])
add("max_pool3d_with_indices.default", t(4, 6, 8, 8), [3, 3, 2], [2, 2, 1], [1, 1, 0])
add("adaptive_max_pool2d.default", t(1, 32, 14, 14), [7, 7])
add("adaptive_max_pool2d.default", t(3, 10, 14), [3, 4])
add("adaptive_max_pool3d.default", t(2, 3, 10, 7, 7), [3, 2, 4])
add("lstm.input", t(1, 5, 8), [t(1, 1, 4), t(1, 1, 4)], _GATES, True, 1, 0.0, False, False, True)
add("gru.input", t(5, 2, 8), t(2, 2, 4), _BOTH_WAYS, True, 1, 0.0, False, True, False)
add("rnn_tanh.input", t(5, 2, 8), t(1, 2, 4), [t(4, 8), t(4, 4)], False, 1, 0.0, False, False, False)
for _op, _gates in (("lstm", 4), ("gru", 3), ("rnn_tanh", 1), ("rnn_relu", 1)):
    _state = t(4, 2, 4)
    _weights = [t(4 * _gates, 8), t(4 * _gates, 4), t(4 * _gates), t(4 * _gates)]
    add(
        f"{_op}.input",
        t(2, 5, 8),
        [_state, _state] if _op == "lstm" else _state,
        _weights * 4,
        True,
        2,
        0.0,
        False,
        True,
        True,
    )
add("native_layer_norm.default", t(2, 6, 32), [32], t(32), t(32), 0.5)
add("native_group_norm.default", t(2, 64, 6, 6), t(64), t(64), 2, 64, 36, 4, 0.5)
add("native_group_norm.default", t(2, 12, 6), None, None, 2, 12, 6, 3, 0.5)
add("std_mean.correction", t(6, 7), [0], correction=2, keepdim=True)
add("kthvalue.default", t(2, 6, 7), 3, 1)
add("median.dim", t(2, 6, 7), 1)
add("sort.stable", t(6, 7), stable=True, dim=0)
add("max_pool2d_with_indices.default", t(2, 3, 14, 14), [3, 3], [2, 2], [1, 1], [1, 1], True)
add("max_pool2d_with_indices.default", t(2, 3, 14, 14), [3, 3], [2, 2], [1, 1])
add("max_pool2d_with_indices.default", t(3, 14, 14), [3, 3], [2, 2], [1, 1])
add("max_pool2d_with_indices.default", t(5, 3, 14), [2, 3])
add("max_pool2d_with_indices.default", t(3, 11, 15), [2, 2], [2, 2], [0, 0], [1, 1], True)
add("max_pool3d_with_indices.default", t(3, 5, 9, 7), [2, 2, 2])
add("max_pool3d_with_indices.default", t(3, 4, 2, 8), [2, 2, 2])
add("max_pool3d_with_indices.default", t(1, 4, 7, 9, 9), [2, 2, 2])

for _case in CASES[_FIRST:]:
    CASES.extend({**_case, "reads": [place]} for place in range(3 if "lstm" in _case["op"] else 2))
CASES.append({**CASES[_FIRST + 11], "reads": [0, 2]})
CASES.append({**CASES[_FIRST + 11], "reads": [2]})
CASES.append({**CASES[_FIRST + 23], "reads": [1, 2]})
CASES.append({**CASES[_FIRST + 26], "reads": [1, 2]})

add("argmax.default", t(6, 7), None, True)
add("max_unpool2d.default", t(2, 8, 8, 12), i(2, 8, 8, 12), [16, 24])
add("max_unpool2d.default", t(8, 4, 4), i(8, 4, 4), [9, 9])
add("max_unpool3d.default", t(1, 4, 2, 3, 3), i(1, 4, 2, 3, 3), [4, 6, 6], [2, 2, 2], [0, 0, 0])
