"""Looks at where an HDF5 file keeps its texts, before the HDF5 library does: a damaged one sends it round for ever.

The layout is that of the HDF5 File Format Specification 3.0, sections II.A (superblock) and III.E (global heap).
"""

from __future__ import annotations

import mmap
import re

from mockexam.grading.predictor.gate.refusal import GateRefusal

Bytes = bytes | mmap.mmap
MAX_OBJECTS = 500_000
"""Texts in one file."""
SIGNATURE = b"\x89HDF\r\n\x1a\n"
_HEAP = re.compile(rb"GCOL\x01")
_HEADER, _OBJECT, _SMALLEST = 16, 16, 4096
"""Bytes of a collection's header, of an object's header, and of the smallest collection."""


def check_heaps(data: Bytes, start: int, size: int) -> None:
    """Look at each collection of texts in the file that takes `size` bytes from `start` on. Raises GateRefusal."""
    _check_superblock(data[start : start + min(size, 16)])
    left = MAX_OBJECTS
    for found in _HEAP.finditer(data, start, start + size):
        at = found.start()
        length = _number(data, at + 8) if at + _HEADER <= start + size else 0
        # Anything else is five bytes of a weight that look like it: the library takes it for no collection either.
        if _SMALLEST <= length <= start + size - at:
            left = _objects(data, at + _HEADER, at + length, left)


def _check_superblock(head: bytes) -> None:
    """Where a file begins, and that addresses and lengths are of eight bytes, as h5py writes them."""
    wide = head[13:15] if head[8:9] in {b"\x00", b"\x01"} else head[9:11]
    if head[:8] != SIGNATURE or wide != b"\x08\x08":
        raise GateRefusal("damaged", "an HDF5 file that can't be read", "the weights")


def _objects(data: Bytes, at: int, end: int, left: int) -> int:
    """Walk from object to object, as the library goes, to a collection's end. Returns how many more may come."""
    while end - at >= _OBJECT:
        number, size = data[at : at + 2], _number(data, at + 8)
        # Object 0 is the free rest; its size counts its own header.
        step = size if number == b"\0\0" else _OBJECT + (size + 7) // 8 * 8
        left -= 1
        if not _OBJECT <= step <= end - at or left < 0:
            raise GateRefusal("damaged", "texts that do not end", "the weights")
        at += step
    return left


def _number(data: Bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 8], "little")
