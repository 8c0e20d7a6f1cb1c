"""Boards open as the table says, the stand-in compiler writes what ttnn loads, caches are where they should be."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from bringup.boards import BOARDS
from bringup.errors import UsageError
from bringup.target import caches
from bringup.target.mock_board import cluster_descriptor, find_board
from bringup.target.runtime_root import find_sfpi, installed_ttnn, kernel_cache, runtime_root

STAND_IN = Path(caches.__file__).with_name("stand_in_compiler.sh")
OPEN = """
import sys
from bringup.target import emulated_board
with emulated_board(sys.argv[1]) as emulation:
    import torch, ttnn
    device = ttnn.open_device(device_id=0, l1_small_size=0)
    grid, dram = device.compute_with_storage_grid_size(), device.dram_grid_size()
    l1, bank = (ttnn.get_memory_view(device, kind).total_bytes_per_bank for kind in (ttnn.BufferType.L1, ttnn.BufferType.DRAM))
    ones = ttnn.from_torch(torch.ones(4, 512, 512), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    assert float(ttnn.to_torch(ones + ones).sum()) == 2 * 4 * 512 * 512
    print(str(device.arch()).rpartition(".")[2].lower(), grid.x, grid.y, dram.x, l1, bank)
    ttnn.close_device(device)
"""


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)
def test_a_board_opens_as_the_table_says(board):
    done = subprocess.run([sys.executable, "-c", OPEN, board.name], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    expected = (board.arch, *board.grid, board.dram_banks, board.l1_bytes, board.dram_bank_bytes)
    assert done.stdout.split() == [str(value) for value in expected]
    assert "DEBUG" not in done.stderr


def test_descriptors_are_yaml_of_their_own_board():
    for board in BOARDS:
        data = yaml.safe_load(cluster_descriptor(board.name))
        assert data["arch"] == {0: board.arch}
        assert {"board_type": board.name} in data["boards"][0]
    with pytest.raises(UsageError, match="there is no board 'e150'"):
        find_board("e150")


def test_one_process_has_one_board():
    code = "from bringup.target.board import prepare_process as p; p('n150'); p('n150'); p('p150')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "this process already emulates n150" in done.stderr


def compile_with_stand_in(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["sh", str(STAND_IN), *arguments], capture_output=True, text=True, check=False)


def test_the_stand_in_links_an_executable_for_risc_v(tmp_path):
    assert "stand-in" in compile_with_stand_in("--version").stdout
    assert compile_with_stand_in("a.o", "-o", str(tmp_path / "a.elf")).returncode == 0
    elf = (tmp_path / "a.elf").read_bytes()
    assert elf[:6] == b"\x7fELF\x01\x01"
    assert int.from_bytes(elf[18:20], "little") == 243
    assert len(elf) == 508


def test_the_stand_in_compiles_objects_headers_and_dependencies(tmp_path):
    assert (
        compile_with_stand_in("-c", "a.cc", "-o", str(tmp_path / "a.o"), "-MF", str(tmp_path / "a.d")).returncode == 0
    )
    assert (tmp_path / "a.o").read_bytes() == b""
    assert (tmp_path / "a.d").read_text() == f"{tmp_path / 'a.o'}: {STAND_IN}\n"
    assert compile_with_stand_in("-x", "c++-header", "a.h", "-o", str(tmp_path / "a.gch")).returncode == 0
    assert (tmp_path / "a.gch").exists()
    assert compile_with_stand_in("-c", "a.cc", "-o", "/proc/nope/a.o").returncode != 0


def test_the_stand_in_uses_nothing_but_the_shell():
    """A process started in it costs more than all the rest of a cold op."""
    done = subprocess.run(
        ["/bin/sh", str(STAND_IN), "a.o", "-o", "/dev/null"], env={"PATH": "/nowhere"}, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_the_runtime_root_links_into_the_wheel_and_touches_nothing_of_it(tmp_path):
    ttnn = installed_ttnn()
    before = sorted(path.name for path in (ttnn.package / "runtime").iterdir())
    root = runtime_root(ttnn, tmp_path, sfpi=None)
    assert runtime_root(ttnn, tmp_path, sfpi=None) == root
    assert (root / "tt_metal").resolve() == (ttnn.package / "tt_metal").resolve()
    assert os.access(root / "runtime/sfpi/compiler/bin/riscv-tt-elf-g++", os.X_OK)
    assert sorted(path.name for path in (ttnn.package / "runtime").iterdir()) == before
    assert [path.name for path in tmp_path.iterdir()] == [root.name]


def test_a_real_compiler_is_taken_where_it_is_and_has_kernels_of_its_own(tmp_path):
    ttnn = installed_ttnn()
    sfpi = tmp_path / "sfpi"
    (sfpi / "compiler/bin").mkdir(parents=True)
    (sfpi / "compiler/bin/riscv-tt-elf-g++").touch()
    real, stand_in = runtime_root(ttnn, tmp_path, sfpi=sfpi), runtime_root(ttnn, tmp_path, sfpi=None)
    assert (real / "runtime/sfpi").resolve() == sfpi.resolve()
    assert kernel_cache(real, tmp_path) != kernel_cache(stand_in, tmp_path)
    assert find_sfpi(ttnn) is None or find_sfpi(ttnn).is_dir()


def test_the_cache_folder_follows_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("BRINGUP_CACHE", str(tmp_path / "a"))
    assert caches.wanted_cache_folder() == tmp_path / "a"
    monkeypatch.delenv("BRINGUP_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert caches.wanted_cache_folder() == tmp_path / "bringup"
    assert caches.can_write(tmp_path / "new")
    assert not caches.can_write(Path("/proc/nope"))
