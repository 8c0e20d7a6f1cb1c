"""Where a model's modules stand in its folder."""

from __future__ import annotations

from bringup.python_text import identifier


def ttnn_path(model: str) -> str:
    """The file of a model's TT-NN modules: `tt/ttnn_resnet50.py`."""
    return f"tt/ttnn_{identifier(model)}.py"
