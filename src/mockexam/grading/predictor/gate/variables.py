"""Compares the sizes that a SavedModel declares for its variables and constants with what its files store.

The variables' index is read here, because TensorFlow's own reader ends the process at a broken entry.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, NoReturn

from mockexam import leveldb_table
from mockexam.grading.predictor.gate import GateRefusal
from mockexam.leveldb_table import CompressedTableError, TableError

_SLACK = 4096  # bytes, for variables that are not stored, such as a counter
_INDEX = "variables/variables.index"
_MAX_ELEMENTS = 2**63 - 1  # TensorFlow counts them in a signed number of 64 bits
MAX_AXES = 254  # TensorFlow's own limit (tensorflow/core/framework/tensor_shape.h, MaxDimensions)
MAX_CONSTANT = 128 << 20
"""Bytes of one constant that is stored shortened, as one repeated value: a mask of 5000 × 5000 floats is 100 MB."""
MAX_CONSTANTS = 512 << 20  # bytes of all such constants
_SMALL = 1 << 14  # elements of a constant that is too small to count: the file can hold only 300,000 nodes of them
_VARINT_TIMES = 16
"""How many times smaller than their numbers stored values may be: a varint of one byte stands for sixteen."""
_STRING = 7
HANDLES = (20, 21)  # DT_RESOURCE, DT_VARIANT: a handle names an object of the process that wrote it
_SIZES = {1: 4, 2: 8, 3: 4, 4: 1, 5: 2, 6: 1, _STRING: 24, 8: 8, 9: 8, 10: 1, 14: 2, 17: 2, 18: 16, 19: 2, 22: 4, 23: 8}
_LARGEST = 16
"""Bytes of an element by the number of its type (tensorflow/core/framework/types.proto); the largest for the rest."""


def check_variables(objects: Any, path: Path) -> None:
    """Raises GateRefusal if the variables need more bytes than are stored. Reads an index, runs no operation."""
    stored = sum(file.stat().st_size for file in (path / "variables").glob("variables.data-*"))
    variables = (node.variable for node in objects.nodes if node.WhichOneof("kind") == "variable")
    _compare(sum(declared_bytes(v.shape, v.dtype) or 0 for v in variables), stored)
    if (path / _INDEX).is_file():
        _compare(indexed_bytes(path / _INDEX), stored)


def _compare(declared: int, stored: int) -> None:
    if declared > stored + _SLACK:
        raise GateRefusal("graph_variables", _megabytes(declared), f"{_megabytes(stored)} stored")


def declared_bytes(shape: Any, dtype: int) -> int | None:
    """Bytes of a variable; None if its shape leaves them open, as texts do. Raises GateRefusal for absurd shapes."""
    sizes = _sizes(shape, "a variable")
    if dtype == _STRING or shape.unknown_rank or any(size < 0 for size in sizes):
        return None
    return math.prod(sizes) * _element_bytes(dtype)


def _sizes(shape: Any, what: str, where: str = "") -> list[int]:
    if len(shape.dim) > MAX_AXES:
        raise GateRefusal("graph_damaged", f"{what} with {len(shape.dim)} axes", where)
    return [axis.size for axis in shape.dim]


def indexed_bytes(index: Path) -> int:
    """Bytes that a checkpoint's index declares. Raises GateRefusal for entries that no TensorFlow writer makes."""
    from google.protobuf.message import DecodeError
    from tensorflow.core.protobuf.tensor_bundle_pb2 import BundleEntryProto, BundleHeaderProto

    if index.stat().st_size > leveldb_table.MAX_BYTES:
        raise GateRefusal("graph_large", _INDEX)
    total = 0
    try:
        entries = leveldb_table.entries(index.read_bytes())
        key, header = next(entries, (None, b""))
        if key != b"" or BundleHeaderProto.FromString(header).num_shards < 1:
            _refuse_index("its header")
        for name, entry in entries:
            total += _entry_bytes(BundleEntryProto.FromString(entry), name.decode(errors="replace"))
    except (TableError, CompressedTableError, DecodeError):
        _refuse_index()
    return total


def _entry_bytes(entry: Any, name: str) -> int:
    """Bytes of one array; a string is stored with its length: one byte at least."""
    from tensorflow.core.framework.types_pb2 import DataType

    sizes = _sizes(entry.shape, f"{name} in {_INDEX}")
    elements = math.prod(sizes)
    unknown = entry.shape.unknown_rank or any(size < 0 for size in sizes)
    if unknown or elements > _MAX_ELEMENTS:
        _refuse_index(f"the shape of {name}")
    if entry.dtype in HANDLES or entry.dtype == 0 or entry.dtype not in DataType.values():
        _refuse_index(f"the type of {name}")
    if entry.slices:  # TensorFlow 1 partitioned large variables
        _refuse_index(f"{name} is stored in pieces")
    return elements * (1 if entry.dtype == _STRING else _element_bytes(entry.dtype))


def _refuse_index(what: str = "") -> NoReturn:
    raise GateRefusal("graph_damaged", _INDEX, what)


class ConstantBudget:
    """Adds up the memory that the constants of one model need."""

    def __init__(self) -> None:
        self._total = 0

    def add(self, tensor: Any, where: str) -> None:
        if tensor.dtype in HANDLES:
            raise GateRefusal("graph_damaged", "a constant that is no array", where)
        sizes = _sizes(tensor.tensor_shape, "a constant", where)
        if min(sizes, default=0) < 0:
            raise GateRefusal("graph_damaged", f"a constant with an axis of {min(sizes)}", where)
        elements = math.prod(sizes)
        if elements <= _SMALL and not tensor.string_val:
            return
        needed = elements * _element_bytes(tensor.dtype)
        if tensor.dtype == _STRING and 0 < len(tensor.string_val) < elements:
            needed += elements * len(tensor.string_val[-1])
        if needed <= _VARINT_TIMES * tensor.ByteSize():
            return
        self._total += needed
        if needed > MAX_CONSTANT or self._total > MAX_CONSTANTS:
            raise GateRefusal("graph_constant", _megabytes(needed), where)


def _element_bytes(dtype: int) -> int:
    """Bytes of one element in memory; a string counts as its empty shell."""
    return _SIZES.get(dtype, _LARGEST)


def _megabytes(size: int) -> str:
    """A size in bytes for a message; a product of hundreds of axes is too large for a float."""
    return f"{'over ' if size > 10**18 else ''}{min(size, 10**18) / 1e6:.1f} MB"
