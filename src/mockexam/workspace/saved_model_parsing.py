"""Reads the two binary files that show whether a SavedModel is whole: its graph and the index of its variables.

The index is a table of BundleEntryProto messages (tensorflow/core/protobuf/tensor_bundle.proto).
"""

from __future__ import annotations

from pathlib import Path

from mockexam import leveldb_table
from mockexam.leveldb_table import CompressedTableError, TableError, varint
from mockexam.workspace.signature import open_regular

_HEADER_SHARDS = 1
_ENTRY_SHARD, _ENTRY_OFFSET, _ENTRY_SIZE = 3, 4, 5
_VARINT = 0
_META_GRAPHS = 0x12
"""The first byte of `meta_graphs` in tensorflow/core/protobuf/saved_model.proto: field 2, with a length."""


def shard_sizes(path: Path, size: int) -> dict[str, int]:
    """The least bytes of each data file, by name; empty if the index does not say. Raises TableError, OSError."""
    if size > leveldb_table.MAX_BYTES:
        raise TableError
    with open_regular(path) as file:
        table = file.read(leveldb_table.MAX_BYTES)
    sizes: dict[int, int] = {}
    shards = 1
    try:
        for key, value in leveldb_table.entries(table):
            fields = _varint_fields(value)
            if key == b"":
                shards = fields.get(_HEADER_SHARDS, 1)
            else:
                shard = fields.get(_ENTRY_SHARD, 0)
                end = fields.get(_ENTRY_OFFSET, 0) + fields.get(_ENTRY_SIZE, 0)
                sizes[shard] = max(end, sizes.get(shard, 0))
    except CompressedTableError:
        return {}
    if not 0 < shards < 100_000:
        raise TableError
    return {f"variables.data-{i:05d}-of-{shards:05d}": sizes.get(i, 0) for i in {*range(min(shards, 1000)), *sizes}}


def is_whole_graph(path: Path, size: int) -> bool:
    """Whether a SavedModel message holds a graph and its last field ends where the file ends. Raises OSError.

    The content of the fields is skipped. Wire format: https://protobuf.dev/programming-guides/encoding/
    """
    with open_regular(path) as file:
        at, graphs = 0, 0
        for _ in range(10_000):
            if at == size:
                return graphs > 0
            file.seek(at)
            start = file.read(20)
            try:
                key, after_key = varint(start, 0)
                at += _skip(start, key & 7, after_key)
            except TableError:
                return False
            if key >> 3 == 0 or at > size:
                return False
            graphs += start[0] == _META_GRAPHS
    return False


def _varint_fields(message: bytes) -> dict[int, int]:
    """The varint fields of a protocol buffer message, by number. Raises TableError."""
    found: dict[int, int] = {}
    at = 0
    while at < len(message):
        key, at = varint(message, at)
        if key & 7 == _VARINT:
            found[key >> 3], at = varint(message, at)
        else:
            at = _skip(message, key & 7, at)
    return found


def _skip(message: bytes, wire_type: int, at: int) -> int:
    """Where the value that begins at `at` ends. Raises TableError."""
    match wire_type:
        case 0:  # varint
            return varint(message, at)[1]
        case 1:  # 64 bits
            return at + 8
        case 5:  # 32 bits
            return at + 4
        case 2:  # with a length
            length, at = varint(message, at)
            return at + length
    raise TableError
