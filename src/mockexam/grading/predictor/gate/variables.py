"""The sizes of a SavedModel's variables, as declared, against the files that hold their values.

The variables' index is read here and not by TensorFlow, whose reader ends the process at an entry that is broken.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, NoReturn

from mockexam import leveldb_table
from mockexam.grading.predictor.gate import GateRefusal
from mockexam.leveldb_table import CompressedTableError, TableError

_SLACK = 4096
"""Bytes; nothing needs them but a variable that is not stored, such as a counter."""
_STRING = 7
_INDEX = "variables/variables.index"
_MOST_ELEMENTS = 2**63 - 1
"""TensorFlow counts them in a signed number of 64 bits."""


def check_variables(objects: Any, path: Path) -> None:
    """Raises GateRefusal if the variables ask for more bytes than are stored. Reads an index, runs no operation."""
    stored = sum(file.stat().st_size for file in (path / "variables").glob("variables.data-*"))
    variables = (node.variable for node in objects.nodes if node.WhichOneof("kind") == "variable")
    _compare(sum(_declared(v.shape, v.dtype) for v in variables), stored)
    if (path / _INDEX).is_file():
        _compare(indexed_bytes(path / _INDEX), stored)


def _declared(shape: Any, dtype: int) -> int:
    sizes = _sizes(shape, "a variable")
    if dtype == _STRING or any(size < 0 for size in sizes):
        return 0
    return math.prod(sizes) * element_bytes(dtype)


def _sizes(shape: Any, what: str) -> list[int]:
    if len(shape.dim) > MAX_AXES:
        raise GateRefusal("graph_damaged", f"{what} with {len(shape.dim)} axes")
    return [axis.size for axis in shape.dim]


def indexed_bytes(index: Path) -> int:
    """Bytes that a checkpoint's index declares.

    Raises GateRefusal for an entry that TensorFlow would not read, or none of its writers makes.
    """
    from google.protobuf.message import DecodeError
    from tensorflow.core.protobuf.tensor_bundle_pb2 import BundleEntryProto, BundleHeaderProto

    if index.stat().st_size > leveldb_table.MAX_BYTES:
        raise GateRefusal("graph_large", _INDEX)
    total = 0
    try:
        entries = leveldb_table.entries(index.read_bytes())
        key, header = next(entries, (None, b""))
        if key != b"" or BundleHeaderProto.FromString(header).num_shards < 1:
            _damaged("its header")
        for name, entry in entries:
            total += _entry(BundleEntryProto.FromString(entry), name.decode(errors="replace"))
    except (TableError, CompressedTableError, DecodeError):
        _damaged()
    return total


def _entry(entry: Any, name: str) -> int:
    """Bytes of one array; a string is stored with its length: one byte at least."""
    from tensorflow.core.framework.types_pb2 import DataType

    sizes = _sizes(entry.shape, f"{name} in {_INDEX}")
    elements = math.prod(sizes)
    unknown = entry.shape.unknown_rank or any(size < 0 for size in sizes)
    if unknown or elements > _MOST_ELEMENTS:
        _damaged(f"the shape of {name}")
    if entry.dtype in HANDLES or entry.dtype == 0 or entry.dtype not in DataType.values():
        _damaged(f"the type of {name}")
    if entry.slices:  # TensorFlow 1 cut large variables up
        _damaged(f"{name} is stored in pieces")
    return elements * (1 if entry.dtype == _STRING else element_bytes(entry.dtype))


def _compare(declared: int, stored: int) -> None:
    if declared > stored + _SLACK:
        raise GateRefusal("graph_variables", megabytes(declared), f"{megabytes(stored)} stored")


def _damaged(what: str = "") -> NoReturn:
    raise GateRefusal("graph_damaged", _INDEX, what)


MAX_SPLAT = 128 << 20
"""Bytes that constants that are stored as one value may take, each: a mask of 5000 × 5000 floats is 100 MB."""
MAX_TOTAL = 512 << 20
"""And all of them together."""
_UNSEEN = 1 << 14
"""Elements of a constant that is too small to matter: 300,000 nodes of them are what the file may hold at all."""
_PACKED = 16
"""Times that stored values may be shorter than the numbers that they stand for: a varint of one byte for sixteen."""
HANDLES = (20, 21)
"""DT_RESOURCE, DT_VARIANT: a handle names an object of the process that wrote it."""
_SIZES = {1: 4, 2: 8, 3: 4, 4: 1, 5: 2, 6: 1, _STRING: 24, 8: 8, 9: 8, 10: 1, 14: 2, 17: 2, 18: 16, 19: 2, 22: 4, 23: 8}
_OTHER = 16
"""Bytes of an element by number of its type (tensorflow/core/framework/types.proto); the largest for the rest."""


MAX_AXES = 254
"""TensorFlow's own limit (tensorflow/core/framework/tensor_shape.h, MaxDimensions)."""
_SHOWN = 10**18


def megabytes(size: int) -> str:
    """A size in bytes to be told; a product of hundreds of axes is too large for a float."""
    return f"{'over ' if size > _SHOWN else ''}{min(size, _SHOWN) / 1e6:.1f} MB"


def element_bytes(dtype: int) -> int:
    """Bytes of one element in memory; a string counts as its empty shell."""
    return _SIZES.get(dtype, _OTHER)


class Budget:
    """Counts up what the constants of one model ask for."""

    def __init__(self) -> None:
        self._total = 0

    def check(self, tensor: Any, where: str) -> None:
        """Count one in. Raises GateRefusal."""
        elements = 1
        if tensor.dtype in HANDLES:
            raise GateRefusal("graph_damaged", "a constant that is no array", where)
        if len(tensor.tensor_shape.dim) > MAX_AXES:
            raise GateRefusal("graph_damaged", f"a constant with {len(tensor.tensor_shape.dim)} axes", where)
        for dimension in tensor.tensor_shape.dim:
            size = dimension.size
            if size < 0:
                raise GateRefusal("graph_damaged", f"a constant with an axis of {size}", where)
            elements *= size
        if elements <= _UNSEEN and not tensor.string_val:
            return
        asked = elements * element_bytes(tensor.dtype)
        if tensor.dtype == _STRING and 0 < len(tensor.string_val) < elements:
            asked += elements * len(tensor.string_val[-1])
        if asked <= _PACKED * tensor.ByteSize():
            return
        self._total += asked
        if asked > MAX_SPLAT or self._total > MAX_TOTAL:
            raise GateRefusal("graph_constant", megabytes(asked), where)
