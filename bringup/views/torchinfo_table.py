"""torchinfo's table, without the totals that it counts wrongly."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

from bringup.sources.loaded import Loaded

_RULE = "="
_DEPTH = 4


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
    import torchinfo

    device = next((p.device for p in loaded.model.parameters()), None)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            statistics = torchinfo.summary(
                loaded.model,
                input_data=_input_data(loaded),
                depth=_DEPTH,
                col_names=("input_size", "output_size", "kernel_size", "num_params"),
                row_settings=("var_names", "depth"),
                verbose=0,
                device=device,
                **_keywords(loaded),
            )
    except Exception as error:  # torchinfo runs the model, and reads its outputs in its own way
        return TableResult("", _reason(error))
    return TableResult(_without_totals(str(statistics)))


def _input_data(loaded: Loaded) -> Any:
    return list(loaded.args) if loaded.args else dict(loaded.kwargs)


def _keywords(loaded: Loaded) -> dict[str, Any]:
    return dict(loaded.kwargs) if loaded.args else {}


def _reason(error: Exception) -> str:
    cause = error.__cause__ or error
    lines = str(cause).strip().splitlines() or [""]
    return f"torchinfo failed: {type(cause).__name__}: {lines[0][:200]}"


def _without_totals(text: str) -> str:
    """The header and the rows: everything up to the third rule."""
    lines = text.splitlines()
    rules = [i for i, line in enumerate(lines) if line and set(line) == {_RULE}]
    kept = lines[: rules[2] + 1] if len(rules) > 2 else lines
    return "\n".join(line.rstrip() for line in kept) + "\n"
