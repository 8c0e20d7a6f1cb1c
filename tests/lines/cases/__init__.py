"""Op variations over what an op means: ranks 1 to 5, unaligned sizes, scalars, broadcasts, negative dims, other dtypes.

Each line is judged on the emulated board in exact mode, and has to come out `emulated`: TT-NN takes it, and its values agree
with torch. Every row of the registry has a line here.
"""

from __future__ import annotations

from cases import (  # noqa: F401
    collecting,
    common,
    complex_numbers,
    elementwise,
    layers,
    looking_up,
    moving,
    reducing,
    results,
    without_device,
)
from cases.lines import CASES, Line

__all__ = ["CASES", "Line"]
