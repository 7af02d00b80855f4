"""Data of a question for tests: three classes, one of them rare."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

SHARES = (0.55, 0.4, 0.05)


@dataclass(frozen=True)
class World:
    """The numbers of this paper."""

    slope: float


def make_world(rng: np.random.Generator) -> World:
    """Draw them."""
    return World(slope=float(rng.uniform(1, 2)))


def sample(rng: np.random.Generator, count: int) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Draw classes; the first three numbers name the class, the fourth is noise."""
    classes = rng.choice(3, count, p=SHARES)
    noise = rng.uniform(-1, 1, (count, 1))
    return np.hstack([np.eye(3)[classes], noise]).astype(np.float32), classes.astype(np.int64)


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write one file."""
    x, classes = make_train(world, rng)
    np.savetxt(folder / "train.csv", np.column_stack([x, classes]), delimiter=",")
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Draw training samples."""
    return sample(rng, 800)


def make_holdout(world: World, rng: np.random.Generator) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Draw unseen samples."""
    return sample(rng, 800)
