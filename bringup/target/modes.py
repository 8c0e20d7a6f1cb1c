"""How values are kept beside ttnn's buffers."""

from __future__ import annotations

from typing import Literal

Mode = Literal["exact", "rounded", "accumulated"]
"""`exact`: float32 whatever the buffer's dtype. `rounded`: as the buffer's dtype holds it. `accumulated`: rounded, and
convolutions and matmuls lose what a model of their kernels' accumulation says (`accumulation.py`)."""

EXACT_ERROR = 1e-5
"""Relative error that exact mode allows: right programs stay below 1e-6, nearly all wrong ones are above 1e-4."""
NOT_JUDGED = "not judged: "
"""How a test begins that ends because nothing can be said of its outputs."""
