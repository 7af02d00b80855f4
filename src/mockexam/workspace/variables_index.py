"""How large the variables of a SavedModel must be, read from their index by hand.

The index is a table of BundleEntryProto messages (tensorflow/core/protobuf/tensor_bundle.proto).
"""

from __future__ import annotations

from pathlib import Path

from mockexam import leveldb_table
from mockexam.leveldb_table import CompressedTableError, TableError, varint
from mockexam.workspace.signature import open_regular

_HEADER_SHARDS = 1
_ENTRY_SHARD, _ENTRY_OFFSET, _ENTRY_SIZE = 3, 4, 5
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


class CutShortError(Exception):
    """The bytes end too early, or make no sense."""


def shard_sizes(path: Path, size: int) -> dict[str, int]:
    """By name beside the index: how many bytes each data file must at least have; empty if that can't be told.

    Raises CutShortError where the index is not whole, OSError where it can't be read.
    """
    if size > leveldb_table.MAX_BYTES:
        raise CutShortError
    with open_regular(path) as file:
        table = file.read(leveldb_table.MAX_BYTES)
    sizes: dict[int, int] = {}
    shards = 1
    try:
        for key, value in leveldb_table.entries(table):
            fields = _numbers(value)
            if key == b"":
                shards = fields.get(_HEADER_SHARDS, 1)
            else:
                shard = fields.get(_ENTRY_SHARD, 0)
                end = fields.get(_ENTRY_OFFSET, 0) + fields.get(_ENTRY_SIZE, 0)
                sizes[shard] = max(end, sizes.get(shard, 0))
    except TableError:
        raise CutShortError from None
    except CompressedTableError:
        return {}
    if not 0 < shards < 100_000:
        raise CutShortError
    return {f"variables.data-{i:05d}-of-{shards:05d}": sizes.get(i, 0) for i in {*range(min(shards, 1000)), *sizes}}


def field_length(start: bytes) -> int:
    """Bytes of the protocol buffer field that begins here, told from its first 20 bytes. Raises CutShortError."""
    try:
        key, at = varint(start, 0)
        if key >> 3 == 0:
            raise CutShortError
        if key & 7 == _BYTES:
            length, at = varint(start, at)
            return at + length
        return _skip(start, key & 7, at)
    except TableError:
        raise CutShortError from None


def _numbers(message: bytes) -> dict[int, int]:
    """The varint fields of a protocol buffer message by number. Raises TableError, CutShortError."""
    found: dict[int, int] = {}
    at = 0
    while at < len(message):
        key, at = varint(message, at)
        if key & 7 == _VARINT:
            found[key >> 3], at = varint(message, at)
        else:
            at = _skip(message, key & 7, at)
    return found


def _skip(message: bytes, wire: int, at: int) -> int:
    if wire == _VARINT:
        return varint(message, at)[1]
    if wire == _FIXED64:
        return at + 8
    if wire == _FIXED32:
        return at + 4
    if wire == _BYTES:
        length, at = varint(message, at)
        return at + length
    raise CutShortError
