"""Indices of checkpoints whose checksums fit and whose entries are wrong."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any

from tensorflow.core.framework import types_pb2
from tensorflow.core.protobuf.tensor_bundle_pb2 import BundleEntryProto, BundleHeaderProto

from tests.fuzz.tables import checksum

Entries = list[tuple[bytes, bytes]]


def table(entries: Sequence[tuple[bytes, bytes]], compression: int = 0) -> bytes:
    """A table of one block (https://github.com/google/leveldb/blob/main/doc/table_format.md)."""
    data = b""
    handles = []
    for block in (entries, [], None):
        begin = len(data)
        content = _block([(b"\xff", handles[0])] if block is None else block)
        sealed = content + bytes([compression if block is entries else 0])
        data += sealed + checksum(sealed).to_bytes(4, "little")
        handles.append(_varint(begin) + _varint(len(content)))
    return data + (handles[1] + handles[2]).ljust(40, b"\0") + struct.pack("<Q", 0xDB4775248B80FB57)


def _block(entries: Sequence[tuple[bytes, bytes]]) -> bytes:
    parts = [b"\0" + _varint(len(key)) + _varint(len(value)) + key + value for key, value in entries]
    return b"".join(parts) + struct.pack("<II", 0, 1)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def _with(change: Callable[[Any], None]) -> Callable[[Entries], bytes]:
    def made(entries: Entries) -> bytes:
        name, value = entries[-1]
        entry = BundleEntryProto.FromString(value)
        change(entry)
        return table([*entries[:-1], (name, entry.SerializeToString())])

    return made


def _axes(*sizes: int) -> Callable[[Any], None]:
    def change(entry: Any) -> None:
        entry.shape.ClearField("dim")
        for size in sizes:
            entry.shape.dim.add(size=size)

    return change


def _no_shards(entries: Entries) -> bytes:
    return table([(b"", BundleHeaderProto(num_shards=-1).SerializeToString()), *entries[1:]])


def _long_key(entries: Entries) -> bytes:
    """An entry that takes more of the key before it than there is."""
    data = bytearray(table(entries))
    data[0] = 200
    return bytes(data)


CASES: dict[str, Callable[[Entries], bytes]] = {
    "index_as_it_was": table,
    "index_entry_is_no_message": lambda entries: table([*entries[:-1], (entries[-1][0], b"\xff" * 9)]),
    "index_negative_axis": _with(_axes(-5)),
    "index_many_axes": _with(_axes(*[1] * 255)),
    "index_shape_beyond_all_numbers": _with(_axes(*[2**62] * 20)),
    "index_shape_unknown": _with(lambda entry: setattr(entry.shape, "unknown_rank", True)),
    "index_type_of_a_handle": _with(lambda entry: setattr(entry, "dtype", types_pb2.DT_RESOURCE)),
    "index_no_type": _with(lambda entry: entry.ClearField("dtype")),
    "index_unknown_type": _with(lambda entry: setattr(entry, "dtype", 77)),
    "index_in_pieces": _with(lambda entry: entry.slices.add()),
    "index_of_a_terabyte": _with(_axes(2**38)),
    "index_without_header": lambda entries: table(entries[1:]),
    "index_of_no_shard": _no_shards,
    "index_key_from_nothing": _long_key,
    "index_compressed": lambda entries: table(entries, compression=1),
    "index_empty": lambda _: b"",
    "index_foreign": lambda _: b"no table" * 100,
}
