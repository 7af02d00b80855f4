"""Mutations of a `.h5` file: HDF5 with the configuration in an attribute."""

from __future__ import annotations

import tempfile
from pathlib import Path
from random import Random
from typing import Any

import h5py
import numpy as np

from tests.fuzz import configs, raw
from tests.fuzz.change import Change
from tests.fuzz.material import CANARY, JSON_VALUES

_SIGNATURES = (b"OHDR", b"TREE", b"HEAP", b"SNOD", b"GCOL", b"FRHP", b"BTHD", b"FSHD")
"""Of HDF5's blocks (HDF5 File Format Specification 3.0, III and IV)."""


def mutate(data: bytes, rng: Random) -> Change:
    """One file, changed."""
    way = rng.choices((_bytes, _header, _config, _content), (2, 3, 5, 3))[0]
    return way(data, rng)


def _bytes(data: bytes, rng: Random) -> Change:
    return Change(*raw.mutate(data, rng))


def _header(data: bytes, rng: Random) -> Change:
    """In the superblock, or close behind a block's signature: versions, counts, sizes, addresses."""
    starts = [0, 0, *(at for mark in _SIGNATURES for at in range(len(data)) if data.startswith(mark, at))]
    start = rng.choice(starts)
    changed, how = raw.mutate(data, rng, within=(start, min(len(data), start + (96 if start == 0 else 48))))
    return Change(changed, f"header: {how}")


def _config(data: bytes, rng: Random) -> Change:
    """The configuration, in a file that is sound otherwise."""
    with _Opened(data) as (file, done):
        text, how, never = configs.mutate(file.attrs["model_config"], rng)
        del file.attrs["model_config"]
        file.attrs["model_config"] = text.encode("utf-8", "surrogatepass")
    return Change(done(), f"config: {how}", never)


def _content(data: bytes, rng: Random) -> Change:
    """Groups, arrays, links and attributes."""
    with _Opened(data) as (file, done):
        names: list[str] = []
        file.visit(names.append)
        name = rng.choice(names)
        arrays = [n for n in names if isinstance(file[n], h5py.Dataset)]
        way = rng.choice((_drop, _link, _external, _shape, _type, _attribute, _claim, _outside))
        way(file, name if way in (_drop, _link, _external, _attribute) else rng.choice(arrays), rng)
    return Change(done(), f"content: {way.__name__[1:]} {name}")


def _drop(file: Any, name: str, rng: Random) -> None:
    del file[name]


def _link(file: Any, name: str, rng: Random) -> None:
    del file[name]
    file[name] = h5py.SoftLink(rng.choice(("/", name, "..", "model_weights")))


def _external(file: Any, name: str, rng: Random) -> None:
    del file[name]
    file[name] = h5py.ExternalLink(rng.choice((CANARY, "/etc/passwd", "model.h5")), "/")


def _shape(file: Any, name: str, rng: Random) -> None:
    old = file[name][()]
    del file[name]
    shape = rng.choice(((), (0,), (1,), (*old.shape, 1), tuple(2 * axis for axis in old.shape), old.shape[::-1]))
    file[name] = np.resize(old, shape)


def _type(file: Any, name: str, rng: Random) -> None:
    old = file[name][()]
    del file[name]
    how = rng.choice(("i1", "f8", "c16", "S4", "u8", "f2"))
    file[name] = np.zeros(old.shape, how) if how == "S4" else old.astype(how)


def _attribute(file: Any, name: str, rng: Random) -> None:
    attributes = rng.choice((file[name], file)).attrs
    chosen = rng.choice([*attributes, "weight_names", "layer_names", "keras_version", "training_config", "backend"])
    value = rng.choice([v for v in JSON_VALUES if isinstance(v, int | float | str) and "\x00" not in str(v)])
    attributes[chosen] = min(value, 2**63 - 1) if isinstance(value, int) else value


def _claim(file: Any, name: str, rng: Random) -> None:
    """Far more than is stored."""
    del file[name]
    file.create_dataset(name, shape=(rng.choice((10**6, 10**9, 10**12)),), dtype="f4", chunks=(1000,))


def _outside(file: Any, name: str, rng: Random) -> None:
    """Bytes of another file."""
    old = file[name]
    shape, dtype = old.shape, old.dtype
    del file[name]
    file.create_dataset(name, shape=shape, dtype=dtype, external=[("/etc/passwd", 0, h5py.h5f.UNLIMITED)])


class _Opened:
    """A copy of a file, open for changes; afterwards its bytes."""

    def __init__(self, data: bytes) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="mockexam-fuzz-")
        self._path = Path(self._folder.name) / "model.h5"
        self._path.write_bytes(data)
        self._changed = b""

    def __enter__(self) -> tuple[Any, Any]:
        self._file = h5py.File(self._path, "r+")
        return self._file, lambda: self._changed

    def __exit__(self, *error: object) -> None:
        self._file.close()
        self._changed = self._path.read_bytes()
        self._folder.cleanup()
