"""ttnn's runtime root for a mock board: links into the installed wheel, and a kernel compiler."""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

_STAND_IN = Path(__file__).with_name("stand_in_compiler.sh")
_COMPILER = "compiler/bin/riscv-tt-elf-g++"
_LINKS = ("tt_metal", "ttnn", "runtime/hw")


@dataclass(frozen=True, slots=True)
class Ttnn:
    """The installed ttnn.

    Args:
        version: `0.81.1`.
        package: Its folder.
    """

    version: str
    package: Path


def installed_ttnn() -> Ttnn | None:
    """The ttnn of this Python, without importing it."""
    found = importlib.util.find_spec("ttnn")
    if found is None or not found.origin:
        return None
    try:
        version = importlib.metadata.version("ttnn")
    except importlib.metadata.PackageNotFoundError:
        version = "unknown"
    return Ttnn(version, Path(found.origin).parent)


def find_sfpi(ttnn: Ttnn) -> Path | None:
    """The real kernel compiler's folder, where it is installed."""
    for folder in (ttnn.package / "runtime/sfpi", Path("/opt/tenstorrent/sfpi")):
        if (folder / _COMPILER).is_file():
            return folder
    return None


def runtime_root(ttnn: Ttnn, caches: Path, *, sfpi: Path | None) -> Path:
    """A runtime root in the cache folder; made once for each ttnn and compiler, and never half.

    Args:
        ttnn: The installed ttnn.
        caches: The cache folder.
        sfpi: The real compiler's folder; None for the stand-in.
    """
    stand_in = _STAND_IN.read_bytes()
    key = f"{ttnn.package}\0{ttnn.version}\0{sfpi or ''}\0".encode() + (b"" if sfpi else stand_in)
    root = caches / f"root-{hashlib.sha256(key).hexdigest()[:16]}"
    if root.is_dir():
        return root
    made = Path(tempfile.mkdtemp(dir=caches, prefix="making-root-"))
    (made / "runtime").mkdir()
    for link in _LINKS:
        (made / link).symlink_to(ttnn.package / link)
    if sfpi:
        (made / "runtime/sfpi").symlink_to(sfpi)
    else:
        compiler = made / "runtime/sfpi" / _COMPILER
        compiler.parent.mkdir(parents=True)
        compiler.write_bytes(stand_in)
        compiler.chmod(0o755)
    try:
        os.rename(made, root)  # noqa: PTH104 (a folder that another process made in the meantime is as good)
    except OSError:
        shutil.rmtree(made, ignore_errors=True)
        if not root.is_dir():
            raise
    return root


def kernel_cache(root: Path, caches: Path) -> Path:
    """Where ttnn keeps compiled kernels: apart for each compiler: those of the stand-in must never reach a board."""
    return caches / root.name.replace("root-", "kernels-")
