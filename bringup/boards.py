"""Tenstorrent's boards: grid, L1 and DRAM.

As ttnn 0.81 reports them (n150, p100, p150), or as its core descriptors say (n300).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Board:
    """One chip of a board.

    Args:
        name: `n150`.
        arch: `wormhole_b0` or `blackhole`.
        grid: Compute cores, x by y.
        l1_bytes: Usable L1 per core, bytes.
        dram_banks: Number of DRAM banks.
        dram_bank_bytes: Bytes of one bank.
        note: What a reader must know of the figures.
    """

    name: str
    arch: str
    grid: tuple[int, int]
    l1_bytes: int
    dram_banks: int
    dram_bank_bytes: int
    note: str = ""

    @property
    def dram_bytes(self) -> int:
        """DRAM of the chip, bytes."""
        return self.dram_banks * self.dram_bank_bytes


BOARDS = (
    Board("n150", "wormhole_b0", (8, 8), 1_393_312, 12, 1_072_693_184),
    Board("n300", "wormhole_b0", (8, 7), 1_393_312, 12, 1_072_693_184, "one of its two chips"),
    Board("p100", "blackhole", (11, 10), 1_461_120, 7, 4_277_141_376),
    Board("p150", "blackhole", (11, 10), 1_461_120, 8, 4_277_141_376),
)
