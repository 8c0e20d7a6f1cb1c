"""An emulated board: the environment that ttnn needs to open a mock board, and values beside its buffers."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bringup.errors import UsageError
from bringup.target.caches import cache_folder
from bringup.target.mock_board import cluster_descriptor
from bringup.target.modes import Mode
from bringup.target.runtime_root import find_sfpi, installed_ttnn, kernel_cache, runtime_root

if TYPE_CHECKING:
    from bringup.target.emulation import Emulation

MOCK = "TT_METAL_MOCK_CLUSTER_DESC_PATH"


@contextmanager
def emulated_board(board: str = "n150", mode: Mode = "exact") -> Iterator[Emulation]:
    """Run unmodified TT-NN code without a board: what it computes comes from ttnn's golden functions.

    Enter it before ttnn opens a device. ttnn keeps to the board that it opened first until the process ends.

    Args:
        board: `n150`, `n300` (one chip), `p100` or `p150`.
        mode: `exact` keeps float32 in every buffer, so that right programs agree with torch to about 1e-6; `rounded`
            rounds to each buffer's dtype, a lower bound of what the device loses; `accumulated` also takes off
            what long sums lose, by a model of the kernels.

    Raises:
        UsageError: ttnn is not installed, there is no such board, or another board is open.
    """
    prepare_process(board)
    from bringup.target.emulation import Emulation

    emulation = Emulation(board, mode)
    emulation.install()
    try:
        yield emulation
    finally:
        emulation.remove()


def prepare_process(board: str) -> None:
    """Set this process's environment for a mock board.

    Raises:
        UsageError: ttnn is not installed, there is no such board, or another board is open.
    """
    wanted = mock_environment(board)
    opened = os.environ.get(MOCK)
    if opened and Path(opened).name != Path(wanted[MOCK]).name:
        raise UsageError(
            f"this process already emulates {Path(opened).stem}", next_step=f"use a new process for {board}"
        )
    os.environ.update(wanted)


def mock_environment(board: str) -> dict[str, str]:
    """The environment variables under which ttnn opens a mock board.

    Raises:
        UsageError: ttnn is not installed, or there is no such board.
    """
    text = cluster_descriptor(board)
    ttnn = installed_ttnn()
    if ttnn is None:
        raise UsageError(
            "ttnn is not installed, and the emulated board needs it",
            next_step="pip install 'bringup[ttnn]' under Python 3.12 or 3.10 on Linux x86-64; "
            "everything up to `table` evidence works without it",
        )
    caches = cache_folder()
    root = runtime_root(ttnn, caches, sfpi=find_sfpi(ttnn))
    return {
        MOCK: str(_write_once(caches / f"{board}.yaml", text)),
        "TT_METAL_RUNTIME_ROOT": str(root),
        "TT_METAL_CACHE": str(kernel_cache(root, caches)),
        "TT_METAL_LOGS_PATH": str(caches / "logs"),
        "TT_LOGGER_LEVEL": "off",
        "LOGURU_LEVEL": "ERROR",
    }


def _write_once(path: Path, text: str) -> Path:
    if not path.is_file() or path.read_text() != text:
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
            file.write(text)
        Path(file.name).replace(path)
    return path
