"""How large the variables of a SavedModel must be, read from their index by hand.

The index is a sorted table in LevelDB's format (https://github.com/google/leveldb/blob/main/doc/table_format.md) of
BundleEntryProto messages (tensorflow/core/protobuf/tensor_bundle.proto).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from mockexam.workspace.safe_open import open_regular

_MAGIC = 0xDB4775248B80FB57
_FOOTER = 48
_MAX_INDEX = 64_000_000
_HEADER_SHARDS = 1
_ENTRY_SHARD, _ENTRY_OFFSET, _ENTRY_SIZE = 3, 4, 5
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


class CutShortError(Exception):
    """The bytes end too early, or make no sense."""


class _CompressedError(Exception):
    """The table is compressed, which TensorFlow does not do: it can't be checked here."""


def shard_sizes(path: Path, size: int) -> dict[str, int]:
    """By name beside the index: how many bytes each data file must at least have; empty if that can't be told.

    Raises CutShortError where the index is not whole, OSError where it can't be read.
    """
    if not _FOOTER <= size <= _MAX_INDEX:
        raise CutShortError
    with open_regular(path) as file:
        table = file.read(_MAX_INDEX)
    sizes: dict[int, int] = {}
    shards = 1
    try:
        for key, value in _table(table):
            fields = _numbers(value)
            if key == b"":
                shards = fields.get(_HEADER_SHARDS, 1)
            else:
                shard = fields.get(_ENTRY_SHARD, 0)
                end = fields.get(_ENTRY_OFFSET, 0) + fields.get(_ENTRY_SIZE, 0)
                sizes[shard] = max(end, sizes.get(shard, 0))
    except (IndexError, struct.error):
        raise CutShortError from None
    except _CompressedError:
        return {}
    if not 0 < shards < 100_000:
        raise CutShortError
    return {f"variables.data-{i:05d}-of-{shards:05d}": sizes.get(i, 0) for i in {*range(min(shards, 1000)), *sizes}}


def field_length(start: bytes) -> int:
    """Bytes of the protocol buffer field that begins here, told from its first 20 bytes. Raises CutShortError."""
    try:
        key, at = _varint(start, 0)
        if key >> 3 == 0:
            raise CutShortError
        if key & 7 == _BYTES:
            length, at = _varint(start, at)
            return at + length
        return _skip(start, key & 7, at)
    except IndexError:
        raise CutShortError from None


def _table(table: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The table's keys and values."""
    footer = table[-_FOOTER:]
    if struct.unpack_from("<Q", footer, _FOOTER - 8)[0] != _MAGIC:
        raise CutShortError
    _, at = _varint(footer, 0)
    _, at = _varint(footer, at)
    offset, at = _varint(footer, at)
    length, _ = _varint(footer, at)
    for _, handle in _block(table, offset, length):
        begin, at = _varint(handle, 0)
        size, _ = _varint(handle, at)
        yield from _block(table, begin, size)


def _block(table: bytes, offset: int, length: int) -> Iterator[tuple[bytes, bytes]]:
    block = table[offset : offset + length]
    if len(block) != length:
        raise CutShortError
    if table[offset + length] != 0:  # names the block's compression
        raise _CompressedError
    restarts = struct.unpack_from("<I", block, length - 4)[0]
    end = length - 4 - 4 * restarts
    at, key = 0, b""
    while at < end:
        shared, at = _varint(block, at)
        fresh, at = _varint(block, at)
        size, at = _varint(block, at)
        key = key[:shared] + block[at : at + fresh]
        yield key, block[at + fresh : at + fresh + size]
        at += fresh + size


def _numbers(message: bytes) -> dict[int, int]:
    """The varint fields of a protocol buffer message by number."""
    found: dict[int, int] = {}
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        if key & 7 == _VARINT:
            found[key >> 3], at = _varint(message, at)
        else:
            at = _skip(message, key & 7, at)
    return found


def _skip(message: bytes, wire: int, at: int) -> int:
    if wire == _VARINT:
        return _varint(message, at)[1]
    if wire == _FIXED64:
        return at + 8
    if wire == _FIXED32:
        return at + 4
    if wire == _BYTES:
        length, at = _varint(message, at)
        return at + length
    raise CutShortError


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A base-128 number and where it ends. Raises IndexError at the end of the bytes."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 63:
            raise CutShortError
