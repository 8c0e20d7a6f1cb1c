"""Lines out of a file or a pipe, as bytes: as many at a time as are there, so that who asks and waits is answered."""

from __future__ import annotations

import os
import select
from collections.abc import Iterator
from dataclasses import dataclass

CHUNK = 256
"""Lines that are judged together."""
_BYTES = 32 << 20
"""Bytes after which a chunk is full, and beyond which a line is too long."""
_BLOCK = 1 << 20
_QUIET = 0.25
"""Seconds without a further line after which those that are there are judged."""


@dataclass(frozen=True, slots=True)
class RawLine:
    """A line as it came.

    Args:
        number: Its number in the file, from 1.
        text: Without its end; empty where it was too long.
        problem: Why it is not looked at.
    """

    number: int
    text: bytes
    problem: str = ""


def read_chunks(descriptor: int) -> Iterator[list[RawLine]]:
    """The lines of an open file, in chunks.

    Raises:
        OSError: it cannot be read.
    """
    chunk: list[RawLine] = []
    size = 0
    for line in _lines(descriptor):
        if line is None:
            if chunk:
                yield chunk
            chunk, size = [], 0
            continue
        chunk.append(line)
        size += len(line.text)
        if len(chunk) >= CHUNK or size >= _BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _lines(descriptor: int) -> Iterator[RawLine | None]:
    """Each line; None wherever no more came for a while."""
    number, dropped = 1, 0
    begun = bytearray()
    while block := os.read(descriptor, _BLOCK):
        *ended, rest = block.split(b"\n")
        for text in ended:
            yield _line(number, begun, text, dropped)
            begun, dropped, number = bytearray(), 0, number + 1
        if len(begun) + len(rest) <= _BYTES and not dropped:
            begun += rest
        else:
            dropped += len(rest)
        if not select.select([descriptor], [], [], _QUIET)[0]:
            yield None
    if begun or dropped:
        yield _line(number, begun, b"", dropped)


def _line(number: int, begun: bytearray, last: bytes, dropped: int) -> RawLine:
    size = len(begun) + len(last) + dropped
    if size > _BYTES:
        return RawLine(number, b"", f"the line has {size:,} bytes: more than {_BYTES >> 20} MB are not read")
    return RawLine(number, bytes(begun) + last)
