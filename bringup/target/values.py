"""Values kept beside ttnn's buffers.

A mock board's buffers hold zeros, so the value of a device tensor is kept here, by the unique id of its buffer: views
and in-place ops share the buffer, and so the value. Host tensors hold real data; they have a value here only where
that data is not the value: after a copy from the device, or rounded though the mode is exact.
"""

from __future__ import annotations

import gc
import sys
from dataclasses import dataclass
from typing import TypeAlias

import torch
import ttnn

from bringup.target.live import LiveAddresses

_SWEEP_EVERY = 256
_TILE = 32
_REFERENCES_OF_OURS = 3
"""References to a host tensor that only this table holds: its own, the loop's, and getrefcount's argument."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that nobody knows, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class PreparedWeight:
    """A convolution's weight or bias in ttnn's prepared layout: the torch tensor that it was made from."""

    torch_value: torch.Tensor


Value: TypeAlias = torch.Tensor | Unknown | PreparedWeight


@dataclass(frozen=True, slots=True)
class Key:
    """Which buffer: of the device, or of one host tensor."""

    is_device: bool
    number: int


@dataclass(slots=True)
class _Entry:
    value: Value
    address: tuple[str, int] | None
    host: ttnn.Tensor | None


def is_on_device(tensor: ttnn.Tensor) -> bool:
    """Whether a tensor's data is on a board."""
    return bool(tensor.storage_type() == ttnn.StorageType.DEVICE)


def key_of(tensor: ttnn.Tensor) -> Key:
    """The buffer of a tensor; it has to be allocated."""
    if is_on_device(tensor):
        return Key(True, tensor.buffer_unique_id())
    return Key(False, tensor.tensor_id)


class Values:
    """The table of values. Buffer ids are never used twice, so an entry can be late to go, but never wrong."""

    def __init__(self) -> None:
        self._entries: dict[Key, _Entry] = {}
        self._at_address: dict[tuple[str, int], Key] = {}
        self._live = LiveAddresses()
        self._until_sweep = _SWEEP_EVERY

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, tensor: ttnn.Tensor) -> Value | None:
        """The value kept for a tensor, in its own shape; None when there is none."""
        entry = self._entries.get(key_of(tensor))
        if entry is None:
            return None
        return fit_to(entry.value, tuple(tensor.shape))

    def put(self, tensor: ttnn.Tensor, value: Value) -> None:
        """Keep a value for a tensor."""
        self._until_sweep -= 1
        if self._until_sweep <= 0:
            self._sweep()
        if is_on_device(tensor):
            number = tensor.buffer_address()
            address = (str(tensor.memory_config().buffer_type), number) if number else None
            self._put_on_device(key_of(tensor), _Entry(value, address, None))
            self._live.see(tensor, address)
        else:
            self._entries[key_of(tensor)] = _Entry(value, None, tensor)

    def _put_on_device(self, key: Key, entry: _Entry) -> None:
        """A buffer at an address where another one was: that one is gone."""
        if entry.address is not None:
            before = self._at_address.get(entry.address)
            if before is not None and before != key:
                self._entries.pop(before, None)
            self._at_address[entry.address] = key
        self._entries[key] = entry

    def put_at(self, key: Key, value: Value) -> None:
        """Change the value of a buffer that is in the table."""
        if key in self._entries:
            self._entries[key].value = value

    def at(self, key: Key) -> Value | None:
        """The value of a buffer, in the shape that it was kept in."""
        entry = self._entries.get(key)
        return entry.value if entry else None

    def drop(self, tensor: ttnn.Tensor) -> None:
        """Forget a tensor's value."""
        self._entries.pop(key_of(tensor), None)

    def clear(self) -> None:
        """Forget everything, devices too: they are about to be closed."""
        self._entries.clear()
        self._at_address.clear()
        self._live.clear()

    def settle(self) -> None:
        """Before nothing is dispatched for a while: what dies then, ttnn's allocator keeps for good."""
        if self._live.has_tensors():
            gc.collect()

    def drop_undispatched(self) -> None:
        """Forget buffers without an address: made while nothing was dispatched, they are of no use now."""
        for key in [key for key, entry in self._entries.items() if key.is_device and entry.address is None]:
            del self._entries[key]

    def _sweep(self) -> None:
        """Drop what no live buffer and no living host tensor stands for."""
        self._until_sweep = max(_SWEEP_EVERY, len(self._entries))
        live = self._live.addresses()
        for key, entry in list(self._entries.items()):
            if _is_forgotten(entry) if entry.host is not None else entry.address and not live.has(entry.address):
                del self._entries[key]


def _is_forgotten(entry: _Entry) -> bool:
    return sys.getrefcount(entry.host) < _REFERENCES_OF_OURS


def fit_to(value: Value, shape: tuple[int, ...]) -> Value:
    """A value in the shape of one of its views."""
    if not isinstance(value, torch.Tensor) or tuple(value.shape) == shape:
        return value
    if value.numel() == torch.Size(shape).numel():
        return value.reshape(shape)
    if _in_tiles(tuple(value.shape)) == _in_tiles(shape) and all(
        a <= b for a, b in zip(shape, value.shape, strict=True)
    ):
        # A pad within its operand's tiles writes beside the operand's own elements, in the same buffer.
        return value[tuple(slice(size) for size in shape)]
    return Unknown(f"a view of shape {shape} on a buffer of shape {tuple(value.shape)}")


def _in_tiles(shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape with its last two dimensions in tiles."""
    return (*shape[:-2], *(-(-size // _TILE) for size in shape[-2:]))
