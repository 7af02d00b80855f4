"""Prices of fences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROWS = 100


@dataclass(frozen=True)
class World:
    """What wire and posts cost here."""

    crowns_a_metre: float
    crowns_a_post: float


def make_world(rng: np.random.Generator) -> World:
    """Draw the prices."""
    return World(float(rng.uniform(1.5, 2.5)), float(rng.uniform(0.5, 1.5)))


def sample(world: World, rng: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw fences."""
    length = rng.uniform(-1, 1, (rows, 1))
    price = world.crowns_a_metre * length + world.crowns_a_post + rng.normal(0, 0.02, (rows, 1))
    return length.astype(np.float32), price.astype(np.float32)


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write fences.csv."""
    np.savetxt(folder / "fences.csv", np.hstack(sample(world, rng, ROWS)), delimiter=",")
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The fences of fences.csv."""
    return sample(world, rng, ROWS)


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw unseen fences."""
    return sample(world, rng, 400)
