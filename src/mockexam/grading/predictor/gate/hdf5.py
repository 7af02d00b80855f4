"""Checks an HDF5 file: plain arrays, each stored once, in the file itself, with no more numbers than it has bytes for.

The global heap, which stores texts, comes before the HDF5 library: a damaged one sends the library into an endless
loop. Its layout is in the HDF5 File Format Specification 3.0, II.A (superblock) and III.E (global heap).
"""

from __future__ import annotations

import math
import mmap
import re
from typing import Any

import h5py
from h5py import h5a, h5d, h5g, h5l, h5o, h5s, h5t

from mockexam.grading.predictor.gate import GateRefusal

Bytes = bytes | mmap.mmap
MAX_TEXTS = 500_000  # in one file
_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_COLLECTION = re.compile(rb"GCOL\x01")
_HEADER_BYTES, _OBJECT_HEADER_BYTES, _MIN_COLLECTION = 16, 16, 4096
"""Bytes of a collection's header, of an object's header, and of the smallest collection of the global heap."""
MAX_OBJECTS = 100_000
MAX_DEPTH = 60
MAX_ATTRIBUTES = 2000
MAX_ATTRIBUTE_BYTES = 32 * 2**20
UNPACKED_TIMES = 20  # how many times the file's size its arrays may unpack to; Keras does not compress them at all
UNPACKED_SLACK = 16 * 2**20
COUNTED_TIMES = 4  # how many times their stored bytes compressed weights count at most
MAX_ITEM = 16  # bytes of the largest plain number
_FILTERS = frozenset({1, 2, 3})  # deflate, shuffle and Fletcher's checksum, as HDF5 numbers them: built in, no plug-ins
_UNREADABLE = (OSError, RuntimeError, ValueError, TypeError, KeyError, OverflowError, MemoryError, SystemError)
"""What h5py raises for invalid HDF5, and for values that it has no type for."""


def check_hdf5(source: Any, data: Bytes, start: int, size: int) -> tuple[int, str | None, str]:
    """Check a file (a path or an open binary file), whose bytes are the `size` ones of `data` from `start` on.

    Returns how many numbers its arrays hold, the attribute `model_config` if there is one, and `keras_version`, empty
    if there is none. Raises GateRefusal.
    """
    _check_global_heap(data, start, size)
    try:
        with h5py.File(source, "r") as file:
            walk = _HDF5Walk(size)
            walk.group(file.id, "", 0)
            config, version = (_attribute(file, name) for name in ("model_config", "keras_version"))
    except _UNREADABLE:
        raise GateRefusal("damaged", "an HDF5 file that can't be read", "the weights") from None
    if not isinstance(config, str | None):
        raise GateRefusal("damaged", "a configuration that is no text", "the model's configuration")
    return walk.numbers, config, version if isinstance(version, str) else ""


def _attribute(file: Any, name: str) -> Any:
    value = file.attrs.get(name)
    return value.decode("utf-8") if isinstance(value, bytes) else value


def _check_global_heap(data: Bytes, start: int, size: int) -> None:
    """Check each collection of texts, after the file's signature and superblock. Raises GateRefusal."""
    head = data[start : start + min(size, 16)]
    widths = head[13:15] if head[8:9] in {b"\x00", b"\x01"} else head[9:11]
    # Addresses and lengths of eight bytes, as h5py writes them.
    if head[:8] != _SIGNATURE or widths != b"\x08\x08":
        raise GateRefusal("damaged", "an HDF5 file that can't be read", "the weights")
    left = MAX_TEXTS
    for found in _COLLECTION.finditer(data, start, start + size):
        at = found.start()
        length = _number(data, at + 8) if at + _HEADER_BYTES <= start + size else 0
        # Any other length means five bytes of a weight that happen to match: no collection for the library either.
        if _MIN_COLLECTION <= length <= start + size - at:
            left = _check_objects(data, at + _HEADER_BYTES, at + length, left)


def _check_objects(data: Bytes, at: int, end: int, left: int) -> int:
    """Step from object to object, as the library does, to a collection's end. Returns how many more are allowed."""
    while end - at >= _OBJECT_HEADER_BYTES:
        number, size = data[at : at + 2], _number(data, at + 8)
        # Object 0 is the free space; its size includes its own header.
        step = size if number == b"\0\0" else _OBJECT_HEADER_BYTES + (size + 7) // 8 * 8
        left -= 1
        if not _OBJECT_HEADER_BYTES <= step <= end - at or left < 0:
            raise GateRefusal("damaged", "texts that do not end", "the weights")
        at += step
    return left


def _number(data: Bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 8], "little")


