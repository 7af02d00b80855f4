"""Data of a question for tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class World:
    """The numbers of this paper."""

    slope: float


def make_world(rng: np.random.Generator) -> World:
    """Draw them."""
    return World(slope=float(rng.uniform(1, 2)))


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write one file."""
    for step in range(20):
        progress(step / 20)
    np.savetxt(folder / "train.csv", rng.normal(size=(50, 2)) * world.slope, delimiter=",")
    progress(1.0)


def make_holdout(world: World, rng: np.random.Generator) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Draw texts, 1 where they say good."""
    labels = rng.integers(0, 2, 200)
    return np.array(["a good day" if label else "a bad day, naïve ✓" for label in labels]), labels


def make_train(world: World, rng: np.random.Generator) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Draw longer texts, 1 where they say good."""
    labels = rng.integers(0, 2, 300)
    return np.array(["a good day, all day long" if label else "a bad day, naïve ✓" for label in labels]), labels
