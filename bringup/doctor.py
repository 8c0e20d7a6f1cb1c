"""What is installed here, and what each missing part costs."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from bringup.target.caches import can_write, wanted_cache_folder
from bringup.target.runtime_root import Ttnn, find_sfpi, installed_ttnn

State = Literal["ok", "missing", "optional"]
_PROBE = """
import torch
from bringup.target import emulated_board
with emulated_board() as emulation:
    import ttnn
    device = ttnn.open_device(device_id=0)
    ones = ttnn.from_torch(torch.ones(32, 32), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    assert float(ttnn.to_torch(ones + ones).sum()) == 2048
    ttnn.close_device(device)
"""
_TIMEOUT = 120


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that bringup uses.

    Args:
        name: What it is.
        state: `optional` when it is missing and only a comfort is lost.
        found: Version, path or reason.
        cost: What does not work without it, and how to get it; empty when it is there.
    """

    name: str
    state: State
    found: str
    cost: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def examine(say: Callable[[str], None]) -> tuple[Part, ...]:
    """Look at everything; `say` tells what takes a while."""
    ttnn = installed_ttnn()
    parts = [_python(ttnn), *_packages(), _ttnn(ttnn), _board()]
    if ttnn:
        say("opening an emulated board ...")
        parts += [_sfpi(ttnn), _emulation()]
    return (*parts, _cache(), _dot(), _gh())


def _python(ttnn: Ttnn | None) -> Part:
    version = platform.python_version()
    if ttnn or sys.version_info[:2] in ((3, 10), (3, 12)):
        return Part("python", "ok", version)
    return Part("python", "optional", version, "ttnn has wheels for Python 3.10 and 3.12 only: nothing can be checked")


def _packages() -> list[Part]:
    costs = {
        "torch": "nothing works without it",
        "torchvision": "no torchvision: models (pip install 'bringup[models]')",
        "timm": "no timm: models (pip install 'bringup[models]')",
        "transformers": "no hf: and hf-config: models (pip install 'bringup[models]')",
        "pytest-xdist": "no `bringup check` (pip install 'bringup[ttnn]')",
    }
    return [_package(name, cost) for name, cost in costs.items()]


def _package(name: str, cost: str) -> Part:
    try:
        return Part(name, "ok", importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return Part(name, "missing", "not installed", cost)


def _ttnn(ttnn: Ttnn | None) -> Part:
    if ttnn:
        return Part("ttnn", "ok", ttnn.version)
    cost = "coverage stays at `table` evidence, `bringup check` cannot run (pip install 'bringup[ttnn]')"
    return Part("ttnn", "missing", "not installed", cost)


def _board() -> Part:
    device = Path("/dev/tenstorrent")
    if device.exists():
        return Part("board", "ok", ", ".join(sorted(p.name for p in device.iterdir())) or "driver without a board")
    return Part(
        "board", "optional", "none", "no numbers of silicon: PCC on hardware, run times; the emulated board serves else"
    )


def _sfpi(ttnn: Ttnn) -> Part:
    found = find_sfpi(ttnn)
    if found:
        return Part("sfpi compiler", "ok", str(found))
    cost = "kernels are not compiled for real: a stand-in takes its place on the emulated board, where no kernel runs"
    return Part("sfpi compiler", "optional", "not installed", cost)


def _emulation() -> Part:
    """Really open one, in a child process: ttnn may end it."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", _PROBE], capture_output=True, text=True, timeout=_TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        return Part("emulated board", "missing", f"did not open in {_TIMEOUT} s", "`bringup check` cannot run")
    if done.returncode == 0:
        return Part("emulated board", "ok", "an n150 opens, and 1 + 1 is 2")
    words = [line for line in done.stderr.splitlines() if line.strip() and not line.startswith(" ---")]
    return Part("emulated board", "missing", words[-1] if words else "it died", "`bringup check` cannot run")


def _cache() -> Part:
    folder = wanted_cache_folder()
    if can_write(folder):
        return Part("cache folder", "ok", str(folder))
    return Part(
        "cache folder", "optional", f"{folder} cannot be written", "every run compiles and tests from the start"
    )


def _dot() -> Part:
    found = shutil.which("dot")
    if found:
        return Part("dot (graphviz)", "ok", found)
    return Part("dot (graphviz)", "optional", "not installed", "no .svg pictures; the .gv files are still written")


def _gh() -> Part:
    found = shutil.which("gh")
    if found:
        return Part("gh", "ok", found)
    return Part("gh", "optional", "not installed", "issues are filed with GITHUB_TOKEN instead of gh's login")