class _HDF5Walk:
    def __init__(self, size: int) -> None:
        self.numbers = 0
        self._size = size
        self._seen: set[int] = set()
        self._unpacked = 0
        self._stored = 0

    def group(self, group: Any, path: str, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise GateRefusal("too_big", "groups nested too deep", path[:80])
        self._attributes(group, path)
        names: list[bytes] = []
        other: list[bytes] = []

        def note(name: bytes, info: Any) -> bool | None:
            """True ends the iteration: HDF5's C code can't pass on an exception."""
            (names if info.type == h5l.TYPE_HARD else other).append(name)
            return True if other or len(names) > MAX_OBJECTS else None

        group.links.iterate(note, info=True)
        if other:
            raise GateRefusal("hdf5_link", f"a link, {_text(other[0])}", path)
        for name in names:
            self._object(group, name, f"{path}/{_text(name)}", depth + 1)

    def _object(self, group: Any, name: bytes, path: str, depth: int) -> None:
        found = h5o.open(group, name)
        address = h5o.get_info(found).addr
        if address in self._seen:
            raise GateRefusal("hdf5_link", f"a second link to the same object, {_text(name)}", path)
        self._seen.add(address)
        if len(self._seen) > MAX_OBJECTS:
            raise GateRefusal("too_big", f"more than {MAX_OBJECTS} arrays", path)
        if isinstance(found, h5g.GroupID):
            self.group(found, path, depth)
        elif isinstance(found, h5d.DatasetID):
            self._attributes(found, path)
            self._array(found, path)
        else:
            raise GateRefusal("hdf5_form", "a type of its own", path)

    def _array(self, array: Any, path: str) -> None:
        kind, space, plan = array.get_type(), array.get_space(), array.get_create_plist()
        layout = plan.get_layout()
        if layout not in (h5d.COMPACT, h5d.CONTIGUOUS, h5d.CHUNKED) or plan.get_external_count():
            raise GateRefusal("hdf5_link", "an array that lies in another file", path)
        if any(plan.get_filter(i)[0] not in _FILTERS for i in range(plan.get_nfilters())):
            raise GateRefusal("hdf5_form", "an array compressed in an unusual way", path)
        item = kind.get_size()
        if not _is_number(kind) or item > MAX_ITEM or space.get_simple_extent_type() not in (h5s.SIMPLE, h5s.SCALAR):
            raise GateRefusal("hdf5_form", "an array of something other than numbers", path)
        count = space.get_simple_extent_npoints()
        stored, unpacked, beyond_end = array.get_storage_size(), count * item, False
        if layout == h5d.CHUNKED:
            unpacked = max(unpacked, item * math.prod(plan.get_chunk()))
        elif layout == h5d.CONTIGUOUS and unpacked:
            beyond_end = (array.get_offset() or self._size) + unpacked > self._size
        self.numbers += min(count, COUNTED_TIMES * stored // item)
        self._stored += stored
        self._unpacked += unpacked
        too_large = self._stored > self._size or self._unpacked > UNPACKED_TIMES * self._size + UNPACKED_SLACK
        if beyond_end or too_large:
            raise GateRefusal("shape", f"an array of {unpacked / 10**6:,.0f} MB that the file does not hold", path)

    def _attributes(self, holder: Any, path: str) -> None:
        count = h5a.get_num_attrs(holder)
        if count > MAX_ATTRIBUTES:
            raise GateRefusal("too_big", f"{count} attributes", path)
        for index in range(count):
            attribute = h5a.open(holder, index=index)
            kind, space = attribute.get_type(), attribute.get_space()
            if space.get_simple_extent_type() == h5s.NULL:  # an empty list
                continue
            if not _is_number(kind) and (kind.get_class() != h5t.STRING or kind.committed()):
                raise GateRefusal("hdf5_form", "an attribute that is neither text nor a number", path)
            if space.get_simple_extent_npoints() * kind.get_size() > MAX_ATTRIBUTE_BYTES:
                raise GateRefusal("too_big", "a very long attribute", path)


def _is_number(kind: Any) -> bool:
    """Integers, floats, and how NumPy stores bool (an enumeration) and bfloat16 (two bytes without a tag)."""
    if kind.committed():
        return False
    sort = kind.get_class()
    if sort == h5t.OPAQUE:
        # h5py reads a tag as the name of a NumPy type, that of Python objects included.
        return kind.get_size() <= 2 and not kind.get_tag()
    return sort in (h5t.INTEGER, h5t.FLOAT) or (sort == h5t.ENUM and kind.get_size() == 1 and kind.get_nmembers() == 2)


def _text(name: bytes) -> str:
    return name.decode("utf-8", "replace")[:60]
