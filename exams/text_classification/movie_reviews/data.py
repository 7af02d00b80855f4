"""IMDB film reviews as numbers of words: most of the training half to learn from, a part of the test half to grade.

The file holds Python lists, packed with pickle. Only what NumPy needs to rebuild them is allowed in it.
"""

from __future__ import annotations

import io
import pickle
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

DOWNLOADS: dict[str, Path] = {}  # filled in by the grader
REVIEWS = "imdb.npz"
WORDS, LENGTH = 10_000, 200
BEGIN, UNKNOWN, FIRST = 1, 2, 3
"""The first number of a review, that of a rarer word, and what is added to a word's rank. 0 fills up."""
TRAIN_SHARE, HOLDOUT_SHARE = 0.8, 0.2
STEPS = 10


@dataclass(frozen=True)
class World:
    """Which training reviews are handed out, and in which order."""

    shuffle: int


def make_world(rng: np.random.Generator) -> World:
    """Draw an order."""
    return World(shuffle=int(rng.integers(2**31)))


class _Lists(pickle.Unpickler):
    """Rebuilds arrays of lists of numbers, and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        if (module.replace("_core", "core"), name) == ("numpy.core.multiarray", "_reconstruct"):
            return np.empty(0).__reduce__()[0]
        if module == "numpy" and name in ("ndarray", "dtype"):
            return getattr(np, name)
        raise pickle.UnpicklingError(f"{module}.{name} is not allowed here")


def _array(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    """One array of the file."""
    content = io.BytesIO(archive.read(f"{name}.npy"))
    version = np.lib.format.read_magic(content)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, kind = read(content)
    if kind.hasobject:
        found = _Lists(content).load()
        return np.asarray(found, dtype=object).reshape(shape)
    return np.frombuffer(content.read(), kind).reshape(shape)


def _read(half: str) -> tuple[list[list[int]], np.ndarray]:
    """The reviews of a half, as ranks of their words, and their labels."""
    with zipfile.ZipFile(DOWNLOADS[REVIEWS]) as archive:
        return list(_array(archive, f"x_{half}")), _array(archive, f"y_{half}").astype(np.int32)


def _numbers(reviews: list[list[int]]) -> np.ndarray:
    """As Keras' `load_data(num_words=10000)` and `pad_sequences(maxlen=200)`: the end of a review, zeros before it."""
    rows = np.zeros((len(reviews), LENGTH), np.int32)
    for row, review in zip(rows, reviews, strict=True):
        words = np.array([BEGIN - FIRST, *review][-LENGTH:]) + FIRST
        row[LENGTH - len(words) :] = np.where(words < WORDS, words, UNKNOWN)
    return rows


def _train(world: World) -> tuple[np.ndarray, np.ndarray]:
    reviews, labels = _read("train")
    rows = np.random.default_rng(world.shuffle).permutation(len(labels))[: int(len(labels) * TRAIN_SHARE)]
    return _numbers([reviews[row] for row in rows]), labels[rows]


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write reviews.npz: the arrays x and y."""
    progress(0.0)
    numbers, labels = _train(world)
    with zipfile.ZipFile(folder / "reviews.npz", "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        for name, array in (("x", numbers.astype(np.uint16)), ("y", labels.astype(np.uint8))):
            packed = io.BytesIO()
            np.save(packed, array, allow_pickle=False)
            content = packed.getvalue()
            with archive.open(zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), "w") as file:
                for step in range(STEPS):
                    file.write(content[len(content) * step // STEPS : len(content) * (step + 1) // STEPS])
                    progress(0.4 + (0.5 if name == "x" else 0.1) * (step + 1) / STEPS + (0.5 if name == "y" else 0))
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The reviews that are handed out."""
    return _train(world)


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Reviews of the test half, which nobody is handed."""
    reviews, labels = _read("test")
    rows = rng.choice(len(labels), int(len(labels) * HOLDOUT_SHARE), replace=False)
    return _numbers([reviews[row] for row in rows]), labels[rows]
