"""Addresses at which a mock board has buffers, from its allocator's own table of blocks.

ttnn's list of buffers is no source: a buffer that dies while a graph is captured without dispatch stays in it, and
`get_buffers` then reads freed memory (SIGSEGV). Blocks have addresses of their own, each kind of memory from its own
base; the base is what all tensors that were seen alive agree on.
"""

from __future__ import annotations

from dataclasses import dataclass

import ttnn

Address = tuple[str, int]
"""The kind of memory, as ttnn prints it, and the address in it."""
_KINDS = {str(kind): kind for kind in (ttnn.BufferType.DRAM, ttnn.BufferType.L1, ttnn.BufferType.L1_SMALL)}
_OF_TENSORS = (ttnn.BufferType.DRAM, ttnn.BufferType.L1)
"""L1_SMALL holds what cached programs need."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Addresses that are taken; what is in none of the kinds cannot be told, and counts as taken."""

    kinds: frozenset[str]
    taken: frozenset[Address]

    def has(self, address: Address) -> bool:
        """Whether there may be a buffer."""
        return address in self.taken or address[0] not in self.kinds


class LiveAddresses:
    """The addresses of live buffers on the devices that tensors were seen on."""

    def __init__(self) -> None:
        self._devices: list[ttnn.MeshDevice] = []
        self._bases: dict[str, frozenset[int]] = {}

    def see(self, tensor: ttnn.Tensor, address: Address | None) -> None:
        """A tensor that is alive: its device, and what the base of its kind of memory may be."""
        device = tensor.device()
        if device is not None and all(device is not known for known in self._devices):
            self._devices.append(device)
        if address is None or address[0] not in _KINDS:
            return
        bases = self._bases.get(address[0])
        if bases is None or len(bases) > 1:
            possible = frozenset(address[1] - block for block in self._blocks(_KINDS[address[0]]))
            self._bases[address[0]] = possible if bases is None else bases & possible

    def addresses(self) -> Addresses:
        """The addresses that are taken now."""
        known = {kind: min(bases) for kind, bases in self._bases.items() if len(bases) == 1}
        taken = {(kind, base + block) for kind, base in known.items() for block in self._blocks(_KINDS[kind])}
        return Addresses(frozenset(known), frozenset(taken))

    def has_tensors(self) -> bool:
        """Whether any tensor has a buffer."""
        return any(self._blocks(kind) for kind in _OF_TENSORS)

    def clear(self) -> None:
        """Forget the devices: they are about to be closed."""
        self._devices.clear()
        self._bases.clear()

    def _blocks(self, kind: ttnn.BufferType) -> list[int]:
        tables = (ttnn.get_memory_view(device, kind).block_table for device in self._devices)
        return [int(block["address"]) for table in tables for block in table if block["allocated"] == "yes"]
