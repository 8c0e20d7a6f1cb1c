"""Prints the public ops of the installed ttnn: `python -m bringup.ops.ttnn_names > bringup/ops/ttnn_ops.txt`."""

from __future__ import annotations

import importlib.metadata
import os


def main() -> None:
    """Print ttnn's version and a name a line."""
    os.environ.setdefault("TT_LOGGER_LEVEL", "off")
    os.environ.setdefault("LOGURU_LEVEL", "ERROR")
    import ttnn

    names = set()
    for prefix, module in (
        ("ttnn", ttnn),
        ("ttnn.transformer", ttnn.transformer),
        ("ttnn.experimental", ttnn.experimental),
    ):
        for name in dir(module):
            found = getattr(module, name)
            if callable(found) and not name.startswith("_") and not isinstance(found, type):
                names.add(f"{prefix}.{name}")
    print(f"# ttnn {importlib.metadata.version('ttnn')}")
    print("\n".join(sorted(names)))


if __name__ == "__main__":
    main()
