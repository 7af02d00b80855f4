"""The sizes of a SavedModel's variables, as declared, against the files that hold their values."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mockexam.grading.predictor.gate.refusal import GateRefusal
from mockexam.grading.predictor.gate.tensors import MAX_AXES, element_bytes, megabytes

_SLACK = 4096
"""Bytes; nothing needs them but a variable that is not stored, such as a counter."""
_STRING = 7


def check_variables(objects: Any, path: Path) -> None:
    """Raises GateRefusal if the variables ask for more bytes than are stored. Reads an index, runs no operation."""
    folder = path / "variables"
    stored = sum(file.stat().st_size for file in folder.glob("variables.data-*"))
    variables = (node.variable for node in objects.nodes if node.WhichOneof("kind") == "variable")
    _compare(sum(_declared(v.shape.dim, v.dtype) for v in variables), stored)
    if (folder / "variables.index").is_file():
        _compare(_indexed(folder / "variables"), stored)


def _declared(axes: Iterable[Any], dtype: int) -> int:
    sizes = [axis.size for axis in axes]
    if len(sizes) > MAX_AXES:
        raise GateRefusal("graph_damaged", f"a variable with {len(sizes)} axes")
    if dtype == _STRING or any(size < 0 for size in sizes):
        return 0
    return math.prod(sizes) * element_bytes(dtype)


def _indexed(prefix: Path) -> int:
    """Bytes that the checkpoint's own index declares; 0 if it can't be read, which loading will tell in its words."""
    from tensorflow.python.training.py_checkpoint_reader import NewCheckpointReader

    with contextlib.suppress(Exception):
        reader = NewCheckpointReader(str(prefix))
        types = reader.get_variable_to_dtype_map()
        shapes = reader.get_variable_to_shape_map()
        # A string is stored with its length: one byte at least.
        return sum(math.prod(shapes[name]) * (1 if (t := types[name]).name == "string" else t.size) for name in shapes)
    return 0


def _compare(declared: int, stored: int) -> None:
    if declared > stored + _SLACK:
        raise GateRefusal("graph_variables", megabytes(declared), f"{megabytes(stored)} stored")
