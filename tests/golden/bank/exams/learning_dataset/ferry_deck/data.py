"""Cars and their decks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROWS = 100


@dataclass(frozen=True)
class World:
    """Where one deck ends and the next begins."""

    light: float
    heavy: float


def make_world(rng: np.random.Generator) -> World:
    """Draw the limits."""
    return World(float(rng.uniform(1.2, 1.5)), float(rng.uniform(2.0, 2.4)))


def sample(world: World, rng: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw cars."""
    cars = np.stack([rng.uniform(0.8, 3.0, rows), rng.uniform(3.0, 6.0, rows)], axis=1)
    deck = 2 - (cars[:, 0] > world.light).astype(np.int64) - (cars[:, 0] > world.heavy)
    return cars.astype(np.float32), deck


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write cars.csv."""
    cars, deck = sample(world, rng, ROWS)
    np.savetxt(folder / "cars.csv", np.column_stack([cars, deck]), delimiter=",")
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The cars of cars.csv."""
    return sample(world, rng, ROWS)


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw unseen cars."""
    return sample(world, rng, 400)
