"""Reads LevelDB's sorted tables, TensorFlow's format for the index of a checkpoint, with the standard library alone.

https://github.com/google/leveldb/blob/main/doc/table_format.md
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

MAX_BYTES = 64_000_000
"""An index has a few hundred bytes for each variable."""
_MAGIC = 0xDB4775248B80FB57
_FOOTER = 48


class TableError(Exception):
    """The table is cut short or invalid."""


class CompressedTableError(Exception):
    """The table is compressed, which TensorFlow does not do."""


def entries(table: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The table's keys and values in order; checksums are not compared. Raises TableError, CompressedTableError."""
    if len(table) < _FOOTER:
        raise TableError
    footer = table[-_FOOTER:]
    if struct.unpack_from("<Q", footer, _FOOTER - 8)[0] != _MAGIC:
        raise TableError
    _, at = varint(footer, 0)
    _, at = varint(footer, at)
    for _, handle in _block(table, *_handle(footer, at)):
        yield from _block(table, *_handle(handle, 0))


def varint(data: bytes, at: int) -> tuple[int, int]:
    """A base-128 number of at most 64 bits and where it ends. Raises TableError."""
    value = shift = 0
    while at < len(data) and shift < 64:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
        shift += 7
    raise TableError


def _handle(data: bytes, at: int) -> tuple[int, int]:
    """Where a block begins, and its length without the trailer."""
    begin, at = varint(data, at)
    return begin, varint(data, at)[0]


def _block(table: bytes, begin: int, length: int) -> Iterator[tuple[bytes, bytes]]:
    block = table[begin : begin + length]
    if len(block) != length or length < 4 or begin + length >= len(table):
        raise TableError
    if table[begin + length] != 0:  # names the block's compression
        raise CompressedTableError
    restarts = struct.unpack_from("<I", block, length - 4)[0]
    end = length - 4 - 4 * restarts
    if end < 0:
        raise TableError
    at, key = 0, b""
    while at < end:
        shared, at = varint(block, at)
        fresh, at = varint(block, at)
        size, at = varint(block, at)
        if shared > len(key) or at + fresh + size > end:
            raise TableError
        key = key[:shared] + block[at : at + fresh]
        yield key, block[at + fresh : at + fresh + size]
        at += fresh + size
