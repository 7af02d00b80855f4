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
    """Draw points on a line."""
    x = rng.uniform(-1, 1, (200, 1)).astype(np.float32)
    return x, (2 * x + 1).astype(np.float32)
