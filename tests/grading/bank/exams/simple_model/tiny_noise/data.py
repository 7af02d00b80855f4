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


def sample(rng: np.random.Generator, x: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Draw the noisy values at these points."""
    y = 50 + 20 * x + rng.normal(0, 3, len(x))
    return x.astype(np.float32)[:, None], y.astype(np.float32)[:, None]


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write one file."""
    x, y = make_train(world, rng)
    np.savetxt(folder / "train.csv", np.hstack([x, y]), delimiter=",")
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Draw values at evenly spread points."""
    return sample(rng, np.linspace(-1, 1, 41))


def make_holdout(world: World, rng: np.random.Generator) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Draw values at any points."""
    return sample(rng, rng.uniform(-1, 1, 400))
