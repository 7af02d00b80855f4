"""How much memory a constant in a graph asks for, against what is stored of it.

A constant may be stored as one value that stands for all of them: a few bytes with a shape of any size.
"""

from __future__ import annotations

from typing import Any

from mockexam.grading.predictor.gate.refusal import GateRefusal

MAX_SPLAT = 128 << 20
"""Bytes that constants that are stored as one value may take, each: a mask of 5000 × 5000 floats is 100 MB."""
MAX_TOTAL = 512 << 20
"""And all of them together."""
_UNSEEN = 1 << 14
"""Elements of a constant that is too small to matter: 300,000 nodes of them are what the file may hold at all."""
_PACKED = 16
"""Times that stored values may be shorter than the numbers that they stand for: a varint of one byte for sixteen."""
_STRING = 7
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
