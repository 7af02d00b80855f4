"""Fashion-MNIST: half of the published training pictures to learn from, most of the test pictures to grade.

The files are idx: a header of big-endian numbers, then one byte a pixel or label.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

DOWNLOADS: dict[str, Path] = {}  # filled in by the grader
TRAIN = "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"
TEST = "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"
TRAIN_SHARE, HOLDOUT_SHARE = 0.5, 0.8
"""Which part of the published pictures is handed out, and which is graded on."""
STEPS = 20


@dataclass(frozen=True)
class World:
    """Which training pictures are handed out, and in which order."""

    shuffle: int


def make_world(rng: np.random.Generator) -> World:
    """Draw an order."""
    return World(shuffle=int(rng.integers(2**31)))


def _read(names: tuple[str, str]) -> tuple[np.ndarray, np.ndarray]:
    """Pictures (n, 28, 28) and labels (n,) of two idx files."""
    pictures, labels = (gzip.decompress(DOWNLOADS[name].read_bytes()) for name in names)
    size = tuple(np.frombuffer(pictures, ">i4", 3, offset=4))
    return np.frombuffer(pictures, np.uint8, offset=16).reshape(size), np.frombuffer(labels, np.uint8, offset=8)


def _train(world: World) -> tuple[np.ndarray, np.ndarray]:
    pictures, labels = _read(TRAIN)
    rows = np.random.default_rng(world.shuffle).permutation(len(labels))[: int(len(labels) * TRAIN_SHARE)]
    return pictures[rows], labels[rows]


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write pictures and labels as the published files are: idx, packed with gzip."""
    progress(0.0)
    pictures, labels = _train(world)
    progress(0.3)
    with gzip.GzipFile(folder / TRAIN[1], "wb", compresslevel=6, mtime=0) as file:
        file.write(np.array([0x801, len(labels)], ">i4").tobytes() + labels.tobytes())
    with gzip.GzipFile(folder / TRAIN[0], "wb", compresslevel=3, mtime=0) as file:
        file.write(np.array([0x803, *pictures.shape], ">i4").tobytes())
        for step, part in enumerate(np.array_split(pictures, STEPS), 1):
            file.write(part.tobytes())
            progress(0.3 + 0.7 * step / STEPS)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The pictures that are handed out, as the grader feeds them."""
    pictures, labels = _train(world)
    return pictures.astype(np.float32), labels.astype(np.int32)


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Published test pictures that nobody is handed."""
    pictures, labels = _read(TEST)
    rows = rng.choice(len(labels), int(len(labels) * HOLDOUT_SHARE), replace=False)
    return pictures[rows].astype(np.float32), labels[rows].astype(np.int32)
