"""All rows, by op."""

from __future__ import annotations

import hashlib
import importlib
import pkgutil
from dataclasses import replace
from functools import cache

from bringup.errors import RegistryError
from bringup.ops import rows as rows_package
from bringup.ops.dtypes import ANY
from bringup.ops.rows.complex_numbers import with_complex
from bringup.ops.spec import OpSpec


@cache
def registry() -> dict[str, OpSpec]:
    """The rows of all modules in `bringup.ops.rows`, sorted by op.

    Raises:
        RegistryError: two rows have the same op, or a row contradicts itself.
    """
    found: dict[str, OpSpec] = {}
    for module in sorted(pkgutil.iter_modules(rows_package.__path__), key=lambda m: m.name):
        rows = importlib.import_module(f"{rows_package.__name__}.{module.name}")
        for row in rows.ROWS:
            spec = with_complex(replace(row, dtypes=row.dtypes or getattr(rows, "DTYPES", ANY)))
            check_row(spec)
            if spec.op in found:
                raise RegistryError(f"two rows for {spec.op}", where=f"bringup/ops/rows/{module.name}.py")
            found[spec.op] = spec
    return dict(sorted(found.items()))


def check_row(spec: OpSpec) -> None:
    """A row says what its status asks for.

    Raises:
        RegistryError: it does not.
    """
    runs = spec.status in ("native", "composite")
    if runs != (spec.lower is not None) or (runs and not spec.ttnn):
        raise RegistryError(
            f"{spec.op} is {spec.status}: only native and composite rows name ttnn ops and lower to them"
        )
    if spec.status in ("composite", "folded", "missing") and not spec.reason:
        raise RegistryError(f"{spec.op} is {spec.status} and says no reason")


def row(op: str) -> OpSpec | None:
    """The row of an op."""
    return registry().get(op)


@cache
def registry_hash() -> str:
    """A hash of what the rows claim, the same in every process."""
    claims = (
        "\t".join((s.op, s.status, *s.ttnn, s.reason, *s.dtypes, *(f"{c.needs} [{c.source}]" for c in s.constraints)))
        for s in registry().values()
    )
    return hashlib.sha256("\n".join(claims).encode()).hexdigest()
