"""How many bytes of a model are its own: weights and graph, without an optimizer's state and what no call can reach.

Runs after the gate has passed the model, so no array claims bytes that the file does not have, and none is counted for
less than it stores.
"""

from __future__ import annotations

import io
import math
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from mockexam.grading.predictor.gate import GateRefusal, graph
from mockexam.grading.predictor.gate.functions import served
from mockexam.grading.predictor.gate.keras_file import WEIGHTS
from mockexam.grading.predictor.gate.variables import declared_bytes

_OPTIMIZER = "optimizer"
"""Keras names groups in an archive after attributes and, within `layers`, after built-in classes: none is called so.
Models are loaded without compiling, and nested compile configs are removed: nothing reads such a group."""
_H5_OPTIMIZER = "optimizer_weights"


def check_own_size(path: str, kind: str, limit: int) -> None:
    """Raises GateRefusal if the model's own bytes are more than `limit`."""
    own = MEASURES[kind](path)
    if own > limit:
        raise GateRefusal("own_size", f"{megabytes(own)} MB", f"at most {limit / 10**6:g} MB")


def megabytes(size: int) -> str:
    """A size in MB, rounded up: what is over a limit never reads like the limit."""
    return f"{math.ceil(size / 10**4) / 100:g}"


def keras_bytes(path: str) -> int:
    """The configuration, the words, and all arrays but optimizers', those of nested models too; at most the file's."""
    with zipfile.ZipFile(path) as archive:
        others = sum(info.file_size for info in archive.infolist() if info.filename != WEIGHTS)
        with h5py.File(io.BytesIO(archive.read(WEIGHTS)), "r") as file:
            weights = _stored(file, lambda name: _OPTIMIZER not in name.split("/"))
    return min(others + weights, os.path.getsize(path))  # noqa: PTH202


def h5_bytes(path: str) -> int:
    """The configuration, and all arrays but its optimizer's."""
    with h5py.File(path, "r") as file:
        all_count = any(_names_from_the_root(group) for group in _groups(file))
        weights = _stored(file, lambda name: all_count or name.split("/")[0] != _H5_OPTIMIZER)
        return len(file.attrs.get("model_config", "")) + weights


def saved_model_bytes(path: str) -> int:
    """The graph, the assets, and the variables that the served signature gets: an export stores each twice."""
    folder = Path(path)
    objects = graph.read(folder).object_graph_def
    functions = [name for name in served(objects) if name in objects.concrete_functions]
    bound = {index for name in functions for index in objects.concrete_functions[name].bound_inputs}
    variables = [
        objects.nodes[index].variable
        for index in bound
        if 0 <= index < len(objects.nodes) and objects.nodes[index].WhichOneof("kind") == "variable"
    ]
    sizes = [declared_bytes(variable.shape, variable.dtype) for variable in variables]
    if None in sizes:  # of free shape, or texts: only the file tells how large they are
        return _folder_bytes(folder)
    graph_bytes = (folder / "saved_model.pb").stat().st_size
    return graph_bytes + _folder_bytes(folder / "assets") + sum(size or 0 for size in sizes)


MEASURES: dict[str, Callable[[str], int]] = {
    "keras": keras_bytes, "h5": h5_bytes, "saved_model": saved_model_bytes,
}  # fmt: skip
"""By format."""


def _stored(file: h5py.File, counts: Callable[[str], bool]) -> int:
    """Bytes that the arrays take whose path `counts`."""
    total = 0

    def add(name: str, item: Any) -> None:
        nonlocal total
        if isinstance(item, h5py.Dataset) and counts(name):
            total += item.id.get_storage_size()

    file.visititems(add)
    return total


def _groups(file: h5py.File) -> list[Any]:
    found: list[Any] = [file]
    file.visititems(lambda _, item: found.append(item) if isinstance(item, h5py.Group) else None)
    return found


def _names_from_the_root(group: Any) -> bool:
    """Whether a list of layers or weights names one from the file's root: it could be an optimizer's array."""
    lists = (group.attrs[name] for name in group.attrs if name.startswith(("layer_names", "weight_names")))
    texts = (text if isinstance(text, bytes) else str(text).encode() for found in lists for text in np.ravel(found))
    return any(text.startswith(b"/") for text in texts)


def _folder_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else 0
