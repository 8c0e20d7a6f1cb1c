"""How values are kept beside ttnn's buffers."""

from __future__ import annotations

from typing import Literal

Mode = Literal["exact", "rounded"]
"""`exact`: float32 whatever the buffer's dtype. `rounded`: as the buffer's dtype holds it."""

EXACT_ERROR = 1e-5
"""Relative error that exact mode allows: right programs stay below 1e-6, nearly all wrong ones are above 1e-4."""
