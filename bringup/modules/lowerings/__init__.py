"""How ops are written in a module where their row's test would read badly, by the op's short name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bringup.modules.fuse_node import Node
from bringup.modules.lowerings.convolution import batch_norm, conv1d, convolution
from bringup.modules.lowerings.elementwise import BINARY, UNARY, binary, unary
from bringup.modules.lowerings.matrix import embedding, gelu_tanh, linear, rms_norm
from bringup.modules.lowerings.movement import cat, permute, reshape, unbind
from bringup.modules.lowerings.pool import adaptive_pool, mean, pool, upsample
from bringup.modules.lowerings.recurrent import recurrent
from bringup.modules.naming import RECURRENT
from bringup.modules.ttnn_state import State

Lower = Callable[[Node, State], bool]
"""Writes a node and says whether it could; when not, the row's own lowering is used."""

SPECIAL: Mapping[str, Lower] = {
    **dict.fromkeys(("conv2d", "conv_transpose2d"), convolution),
    **dict.fromkeys(("max_pool2d", "avg_pool2d"), pool),
    **dict.fromkeys(("adaptive_avg_pool2d",), adaptive_pool),
    **dict.fromkeys(UNARY, unary),
    **dict.fromkeys(BINARY, binary),
    **dict.fromkeys(("view", "reshape", "flatten", "squeeze", "unsafe_view"), reshape),
    **dict.fromkeys(("permute", "transpose"), permute),
    **dict.fromkeys(("upsample_nearest2d",), upsample),
    "conv1d": conv1d,
    **dict.fromkeys(RECURRENT, recurrent),
    "unbind": unbind,
    "mean": mean,
    "linear": linear,
    "addmm": linear,
    "batch_norm": batch_norm,
    "cat": cat,
    "embedding": embedding,
    "rms_norm": rms_norm,
    "gelu_tanh": gelu_tanh,
}
