"""torchinfo's table, without the totals that it counts wrongly."""

from __future__ import annotations

import inspect
import re
import warnings
from dataclasses import dataclass, replace
from typing import Any

from torch import nn

from bringup.printable import printable
from bringup.sources.loaded import Loaded
from bringup.sources.user_code import stops_as_errors
from bringup.trace.structure import of_tensors

_DEPTH = 100
_ADDRESS = re.compile(r"0x[0-9a-fA-F]+")
_COLUMNS = ("input_size", "output_size", "kernel_size", "num_params")


@dataclass(frozen=True, slots=True)
class TableResult:
    """The table, or why there is none."""

    text: str
    problem: str = ""


def torchinfo_table(loaded: Loaded) -> TableResult:
    """The modules with input and output sizes, kernel sizes and parameters.

    Its mult-adds are left out: it counts linear layers without the sequence, and its total of parameters counts tied
    weights twice. Ours come from the trace.
    """
    modes = [(module, module.training) for module in loaded.model.modules()]
    try:
        with stops_as_errors():
            return TableResult(_any_table(loaded))
    except Exception as error:  # torchinfo runs the model, and reads its outputs in its own way
        return TableResult("", reason("torchinfo", error))
    finally:
        _forget_modules()
        _restore(modes)


def _any_table(loaded: Loaded) -> str:
    """torchinfo knows few containers: where it fails, it is given tensors alone."""
    try:
        return _table(loaded)
    except Exception:
        with of_tensors(loaded.model, loaded.args, loaded.kwargs) as (tensors, _):
            return _table(replace(loaded, args=tensors, kwargs={}))


def _table(loaded: Loaded) -> str:
    import torchinfo

    data, keywords = _inputs(loaded)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        statistics = torchinfo.summary(
            loaded.model,
            input_data=data,
            depth=_DEPTH,
            col_names=_COLUMNS,
            row_settings=("var_names", "depth"),
            mode="train" if loaded.model.training else "eval",
            verbose=0,
            **keywords,
        )
    layers, form = statistics.summary_list, statistics.formatting
    for layer in layers:
        layer.class_name, layer.var_name = one_line(layer.class_name), one_line(layer.var_name)
    form.set_layer_name_width(layers)
    rule = "=" * form.get_total_width() + "\n"
    text = rule + form.header_row() + rule + form.layers_to_str(layers, statistics.total_params) + rule
    return "".join(f"{printable(line.rstrip())}\n" for line in text.rstrip("\n").split("\n"))


def _inputs(loaded: Loaded) -> tuple[Any, dict[str, Any]]:
    """Everything by name where that works: torchinfo keeps keyword arguments called `mode` or `device` for itself."""
    if not loaded.kwargs:
        return list(loaded.args), {}
    try:
        names = inspect.signature(loaded.model.forward).parameters.values()
    except (TypeError, ValueError):
        return list(loaded.args), dict(loaded.kwargs)
    by_name = [p.name for p in names if p.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]
    if len(by_name) < len(loaded.args):
        return list(loaded.args), dict(loaded.kwargs)
    return {**dict(zip(by_name, loaded.args, strict=False)), **loaded.kwargs}, {}


def _forget_modules() -> None:
    """torchinfo keeps the last model of each class name, weights and all, in a cache that nobody asked for."""
    try:
        from torchinfo.torchinfo import clear_cached_forward_pass
    except ImportError:
        return
    clear_cached_forward_pass()


def _restore(modes: list[tuple[nn.Module, bool]]) -> None:
    """torchinfo sets every module to the root's mode; a part may have had its own."""
    for module, training in modes:
        module.training = training


def reason(tool: str, error: Exception) -> str:
    """Why a tool failed, on one line that is the same in every run."""
    cause = error.__cause__ or error
    lines = str(cause).strip().splitlines() or [""]
    return f"{tool} failed: {type(cause).__name__}: {_ADDRESS.sub('0x...', one_line(lines[0]))[:200] or 'no message'}"


def one_line(text: object) -> str:
    """A model's name or message without line breaks and control characters."""
    return printable(text)
