"""Data of the pears: ripe ones give more under the thumb, heavy ones need more of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

SAMPLES = 800
UNSEEN = 2_000


@dataclass(frozen=True)
class World:
    """One tree."""

    slope: float


def make_world(rng: np.random.Generator) -> World:
    """Draw a tree."""
    return World(slope=rng.uniform(1.0, 1.06))


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write `pears.csv`."""
    pears, ripe = _pears(world, rng, SAMPLES)
    rows = np.column_stack([pears, ripe])
    np.savetxt(folder / "pears.csv", rows, delimiter=",", fmt="%.4f", header="weight,give,ripe", comments="")
    progress(1.0)


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Pears (2000, 2) and whether each is ripe (2000, 1)."""
    return _pears(world, rng, UNSEEN)


def _pears(world: World, rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    weight = rng.uniform(0.8, 2.4, count)
    ripe = rng.integers(0, 2, count)
    give = world.slope * weight + np.where(ripe == 1, 0.6, -0.6) + rng.normal(0, 0.1, count)
    return np.column_stack([weight, give]).astype(np.float32), ripe[:, None].astype(np.int64)
