"""Cluster descriptors under which ttnn opens a mock board: host code runs in full, kernels never do."""

from __future__ import annotations

from bringup.boards import BOARDS, Board
from bringup.errors import UsageError
from bringup.near import near_matches

_HARVESTING = {
    "n150": {"harvest_mask": 32},
    "n300": {"harvest_mask": 33},
    "p100": {"harvest_mask": 3, "dram_harvesting_mask": 1, "eth_harvesting_mask": 288, "pcie_harvesting_mask": 2},
    "p150": {"harvest_mask": 3, "eth_harvesting_mask": 288, "pcie_harvesting_mask": 2},
}
"""Which rows (Wormhole) or columns (Blackhole) of cores are switched off, as bit masks; ttnn's grid follows from it."""

_DESCRIPTOR = """\
arch:
  0: {arch}
chips:
  0: [0, 0, 0, 0]
chip_unique_ids:
  0: 72059269369839682
ethernet_connections: []
ethernet_connections_to_remote_devices: []
chips_with_mmio:
  - 0: 0
harvesting:
  0:
    noc_translation: true
    harvest_mask: {harvest_mask}
    dram_harvesting_mask: {dram_harvesting_mask}
    eth_harvesting_mask: {eth_harvesting_mask}
    pcie_harvesting_mask: {pcie_harvesting_mask}
    l2cpu_harvesting_mask: 0
boards:
  -
    - board_id: 72059269369839682
    - board_type: {board_type}
    - chips:
      - 0
"""


def find_board(name: str) -> Board:
    """A board by its name.

    Raises:
        UsageError: there is no such board.
    """
    for board in BOARDS:
        if board.name == name:
            return board
    names = [board.name for board in BOARDS]
    near = near_matches(name, names)
    listed = f"give one of: {', '.join(names)}"
    raise UsageError(f"there is no board {name!r}", next_step=f"{near} {listed}".strip())


def cluster_descriptor(name: str) -> str:
    """The descriptor (YAML) of one chip of a board.

    Raises:
        UsageError: there is no such board.
    """
    board = find_board(name)
    masks = {"dram_harvesting_mask": 0, "eth_harvesting_mask": 0, "pcie_harvesting_mask": 0, **_HARVESTING[name]}
    return _DESCRIPTOR.format(arch=board.arch, board_type=name, **masks)
