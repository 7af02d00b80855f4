"""Mutations of a checkpoint's index, a LevelDB table: with checksums that fit, so that what is in it is really read.

https://github.com/google/leveldb/blob/main/doc/table_format.md
"""

from __future__ import annotations

from random import Random

from tests.fuzz import raw

_FOOTER = 48
_TRAILER = 5
"""A byte that tells the compression, then the masked CRC-32C of the block and that byte."""
_SAME_LENGTH = (raw.flip, raw.overwrite, raw.swap, raw.number)


def mutate(data: bytes, rng: Random) -> tuple[bytes, str]:
    """The index with one block changed, or any of its bytes."""
    if rng.random() < 0.3:
        return raw.mutate(data, rng)
    start, size = rng.choice(_blocks(data))
    block = bytearray(data[start : start + size + 1])
    way = rng.choice(_SAME_LENGTH)
    how = way(block, rng)
    changed = bytearray(data)
    changed[start : start + size + _TRAILER] = bytes(block) + checksum(bytes(block)).to_bytes(4, "little")
    return bytes(changed), f"block at {start}: {way.__name__} {how}"


def _blocks(data: bytes) -> list[tuple[int, int]]:
    """Start and length of the data block (a small table has one) and of the two that the footer names."""
    at = len(data) - _FOOTER
    numbers = []
    for _ in range(4):
        value, shift = 0, 0
        while True:
            value |= (data[at] & 0x7F) << shift
            at, shift = at + 1, shift + 7
            if data[at - 1] < 0x80:
                break
        numbers.append(value)
    return [(0, numbers[0] - _TRAILER), (numbers[0], numbers[1]), (numbers[2], numbers[3])]


def checksum(data: bytes) -> int:
    """CRC-32C (RFC 3720, appendix B.4), masked as LevelDB stores it."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def _row(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
    return byte


_TABLE = [_row(byte) for byte in range(256)]
